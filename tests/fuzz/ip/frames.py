#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-2-Clause
"""Frames that a guest with IPv4 and IPv6 looks into, written by hand from the
RFCs: the fuzzer's corpus, and what tests/net floods a guest with.

    frames.py FOLDER     writes the corpus: one input for each, and sequences
"""
from __future__ import annotations

import struct
import sys
from pathlib import Path

GUEST_MAC, OUR_MAC = bytes.fromhex("00155d00ab01"), bytes.fromhex("020000000007")
EVERYBODY = b"\xff" * 6


def total(data: bytes) -> int:
    """The sum of RFC 1071."""
    data += bytes(len(data) % 2)
    value = sum(struct.unpack(f">{len(data) // 2}H", data))
    while value >> 16:
        value = (value & 0xFFFF) + (value >> 16)
    return ~value & 0xFFFF


class Network:
    """Who speaks with whom."""

    def __init__(self, mac: bytes = GUEST_MAC, guest: bytes = bytes((10, 0, 0, 1)),
                 peer: bytes = bytes((10, 0, 0, 7))) -> None:
        self.mac, self.guest, self.peer = mac, guest, peer
        token = bytes((mac[0] ^ 2,)) + mac[1:3] + b"\xff\xfe" + mac[3:]
        self.guest6 = b"\xfe\x80" + bytes(6) + token
        self.peer6 = b"\xfe\x80" + bytes(13) + b"\x07"

    def ethernet(self, kind: int, data: bytes, to: bytes = b"") -> bytes:
        return (to or self.mac) + OUR_MAC + struct.pack(">H", kind) + data

    def ip4(self, protocol: int, data: bytes, *, to: bytes = b"",
            offset: int = 0, options: bytes = b"", mac: bytes = b"",
            source: bytes = b"") -> bytes:
        head = struct.pack(">BBHHHBBH4s4s", 0x45 + len(options) // 4, 0,
                           20 + len(options) + len(data), 0x77, offset, 64,
                           protocol, 0, source or self.peer,
                           to or self.guest) + options
        head = head[:10] + struct.pack(">H", total(head)) + head[12:]
        return self.ethernet(0x0800, head + data, mac)

    def ip6(self, following: int, data: bytes, *, to: bytes = b"",
            hops: int = 255, mac: bytes = b"") -> bytes:
        return self.ethernet(0x86DD, struct.pack(
            ">IHBB16s16s", 6 << 28, len(data), following, hops, self.peer6,
            to or self.guest6) + data, mac)

    def pseudo(self, four: bool, protocol: int, data: bytes, to: bytes) -> int:
        if four:
            return total(self.peer + (to or self.guest) +
                         struct.pack(">HH", protocol, len(data)) + data)
        return total(self.peer6 + (to or self.guest6) +
                     struct.pack(">II", len(data), protocol) + data)

    def udp(self, here: int, there: int, data: bytes, *, to: bytes = b"",
            mac: bytes = b"", four: bool = True) -> bytes:
        head = struct.pack(">HHHH", here, there, 8 + len(data), 0)
        head = head[:6] + struct.pack(">H", self.pseudo(
            four, 17, head + data, to)) + data
        return self.ip4(17, head, to=to, mac=mac) if four else \
            self.ip6(17, head, to=to, mac=mac)

    def tcp(self, here: int, there: int, sequence: int, ack: int, flags: int,
            data: bytes = b"", options: bytes = b"", four: bool = True,
            window: int = 8192) -> bytes:
        head = struct.pack(">HHIIBBHHH", here, there, sequence, ack,
                           (20 + len(options)) // 4 << 4, flags, window, 0, 0
                           ) + options
        sum_ = self.pseudo(four, 6, head + data, b"")
        head = head[:16] + struct.pack(">H", sum_) + head[18:]
        return self.ip4(6, head + data) if four else self.ip6(6, head + data)

    def icmp6(self, kind: int, code: int, data: bytes, **more: bytes) -> bytes:
        head = struct.pack(">BBH", kind, code, 0) + data
        sum_ = self.pseudo(False, 58, head, more.get("to", b""))
        return self.ip6(58, head[:2] + struct.pack(">H", sum_) + head[4:], **more)

    def arp(self, what: int, to: bytes) -> bytes:
        return self.ethernet(0x0806, struct.pack(
            ">HHBBH6s4s6s4s", 1, 0x0800, 6, 4, what, OUR_MAC, self.peer,
            bytes(6), self.guest), to)


def name(text: str) -> bytes:
    """A name of RFC 1035."""
    return b"".join(bytes((len(part),)) + part.encode()
                    for part in text.split(".")) + b"\0"


def dhcp(net: Network, kind: int, xid: int, extra: bytes = b"") -> bytes:
    """RFC 2131: what a server says."""
    head = struct.pack(">BBBBIHH4s4s4s4s16s64s128s", 2, 1, 6, 0, xid, 0, 0,
                       bytes(4), net.guest, net.peer, bytes(4),
                       net.mac + bytes(10), b"", b"")
    options = (b"\x63\x82\x53\x63\x35\x01" + bytes((kind,)) + b"\x36\x04"
               + net.peer + b"\x33\x04\0\0\x0e\x10\x01\x04\xff\xff\xff\0"
               + b"\x03\x04" + net.peer + b"\x06\x08" + net.peer * 2 + extra
               + b"\xff")
    return net.udp(67, 68, head + options)


def dns(net: Network, port: int, kind: int, data: bytes,
        ident: int = 0) -> bytes:
    """RFC 1035: an answer whose record points to the question's name."""
    return net.udp(53, port, struct.pack(">HHHHHH", ident, 0x8180, 1, 1, 0, 0)
                   + name("fuzz.test") + struct.pack(">HH", kind, 1)
                   + struct.pack(">HHHIH", 0xC00C, kind, 1, 60, len(data))
                   + data)


def advertisement(net: Network) -> bytes:
    """RFC 4861, RFC 8106: router, prefix, MTU, a server for names."""
    options = (b"\x01\x01" + OUR_MAC
               + b"\x03\x04\x40\xc0" + struct.pack(">III", 3600, 1800, 0)
               + b"\xfd\x09" + bytes(14)
               + b"\x05\x01\0\0\0\0\x05\xdc"
               + b"\x19\x03\0\0\0\0\x0e\x10\xfd\x09" + bytes(13) + b"\x02")
    return net.icmp6(134, 0, struct.pack(">BBHII", 64, 0x40, 1800, 0, 0)
                     + options, to=b"\xff\x02" + bytes(13) + b"\x01",
                     mac=b"\x33\x33\0\0\0\x01")


def frames(net: Network) -> dict[str, bytes]:
    """One frame of each kind."""
    mdns = struct.pack(">HHHHHH", 0, 0, 1, 0, 0, 0) + \
        name("vmbare-ab01.local") + struct.pack(">HH", 255, 1)
    mdns_answer = (struct.pack(">HHHHHH", 0, 0x8400, 0, 1, 0, 0)
                   + name("fuzz.local") + struct.pack(">HHIH", 1, 0x8001, 120, 4)
                   + net.peer)
    target = net.guest6
    unreachable = net.ip4(17, struct.pack(">HHHH", 7, 9, 16, 0) + bytes(8))[14:]
    syn_options = b"\x02\x04\x05\xb4\x04\x02\x01\x03\x03\x07\x01\x01"
    group, group6 = bytes((224, 0, 0, 251)), b"\xff\x02" + bytes(13) + b"\xfb"
    return {
        "arp-question": net.arp(1, EVERYBODY), "arp-answer": net.arp(2, b""),
        "ping": net.ip4(1, b"\x08\0\xf7\xff\0\0\0\0"),
        "unreachable": net.ip4(1, b"\x03\x03\xfc\xfc\0\0\0\0" + unreachable),
        "fragment-first": net.ip4(17, bytes(64), offset=0x2000),
        "fragment-last": net.ip4(17, bytes(40), offset=8),
        "options": net.ip4(1, b"\x08\0\xf7\xff\0\0\0\0",
                           options=b"\x07\x07\x04" + bytes(5)),
        "igmp": net.ip4(2, b"\x11\x0a\xee\xf5\0\0\0\0", to=bytes((224, 0, 0, 1)),
                        mac=b"\x01\0\x5e\0\0\x01", options=b"\x94\x04\0\0"),
        "udp": net.udp(99, 7, b"to the echo"),
        "udp-nobody": net.udp(99, 98, b"to nobody"),
        "syn": net.tcp(50, 7, 100, 0, 2, options=syn_options),
        "reset": net.tcp(50, 7, 101, 0, 4), "data": net.tcp(50, 7, 101, 1, 24,
                                                            b"data"),
        "syn-6": net.tcp(50, 7, 100, 0, 2, options=syn_options, four=False),
        "dhcp-offer": dhcp(net, 2, 0), "dhcp-ack": dhcp(net, 5, 0),
        "dhcp-nak": dhcp(net, 6, 0),
        "dns": dns(net, 4096, 1, net.peer),
        "mdns-question": net.udp(5353, 5353, mdns, to=group,
                                 mac=b"\x01\0\x5e\0\0\xfb"),
        "mdns-answer": net.udp(5353, 5353, mdns_answer, to=group,
                               mac=b"\x01\0\x5e\0\0\xfb"),
        "mdns-question-6": net.udp(5353, 5353, mdns, to=group6, four=False,
                                   mac=b"\x33\x33\0\0\0\xfb"),
        "ping-6": net.icmp6(128, 0, b"\0\x01\0\x01data"),
        "solicitation": net.icmp6(135, 0, bytes(4) + target + b"\x01\x01"
                                  + OUR_MAC),
        "neighbour": net.icmp6(136, 0, b"\x60\0\0\0" + net.peer6 + b"\x02\x01"
                               + OUR_MAC),
        "advertisement": advertisement(net),
        "redirect": net.icmp6(137, 0, bytes(4) + net.peer6 + net.peer6),
        "too-big": net.icmp6(2, 0, struct.pack(">I", 1280) + net.ip6(17, bytes(
            40))[14:]),
        "mld": net.icmp6(130, 0, struct.pack(">HH", 1000, 0) + bytes(16)),
        "fragment-6": net.ip6(44, b"\x11\0\0\x01\0\0\0\x05" + bytes(64)),
        "fragment-6-last": net.ip6(44, b"\x11\0\0\x40\0\0\0\x05" + bytes(40)),
        "headers-6": net.ip6(0, b"\x3c\0\x01\x04\0\0\0\0" + b"\x3a\0\x01\x04\0\0\0\0"
                             + b"\x80\0\0\0\0\x01\0\x01"),
        "routing-6": net.ip6(43, b"\x3a\x02\x02\x01" + bytes(20)
                             + b"\x80\0\0\0\0\x01\0\x01"),
        "tag": net.ethernet(0x8100, b"\0\x07\x08\0" + net.ip4(1, b"\x08\0\xf7\xff"
                            + bytes(4))[14:]),
        "short": net.ethernet(0x0800, b"\x45"),
    }


# ---- the fuzzer's inputs (ip.c) ---------------------------------------------

FIRST = 0x1000   # what ip.c gives as the first number of each connection


def give(frame: bytes, verified: bool = True) -> bytes:
    return (b"F" if verified else b"f") + struct.pack("<H", len(frame)) + frame


def sequences(net: Network) -> dict[str, bytes]:
    """Inputs of several steps."""
    def tcp(sequence: int, ack: int, flags: int, data: bytes = b"",
            four: bool = True) -> bytes:
        return give(net.tcp(50, 7, sequence, ack, flags, data, four=four))

    arp = give(net.arp(2, b""))
    opened = arp + tcp(100, 0, 2) + tcp(101, FIRST + 1, 16)
    found = {
        "echo": opened + tcp(101, FIRST + 1, 24, b"data") +
        tcp(105, FIRST + 5, 16) + tcp(105, FIRST + 5, 17) +
        tcp(106, FIRST + 6, 16),
        "later-first": opened + tcp(105, FIRST + 1, 24, b"more") +
        tcp(109, FIRST + 1, 17) + tcp(101, FIRST + 1, 24, b"data") + b"T\x10",
        "reset": opened + tcp(101, FIRST + 1, 24, b"data") + tcp(105, 0, 4),
        "no-answer": opened + tcp(101, FIRST + 1, 24, b"data") + b"T\xff",
        "calls": arp + b"C" + give(net.tcp(80, 0xC000, 9, FIRST + 1, 18)) +
        b"T\x02" + b"Q",
        "calls-refused": arp + b"C" + give(net.tcp(80, 0xC000, 0, FIRST + 1, 20)),
        "names": arp + b"N" + b"M" + b"T\x08",
        "link": b"L" + b"T\x04" + b"L" + b"T\x10",
        "full": b"W" + b"T\x04" + give(net.udp(99, 7, b"x" * 1000)) + b"W" + b"R",
        "datagrams": arp + give(net.udp(99, 7, b"")) * 3 +
        give(net.udp(99, 7, b"y" * 1400)),
        "leases": give(dhcp(net, 2, 0)) + give(dhcp(net, 5, 0)) + b"T\x10",
        "unchecked": give(net.ip4(1, b"\x08\0\xf7\xff\0\0\0\0"), False) +
        give(net.ip4(1, b"\x08\0\xf7\xfe\0\0\0\0"), False),
        "six": give(net.tcp(50, 7, 100, 0, 2, four=False)) +
        give(net.icmp6(136, 0, b"\x60\0\0\0" + net.peer6 + b"\x02\x01" + OUR_MAC)) +
        tcp(101, FIRST + 1, 24, b"data", four=False) + b"T\x04",
    }
    return {key: bytes((flags,)) + value for flags, key, value in
            ((1 if key == "leases" else 6 if key == "calls" else 0, key, value)
             for key, value in found.items())}


def main() -> int:
    folder, net = Path(sys.argv[1]), Network()
    folder.mkdir(parents=True, exist_ok=True)
    for key, frame in frames(net).items():
        (folder / f"one-{key}").write_bytes(b"\0" + give(frame) + b"T\x04"
                                            + give(frame, False))
    for key, value in sequences(net).items():
        (folder / f"some-{key}").write_bytes(value)
    return 0


if __name__ == "__main__":
    sys.exit(main())

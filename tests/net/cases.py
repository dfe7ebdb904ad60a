# SPDX-License-Identifier: BSD-2-Clause
"""The cases of the suite `net`, and what each of them asks the guest."""
from __future__ import annotations

import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import Callable, Optional

import hostile
import servers as usual
import talk
from outside import BEYOND, OURS, OURS6, Wire
from talk import MIB

PASSED, FAILED = 33, 35
MAC = "00:15:5d:00:00:0"
YEAR = 365 * 86400


@dataclass
class Scene:
    """What a check may use."""
    work: Path
    wire: Wire
    servers: Optional[usual.Servers]
    amount: int          # bytes of the large transfers
    address: str = ""    # the guest's, of IPv4


Check = tuple[str, Callable[[Scene], str]]


@dataclass
class Case:
    words: str
    checks: tuple[Check, ...] = ()
    cmdline: str = ""
    config: dict[str, object] = field(default_factory=dict)
    servers: bool = True
    mtu: int = 1500
    vlan: int = 0
    rounds: int = 1
    smp: int = 2
    says: tuple[str, ...] = ()
    counted: tuple[str, ...] = ()
    status: int = PASSED
    fails: str = ""      # broken on purpose: it must fail with these words
    short: bool = False


# ---- what is asked ----------------------------------------------------------


def facts(scene: Scene) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    for line in talk.told(scene.address, "facts").splitlines():
        word, _, value = line.partition(" ")
        found.setdefault(word, []).append(value)
    return found


def lease(mac: str) -> Callable[[Scene], str]:
    """dnsmasq must have given the address to this adapter, and its name."""
    def check(scene: Scene) -> str:
        assert scene.servers
        words = scene.servers.lease()
        wanted = [mac, usual.LEASED, "vmbare-" + mac[-5:].replace(":", "")]
        if words[1:4] != wanted or scene.address != usual.LEASED:
            return f"dnsmasq has leased {words}, expected {wanted}"
        return ""
    return check


def address6(scene: Scene) -> str:
    """Returns the address of IPv6 that the guest has by dnsmasq's router
    advertisement, when it has checked that it is free; else nothing."""
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline:
        for address in facts(scene).get("address6", []):
            if address.lower().startswith("fd09:"):
                return address
        time.sleep(0.2)
    return ""


def slaac(scene: Scene) -> str:
    address = address6(scene)
    if not address.lower().endswith(("15:5dff:fe00:1", "15:5dff:fe00:2")):
        return f"the address of IPv6 is {address!r}"
    return (talk.ping(address, "-6") or talk.echo(address, 100_000)
            or talk.datagrams(address) or talk.called(scene.address, OURS6))


def names(scene: Scene) -> str:
    for line, answer in (("four.test 4", "10.9.0.44:0"),
                         ("six.test 6", "[fd09::66]:0"),
                         ("four.test 0", "10.9.0.44:0"),
                         ("nobody.test 4", "No such file or directory")):
        got = talk.told(scene.address, f"name {line}")
        if got != answer:
            return f"name {line}: {got!r}, expected {answer!r}"
    return ""


def by_router(scene: Scene) -> str:
    """The router's advertisement has a server for names, too, and DHCPv6."""
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline:
        found = {server.lower() for server in facts(scene).get("dns", [])}
        if OURS6 in found:
            return ""
        time.sleep(0.2)
    return f"servers for names: {found}, expected {OURS6} among them"


def clock(scene: Scene) -> str:
    word, seconds = talk.told(scene.address, "time").split()
    if word != "known" or abs(int(seconds) - time.time()) > 3600:
        return f"the guest's time is {word} {seconds}, ours {time.time():.0f}"
    return ""


def mdns(scene: Scene) -> str:
    """zeroconf asks for the guest's name, and the guest for zeroconf's."""
    name = facts(scene)["name"][0] + ".local"
    judge = usual.mdns(name, scene.work)
    try:
        assert judge.stdout
        if judge.stdout.readline() != "ready\n":
            return (scene.work / "mdns.log").read_text()
        found = judge.stdout.readline().strip()
        if found != scene.address:
            return f"zeroconf finds {found!r} for {name}"
        got = talk.told(scene.address, f"name {usual.MDNS_NAME} 4")
        return "" if got == f"{OURS}:0" else f"{usual.MDNS_NAME}: {got!r}"
    finally:
        judge.kill()
        judge.wait()


def pings(scene: Scene) -> str:
    return (talk.ping(scene.address)
            or talk.ping(scene.address, "-s", "20000"))


def large_frames(scene: Scene) -> str:
    """9,000 bytes of IP in one frame, which may not be cut."""
    return (talk.ping(scene.address, "-M", "do", "-s", "8972")
            or ("" if facts(scene)["mtu"] == ["9000"] else "another MTU"))


def tagged(scene: Scene) -> str:
    if scene.wire.untagged or not scene.wire.tagged:
        return (f"{scene.wire.untagged} frames of the guest without the tag, "
                f"{scene.wire.tagged} with it")
    return ""


def told_facts(**wanted: str) -> Callable[[Scene], str]:
    def check(scene: Scene) -> str:
        found = facts(scene)
        return "" if all(found.get(name) == [value]
                         for name, value in wanted.items()) else str(found)
    return check


PING: Check = ("ping", pings)
PING_ALONE: Check = ("small pings", lambda scene: talk.ping(scene.address))
UDP: Check = ("UDP", lambda scene: talk.datagrams(scene.address))
CALL: Check = ("a call to outside",
               lambda scene: talk.called(scene.address, OURS))
INTO: Check = ("into the guest",
               lambda scene: talk.into(scene.address, scene.amount))
OUT: Check = ("out of the guest",
              lambda scene: talk.out_of(scene.address, scene.amount))


def echo(size: int) -> Check:
    return (f"echo of {size} bytes",
            lambda scene: talk.echo(scene.address, size))


def first(number: int = 1) -> Check:
    return ("lease", lease(f"{MAC}{number}"))


# ---- the cases --------------------------------------------------------------

ALL: tuple[Check, ...] = (
    first(), PING, UDP, CALL, ("DNS", names), ("SLAAC", slaac),
    ("servers for names", by_router), ("mDNS", mdns), ("SNTP", clock),
    echo(100_000), INTO, OUT)
WILD = {"net.loss": 20, "net.twice": 20, "net.late": 50, "net.late-us": 3000,
        "net.seed": 7}


def cases() -> list[Case]:
    return [
        Case("every service of a usual network, and large transfers both ways",
             ALL, short=True),
        Case("the same on one processor", ALL, smp=1),
        Case("frames are lost, doubled and overtaken",
             (echo(MIB), ("into", lambda s: talk.into(
                 s.address, 2 * MIB)), ("out", lambda s: talk.out_of(
                     s.address, 2 * MIB))),
             config=WILD, counted=("switch-lost", "switch-doubled",
                                   "switch-late")),
        Case("main() computes and never waits, and ping and TCP are answered",
             (("busy", lambda s: talk.busy(s.address, 100_000)),), short=True),
        Case("the same on one processor",
             (("busy", lambda s: talk.busy(s.address, 100_000)),), smp=1),
        Case("the network is closed and opened again five times, and nothing "
             "of it is left",
             (echo(50_000), CALL, UDP, ("DNS", names)), "heap=check",
             rounds=6),
        Case("64 bytes that a round forgets are found", (echo(100),),
             "leak heap=check",
             rounds=3, fails="the heap after each round"),
        Case("frames that are broken by a seed flood it while an echo goes on",
             (("flood", lambda s: hostile.flood(s.wire, s.address, 1)),
              ("flood again", lambda s: hostile.flood(s.wire, s.address, 2)),
              PING, ("DNS", names)), "heap=check"),
        Case("the link goes, the port moves, the adapter goes and comes back "
             "while data is under way", (echo(8 * MIB), echo(MIB)),
             config={"net.event": "down@400,change@1500,replug@3000"}),
        Case("the adapter is taken away while it sends, and comes back",
             (echo(8 * MIB), first()),
             config={"net.event": "pull@1500,pull@4000"}),
        Case("the second adapter is chosen by its MAC address",
             (first(2), PING, echo(MIB)), f"net.adapter={MAC}2",
             {"net.devices": 2}),
        Case("frames of 9,000 bytes", (first(), ("jumbo", large_frames), PING,
                                       INTO, OUT), "net.mtu=9000", mtu=9000),
        Case("a VLAN", (first(), PING, UDP, echo(MIB), ("tags", tagged)),
             "net.vlan=7", vlan=7),
        Case("a fixed address, and a router to others",
             (("facts", told_facts(address="10.9.0.50/24", gateway=OURS)), PING,
              ("a call beyond", lambda s: talk.called(s.address, BEYOND)),
              echo(MIB)),
             f"net.address=10.9.0.50/24 net.gateway={OURS}", servers=False),
        Case("nobody answers DHCP, and a link-local address works",
             (PING_ALONE, echo(MIB)), says=("net: address 169.254.",),
             servers=False),
        Case("nobody answers DHCP, and the guest says so", (), "wait=3",
             servers=False, says=("expected an answer from DHCP, found none "
                                  "for",), status=FAILED),
        Case("there is no link, and the guest says so", (), "wait=3",
             {"net.link": 0}, says=("expected a link, found none: connect the "
                                    "adapter to a virtual switch",),
             status=FAILED),
        Case("an adapter that is not there is refused by name", (),
             f"net.adapter={MAC}7", says=(f"expected the adapter {MAC}7",),
             status=FAILED),
        Case("a host without an adapter is told", (),
             f"net.adapter={MAC}1", {"devices": "echo"},
             says=("expected a network adapter",), status=FAILED),
    ]


# SPDX-License-Identifier: BSD-2-Clause
"""A peer that floods the guest with broken frames, while an echo must go on.

The frames are those that tests/fuzz/ip begins with, with bytes changed, cut off
and put in as a seed says. They come from another address than ours, so that a
broken one does not end our own connection by rights.
"""
from __future__ import annotations

import random
import socket
import sys
import threading
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "fuzz/ip"))

import talk  # noqa: E402
from frames import Network, frames  # noqa: E402
from outside import Wire  # noqa: E402

GUEST_MAC = bytes.fromhex("00155d000001")
PEER = "10.9.0.7"
ECHO = talk.MIB
LEAST = 2000        # frames, or the flood was none
ETHERNET = 14


def broken(numbers: random.Random, frame: bytes) -> bytes:
    """Changes up to eight bytes behind the MAC addresses, or the length."""
    data = bytearray(frame)
    for _ in range(numbers.randrange(8)):
        data[numbers.randrange(12, len(data))] = numbers.choice(
            (0, 1, 127, 128, 255, numbers.randrange(256)))
    way = numbers.randrange(4)
    if way == 0:
        del data[numbers.randrange(ETHERNET, len(data) + 1):]
    elif way == 1:
        at = numbers.randrange(ETHERNET, len(data) + 1)
        data[at:at] = numbers.randbytes(numbers.randrange(64))
    return bytes(data)


class Flood(threading.Thread):
    """Sends broken frames until it is told to stop."""

    def __init__(self, wire: Wire, address: str, seed: int) -> None:
        super().__init__(daemon=True)
        self.wire, self.numbers, self.sent = wire, random.Random(seed), 0
        net = Network(GUEST_MAC, socket.inet_aton(address),
                      socket.inet_aton(PEER))
        self.frames = list(frames(net).values())
        self.over = threading.Event()

    def run(self) -> None:
        while not self.over.is_set() or self.sent < LEAST:
            self.wire.to_guest(broken(self.numbers,
                                      self.numbers.choice(self.frames)))
            self.sent += 1


def flood(wire: Wire, address: str, seed: int) -> str:
    """Returns what is wrong with the echo meanwhile, or nothing."""
    hostile = Flood(wire, address, seed)
    hostile.start()
    try:
        return talk.echo(address, ECHO)
    finally:
        hostile.over.set()
        hostile.join(talk.SECONDS)

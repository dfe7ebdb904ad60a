#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-2-Clause
"""A part of the suite `net`: app/echo in the guest, on QEMU's user network.

app/echo gets its address from QEMU's user network. A client on this machine
sends it random bytes through a forwarded port and must get them back, unchanged
and to the last one; both directions are under way at the same time. minihv must
have counted no broken rule.
"""
from __future__ import annotations

import argparse
import random
import socket
import sys
import tempfile
import threading
import time
from dataclasses import dataclass, field
from pathlib import Path

HERE = Path(__file__).resolve().parent
sys.path[:0] = [str(HERE.parent), str(HERE.parent / "minihv")]

import tap  # noqa: E402
from machine import (Machine, MinihvError, Result, Run,  # noqa: E402
                     start)

PASSED, FAILED = 33, 35
SECONDS = 600         # until a run hangs
READY = "echo: listening on port 7"
SIZES = (1, 1460, 100_000, 4 << 20)


@dataclass
class Case:
    words: str
    cmdline: str = ""
    config: dict[str, object] = field(default_factory=dict)
    says: tuple[str, ...] = ("10.0.2.15",)
    counted: tuple[str, ...] = ()
    sizes: tuple[int, ...] = SIZES
    smp: int = 2
    status: int = PASSED


WILD = {"net.loss": 20, "net.twice": 20, "net.late": 50, "net.late-us": 3000,
        "net.seed": 7}
EVENTS = {"net.event": "down@400,change@700,replug@1200"}
CASES = (
    Case("an address by DHCP, and echoes of 4 connections"),
    Case("the same on one processor", smp=1),
    Case("the same over NVSP 1, without offloads", config={"net.version": 1}),
    Case("the same with a fixed address",
         "net.address=10.0.2.15/24 net.gateway=10.0.2.2"),
    Case("the same with an MTU of 1280", "net.mtu=1280"),
    Case("the same where frames are lost, doubled and overtaken", "", WILD,
         counted=("switch-lost", "switch-doubled", "switch-late"),
         sizes=(1, 1 << 20)),
    Case("a connection survives that the link goes, the port moves and the "
         "adapter goes and comes back", "", EVENTS, sizes=(4 << 20,)),
    Case("an address that cannot be is refused by name",
         "net.address=10.0.2.15", says=(
             "net.address: found 10.0.2.15, expected dhcp or an address with "
             "its prefix",), sizes=(), status=FAILED),
    Case("an adapter that is not there is refused by name",
         "net.adapter=00:15:5d:00:00:77", says=(
             "expected the adapter 00:15:5d:00:00:77",), sizes=(),
         status=FAILED),
    Case("a host without an adapter is told", "net.adapter=00:15:5d:00:00:01",
         {"devices": "echo"}, ("expected a network adapter",), sizes=(),
         status=FAILED),
)


def free_port() -> int:
    with socket.socket() as s:
        s.bind(("127.0.0.1", 0))
        return int(s.getsockname()[1])


def echo(port: int, data: bytes) -> str:
    """Sends and receives at the same time; returns what is wrong."""
    with socket.create_connection(("127.0.0.1", port), SECONDS) as s:
        def send() -> None:
            try:
                s.sendall(data)
                s.shutdown(socket.SHUT_WR)
            except OSError:
                pass  # the receiver notices
        sender = threading.Thread(target=send, daemon=True)
        sender.start()
        got = bytearray()
        while part := s.recv(1 << 16):
            got += part
        sender.join(SECONDS)
    if got == data:
        return ""
    return f"{len(data)} bytes were sent, {len(got)} others came back"


class Client(threading.Thread):
    """Talks with the guest as soon as it listens."""

    def __init__(self, serial: Path, port: int, sizes: tuple[int, ...]) -> None:
        super().__init__(daemon=True)
        self.serial, self.port, self.sizes = serial, port, sizes
        self.problem = f"the guest never said '{READY}'" if sizes else ""
        self.over = threading.Event()
        self.start()

    def run(self) -> None:
        while READY not in self.serial.read_text("latin-1"):
            if self.over.wait(0.1):
                return
        seeded = random.Random(1)
        for size in self.sizes:
            try:
                self.problem = echo(self.port, seeded.randbytes(size))
            except OSError as error:
                self.problem = f"{size} bytes: {error}"
            if self.problem:
                return


def run(case: Case, build: Path) -> tuple[Result, str]:
    port = free_port()
    job = Run(build / "app-echo.efi",
              f"exit connections={len(case.sizes)} {case.cmdline}",
              {"devices": "network", "trace": 0, **case.config},
              Machine(case.smp, 512, network=True), forward=((port, 7),),
              deadline=SECONDS)
    with tempfile.TemporaryDirectory(prefix="minihv-") as name:
        work = Path(name)
        (work / "serial").touch()
        began = time.monotonic()
        process = start(job, build / "minihv.efi", work,
                        f"file,path={work}/console",
                        f"file,path={work}/serial,append=on")
        client = Client(work / "serial", port, case.sizes)
        try:
            status = process.wait(SECONDS + 60)
        finally:
            process.kill()
            process.wait()
            client.over.set()
            client.join(60)
        return Result(status, (work / "console").read_text("latin-1"),
                      (work / "serial").read_text("latin-1"),
                      time.monotonic() - began), client.problem


def wrong(case: Case, result: Result, problem: str) -> str:
    """Returns why the run failed; empty if it did not."""
    counts = result.counts()
    if result.status != case.status:
        problem = problem or f"QEMU ended with {result.status}"
    elif counts.get("rules-broken"):
        problem = "rules were broken"
    for text in case.says:
        if not problem and text not in result.serial:
            problem = f"the guest does not say '{text}'"
    for name in case.counted:
        if not problem and not counts.get(name):
            problem = f"{name} is {counts.get(name)}, expected some"
    return problem and f"{problem}\n{result.console}{result.serial}"


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("build", type=Path)
    parser.add_argument("--only", default="", help="cases with these words")
    given = parser.parse_args()
    out = tap.Tap()
    for case in CASES:
        if given.only not in case.words:
            continue
        try:
            result, problem = run(case, given.build)
            problem = wrong(case, result, problem)
            out.result(not problem, case.words, problem)
            out.note(f"{result.seconds:.1f} s")
        except MinihvError as error:
            out.result(False, case.words, str(error))
    return out.end()


if __name__ == "__main__":
    sys.exit(main())

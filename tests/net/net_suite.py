#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-2-Clause
"""The suite `net`: the IP stack in the guest, on minihv's network device.

Outside is a Linux with Debian's dnsmasq, chrony, zeroconf and ping, in a network
of its own (outside.py). A case starts the guest of tests/guest/net there, asks
it for one thing after the other (talk.py), and lets it end. minihv must have
counted no broken rule, and the guest's heap must be as large as before.
"""
from __future__ import annotations

import argparse
import re
import subprocess
import sys
import tempfile
import threading
import time
import traceback
from pathlib import Path

HERE = Path(__file__).resolve().parent
sys.path[:0] = [str(HERE.parent), str(HERE.parent / "minihv")]

import outside  # noqa: E402
import talk  # noqa: E402
import tap  # noqa: E402
from cases import PASSED, Case, Scene, cases  # noqa: E402
from machine import (Machine, MinihvError, Result, Run,  # noqa: E402
                     start)
from servers import Servers  # noqa: E402

SECONDS = 900   # until a run hangs
ADDRESS = re.compile(r"^net: address ([\d.]+)/", re.M)
MEMORY = re.compile(r"^net: round \d+: (\d+ blocks of \d+ bytes)", re.M)
SERVING = "net: serving"


class Client(threading.Thread):
    """Goes through a case's checks each time that the guest serves."""

    def __init__(self, case: Case, scene: Scene, serial: Path) -> None:
        super().__init__(daemon=True)
        self.case, self.scene, self.serial = case, scene, serial
        self.problem = f"the guest never said '{SERVING}'"
        self.done: list[str] = []
        self.over = threading.Event()

    def run(self) -> None:
        try:
            for number in range(1, self.case.rounds + 1):
                self.problem = self.wait(number) or self.checks()
                if self.problem:
                    return
        except Exception:  # pylint: disable=broad-except
            self.problem = traceback.format_exc()

    def wait(self, number: int) -> str:
        while (said := self.serial.read_text("latin-1")).count(SERVING) < number:
            if self.over.wait(0.1):
                return f"the guest has not served {number} times"
        self.scene.address = ADDRESS.findall(said)[-1]
        return ""

    def checks(self) -> str:
        for name, check in self.case.checks:
            began = time.monotonic()
            problem = check(self.scene)
            if problem:
                return f"{name}: {problem}"
            self.done.append(f"{name} ({time.monotonic() - began:.1f} s)")
        talk.told(self.scene.address, "end")
        return ""


def end_of(process: "subprocess.Popen[bytes]", client: Client) -> int:
    """Waits for the run's end. A failed check ends it too: nobody will tell the
    guest to end."""
    deadline = time.monotonic() + SECONDS + 60
    while process.poll() is None and time.monotonic() < deadline:
        if client.case.checks and not client.is_alive() and client.problem:
            break
        time.sleep(0.1)
    return process.poll() or 0


def run(case: Case, build: Path, amount: int) -> tuple[Result, Client]:
    with tempfile.TemporaryDirectory(prefix="minihv-") as name:
        work = Path(name)
        (work / "serial").touch()
        wire = outside.Wire(work, case.mtu, case.vlan)
        servers = Servers(work) if case.servers else None
        scene = Scene(work, wire, servers, amount)
        job = Run(build / "test-net.efi",
                  f"exit rounds={case.rounds} {case.cmdline}",
                  {"devices": "network", "trace": 0, **case.config},
                  Machine(case.smp, 512, network=True, tap=True),
                  netdev=wire.netdev,
                  deadline=SECONDS)
        began = time.monotonic()
        process = start(job, build / "minihv.efi", work,
                        f"file,path={work}/console",
                        f"file,path={work}/serial,append=on")
        client = Client(case, scene, work / "serial")
        client.start()
        try:
            status = end_of(process, client)
        finally:
            process.kill()
            process.wait()
            client.over.set()
            client.join(60)
            if servers:
                servers.close()
            wire.close()
        said = (work / "errors").read_text("latin-1")
        if said:
            client.problem += f"; QEMU: {said}"
        if not (work / "console").exists():
            raise MinihvError("QEMU refused: " + (work / "errors").read_text())
        return Result(status, (work / "console").read_text("latin-1"),
                      (work / "serial").read_text("latin-1"),
                      time.monotonic() - began), client


def memory_lost(case: Case, serial: str) -> str:
    """After the first round, which fills lwIP's pools and tables, each must end
    with what the one before ended with."""
    told = MEMORY.findall(serial)
    if case.status != PASSED:
        return ""
    if len(told) != case.rounds + 1:
        return f"{len(told)} lines about memory, expected {case.rounds + 1}"
    if len(set(told[1:])) > 1:
        return f"the heap after each round: {', '.join(told[1:])}"
    return ""


def wrong(case: Case, result: Result, client: Client) -> str:
    """Returns why the case failed; empty if it did not. A case that is broken
    on purpose must fail as it says."""
    problem = found_wrong(case, result, client)
    if not case.fails:
        return problem
    return "" if case.fails in problem else \
        f"expected the failure '{case.fails}', found: {problem}"


def found_wrong(case: Case, result: Result, client: Client) -> str:
    counts = result.counts()
    problem = client.problem if case.checks else ""
    problem = problem or memory_lost(case, result.serial)
    if result.status != case.status:
        problem = problem or f"QEMU ended with {result.status}"
    elif counts.get("rules-broken"):
        problem = problem or "rules were broken"
    for text in case.says:
        if not problem and text not in result.serial:
            problem = f"the guest does not say '{text}'"
    for name in case.counted:
        if not problem and not counts.get(name):
            problem = f"{name} is {counts.get(name)}, expected some"
    return problem and (f"{problem}\n{result.console}"
                        f"{result.serial}")


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("build", type=Path)
    parser.add_argument("--long", action="store_true", help="every case")
    parser.add_argument("--amount", type=int, default=1_000_000,
                        help="bytes of a large transfer")
    parser.add_argument("--only", default="", help="cases with these words")
    given = parser.parse_args()
    out = tap.Tap()
    if reason := outside.why_not():
        out.result(False, "this machine has a network of its own for the suite",
                   f"expected {outside.TUN} and network name spaces, found: "
                   f"{reason}: run it as root, or where users have name spaces")
        return out.end()
    outside.enter()
    for case in cases():
        if given.only not in case.words or not (given.long or case.short):
            continue
        try:
            result, client = run(case, given.build, given.amount)
        except MinihvError as error:
            out.result(False, case.words, str(error))
            continue
        problem = wrong(case, result, client)
        out.result(not problem, case.words, problem)
        out.note(f"{result.seconds:.1f} s: " + ", ".join(client.done))
    return out.end()


if __name__ == "__main__":
    sys.exit(main())

#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-2-Clause
"""The suite `services`: drivers/services/ on minihv's integration services.

Somebody outside asks by minihvctl for what a host asks: each must do to the
guest what it says, and what is refused must be refused by its status. The
appliance and a guest that tells what has come of it are asked; in the end the
guest's heap must be as it was, and minihv must have counted no broken rule.
"""
from __future__ import annotations

import argparse
import re
import subprocess
import sys
import time
from pathlib import Path
from typing import Callable

HERE = Path(__file__).resolve().parent
MINIHV = HERE.parent / "minihv"
sys.path[:0] = [str(HERE.parent), str(MINIHV)]

import ramdisk  # noqa: E402
import tap  # noqa: E402
from machine import Machine, MinihvError, Result, Run  # noqa: E402

PASSED = 33
SECONDS = 600  # until a run hangs
DEVICES = "heartbeat,shutdown,time,kvp,vss,copy"
NOT_YET = ("has not opened", "has not chosen")


class Outside:
    """Somebody with minihvctl, and the checks that he makes."""

    def __init__(self, session: ramdisk.Session, out: tap.Tap) -> None:
        self.session = session
        self._out = out

    def ctl(self, *words: str) -> tuple[int, str]:
        """Runs minihvctl as soon as the guest has opened the service; returns
        its status and what it has said."""
        deadline = time.monotonic() + SECONDS
        while True:
            done = subprocess.run(
                [MINIHV / "minihvctl", "--socket",
                 self.session.path("control"), *words],
                text=True, check=False, stdin=subprocess.DEVNULL,
                capture_output=True, timeout=SECONDS)
            said = (done.stdout + done.stderr).strip()
            if not any(text in said for text in NOT_YET) or \
                    time.monotonic() > deadline:
                return done.returncode, said
            time.sleep(0.2)

    def check(self, name: str, good: bool, said: object = "") -> None:
        self._out.result(good, name, "" if good else
                         f"{said}\n{self.session.serial()}")

    def does(self, name: str, *words: str) -> None:
        status, said = self.ctl(*words)
        self.check(name, status == 0, said)

    def refuses(self, name: str, code: str, *words: str) -> None:
        status, said = self.ctl(*words)
        self.check(name, status == 1 and f"status {code}" in said, said)

    def beats(self, more: int) -> bool:
        """Waits until the guest has answered so many more heartbeats."""
        first = -1
        deadline = time.monotonic() + SECONDS
        while time.monotonic() < deadline:
            status, said = self.ctl("heartbeat")
            count = int(said.split()[0]) if status == 0 else 0
            first = count if first < 0 else first
            if count >= first + more:
                return True
            time.sleep(0.5)
        return False


def appliance(o: Outside) -> None:
    o.check("the appliance answers heartbeats", o.beats(2))
    o.does("it agrees to a backup", "vss", "check")
    o.does("it freezes", "vss", "freeze")
    o.does("it thaws", "vss", "thaw")
    o.refuses("it refuses a file as not supported", "0x80070032", "copy",
              str(HERE / "rules.mk"), "/file")
    o.does("it agrees to shut down", "shutdown")


def addresses(o: Outside) -> None:
    """QEMU's user network gives this address first."""
    o.session.wait_for("The machine stays")
    for key, wanted in (("NetworkAddressIPv4", "10.0.2.15"),
                        ("FullyQualifiedDomainName", "vmbare-0001.local")):
        status, said = o.ctl("kvp", "get", key)
        o.check(f"the host sees {key}", (status, said) == (0, wanted), said)
    o.does("it agrees to shut down with its network", "shutdown")


def values(o: Outside) -> None:
    o.does("the host sets a value", "kvp", "set", "colour", "dark", "blue")
    o.check("the application reads it",
            o.session.wait_for("# colour dark blue"))
    for name, key, wanted in (
            ("a value of the application", "made-by", "the guest itself"),
            ("a fact about the system", "ProcessorArchitecture", "x86_64"),
            ("the system's name", "OSName", "vmbare"),
            ("its own value", "colour", "dark blue")):
        status, said = o.ctl("kvp", "get", key)
        o.check(f"the host reads {name}", (status, said) == (0, wanted), said)
    status, said = o.ctl("kvp", "list")
    o.check("its list has values of all three", status == 0 and all(
        line in said.splitlines() for line in
        ("made-by=the guest itself", "OSName=vmbare", "colour=dark blue",
         "NetworkAddressIPv4=")), said)
    o.does("it deletes the value", "kvp", "delete", "colour")
    status, said = o.ctl("kvp", "get", "colour")
    o.check("the value has gone", status == 1 and "no key" in said, said)
    o.refuses("a value that is not there is not deleted", "0x80041002", "kvp",
              "delete", "colour")


def told(o: Outside) -> None:
    values(o)
    year = time.gmtime().tm_year
    o.session.wait_for(f"# year {year}")
    o.does("the guest takes the time", "time", "+1y")
    o.check("its clock is a year ahead then",
            o.session.wait_for(f"# year {year + 1}"))
    o.does("it takes the time back", "time", "now")
    o.refuses("a guest that did not say that it keeps nothing refuses a backup",
              "0x80070032", "vss", "check")
    o.does("it agrees to restart", "shutdown", "restart")


def computes(o: Outside) -> None:
    o.session.wait_for("# busy")
    o.check("a guest that computes answers heartbeats", o.beats(3))
    o.refuses("one that must not be interrupted says that it is locked",
              "0x800704f7", "shutdown")
    o.refuses("and refuses a restart likewise", "0x800704f7", "shutdown",
              "restart")
    o.check("it goes on answering", o.beats(2))
    o.does("it agrees to a forced shutdown", "shutdown", "force")


def returns(o: Outside) -> None:
    o.check("the heartbeat comes back after the device was away", o.beats(3))
    o.does("the guest agrees to shut down", "shutdown")


def wrong_end(result: Result, says: tuple[str, ...]) -> str:
    """Returns what is wrong with a run's end; empty if nothing is."""
    told_all = result.console + result.serial
    if result.counts().get("rules-broken", 1):
        return "rules were broken\n" + told_all
    for pattern in says:
        if not re.search(pattern, told_all, re.M):
            return f"nobody says '{pattern}'\n{told_all}"
    return ""


HEAP = "^ok 1 - the heap has [0-9]+ bytes in use, as before"
STEPS: tuple[tuple[str, str, str, dict[str, object], int,
                   Callable[[Outside], None], int | None,
                   tuple[str, ...]], ...] = (
    ("the appliance ends in order, with its verdict", "vmbare.efi", "quiet",
     {}, 2, appliance, PASSED, ("appliance: the host asks for a shutdown",)),
    ("the appliance gives its address back and ends", "vmbare.efi", "quiet",
     {"devices": f"{DEVICES},network"}, 2, addresses, PASSED,
     ("appliance: the host asks for a shutdown",)),
    ("the guest restarts, its heap as before", "test-services.efi", "quiet",
     {}, 1, told, None, ("the host wants a restart", HEAP,
                         "time: ready 4.0", "shutdown: ready 3.2",
                         "kvp: ready 4.0")),
    ("the busy guest ends, its heap as before", "test-services.efi",
     "quiet busy hold", {}, 2, computes, PASSED,
     ("the host wants a shutdown", HEAP,
      "shutdown: ready 3.2, 1 openings, 4 answers, 2 refused, 0 ignored")),
    ("a service that went and came back leaves the heap as before",
     "test-services.efi", "quiet", {"replug": 1}, 2, returns, PASSED,
     ("heartbeat: ready 3.0, 2 openings", HEAP)),
)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("build", type=Path)
    parser.add_argument("--only", default="", help="runs with these words")
    given = parser.parse_args()
    out = tap.Tap()
    for name, image, cmdline, config, smp, step, status, says in STEPS:
        if given.only not in name:
            continue
        config = {"devices": DEVICES, **config}
        machine = Machine(smp, 512, control=True,
                          network="network" in str(config["devices"]))
        job = Run(given.build / image, cmdline, config, machine,
                  deadline=SECONDS)
        try:
            result = ramdisk.execute(
                job, given.build / "minihv.efi",
                lambda session, step=step: step(Outside(session, out)))
            problem = wrong_end(result, says)
            if not problem and status is not None and result.status != status:
                problem = f"QEMU ended with {result.status}, not {status}\n" + \
                    result.console + result.serial
            out.result(not problem, name, problem)
            out.note(f"{result.seconds:.1f} s")
        except MinihvError as error:
            out.result(False, name, str(error))
    return out.end()


if __name__ == "__main__":
    sys.exit(main())

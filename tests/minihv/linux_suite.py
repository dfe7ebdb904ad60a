#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-2-Clause
"""The suite `linux`: an unmodified Linux judges minihv's host half.

Linux has to find Hyper-V, connect with its newest version, run from minihv's
disk and answer heartbeats. Its log must have no complaint, and minihv must
count no broken rule. Its messages must have the shape of the recording in
tests/golden/.
"""
from __future__ import annotations

import argparse
import re
import sys
from dataclasses import dataclass, field
from pathlib import Path

HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent))

import linux_guest  # noqa: E402
import tap  # noqa: E402
from machine import Machine, MinihvError, Result, Run, execute  # noqa: E402
from messages import messages  # noqa: E402

GOLDEN = HERE.parent / "golden" / "linux-6.1-protocol-5.3.txt"
WANTED = 7       # checks that linux/root-init makes
WANTED_SMP = 9   # with more than one processor
RESCIND, RELEASED, OFFER, OPEN = 2, 13, 1, 5
UNLOAD, UNLOAD_RESPONSE = 16, 17


@dataclass
class Case:
    words: str
    smp: int
    bus: str      # VMBus version that Linux must report
    storage: str  # storage version that minihv must report
    config: dict[str, object] = field(default_factory=dict)
    crash: bool = False  # it panics instead of powering off


CASES = (
    Case("on 1 processor", 1, "5.3", "6.2", {"trace": 1}),
    Case("while its heartbeat device goes and comes back", 2, "5.3", "6.2",
         {"replug": 1, "trace": 1}),
    Case("while its heartbeat device goes and is offered anew at once", 2,
         "5.3", "6.2", {"replug": 2, "trace": 1}),
    Case("on 2 processors with a sub-channel", 3, "5.3", "6.2",
         {"processors": 2, "subchannels": 1}),
    Case("on 4 processors with a sub-channel and 150 more offers", 5,
         "5.3", "6.2",
         {"processors": 4, "subchannels": 1, "crowd": 150}),
    Case("over VMBus 5.2 with storage 6.0 and AutoEOI", 1, "5.2", "6.0",
         {"version": "5.2", "storage": "6.0", "autoeoi": 1}),
    Case("over VMBus 4.0 with storage 5.1 and monitored channels", 1, "4.0",
         "5.1", {"version": "4.0", "storage": "5.1", "monitor": 1000}),
    Case("over VMBus 3.0 and reports its crash at the end", 1, "3.0", "6.2",
         {"version": "3.0", "trace": 1}, crash=True),
    Case("over VMBus 2.4", 1, "2.4", "6.2", {"version": "2.4"}),
)


def came_back(console: str) -> bool:
    """Returns true if RESCIND, RELID_RELEASED, a new offer and OPENCHANNEL came
    in this order."""
    left = [(False, RESCIND), (True, RELEASED), (False, OFFER), (True, OPEN)]
    for m in messages(console):
        if left and (m.from_guest, m.type) == left[0]:
            left.pop(0)
    return not left


def crashed(console: str) -> bool:
    """Returns true if the crash MSRs were written and the bus was unloaded."""
    ends = [m.type for m in messages(console)][-2:]
    return "the guest reports a crash" in console and \
        ends == [UNLOAD, UNLOAD_RESPONSE]


def wrong(case: Case, result: Result) -> str:
    told = result.console + result.serial
    if "# end" not in result.serial or result.status != 0:
        return f"Linux did not come to its end ({result.status})\n{told}"
    checks = re.findall(r"^ok - .*$", result.serial, re.M)
    if case.crash and not crashed(result.console):
        return f"no crash report, or no UNLOAD after it\n{told}"
    processors = case.config.get("processors", 1)
    wanted = WANTED if processors == 1 else WANTED_SMP
    if len(checks) != wanted or re.search("^not ok", result.serial, re.M):
        return f"{len(checks)} of {wanted} checks are good\n{told}"
    if f"# bus: Vmbus version:{case.bus}" not in result.serial:
        return f"Linux does not use protocol {case.bus}\n{told}"
    if f"storage protocol {case.storage}" not in result.console:
        return f"the disk does not speak {case.storage}\n{told}"
    channels = 1 + int(str(case.config.get("subchannels", 0)))
    if f"# storage channels: {channels}\n" not in result.serial:
        return f"the disk has not {channels} channel(s)\n{told}"
    crowd = case.config.get("crowd", 0)
    if f"# crowd: {crowd}\n" not in result.serial:
        return f"Linux has not {crowd} more devices\n{told}"
    if case.config.get("replug") and not came_back(result.console):
        return f"no rescind, release, offer and open in this order\n{told}"
    if f"# processors: {processors}\n" not in result.serial:
        return f"Linux does not use {processors} processor(s)\n{told}"
    counts = result.counts()
    if case.config.get("monitor") and not counts["signals.by-monitor"]:
        return f"no signal came by the monitor page: {counts}\n{told}"
    if case.crash:
        return ""  # a reset prints no counts; a broken rule ends in 45
    if counts.get("rules-broken") or not counts.get("heartbeats"):
        return f"counts: {counts}\n{told}"
    return ""


def shape(text: str) -> list[tuple[int, int]]:
    """Lists type and size of each message of the guest, which depend on Linux
    alone."""
    return [(m.type, len(m.data)) for m in messages(text) if m.from_guest]


def compare_golden(console: str) -> str:
    recorded = shape(GOLDEN.read_text())
    seen = shape(console)
    if seen[:len(recorded)] == recorded:
        return ""
    return (f"recorded {recorded}\nseen     {seen}\nif another kernel is the "
            "reason, record again: linux_suite.py --record")


def record(console: str) -> None:
    lines = [f"minihv: message {'from' if m.from_guest else 'to'}-guest "
             f"{m.type} {m.name} {m.data.hex()}\n" for m in messages(console)]
    GOLDEN.parent.mkdir(exist_ok=True)
    GOLDEN.write_text("".join(lines))


def run(case: Case, linux: linux_guest.Linux, minihv: Path) -> Result:
    config = {"devices": "heartbeat,storage", **case.config}
    words = linux_guest.CMDLINE + (" crash-at-end" if case.crash else "") \
        + (" replug" if case.config.get("replug") else "")
    return execute(Run(linux.kernel, words, config,
                       Machine(case.smp, 512), linux.initrd, linux.disk,
                       deadline=900), minihv)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("build", type=Path)
    parser.add_argument("--record", action="store_true",
                        help="write tests/golden/ and stop")
    given = parser.parse_args()
    linux = linux_guest.prepare(given.build / "minihv-linux")
    out = tap.Tap()
    for case in CASES:
        name = f"Linux 6.1 runs from minihv's disk {case.words}"
        try:
            result = run(case, linux, given.build / "minihv.efi")
        except MinihvError as error:
            out.result(False, name, str(error))
            continue
        if given.record:
            record(result.console)
            return 0
        problem = wrong(case, result)
        out.result(not problem, name, problem)
        out.note(f"{result.seconds:.1f} s, {result.counts()}")
        if case is CASES[0]:
            problem = compare_golden(result.console)
            out.result(not problem,
                       "the messages of Linux 6.1 are those recorded", problem)
    return out.end()


if __name__ == "__main__":
    sys.exit(main())

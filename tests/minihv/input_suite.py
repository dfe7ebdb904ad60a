#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-2-Clause
"""The suite `minihv-input`: an unmodified Linux judges minihv's keyboard and
mouse.

Keys and movements are typed at QEMU's monitor. They go by PS/2 to minihv and by
VMBus to the guest, whose hyperv-keyboard and hid-hyperv make input events of
them. Each must come, in order, with the numbers that were written here by hand
from the kernel's tables; its log must have no complaint, and minihv must count
no broken rule.
"""
from __future__ import annotations

import argparse
import re
import sys
from dataclasses import dataclass, field
from pathlib import Path

HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent))

import ramdisk  # noqa: E402
import tap  # noqa: E402
from machine import Machine, MinihvError, Result, Run  # noqa: E402

MODULES = ("hv_vmbus", "evdev", "hyperv-keyboard", "hid-hyperv")
SECONDS = 600   # until a run hangs


def press(code: int) -> list[str]:
    return [f"key {code} 1", f"key {code} 0"]


# What is typed at the monitor, and the events of Linux that it makes.
KEYS: tuple[tuple[str, list[str]], ...] = (
    ("sendkey a", press(30)),
    ("sendkey shift-b", ["key 42 1", "key 48 1", "key 48 0", "key 42 0"]),
    ("sendkey right", press(106)),         # prefix E0
    ("sendkey ctrl_r", press(97)),         # prefix E0
    ("sendkey kp_enter", press(96)),       # prefix E0
    ("sendkey pause", press(119)),         # prefix E1
    ("sendkey f12", press(88)),
)
MOVES: tuple[tuple[str, list[str]], ...] = (
    # 32 a count, from the middle, 16384, to the right and down.
    ("mouse_move 100 50", ["abs 0 19584", "abs 1 17984"]),
    ("mouse_button 1", ["key 272 1"]),
    ("mouse_button 0", ["key 272 0"]),
    ("mouse_button 2", ["key 273 1"]),
    ("mouse_button 0", ["key 273 0"]),
    ("mouse_button 4", ["key 274 1"]),
    ("mouse_button 0", ["key 274 0"]),
    ("mouse_move -40 0", ["abs 0 18304"]),
    ("mouse_move 0 0 1", ["rel 8 1", "rel 11 120"]),
    ("mouse_move 0 0 -1", ["rel 8 -1", "rel 11 -120"]),
    # 127 counts are the most in a packet; the last goes beyond the corner.
    ("mouse_move -127 -127", ["abs 0 14240", "abs 1 13920"]),
    ("mouse_move -127 -127", ["abs 0 10176", "abs 1 9856"]),
    ("mouse_move -127 -127", ["abs 0 6112", "abs 1 5792"]),
    ("mouse_move -127 -127", ["abs 0 2048", "abs 1 1728"]),
    ("mouse_move -127 -127", ["abs 0 0", "abs 1 0"]),
)


@dataclass
class Case:
    words: str
    smp: int
    devices: str
    typed: tuple[tuple[str, list[str]], ...]
    checks: int
    config: dict[str, object] = field(default_factory=dict)


CASES = (
    Case("keyboard and mouse on 1 processor", 2, "keyboard,mouse",
         KEYS + MOVES, 3),
    Case("keyboard on 2 processors, without one for the host", 2, "keyboard",
         KEYS, 2, {"processors": 2}),
)


def events(serial: str) -> list[str]:
    return re.findall(r"^# event: (.*?)\r?$", serial, re.M)


def type_all(case: Case, session: ramdisk.Session) -> str:
    """Types one thing after the other; returns what did not come."""
    if not session.wait_for("# listening"):
        return "Linux never listened"
    expected: list[str] = []
    for line, wanted in case.typed:
        session.monitor(line)
        expected += wanted
        if not session.wait(lambda told: len(events(told)) >= len(expected)):
            return f"nothing came of: {line}"
    session.monitor("sendkey esc")
    return ""


def wrong(case: Case, result: Result, problem: str) -> str:
    told = result.console + result.serial
    if "# end" not in result.serial or result.status != 0:
        return f"{problem}\nLinux did not come to its end " \
            f"({result.status})\n{told}"
    if problem:
        return f"{problem}\n{told}"
    expected = [e for _, wanted in case.typed for e in wanted]
    seen = events(result.serial)
    if seen != expected + press(1):
        return f"expected {expected + press(1)}\nseen     {seen}\n{told}"
    checks = re.findall(r"^ok - .*$", result.serial, re.M)
    if len(checks) != case.checks or \
            re.search("^not ok", result.serial, re.M):
        return f"{len(checks)} of {case.checks} checks are good\n{told}"
    if "mouse" in case.devices and \
            re.findall(r"^# range: (.*?)\r?$", result.serial, re.M) != \
            ["x 0 32767", "y 0 32767"]:
        return f"the pointer has another range\n{told}"
    if result.counts().get("rules-broken"):
        return f"counts: {result.counts()}\n{told}"
    return ""


def run(case: Case, linux: ramdisk.Linux,
        minihv: Path) -> tuple[Result, str]:
    problem = ""

    def during(session: ramdisk.Session) -> None:
        nonlocal problem
        problem = type_all(case, session)

    words = f"{ramdisk.CMDLINE} {case.devices.replace(',', ' ')}"
    job = Run(linux.kernel, words, {"devices": case.devices, **case.config},
              Machine(case.smp, 512), linux.initrd, deadline=SECONDS)
    return ramdisk.execute(job, minihv, during), problem


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("build", type=Path)
    parser.add_argument("--only", default="", help="cases with these words")
    given = parser.parse_args()
    linux = ramdisk.prepare(given.build / "minihv-input", "input-init",
                            MODULES, ("inputtool",))
    out = tap.Tap()
    for case in CASES:
        if given.only not in case.words:
            continue
        name = f"Linux 6.1 uses minihv's {case.words}"
        try:
            result, problem = run(case, linux, given.build / "minihv.efi")
        except MinihvError as error:
            out.result(False, name, str(error))
            continue
        problem = wrong(case, result, problem)
        out.result(not problem, name, problem)
        out.note(f"{result.seconds:.1f} s, {result.counts()}")
    return out.end()


if __name__ == "__main__":
    sys.exit(main())

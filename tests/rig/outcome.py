# SPDX-License-Identifier: BSD-2-Clause
"""Derives the verdict of a run from its result."""
from __future__ import annotations

import re

import judge
from guest import Guest
from host import Result
from verdict import FAILED, NO_HOST, PASSED, USAGE, Verdict

# tests/minihv/load/gather.c: settings that minihv does not know.
CONFIG = re.compile(r"^minihv: failed: opt/minihv\.conf, (.*)$", re.M)
NOT_OK = re.compile(r"^not ok\b.*$", re.M)


def is_judged(guest: Guest, host: str) -> bool:
    """Returns true if the host's VMBus has a trace, and the guest was asked
    for claims to compare it with."""
    if "claims" not in guest.cmdline.split():
        return False
    if host == "minihv":
        return guest.serial
    return (host != "tcg" and bool(guest.trace) and guest.serial
            and "vmbus-bridge" in guest.devices)


def outcome(guest: Guest, host: str, result: Result) -> tuple[Verdict, str]:
    """Returns the verdict and a line that explains it.

    A guest's own 'passed' stands only if its TAP lines and its host agree.
    """
    verdict = result.verdict
    if result.status == 1 and not result.serial:
        return NO_HOST, "QEMU refused: " + (result.log.strip() or "silently")
    wrong = CONFIG.search(result.log)
    if wrong:
        return USAGE, (f"CONFIG= is {wrong[1]}; tests/minihv/README.md has its "
                       "keys and values")
    if verdict is not PASSED:
        end = f"{result.end}, " if result.end else ""
        return verdict, f"{verdict.words} (QEMU: {end}status {result.status})"
    failed = NOT_OK.search(result.serial)
    if failed:
        return FAILED, f"it says passed, but also '{failed.group(0)}'"
    if not is_judged(guest, host):
        return verdict, verdict.words
    difference = judge.disagreement(result.serial, result.trace)
    if difference:
        return FAILED, f"guest and host do not agree: {difference}"
    count = len(judge.facts(result.trace))
    return verdict, f"{verdict.words}; its host saw the same {count} events"

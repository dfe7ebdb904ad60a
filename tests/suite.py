# SPDX-License-Identifier: BSD-2-Clause
"""Reads the TAP of one test suite and checks that its results add up."""
from __future__ import annotations

import fnmatch
import re
from dataclasses import dataclass, field
from pathlib import Path

RESULT = re.compile(r"^(not )?ok\b\s*(\d+)?\s*-?\s*([^#]*?)\s*(?:#\s*(.*))?$")
PLAN = re.compile(r"^1\.\.(\d+)")
KNOWN_ABORTS = re.compile(r"^# known-aborts: (\d+)")
NOTE = re.compile(r"^# note: (.*)")
BAIL_OUT = re.compile(r"^Bail out!\s*(.*)")
TAIL_LINES = 15         # of a suite's output, shown when it ends badly


class SkipsError(Exception):
    """A line of tests/skips lacks a part."""


@dataclass
class Skips:
    """Reads which tests may skip: `SUITE | TEST | reason` per line; TEST is a
    shell pattern."""
    rules: list[tuple[str, str]] = field(default_factory=list)

    @classmethod
    def read(cls, path: Path) -> Skips:
        skips = cls()
        for number, line in enumerate(path.read_text().splitlines(), 1):
            if not line.strip() or line.startswith("#"):
                continue
            parts = [part.strip() for part in line.split("|")]
            if len(parts) != 3 or not all(parts):
                raise SkipsError(f"{path}:{number}: expected 'SUITE | TEST | "
                                 f"reason', found '{line}'")
            skips.rules.append((parts[0], parts[1]))
        return skips

    def allow(self, suite: str, test: str) -> bool:
        return any(suite == known and fnmatch.fnmatchcase(test, pattern)
                   for known, pattern in self.rules)


@dataclass
class Outcome:
    """The outcome of a suite."""
    name: str
    passed: int = 0
    skipped: int = 0
    failures: list[str] = field(default_factory=list)
    known_aborts: int = 0
    notes: list[str] = field(default_factory=list)  # shown with the result
    seconds: float = 0.0

    def fail(self, text: str) -> None:
        self.failures.append(text)


def read_tap(name: str, lines: list[str], status: int, skips: Skips,
             stopped: float | None = None) -> Outcome:
    """Returns the outcome of a suite that printed `lines` and ended with this
    status, or was stopped after that many seconds."""
    outcome = Outcome(name)
    planned = plans = seen = 0
    failing = False
    for line in lines:
        if plan := PLAN.match(line):
            plans += 1
            planned += int(plan.group(1))
        elif result := RESULT.match(line):
            seen += 1
            failing = _count(outcome, result, skips)
        elif aborts := KNOWN_ABORTS.match(line):
            outcome.known_aborts += int(aborts.group(1))
        elif note := NOTE.match(line):
            outcome.notes.append(note.group(1))
        elif bail := BAIL_OUT.match(line):
            outcome.fail(f"{name}: gave up: {bail.group(1)}")
        elif failing and line.startswith("#"):
            outcome.failures[-1] += "\n" + line
    tail = "".join(f"\n| {line}" for line in lines[-TAIL_LINES:])
    if stopped is not None:
        outcome.fail(f"{name}: stopped after {stopped:.0f} s{tail}")
    else:
        _check_whole(outcome, plans, planned, seen, status, tail)
    return outcome


def _count(outcome: Outcome, result: re.Match[str], skips: Skips) -> bool:
    """Counts one result. Returns true if it failed; comments explain it."""
    bad, number, test, directive = result.groups()
    words = (directive or "").split(maxsplit=1)
    word = words[0].upper().rstrip(":") if words else ""
    test = test or (words[1] if len(words) > 1 else f"test {number}")
    if word == "SKIP":  # cmocka says `not ok N # SKIP name`
        if skips.allow(outcome.name, test):
            outcome.skipped += 1
            return False
        outcome.fail(f"{test}: skips, but tests/skips does not list it "
                     f"({directive})")
    elif word == "TODO":
        outcome.fail(f"{test}: nothing here is a TODO")
    elif bad:
        outcome.fail(test)
        return True
    else:
        outcome.passed += 1
    return False


def _check_whole(outcome: Outcome, plans: int, planned: int, seen: int,
                 status: int, tail: str) -> None:
    """Checks that the suite's plan, results and status agree."""
    if plans == 0:
        outcome.fail(f"{outcome.name}: printed no TAP plan, "
                     f"exit status {status}{tail}")
    elif planned != seen:
        outcome.fail(f"{outcome.name}: planned {planned} tests, "
                     f"reported {seen}{tail}")
    elif seen == 0:
        outcome.fail(f"{outcome.name}: planned no tests")
    if status != 0 and not outcome.failures:
        outcome.fail(f"{outcome.name}: exit status {status} though no test "
                     f"failed{tail}")

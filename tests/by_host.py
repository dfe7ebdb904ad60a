# SPDX-License-Identifier: BSD-2-Clause
"""Makes the table of suites and hosts at the end of a test report."""
from __future__ import annotations

from pathlib import Path

from suite import Outcome

WIDTH = 20


def read(path: Path) -> list[tuple[str, str, str]]:
    """Returns row, host and suite of each line."""
    lines = path.read_text(encoding="utf-8").splitlines()
    return [(row, host, suite) for row, host, suite in
            (line.split("\t") for line in lines
             if line and not line.startswith("#"))]


def cell(outcome: Outcome | None) -> str:
    if outcome is None:
        return "-"
    failed = len(outcome.failures)
    return f"{failed} FAILED" if failed else f"{outcome.passed} passed"


def table(entries: list[tuple[str, str, str]],
          outcomes: dict[str, Outcome]) -> list[str]:
    """Returns the lines to print; none if no suite of the table ran."""
    if not any(suite in outcomes for _, _, suite in entries):
        return []
    hosts = list(dict.fromkeys(host for _, host, _ in entries))
    found = {(row, host): cell(outcomes.get(suite))
             for row, host, suite in entries}
    lines = ["in the guest".ljust(WIDTH + 4)
             + "".join(host.ljust(WIDTH) for host in hosts)]
    for row in dict.fromkeys(row for row, _, _ in entries):
        lines.append("  " + row.ljust(WIDTH + 2) + "".join(
            found.get((row, host), "").ljust(WIDTH) for host in hosts))
    return [line.rstrip() for line in lines]

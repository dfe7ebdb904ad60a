# SPDX-License-Identifier: BSD-2-Clause
"""Reads the time budget of the test suites, tests/budget, and compares it."""
from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

LANE_SECONDS = 30 * 60   # the budget of all suites of one lane together
LANES = ("1", "2")
# A suite is reported if it takes this many times its budget and this many
# seconds more, because a busy machine makes a short suite several times slower.
FAR_TIMES = 1.5
FAR_SECONDS = 10


class BudgetError(Exception):
    """A line of tests/budget is wrong."""


@dataclass(frozen=True)
class Share:
    """The seconds that one suite may take, and the lane that it runs in."""
    lane: str
    seconds: float


def read(path: Path) -> dict[str, Share]:
    """The shares by suite: `SUITE LANE SECONDS` on each line."""
    shares: dict[str, Share] = {}
    for number, line in enumerate(path.read_text().splitlines(), 1):
        words = line.partition("#")[0].split()
        if not words:
            continue
        if (len(words) != 3 or words[1] not in LANES
                or not words[2].isdecimal()):
            raise BudgetError(f"{path}:{number}: expected 'SUITE LANE SECONDS'"
                              f" with a lane of {' or '.join(LANES)}, found "
                              f"'{line}'")
        if words[0] in shares:
            raise BudgetError(f"{path}:{number}: {words[0]} has a line "
                              "already")
        shares[words[0]] = Share(words[1], float(words[2]))
    return shares


def lanes(suites: list[str], shares: dict[str, Share]) -> dict[str, list[str]]:
    """The suites of each lane, in their order; the first lane takes those
    that have no share."""
    lane_of = {name: shares[name].lane if name in shares else LANES[0]
               for name in suites}
    return {lane: [name for name in suites if lane_of[name] == lane]
            for lane in LANES}


def sums(shares: dict[str, Share]) -> dict[str, float]:
    """The budget of each lane."""
    return {lane: sum(share.seconds for share in shares.values()
                      if share.lane == lane) for lane in LANES}


def is_far_over(seconds: float, share: Share | None) -> bool:
    return share is not None and seconds > max(
        share.seconds * FAR_TIMES, share.seconds + FAR_SECONDS)


def total_line(lane: str, taken: float, budget: float) -> str:
    """Returns the time that a lane's suites took, beside their budget."""
    return (f"lane {lane}: {taken:.0f} s of {budget:.0f} s "
            f"(limit {LANE_SECONDS} s)")

#!/usr/bin/env python3
"""The time budget is whole: each suite has a line, no lane is too long, and
the driver says who takes more than that."""
from __future__ import annotations

import os
import subprocess
import sys
import tempfile
from pathlib import Path

TESTS = Path(__file__).resolve().parent.parent
ROOT = TESTS.parent
sys.path.insert(0, str(TESTS))

import budget  # noqa: E402
import tap  # noqa: E402


def suites() -> set[str]:
    """All suites, as make knows them."""
    clean = {name: value for name, value in os.environ.items()
             if not name.startswith(("MAKE", "MFLAGS"))}
    return set(subprocess.run(
        ["make", "-s", "suites"], cwd=ROOT, env=clean, text=True,
        capture_output=True, check=True).stdout.split())


def refused(text: str) -> str:
    """What the reader says of a budget that is wrong."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "budget"
        path.write_text(text)
        try:
            budget.read(path)
        except budget.BudgetError as error:
            return str(error)
    raise AssertionError(f"taken: {text}")


def test_each_suite_has_a_line_and_each_line_a_suite() -> None:
    known, lines = suites(), set(budget.read(TESTS / "budget"))
    assert len(known) > 30, known
    assert known == lines, (
        f"suites without a line in tests/budget: {sorted(known - lines)}; "
        f"lines without a suite: {sorted(lines - known)}")


def test_no_lane_has_more_than_30_minutes() -> None:
    sums = budget.sums(budget.read(TESTS / "budget"))
    assert set(sums) == set(budget.LANES), sums
    for lane, seconds in sums.items():
        assert 0 < seconds < budget.LANE_SECONDS, (
            f"lane {lane} has {seconds:.0f} s, expected less than "
            f"{budget.LANE_SECONDS}: make suites quicker or shorten the part "
            "of a suite that `make test` runs")


def test_the_lanes_are_of_about_the_same_length() -> None:
    one, other = budget.sums(budget.read(TESTS / "budget")).values()
    assert abs(one - other) < budget.LANE_SECONDS / 5, (one, other)


def test_a_line_that_is_wrong_is_refused() -> None:
    assert "expected 'SUITE LANE SECONDS'" in refused("ring 30\n")
    assert "'ring 2 soon'" in refused("ring 2 soon\n")
    assert "1 or 2" in refused("ring 3 30\n")
    assert ":2: ring has a line" in refused("ring 2 3\nring 2 4\n")


def test_far_over_the_budget_is_more_than_noise() -> None:
    short, long = budget.Share("1", 2), budget.Share("1", 200)
    assert not budget.is_far_over(11, short) and budget.is_far_over(13, short)
    assert not budget.is_far_over(290, long) and budget.is_far_over(310, long)
    assert not budget.is_far_over(1000, None)


if __name__ == "__main__":
    sys.exit(tap.run(globals()))

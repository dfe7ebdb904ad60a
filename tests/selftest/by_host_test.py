"""The table of suites by host says what ran, and what failed."""
from __future__ import annotations

import sys
from pathlib import Path

TESTS = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(TESTS))

import by_host  # noqa: E402
import tap  # noqa: E402
from suite import Outcome  # noqa: E402

ENTRIES = [("boot", "one", "a"), ("boot", "two", "b"), ("faults", "one", "c")]


def test_no_table_where_none_of_its_suites_ran() -> None:
    assert by_host.table(ENTRIES, {}) == []


def test_passed_failed_and_not_run_are_told_apart() -> None:
    good, bad = Outcome("a"), Outcome("c")
    good.passed = 3
    bad.fail("c: something")
    lines = by_host.table(ENTRIES, {"a": good, "c": bad})
    assert "3 passed" in lines[1]
    assert lines[1].endswith("-")
    assert "1 FAILED" in lines[2]


def test_the_table_names_suites_that_exist() -> None:
    made = "".join(path.read_text() for path in TESTS.glob("*/rules.mk"))
    for _, _, suite in by_host.read(TESTS / "by_host.tsv"):
        assert suite in made, suite


if __name__ == "__main__":
    sys.exit(tap.run(globals()))

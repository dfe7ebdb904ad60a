#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-2-Clause
"""The suite `figures` notices what it is for: histories and figures that are
wrong in one place."""
from __future__ import annotations

import subprocess
import sys
import tempfile
from pathlib import Path

import history
import suite
import update
from history import Entry

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

import tap  # noqa: E402

WHY = "the second lock is taken"


def entry(value: float, reason: str = WHY, date: str = "2026-11-30",
          unit: str = "instructions") -> Entry:
    return Entry("ring.send.64", date, value, unit, reason)


def test_a_rise_with_a_reason_is_taken() -> None:
    assert not history.faults([entry(80), entry(81)])


def test_a_rise_without_a_reason_is_a_fault() -> None:
    assert history.faults([entry(80), entry(81, "why not")])


def test_a_fall_needs_no_sentence() -> None:
    assert not history.faults([entry(80), entry(79, "faster")])


def test_an_older_line_after_a_newer_one_is_a_fault() -> None:
    assert history.faults([entry(80), entry(79, date="2026-11-29")])


def test_another_unit_is_a_fault() -> None:
    assert history.faults([entry(80), entry(79, unit="bytes")])


def test_a_line_that_lacks_a_field_is_refused() -> None:
    for line in ("a\t2026-11-30\t1\tbytes", "a\tyesterday\t1\tbytes\twhy",
                 "a\t2026-11-30\tmany\tbytes\twhy"):
        try:
            history.parse(line, "here:1")
        except ValueError as error:
            assert "here:1: expected" in str(error)
        else:
            raise AssertionError(f"was taken: {line}")


def judged(value: float, stored: float = 100) -> str:
    return suite.judge({"ring.send.64": [entry(stored)]},
                       {"ring.send.64": (value, "instructions")},
                       "ring.send.64")


def test_two_percent_more_is_taken_and_three_percent_are_not() -> None:
    assert not judged(102) and "found 103" in judged(103)


def test_a_figure_that_is_stored_as_nothing_stays_nothing() -> None:
    assert not judged(0, 0) and judged(1, 0)


def test_a_figure_that_nobody_measures_any_more_is_a_fault() -> None:
    assert suite.judge({"ring.send.64": [entry(1)]}, {}, "ring.send.64")


def test_a_figure_that_nobody_stored_is_a_fault() -> None:
    assert suite.judge({}, {"a": (1, "bytes")}, "a")


def test_a_lower_figure_is_stored_and_a_higher_one_only_by_name() -> None:
    stored = {"a": [entry(100)]}
    assert update.taken(stored, "a", 99, set())
    assert not update.taken(stored, "a", 99.9, set())
    assert not update.taken(stored, "a", 100, {"a"})
    assert not update.taken(stored, "a", 101, set())
    assert not update.taken(stored, "a", 101, {"b"})
    assert update.taken(stored, "a", 101, {"a"})
    assert update.taken(stored, "a", 101, {"all"})
    assert update.taken(stored, "b", 5, set())


def test_what_is_written_is_read_again() -> None:
    with tempfile.TemporaryDirectory() as folder:
        stored = {"ring.send.64": [entry(80.25), entry(79)]}
        history.write(Path(folder), stored)
        assert history.read(Path(folder)) == stored


def test_a_line_that_has_gone_is_found_in_the_commits() -> None:
    with tempfile.TemporaryDirectory() as folder:
        def run(*words: str) -> None:
            subprocess.run(["git", "-c", "user.name=t", "-c", "user.email=t@t",
                            *words], cwd=folder, check=True,
                           capture_output=True)

        path = Path(folder) / "ring.tsv"
        run("init")
        for lines in ([entry(80)], [entry(80), entry(79)], [entry(85)]):
            path.write_text("".join(e.line() for e in lines))
            run("add", ".")
            run("commit", "-m", "change")
        found = subprocess.run(
            [sys.executable, "-c", f"import sys; sys.path.insert(0, "
             f"{str(Path(__file__).parent)!r}); import suite; "
             "print(len(suite.lost_lines(['ring.tsv'])))"],
            cwd=folder, check=True, capture_output=True, text=True)
        assert found.stdout.strip() == "2", found.stdout


def table(*figures: str) -> subprocess.CompletedProcess[str]:
    """The table of one goal, which names a figure of a peer."""
    with tempfile.TemporaryDirectory() as folder:
        measured, goals = Path(folder) / "bench.tsv", Path(folder) / "goals"
        measured.write_text("".join(f"{name}\t7\tinstructions\n"
                                    for name in figures))
        goals.write_text("a.own\tI\t<= 6\t{a.peer} (Linux)\t-\n")
        return subprocess.run([Path(__file__).parent / "table", measured,
                               goals], capture_output=True, text=True,
                              check=False)


def test_a_peer_of_the_same_run_stands_in_the_table_with_its_value() -> None:
    shown = table("a.own", "a.peer")
    assert shown.returncode == 0 and "7 (Linux)" in shown.stdout, shown
    assert "MISSED" in shown.stdout


def test_a_peer_of_the_same_run_that_is_missing_fails_the_table() -> None:
    shown = table("a.own")
    assert shown.returncode == 1, shown
    assert "a.peer: MISSING" in shown.stdout


if __name__ == "__main__":
    sys.exit(tap.run(globals()))

#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-2-Clause
"""Tests that are shared out among commits: all are run, and none twice."""
from __future__ import annotations

import subprocess
import sys
import tempfile
from pathlib import Path
from types import SimpleNamespace

TESTS = Path(__file__).resolve().parent.parent
sys.path[:0] = [str(TESTS), str(TESTS / "system"), str(TESTS / "rig")]

import system  # noqa: E402
import tap  # noqa: E402
import turn  # noqa: E402


def test_commits_in_a_row_run_everything_once() -> None:
    items = list(range(7))
    for parts in (1, 2, 3):
        got = [item for number in range(40, 40 + parts)
               for item in turn.part(items, parts, number)]
        assert sorted(got) == items, got


def test_the_same_commit_runs_the_same_part() -> None:
    assert turn.part(list("abcde"), 2, 6) == ["a", "c", "e"]
    assert turn.part(list("abcde"), 2, 7) == ["b", "d"]


def test_without_git_it_is_part_0() -> None:
    with tempfile.TemporaryDirectory() as name:
        assert turn.commits(Path(name)) == 0


def test_commits_are_counted() -> None:
    with tempfile.TemporaryDirectory() as name:
        git = ["git", "-C", name, "-c", "user.name=a", "-c", "user.email=b"]
        subprocess.run([*git, "init", "-q"], check=True)
        for _ in range(3):
            subprocess.run([*git, "commit", "-q", "--allow-empty", "-m", "x"],
                           check=True)
        assert turn.commits(Path(name)) == 3


def test_a_table_says_which_part_it_runs() -> None:
    cases, words = system.of_this_turn(SimpleNamespace(PARTS=2), list("abcd"))
    assert len(cases) == 2 and "2 of 4 cases; ALL=1" in words, words


def test_a_table_without_parts_runs_whole() -> None:
    assert system.of_this_turn(SimpleNamespace(), list("abc")) == \
        (["a", "b", "c"], "")


def test_a_part_without_a_case_is_never_empty() -> None:
    for parts in (2, 3, 5):
        cases, _ = system.of_this_turn(SimpleNamespace(PARTS=parts), ["a"])
        assert cases == ["a"], cases


def asked(*words: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run([sys.executable, str(TESTS / "turn.py"), *words],
                          capture_output=True, text=True, check=False)


def test_the_command_names_a_part_of_the_names() -> None:
    names = asked("2", "a", "b", "c").stdout.split()
    assert names in (["a", "c"], ["b"]), names
    assert asked("1", "a", "b").stdout.split() == ["a", "b"]
    assert asked("2", "a").stdout.split() == ["a"]


def test_the_command_refuses_what_is_no_number_of_parts() -> None:
    for words in ((), ("2",), ("0", "a"), ("two", "a")):
        done = asked(*words)
        assert done.returncode == 2 and not done.stdout, done
        assert "expected a number of parts" in done.stderr, done.stderr


if __name__ == "__main__":
    sys.exit(tap.run(globals()))

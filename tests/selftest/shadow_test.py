#!/usr/bin/env python3
"""What a suite with a mutant prints is read to its first failure, and what
hangs is ended."""
from __future__ import annotations

import subprocess
import sys
from pathlib import Path

TESTS = Path(__file__).resolve().parent.parent
sys.path[:0] = [str(TESTS), str(TESTS / "mutants")]

import tap  # noqa: E402
from shadow import read_to_failure  # noqa: E402

HOUR = 3600


def read(script: str, limit: float = HOUR) -> tuple[str, bool, int]:
    """Its output, whether it was in time, and the shell's exit status."""
    # pylint: disable=consider-using-with
    process = subprocess.Popen(
        ["sh", "-c", script], stdout=subprocess.PIPE, text=True,
        start_new_session=True)
    output, ended = read_to_failure(process, limit)
    return output, ended, process.returncode


def test_a_suite_that_passes_is_read_to_its_end() -> None:
    assert read("echo ok 1; echo ok 2; echo 1..2") == (
        "ok 1\nok 2\n1..2\n", True, 0)


def test_a_suite_is_stopped_at_its_first_failure() -> None:
    output, ended, status = read(
        f"echo ok 1; echo not ok 2; sleep {HOUR}; echo ok 3")
    assert (output, ended) == ("ok 1\nnot ok 2\n", True)
    assert status < 0, status


def test_what_a_stopped_suite_started_ends_with_it() -> None:
    """Else its output stays open, and this waits for the hour."""
    output, _, _ = read("echo not ok 1; trap '' TERM; "
                        f"(trap '' TERM; sleep {HOUR}); sleep {HOUR}")
    assert output == "not ok 1\n"


def test_a_suite_that_hangs_is_ended_at_its_limit() -> None:
    output, ended, _ = read(f"echo ok 1; sleep {HOUR}", 1)
    assert (output, ended) == ("ok 1\n", False)


if __name__ == "__main__":
    sys.exit(tap.run(globals()))

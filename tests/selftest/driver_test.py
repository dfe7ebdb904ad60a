#!/usr/bin/env python3
"""The driver must not believe a suite that lies."""
from __future__ import annotations

import subprocess
import sys
import tempfile
from pathlib import Path

TESTS = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(TESTS))

import tap  # noqa: E402


def drive(suites: dict[str, str], skips: str = "", *options: str,
          budget: str = "", together: str = "") -> tuple[int, str]:
    """Run the driver on suites given as shell scripts; `together` is the
    script of those that one command runs."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        (folder / "skips").write_text(skips)
        (folder / "budget").write_text(budget)
        (folder / "all").write_text(together)
        for suite, script in suites.items():
            (folder / suite).write_text(script)
        done = subprocess.run(
            [sys.executable, TESTS / "driver.py", "--command",
             f"sh {folder}/{{}}", "--skips", folder / "skips", "--logs",
             folder / "logs", "--budget", folder / "budget",
             "--together-command", f"sh {folder}/all {{}}", *options,
             *suites],
            capture_output=True, text=True, timeout=600, check=False)
        return done.returncode, done.stdout


def expect(result: tuple[int, str], status: int, last: str,
           *wanted: str) -> None:
    code, text = result
    assert text.splitlines()[-1] == last, text
    assert code == status, (code, text)
    for words in wanted:
        assert words in text, (words, text)


def test_good_suites_pass() -> None:
    expect(drive({"a": "echo 1..2; echo ok 1 - x; echo ok 2 - y",
                  "b": "echo ok 1 - z; echo 1..1"}),
           0, "3 passed, 0 failed, 0 skipped")


def test_several_plans_add_up() -> None:
    expect(drive({"a": "echo 1..1; echo ok 1; echo 1..1; echo ok 1"}),
           0, "2 passed, 0 failed, 0 skipped")


def test_a_failed_test_is_shown_with_its_comments() -> None:
    expect(drive({"a": "echo 1..1; echo not ok 1 - x; echo '# why'; exit 1"}),
           1, "0 passed, 1 failed, 0 skipped", "FAILED x", "# why")


def test_a_failed_test_counts_even_if_the_suite_exits_with_0() -> None:
    expect(drive({"a": "echo 1..1; echo not ok 1 - x"}),
           1, "0 passed, 1 failed, 0 skipped")


def test_a_suite_without_a_plan_fails() -> None:
    expect(drive({"a": "echo ok 1 - x"}), 1, "1 passed, 1 failed, 0 skipped",
           "printed no TAP plan")


def test_a_suite_without_any_output_fails() -> None:
    expect(drive({"a": "true"}), 1, "0 passed, 1 failed, 0 skipped")


def test_a_suite_that_stops_early_fails() -> None:
    expect(drive({"a": "echo 1..3; echo ok 1 - x"}),
           1, "1 passed, 1 failed, 0 skipped", "planned 3 tests, reported 1")


def test_a_suite_that_reports_too_much_fails() -> None:
    expect(drive({"a": "echo 1..1; echo ok 1; echo ok 2"}),
           1, "2 passed, 1 failed, 0 skipped")


def test_an_empty_plan_fails() -> None:
    expect(drive({"a": "echo 1..0"}), 1, "0 passed, 1 failed, 0 skipped")


def test_a_bad_exit_status_without_failed_test_fails() -> None:
    expect(drive({"a": "echo 1..1; echo ok 1; exit 9"}),
           1, "1 passed, 1 failed, 0 skipped", "exit status 9")


def test_bail_out_fails() -> None:
    expect(drive({"a": "echo 1..1; echo ok 1; echo 'Bail out! no disk'"}),
           1, "1 passed, 1 failed, 0 skipped", "no disk")


def test_a_listed_skip_is_counted() -> None:
    expect(drive({"a": "echo 1..2; echo 'ok 1 - x # SKIP r'; echo ok 2"},
                 "a | x | there is a reason\n"),
           0, "1 passed, 0 failed, 1 skipped")


def test_the_skip_of_cmocka_is_understood() -> None:
    expect(drive({"a": "echo 1..2; echo 'not ok 1 # SKIP x'; echo ok 2"},
                 "a | x | there is a reason\n"),
           0, "1 passed, 0 failed, 1 skipped")


def test_an_unlisted_skip_fails() -> None:
    expect(drive({"a": "echo 1..1; echo 'ok 1 - x # SKIP r'"},
                 "b | x | of another suite\n"),
           1, "0 passed, 1 failed, 0 skipped", "does not list it")


def test_a_skip_without_reason_in_the_list_fails() -> None:
    expect(drive({"a": "echo 1..1; echo ok 1"}, "a | x |\n"),
           1, "0 passed, 1 failed, 0 skipped")


def test_todo_fails() -> None:
    expect(drive({"a": "echo 1..1; echo 'not ok 1 - x # TODO later'"}),
           1, "0 passed, 1 failed, 0 skipped")


def test_a_suite_that_hangs_is_stopped() -> None:
    # A busy machine may stop it before its first word.
    code, text = drive({"a": "echo 1..1; echo ok 1; sleep 9999"}, "",
                       "--suite-minutes", "0.02")
    assert code == 1 and "1 failed, 0 skipped" in text.splitlines()[-1], text
    assert "stopped after" in text, text


def test_suites_that_time_leaves_out_are_failures() -> None:
    expect(drive({"a": "echo 1..1; sleep 9999; echo ok 1",
                  "b": "echo 1..1; echo ok 1"}, "", "--minutes", "0.02"),
           1, "0 passed, 2 failed, 0 skipped", "minutes are up")


def test_known_aborts_are_totalled() -> None:
    expect(drive({"a": "echo 1..1; echo ok 1; echo '# known-aborts: 2'"}),
           0, "1 passed, 0 failed, 0 skipped", "run again: 2")


def test_a_long_suite_shows_life_and_its_budget_and_does_not_fail() -> None:
    result = drive({"a": "echo 1..1; sleep 11; echo ok 1",
                    "b": "echo 1..1; echo ok 1"},
                   budget="a 2 0\nb 1 7\n")
    expect(result, 0, "2 passed, 0 failed, 0 skipped", "a:", "of    0 s",
           "far over its budget", "of    7 s", "lane 1:", "lane 2:")
    # A line in at most five seconds.
    assert result[1].count("a: 0 tests, ") >= 2, result[1]


def test_a_budget_that_cannot_be_read_fails() -> None:
    expect(drive({"a": "echo 1..1; echo ok 1"}, budget="a 12\n"),
           1, "0 passed, 1 failed, 0 skipped", "expected 'SUITE LANE SECONDS'")


def test_two_lanes_run_side_by_side() -> None:
    # Each waits for the other's word.
    script = ("echo 1..1; touch $0.here; for i in $(seq 600); do "
              "[ -e ${{0%/*}}/{}.here ] && echo ok 1 && exit; sleep 0.1; done")
    expect(drive({"a": script.format("b"), "b": script.format("a")},
                 budget="a 1 1\nb 2 1\n"),
           0, "2 passed, 0 failed, 0 skipped")


SHARED = {"a": "exit 9", "b": "exit 9", "c": "echo 1..1; echo ok 1"}


def test_suites_of_one_command_are_told_apart() -> None:
    expect(drive(SHARED, "", "--together", "a x b", together="""
echo building; for suite; do echo "# suite: $suite"; echo 1..1
echo "ok 1 - $suite"; done"""), 0, "3 passed, 0 failed, 0 skipped",
           "a:                 1 passed", "b:                 1 passed")


def test_suites_that_their_common_command_leaves_out_fail() -> None:
    expect(drive(SHARED, "", "--together", "a b", together="""
echo "# suite: a"; echo 1..1; echo ok 1; exit 0"""),
           1, "2 passed, 1 failed, 0 skipped", "b: not run")


def test_a_common_command_is_not_trusted_either() -> None:
    expect(drive(SHARED, "", "--together", "a b", together="""
echo "# suite: a"; echo 1..2; echo ok 1; echo "# suite: b"; echo 1..1
echo not ok 1 - y; exit 1"""), 1, "2 passed, 2 failed, 0 skipped",
           "planned 2 tests", "FAILED y")


def test_notes_of_a_suite_are_shown() -> None:
    expect(drive({"a": "echo 1..1; echo ok 1; echo '# note: a sixth of it'"}),
           0, "1 passed, 0 failed, 0 skipped", "    a sixth of it")


if __name__ == "__main__":
    sys.exit(tap.run(globals()))

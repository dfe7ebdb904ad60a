#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-2-Clause
"""Run the test suites, count, and end in `N passed, N failed, N skipped`.

A suite is a command that prints TAP on standard output. It is not trusted: no
plan, fewer tests than planned, a bad exit status without a failed test, a skip
that is not listed in tests/skips, and silence past the time limit are
failures.

Two lanes run side by side; tests/budget says which suite belongs to which lane
and how many seconds it may take.
"""
from __future__ import annotations

import argparse
import signal
import sys
import threading
import time
from pathlib import Path

import budget
import by_host
from progress import Progress
from run_suite import RUNNING, Job, kill
from suite import Outcome, Skips, SkipsError

DEFAULT_SUITE = "make -s --no-print-directory suite-{}"
DEFAULT_TOGETHER = "make -s --no-print-directory suites-together TOGETHER='{}'"
HERE = Path(__file__).parent

STOPPING = threading.Event()


def arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    add = parser.add_argument
    add("suites", nargs="+")
    add("--together", default="", help="suites, in one word with blanks, that "
        "one command runs one after the other")
    add("--command", default=DEFAULT_SUITE, help="{} is the suite's name")
    add("--together-command", default=DEFAULT_TOGETHER,
        help="{} are the suites' names")
    add("--budget", type=Path, default=HERE / "budget")
    add("--skips", type=Path, default=HERE / "skips")
    add("--logs", type=Path, default=Path("build/test"))
    add("--suite-minutes", type=float, default=120)
    add("--minutes", type=float, default=70, help="for all suites together")
    return parser.parse_args()


class Run:
    """All suites of one call. The lanes share the counts."""

    def __init__(self, given: argparse.Namespace, skips: Skips,
                 shares: dict[str, budget.Share]) -> None:
        self._given = given
        self._skips = skips
        self._shares = shares
        self._deadline = time.monotonic() + given.minutes * 60
        self._lock = threading.Lock()
        self._progress = Progress()
        self.say = self._progress.say
        self.passed = self.failed = self.skipped = self.aborts = 0
        self.outcomes: dict[str, Outcome] = {}

    def _done(self, outcome: Outcome, log: Path) -> None:
        """Counts a suite that has ended and prints its result."""
        with self._lock:
            self.outcomes[outcome.name] = outcome
            self.passed += outcome.passed
            self.failed += len(outcome.failures)
            self.skipped += outcome.skipped
            self.aborts += outcome.known_aborts
        self.say("\n".join(self._report(outcome, log)))

    def _report(self, outcome: Outcome, log: Path) -> list[str]:
        counts = f"{outcome.passed} passed"
        if outcome.failures:
            counts += f", {len(outcome.failures)} failed"
        if outcome.skipped:
            counts += f", {outcome.skipped} skipped"
        share = self._shares.get(outcome.name)
        allowed = f" of {share.seconds:4.0f} s" if share else ""
        lines = [f"{outcome.name + ':':<18} {counts:<32} "
                 f"{outcome.seconds:6.1f} s{allowed}"]
        lines += [f"    {note}" for note in outcome.notes]
        if budget.is_far_over(outcome.seconds, share):
            lines.append("    far over its budget: make it quicker, or give "
                         "its line in tests/budget more of the lane's time")
        for failure in outcome.failures:
            lines.append("    FAILED " + failure.replace("\n", "\n      "))
        if outcome.failures:
            lines.append(f"    all of its output: {log}")
        return lines

    def _job(self, names: list[str]) -> None:
        """Runs suites that share one command."""
        given = self._given
        left = self._deadline - time.monotonic()
        if left > 0 and not STOPPING.is_set():
            command = (given.command if len(names) == 1
                       else given.together_command).format(" ".join(names))
            Job(names, command, given.logs, self._skips, self._done,
                self._progress).run(min(left, given.suite_minutes * 60))
            return
        for name in names:
            outcome = Outcome(name)
            outcome.fail(f"{name}: not run, {given.minutes:g} minutes are up"
                         if left <= 0 else f"{name}: not run, interrupted")
            self._done(outcome, given.logs / f"{name}.log")

    def _lane(self, names: list[str]) -> None:
        """These suites, one after the other; those that share a command
        where the first of them stands."""
        together = [name for name in self._given.together.split()
                    if name in names]
        for name in names:
            if name not in together:
                self._job([name])
            elif name == together[0]:
                self._job(together)

    def all(self) -> None:
        """Runs both lanes at once. An interrupt ends the suites of both."""
        lanes = budget.lanes(self._given.suites, self._shares)
        threads = [threading.Thread(target=self._lane, args=(names,))
                   for names in lanes.values() if names]
        for thread in threads:
            thread.start()
        try:
            for thread in threads:
                thread.join()
        except BaseException:
            STOPPING.set()
            for process in list(RUNNING):
                kill(process)
            raise

    def totals(self) -> list[str]:
        """Prints what each lane took, beside the budget of its suites."""
        lanes = budget.lanes(self._given.suites, self._shares)
        return [budget.total_line(
            lane, sum(self.outcomes[name].seconds for name in names),
            sum(self._shares[name].seconds for name in names
                if name in self._shares))
            for lane, names in lanes.items() if names]


def main() -> int:
    given = arguments()
    # A kill from outside must also end the suites that run.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    given.logs.mkdir(parents=True, exist_ok=True)
    try:
        skips = Skips.read(given.skips)
        shares = budget.read(given.budget)
    except (SkipsError, budget.BudgetError) as error:
        print(f"driver: {error}")
        print("0 passed, 1 failed, 0 skipped")
        return 1
    run = Run(given, skips, shares)
    run.all()
    for line in (*by_host.table(by_host.read(HERE / "by_host.tsv"),
                                run.outcomes), *run.totals()):
        run.say(line)
    if run.aborts:
        run.say(f"known aborts of the nested host, run again: {run.aborts}")
    run.say(f"{run.passed} passed, {run.failed} failed, "
            f"{run.skipped} skipped")
    return 1 if run.failed or not run.passed else 0


if __name__ == "__main__":
    try:
        sys.exit(main())
    except KeyboardInterrupt:
        sys.exit("driver: interrupted")

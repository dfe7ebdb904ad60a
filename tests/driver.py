#!/usr/bin/env python3
"""Run the test suites, count, and end in `N passed, N failed, N skipped`.

A suite is a command that prints TAP on standard output. It is not trusted: no
plan, fewer tests than planned, a bad exit status without a failed test, a skip
that is not listed in tests/skips, and silence past the time limit are
failures.
"""
from __future__ import annotations

import argparse
import os
import shlex
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path

import by_host
from suite import Outcome, Skips, SkipsError, read_tap

QUIET_SECONDS = 2.0     # a suite shorter than this needs no progress
LINE_SECONDS = 30.0     # how often progress comes without a terminal
DEFAULT_SUITE = "make -s --no-print-directory suite-{}"


# What runs now, for an interrupt to end it.
RUNNING: set[subprocess.Popen[str]] = set()
STOPPING = threading.Event()


class Progress:
    """Shows that a suite is alive: its name, tests so far, seconds."""

    def __init__(self, name: str) -> None:
        self._name = name
        self._started = time.monotonic()
        self._stop = threading.Event()
        self.tests = 0
        self.terminal = sys.stdout.isatty()
        threading.Thread(target=self._show, daemon=True).start()

    def _show(self) -> None:
        wait = QUIET_SECONDS
        while not self._stop.wait(wait):
            seconds = time.monotonic() - self._started
            text = f"  {self._name}: {self.tests} tests, {seconds:.0f} s"
            if self.terminal:
                print(f"\r\x1b[K{text}", end="", flush=True)
                wait = 1.0
            else:
                print(text, flush=True)
                wait = LINE_SECONDS

    def end(self) -> None:
        self._stop.set()
        if self.terminal:
            print("\r\x1b[K", end="")


def run_suite(name: str, command: str, skips: Skips, limit: float,
              log: Path) -> Outcome:
    """Run one suite; its whole output goes to `log`."""
    started = time.monotonic()
    progress = Progress(name)
    lines: list[str] = []
    with open(log, "w", encoding="utf-8") as out:
        process = subprocess.Popen(
            shlex.split(command.format(name)), stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
            errors="replace", start_new_session=True)
        RUNNING.add(process)
        late = threading.Timer(limit, kill, [process])
        late.start()
        try:
            assert process.stdout is not None
            for line in process.stdout:
                out.write(line)
                lines.append(line.rstrip("\n"))
                progress.tests += line.startswith(("ok ", "not ok "))
            status = process.wait()
        finally:
            late.cancel()
            kill(process)
            RUNNING.discard(process)
            progress.end()
    seconds = time.monotonic() - started
    outcome = read_tap(name, lines, status, skips,
                       limit if seconds >= limit else None)
    outcome.seconds = seconds
    return outcome


def kill(process: subprocess.Popen[str]) -> None:
    """End the suite and everything that it started. Not with SIGKILL at
    once: the hosts below remove their temporary files."""
    for number, patience in ((signal.SIGTERM, 5.0), (signal.SIGKILL, 1.0)):
        try:
            os.killpg(process.pid, number)
            process.wait(patience)
        except subprocess.TimeoutExpired:
            continue
        except ProcessLookupError:
            return


def report(outcome: Outcome, log: Path) -> None:
    counts = f"{outcome.passed} passed"
    if outcome.failures:
        counts += f", {len(outcome.failures)} failed"
    if outcome.skipped:
        counts += f", {outcome.skipped} skipped"
    print(f"{outcome.name + ':':<18} {counts:<32} {outcome.seconds:6.1f} s",
          flush=True)
    for failure in outcome.failures:
        print("    FAILED " + failure.replace("\n", "\n      "), flush=True)
    if outcome.failures:
        print(f"    all of its output: {log}", flush=True)


def arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    add = parser.add_argument
    add("suites", nargs="+")
    add("--beside", default="", help="those of the suites, in one word with "
        "blanks, that run in a second lane beside the others")
    add("--command", default=DEFAULT_SUITE, help="{} is the suite's name")
    add("--skips", type=Path, default=Path(__file__).with_name("skips"))
    add("--logs", type=Path, default=Path("build/test"))
    add("--suite-minutes", type=float, default=120)
    add("--minutes", type=float, default=70, help="for all suites together")
    return parser.parse_args()


class Run:
    """All suites of one call; lanes share the counts."""

    def __init__(self, given: argparse.Namespace, skips: Skips) -> None:
        self._given = given
        self._skips = skips
        self._deadline = time.monotonic() + given.minutes * 60
        self._lock = threading.Lock()
        self.passed = self.failed = self.skipped = self.aborts = 0
        self.outcomes: dict[str, Outcome] = {}

    def _one(self, name: str, log: Path) -> Outcome:
        left = self._deadline - time.monotonic()
        if left > 0 and not STOPPING.is_set():
            return run_suite(name, self._given.command, self._skips,
                             min(left, self._given.suite_minutes * 60), log)
        outcome = Outcome(name)
        outcome.fail(f"{name}: not run, {self._given.minutes:g} minutes are "
                     "up" if left <= 0 else f"{name}: not run, interrupted")
        return outcome

    def lane(self, names: list[str]) -> None:
        """These suites, one after the other."""
        for name in names:
            log = self._given.logs / f"{name}.log"
            outcome = self._one(name, log)
            with self._lock:
                report(outcome, log)
                self.outcomes[name] = outcome
                self.passed += outcome.passed
                self.failed += len(outcome.failures)
                self.skipped += outcome.skipped
                self.aborts += outcome.known_aborts

    def all(self, suites: list[str], beside: list[str]) -> None:
        """Both lanes at once. An interrupt ends what runs in either."""
        lanes = [[name for name in suites if name not in beside],
                 [name for name in suites if name in beside]]
        threads = [threading.Thread(target=self.lane, args=(names,))
                   for names in lanes if names]
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


def main() -> int:
    given = arguments()
    # Killed from outside, the suites that run are to be ended all the same.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    given.logs.mkdir(parents=True, exist_ok=True)
    try:
        skips = Skips.read(given.skips)
    except SkipsError as error:
        print(f"driver: {error}")
        print("0 passed, 1 failed, 0 skipped")
        return 1
    run = Run(given, skips)
    run.all(given.suites, given.beside.split())
    here = Path(__file__).parent
    for line in by_host.table(by_host.read(here / "by_host.tsv"), run.outcomes):
        print(line)
    if run.aborts:
        print(f"known aborts of the nested host, run again: {run.aborts}")
    print(f"{run.passed} passed, {run.failed} failed, {run.skipped} skipped")
    return 1 if run.failed or not run.passed else 0


if __name__ == "__main__":
    try:
        sys.exit(main())
    except KeyboardInterrupt:
        sys.exit("driver: interrupted")

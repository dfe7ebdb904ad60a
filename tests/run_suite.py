# SPDX-License-Identifier: BSD-2-Clause
"""Starts the command of one suite, or of several, and reads what it prints.

One command may run several suites one after the other, when they share
something that is slow to start. It then prints a line `# suite: NAME` before
each of them.
"""
from __future__ import annotations

import os
import re
import shlex
import signal
import subprocess
import threading
import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import Callable, TextIO

from progress import Progress
from suite import Outcome, Skips, read_tap

SUITE_BEGINS = re.compile(r"^# suite: (\S+)$")

# The processes that run now, which an interrupt must end.
RUNNING: set[subprocess.Popen[str]] = set()


def kill(process: subprocess.Popen[str]) -> None:
    """Ends the suite and everything that it started. SIGKILL comes last, so
    that the hosts can remove their temporary files."""
    for number, patience in ((signal.SIGTERM, 5.0), (signal.SIGKILL, 1.0)):
        try:
            os.killpg(process.pid, number)
            process.wait(patience)
        except subprocess.TimeoutExpired:
            continue
        except ProcessLookupError:
            return


@dataclass
class Job:
    """The suites of one command. `done` gets each outcome and its log."""
    names: list[str]
    command: str
    logs: Path
    skips: Skips
    done: Callable[[Outcome, Path], None]
    progress: Progress
    _lines: list[str] = field(default_factory=list)
    _log: TextIO | None = None
    _left: list[str] = field(default_factory=list)
    _now: str = ""

    def run(self, limit: float) -> None:
        """Runs the command and stops it after `limit` seconds."""
        self._left = list(self.names)
        self._begin(self._left[0])
        process = subprocess.Popen(
            shlex.split(self.command), stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
            errors="replace", start_new_session=True)
        RUNNING.add(process)
        started = time.monotonic()
        late = threading.Timer(limit, kill, [process])
        late.start()
        try:
            assert process.stdout is not None
            for line in process.stdout:
                self._take(line.rstrip("\n"))
            status = process.wait()
        finally:
            late.cancel()
            kill(process)
            RUNNING.discard(process)
        stopped = time.monotonic() - started >= limit
        self._end(status, limit if stopped else None)
        for name in self._left:
            outcome = Outcome(name)
            outcome.fail(f"{name}: not run, the command that also runs "
                         f"{self._now} ended before it")
            self.done(outcome, self._path(self._now))

    def _path(self, name: str) -> Path:
        return self.logs / f"{name}.log"

    def _take(self, line: str) -> None:
        begins = SUITE_BEGINS.match(line)
        if begins and begins.group(1) in self._left:
            self._end(0, None)
            self._begin(begins.group(1))
        assert self._log is not None
        self._log.write(line + "\n")
        self._lines.append(line)
        if line.startswith(("ok ", "not ok ")):
            self.progress.count(self._now)

    def _begin(self, name: str) -> None:
        self._left.remove(name)
        self._now = name
        self._lines = []
        # pylint: disable=consider-using-with
        self._log = open(self._path(name), "w", encoding="utf-8")
        self.progress.begin(name)

    def _end(self, status: int, stopped: float | None) -> None:
        assert self._log is not None
        self._log.close()
        seconds = self.progress.end(self._now)
        outcome = read_tap(self._now, self._lines, status, self.skips,
                           stopped)
        outcome.seconds = seconds
        self.done(outcome, self._path(self._now))

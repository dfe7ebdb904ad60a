# SPDX-License-Identifier: BSD-2-Clause
"""Shows the progress of a long run: its running suites and their results."""
from __future__ import annotations

import sys
import threading
import time
from dataclasses import dataclass, field

TICK_SECONDS = 1.0
LINE_SECONDS = 4.0  # without a terminal: silence before a line of progress


@dataclass
class Running:
    """A suite that runs now."""
    tests: int = 0
    started: float = field(default_factory=time.monotonic)


class Progress:
    """All output of a run goes through say(), so that a line of progress
    appears only after a silence. Threads may call every method."""

    def __init__(self) -> None:
        self._running: dict[str, Running] = {}
        self._lock = threading.Lock()
        self._last = time.monotonic()
        self._terminal = sys.stdout.isatty()
        threading.Thread(target=self._show, daemon=True).start()

    def begin(self, name: str) -> None:
        with self._lock:
            self._running[name] = Running()

    def count(self, name: str) -> None:
        """Counts one more result of that suite."""
        self._running[name].tests += 1

    def end(self, name: str) -> float:
        """Ends a suite and returns the seconds that it took."""
        with self._lock:
            return time.monotonic() - self._running.pop(name).started

    def say(self, text: str) -> None:
        """Prints whole lines."""
        with self._lock:
            self._print(text)

    def _print(self, text: str) -> None:
        wipe = "\r\x1b[K" if self._terminal else ""
        print(f"{wipe}{text}", flush=True)
        self._last = time.monotonic()

    def _line(self) -> str:
        now = time.monotonic()
        return "  " + "; ".join(
            f"{name}: {suite.tests} tests, {now - suite.started:.0f} s"
            for name, suite in self._running.items())

    def _show(self) -> None:
        while True:
            time.sleep(TICK_SECONDS)
            with self._lock:
                if not self._running:
                    continue
                if self._terminal:
                    print(f"\r\x1b[K{self._line()}", end="", flush=True)
                elif time.monotonic() - self._last >= LINE_SECONDS:
                    self._print(self._line())

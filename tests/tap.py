# SPDX-License-Identifier: BSD-2-Clause
"""A small TAP writer for test programs in Python.

A test is a function `test_*`; it fails by raising. `run(globals())` runs
them all in the order of their definition.
"""
from __future__ import annotations

import sys
import traceback
from typing import Any, Callable


class Tap:
    """Writes results one by one, the plan at the end."""

    def __init__(self) -> None:
        self.count = 0
        self.failures = 0

    def result(self, good: bool, name: str, detail: str = "") -> None:
        """Writes one test's result; `detail` explains a failure."""
        self.count += 1
        if not good:
            self.failures += 1
        print(f"{'ok' if good else 'not ok'} {self.count} - {name}")
        for line in detail.splitlines() if not good else ():
            print(f"#   {line}")
        sys.stdout.flush()

    def note(self, text: str) -> None:
        print(f"# {text}", flush=True)

    def end(self) -> int:
        """Writes the plan and returns the exit status of a test program."""
        print(f"1..{self.count}", flush=True)
        return 1 if self.failures else 0


def run(names: dict[str, Any]) -> int:
    """Runs the tests among a module's names."""
    tap = Tap()
    tests: list[tuple[str, Callable[[], None]]] = [
        (name, value) for name, value in names.items()
        if name.startswith("test_") and callable(value)]
    for name, test in tests:
        try:
            test()
        except Exception:  # pylint: disable=broad-except
            tap.result(False, _words(name), traceback.format_exc())
        else:
            tap.result(True, _words(name))
    return tap.end()


def _words(name: str) -> str:
    return name.removeprefix("test_").replace("_", " ")

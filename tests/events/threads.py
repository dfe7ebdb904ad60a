#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-2-Clause
"""Runs the threaded test of events with both sanitizers.

threads.py FOLDER: FOLDER/thread and FOLDER/address hold the program. As it is,
nothing may be reported. When the program breaks a rule on purpose (BREAKS=1: a
counter without its lock, BREAKS=2: memory freed while its timer is set), the
sanitizer must report it.
"""
from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent))

import tap  # noqa: E402

REPORT = re.compile(r"(Thread|Address|UndefinedBehavior)Sanitizer: |"
                    r"runtime error: ")
SECONDS = 120       # a program that takes longer hangs
CASES = (
    # sanitizer, rounds, the rule that is broken, its name
    ("thread", 6, 0, ""),
    ("address", 6, 0, ""),
    ("thread", 40, 1, "a counter without its lock"),
    ("address", 40, 2, "memory that is freed while its timer is set"),
)


def run(program: Path, rounds: int, breaks: int) -> tuple[int, str]:
    """The exit status and all output; 99 after a report, which ends it."""
    environment = os.environ | {
        "TSAN_OPTIONS": "halt_on_error=1:exitcode=99:history_size=4",
        "ASAN_OPTIONS": "exitcode=99",
        "UBSAN_OPTIONS": "exitcode=99:print_stacktrace=1",
        "ROUNDS": str(rounds), "BREAKS": str(breaks),
    }
    try:
        done = subprocess.run([program], env=environment, text=True,
                              errors="replace", timeout=SECONDS, check=False,
                              stdout=subprocess.PIPE,
                              stderr=subprocess.STDOUT)
    except subprocess.TimeoutExpired:
        return -1, f"it did not end within {SECONDS} seconds"
    return done.returncode, done.stdout


def main(folder: Path) -> int:
    results = tap.Tap()
    for sanitizer, rounds, breaks, name in CASES:
        status, output = run(folder / sanitizer / "threads_test", rounds,
                             breaks)
        found = bool(REPORT.search(output))
        title = (f"{name} is reported ({sanitizer})" if breaks else
                 f"{rounds} rounds on two to four threads: nothing is "
                 f"reported ({sanitizer})")
        results.result(status == 99 and found if breaks else
                       status == 0 and not found, title,
                       f"status {status}\n" + output[-3000:])
    return results.end()


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1])))

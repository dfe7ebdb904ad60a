#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-2-Clause
"""Runs the threaded rounds, which must be silent, and the planted races.

run.py FOLDER: FOLDER/thread and FOLDER/address hold the program and its
objects, built with the sanitizer of that name. CC_thread and CC_address in the
environment are the commands that compiled them.

races.tsv has the planted races in the form of tests/mutants; its last column
names the sanitizer that must report the race. Lines of one name are one race.
"""
from __future__ import annotations

import os
import re
import shlex
import subprocess
import sys
from itertools import groupby
from pathlib import Path

HERE = Path(__file__).resolve().parent
sys.path[:0] = [str(HERE.parent), str(HERE.parent / "mutants")]

import table  # noqa: E402
import tap    # noqa: E402

SANITIZERS = {"thread": "ThreadSanitizer", "address": "AddressSanitizer"}
REPORT = re.compile(r"(Thread|Address|UndefinedBehavior)Sanitizer: "
                    r"(?!reported)|runtime error: ")
SECONDS = 300        # a program that takes longer hangs
ROUNDS = "63"        # of the sources as they are
RACE_ROUNDS = "2100"  # with a race: the program ends at its first report


def run(program: Path, rounds: str) -> tuple[int, str]:
    """The exit status and all output; 99 after a report, which ends it."""
    options = {
        "TSAN_OPTIONS": "halt_on_error=1:exitcode=99:history_size=4",
        "ASAN_OPTIONS": "exitcode=99",
        "UBSAN_OPTIONS": "exitcode=99:print_stacktrace=1",
        "ROUNDS": rounds,
    }
    try:
        done = subprocess.run([program], env=os.environ | options, text=True,
                              errors="replace", timeout=SECONDS, check=False,
                              stdout=subprocess.PIPE,
                              stderr=subprocess.STDOUT)
    except subprocess.TimeoutExpired:
        return -1, f"it did not end within {SECONDS} seconds"
    return done.returncode, done.stdout


def build_race(folder: Path, sanitizer: str,
               lines: list[table.Mutant]) -> Path:
    """The program with one source file replaced by its broken copy."""
    source = Path(lines[0].file)
    text = source.read_text()
    for line in lines:
        if line.file != str(source) or text.count(line.before) != 1:
            raise table.TableError(f"{line.name}: expected its text once in "
                                   f"{source}, and one file for each name")
        text = text.replace(line.before, line.after)
    place = folder / "races" / sanitizer / source.stem
    place.mkdir(parents=True, exist_ok=True)
    copy, program = place / source.name, place / "threads_test"
    copy.write_text(text)
    command = shlex.split(os.environ[f"CC_{sanitizer}"])
    subprocess.run([*command, "-c", copy, "-o", copy.with_suffix(".o")],
                   check=True)
    objects = [path for path in (folder / sanitizer).rglob("*.o")
               if path.relative_to(folder / sanitizer).with_suffix(".c")
               != source and source_of(folder / sanitizer, path).exists()]
    subprocess.run([*command, *objects, copy.with_suffix(".o"), "-o", program,
                    "-lpthread"], check=True)
    return program


def source_of(folder: Path, path: Path) -> Path:
    """An object of a source that is gone is not linked."""
    return path.relative_to(folder).with_suffix(".c")


def main(folder: Path) -> int:
    results = tap.Tap()
    for sanitizer, name in SANITIZERS.items():
        status, output = run(folder / sanitizer / "threads_test", ROUNDS)
        results.result(status == 0 and not REPORT.search(output),
                       f"{ROUNDS} rounds on two to four threads: {name} "
                       "reports nothing", "\n".join(output.splitlines()[-80:]))
    races = table.read_table(HERE / "races.tsv")
    for (name, sanitizer), lines in groupby(
            races, lambda race: (race.name, race.suite)):
        program = build_race(folder, sanitizer, list(lines))
        status, output = run(program, RACE_ROUNDS)
        results.result(status == 99 and bool(REPORT.search(output)),
                       f"{name}: {SANITIZERS[sanitizer]} reports it",
                       f"status {status}\n" + output[-2000:])
    return results.end()


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1])))

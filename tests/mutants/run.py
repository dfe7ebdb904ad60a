#!/usr/bin/env python3
"""Breaks the sources one line at a time and sees a test suite fail for each.

    run.py --build DIR [--only TEXT] [--seconds N] TABLE...

The tables' form is in table.py. Which of their mutants are tried is in
choice.py; TEXT chooses those that have it in their name or suite, `all` every
one.

A mutant is caught when the suite prints a 'not ok' or does not end. It is a
failure of the table when the text is not there, when the mutant does not
compile, or when the suite passes.

Timed suites get N seconds for a mutant (1).

Each of --jobs workers has a shadow of the tree (shadow.py), DIR/mutantsN, whose
objects stay between mutants. First each suite must pass there unbroken; a
mutant has hung when it needs many times as long as that took. A suite is
stopped at its first failure.
"""
from __future__ import annotations

import argparse
import os
import sys
import threading
import time
from pathlib import Path
from typing import Iterable

from choice import Choice, by_commit, by_name
from history import History
from shadow import FAILURE, Shadow
from table import Mutant, TableError, read_table

MUTANT_SECONDS = 90    # at least, and so many times what the unbroken needs:
MUTANT_TIMES = 6
CHUNK = 24      # mutants that a worker takes at a time


def failures(output: str) -> list[str]:
    return [line for line in output.splitlines() if line.startswith(FAILURE)]


def try_mutant(shadow: Shadow, mutant: Mutant, seconds: int,
               limit: float) -> str | None:
    """None when it was caught, else what is wrong."""
    path = shadow.root / mutant.file
    if not path.is_file():
        return f"there is no {mutant.file}"
    text = path.read_text()
    if text.count(mutant.before) != 1:
        return (f"the text occurs {text.count(mutant.before)} times in "
                f"{mutant.file}, expected once: adapt the table")
    shadow.put(mutant.file, text.replace(mutant.before, mutant.after))
    output, ended = shadow.run(mutant.suite, seconds, limit)
    shadow.put(mutant.file, None)
    if failures(output) or not ended:
        return None
    if "1.." not in output:
        tail = " | ".join(output.splitlines()[-6:])
        return f"does not compile or run: {tail}"
    return f"suite {mutant.suite} passes: it needs a test for this"


class Results:
    """TAP lines from several workers, numbered as they come."""

    def __init__(self) -> None:
        self.number = self.failed = 0
        self._lock = threading.Lock()

    def add(self, wrong: str | None, name: str, began: float) -> None:
        with self._lock:
            self.number += 1
            self.failed += wrong is not None
            print(f"{'ok' if wrong is None else 'not ok'} {self.number} - "
                  f"{name}")
            if wrong is not None:
                print(f"# {wrong}")
            print(f"# {time.monotonic() - began:.1f} s", flush=True)


class Work:
    """What is left to do, in portions of one suite. Mutants of one file
    stand together, since there is one object to make for each."""

    def __init__(self, mutants: list[Mutant]) -> None:
        self._lock = threading.Lock()
        self._portions: list[list[Mutant]] = []
        for suite in sorted({mutant.suite for mutant in mutants}):
            of_suite = sorted((m for m in mutants if m.suite == suite),
                              key=lambda mutant: mutant.file)
            self._portions += [of_suite[at:at + CHUNK]
                               for at in range(0, len(of_suite), CHUNK)]
        self._portions.sort(key=len, reverse=True)

    def take(self, known: Iterable[str]) -> list[Mutant]:
        """A portion for a worker who has built the `known` suites already:
        one of them, else the largest; empty at the end."""
        with self._lock:
            for portion in self._portions:
                if portion[0].suite in known:
                    self._portions.remove(portion)
                    return portion
            return self._portions.pop(0) if self._portions else []


def prove_unbroken(shadow: Shadow, suite: str, results: Results) -> float:
    """The suite must pass without a mutant. Returns how long one with a
    mutant may take."""
    began = time.monotonic()
    output, ended = shadow.run(suite, 1)
    good = ended and not failures(output) and "1.." in output
    results.add(None if good else "the suite fails without any mutant: "
                + " | ".join(output.splitlines()[-4:]),
                f"suite {suite} passes unbroken", began)
    return max(MUTANT_SECONDS, MUTANT_TIMES * (time.monotonic() - began))


def work(place: Path, left: Work, seconds: int, results: Results) -> None:
    """One worker with a shadow of its own."""
    shadow = Shadow(Path.cwd(), place)
    limits: dict[str, float] = {}
    while portion := left.take(limits):
        suite = portion[0].suite
        if suite not in limits:
            limits[suite] = prove_unbroken(shadow, suite, results)
        for mutant in portion:
            began = time.monotonic()
            results.add(try_mutant(shadow, mutant, seconds, limits[suite]),
                        mutant.name, began)


def choose(options: argparse.Namespace) -> Choice:
    """The mutants of this run; ends the program when there are none."""
    mutants = [mutant for table in options.tables
               for mutant in read_table(table)]
    choice = (by_name(mutants, options.only) if options.only else
              by_commit(mutants, History.of(Path.cwd()), options.tables))
    if options.only and not choice.mutants:
        tables = " ".join(map(str, options.tables)) or "no table"
        sys.exit(f"mutants: found none with '{options.only}' in its name or "
                 f"suite, expected one at least: see {tables}")
    return choice


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--build", type=Path, required=True)
    parser.add_argument("--only", default="")
    parser.add_argument("--seconds", type=int, default=1)
    parser.add_argument("--jobs", type=int, default=os.cpu_count() or 1)
    parser.add_argument("--list", action="store_true",
                        help="print the choice and the names, try nothing")
    parser.add_argument("tables", type=Path, nargs="*")
    options = parser.parse_args()
    choice = choose(options)
    print(f"# note: {choice.why}", flush=True)
    if options.list:
        print("\n".join(mutant.name for mutant in choice.mutants))
        return 0
    results, left = Results(), Work(choice.mutants)
    workers = [threading.Thread(target=work, args=(
        (options.build / f"mutants{n}").resolve(), left, options.seconds,
        results)) for n in range(max(1, options.jobs))]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    # A worker that fell over has left mutants untried.
    if left.take(()) or results.number < len(choice.mutants):
        results.add("some were not tried: see above", "all are tried",
                    time.monotonic())
    print(f"1..{results.number}")
    return 1 if results.failed else 0


if __name__ == "__main__":
    try:
        sys.exit(main())
    except TableError as error:
        sys.exit(str(error))

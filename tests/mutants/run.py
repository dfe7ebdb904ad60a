#!/usr/bin/env python3
"""Breaks the sources one line at a time and sees a test suite fail for each.

    run.py --build DIR [--only TEXT] [--seconds N] TABLE...

A table has one mutant per line, fields separated by tabs:

    name    file    text in the file    what it becomes    suite

The text must occur in the file exactly once; \\n, \\t and \\\\ stand for
themselves. A mutant is caught when the suite prints a 'not ok' or does not
end. It is a failure of the table when the text is not there, when the mutant
does not compile, or when the suite passes.

Timed suites get N seconds for a mutant (1).

Each of --jobs workers has a shadow of the tree, DIR/mutantsN: the sources are
links, only the mutated file is a copy, and objects stay between mutants. First
each suite must pass there unbroken; a mutant has hung when it needs many times
as long as that took.
"""
from __future__ import annotations

import argparse
import os
import shutil
import subprocess
import sys
import threading
import time
from dataclasses import dataclass
from pathlib import Path

UNBROKEN_SECONDS = 1800
MUTANT_SECONDS = 90    # at least, and so many times what the unbroken needs:
MUTANT_TIMES = 6
ESCAPES = (("\\\\", "\0"), ("\\n", "\n"), ("\\t", "\t"), ("\0", "\\"))


@dataclass
class Mutant:
    name: str
    file: str
    before: str
    after: str
    suite: str


class TableError(Exception):
    """A line that is no mutant."""


def unescape(text: str) -> str:
    for written, meant in ESCAPES:
        text = text.replace(written, meant)
    return text


def read_table(path: Path) -> list[Mutant]:
    mutants = []
    for number, line in enumerate(path.read_text().splitlines(), 1):
        if not line or line.startswith("#"):
            continue
        fields = line.split("\t")
        if len(fields) != 5:
            raise TableError(f"{path}:{number}: expected 5 fields between "
                             f"tabs, found {len(fields)}")
        name, file, before, after, suite = fields
        mutants.append(Mutant(f"{path.stem}: {name}", file, unescape(before),
                              unescape(after), suite))
    return mutants


class Shadow:
    """The tree in links, with a build directory of its own."""

    def __init__(self, root: Path, place: Path) -> None:
        self.root, self.place = root, place
        shutil.rmtree(place, ignore_errors=True)
        listed = subprocess.run(
            ["git", "-C", str(root), "ls-files", "-co", "--exclude-standard"],
            capture_output=True, text=True, check=True)
        for name in listed.stdout.splitlines():
            if (root / name).exists():
                link = place / name
                link.parent.mkdir(parents=True, exist_ok=True)
                link.symlink_to(root / name)

    def put(self, file: str, text: str | None) -> None:
        """Mutates a file, or (None) makes it new as it was."""
        copy = self.place / file
        copy.unlink()
        copy.write_text((self.root / file).read_text()
                        if text is None else text)

    def run(self, suite: str, seconds: int,
            limit: float = UNBROKEN_SECONDS) -> tuple[str, bool]:
        """What the suite printed, and whether it ended in time. A timed
        suite gets `seconds`, which come on top of the limit."""
        command = ["make", "-s", "-C", str(self.place), "BUILD=build",
                   "MUTANT=1", "WARNINGS=-w", f"TEST_SECONDS={seconds}",
                   f"suite-{suite}"]
        environment = {name: value for name, value in os.environ.items()
                       if not name.startswith(("MAKE", "MFLAGS"))}
        process = subprocess.Popen(
            command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
            text=True, errors="replace", env=environment,
            start_new_session=True)
        try:
            return process.communicate(
                timeout=limit + seconds)[0], True
        except subprocess.TimeoutExpired:
            os.killpg(process.pid, 9)
            return process.communicate()[0], False


def failures(output: str) -> list[str]:
    return [line for line in output.splitlines() if line.startswith("not ok")]


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

    def __init__(self, planned: int) -> None:
        self.number = self.failed = 0
        self._lock = threading.Lock()
        print(f"1..{planned}", flush=True)

    def add(self, wrong: str | None, name: str, began: float) -> None:
        with self._lock:
            self.number += 1
            self.failed += wrong is not None
            print(f"{'ok' if wrong is None else 'not ok'} {self.number} - "
                  f"{name}")
            if wrong is not None:
                print(f"# {wrong}")
            print(f"# {time.monotonic() - began:.1f} s", flush=True)


def suites_of(mutants: list[Mutant]) -> list[str]:
    return sorted({mutant.suite for mutant in mutants})


def work(place: Path, mutants: list[Mutant], seconds: int,
         results: Results) -> None:
    """One worker: its own shadow, its suites unbroken, then its mutants."""
    shadow = Shadow(Path.cwd(), place)
    limits: dict[str, float] = {}
    for suite in suites_of(mutants):
        began = time.monotonic()
        output, ended = shadow.run(suite, 1)
        good = ended and not failures(output) and "1.." in output
        results.add(None if good else "the suite fails without any mutant: "
                    + " | ".join(output.splitlines()[-4:]),
                    f"suite {suite} passes unbroken", began)
        limits[suite] = max(MUTANT_SECONDS,
                            MUTANT_TIMES * (time.monotonic() - began))
    for mutant in mutants:
        began = time.monotonic()
        results.add(try_mutant(shadow, mutant, seconds, limits[mutant.suite]),
                    mutant.name, began)


def shares(mutants: list[Mutant], jobs: int) -> list[list[Mutant]]:
    """Those of one suite and file one after the other, since there is one
    object to make for each; equally many for each worker."""
    mutants = sorted(mutants, key=lambda mutant: (mutant.suite, mutant.file))
    size = -(-len(mutants) // jobs) or 1
    return [mutants[at:at + size] for at in range(0, len(mutants), size)]


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--build", type=Path, required=True)
    parser.add_argument("--only", default="")
    parser.add_argument("--seconds", type=int, default=1)
    parser.add_argument("--jobs", type=int, default=os.cpu_count() or 1)
    parser.add_argument("tables", type=Path, nargs="*")
    options = parser.parse_args()
    mutants = [mutant for table in options.tables
               for mutant in read_table(table)
               if options.only in f"{mutant.name} {mutant.suite}"]
    if not mutants:
        tables = " ".join(map(str, options.tables)) or "no table"
        sys.exit(f"mutants: found none with '{options.only}' in its name or "
                 f"suite, expected one at least: see {tables}")
    parts = shares(mutants, max(1, options.jobs))
    results = Results(sum(len(part) + len(suites_of(part)) for part in parts))
    workers = [threading.Thread(target=work, args=(
        (options.build / f"mutants{n}").resolve(), part, options.seconds,
        results)) for n, part in enumerate(parts)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    done = results.number == sum(len(part) + len(suites_of(part))
                                 for part in parts)
    return 1 if results.failed or not done else 0


if __name__ == "__main__":
    try:
        sys.exit(main())
    except TableError as error:
        sys.exit(str(error))

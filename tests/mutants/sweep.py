#!/usr/bin/env python3
"""Takes each check out of the sources, one at a time, and wants a suite to
fail for it.

    sweep.py --build DIR --suites TABLE --accepted TABLE [--only "NAME ..."]
             FILE-OR-FOLDER...

A folder stands for the C sources and headers in it and below. The table of
suites says which of them are tried for a file, fields separated by tabs:

    folder or file    suite suite...

The longest line that fits a file counts; --only names the suites for all files
instead. The other table lists what may survive, with a reason:

    file    condition    part of it    what it becomes    reason

An entry that fits no check, or a check that is caught after all, is a failure
of the table.
"""
from __future__ import annotations

import argparse
import sys
import time
from pathlib import Path

from conditions import Removal, removals
from run import failures
from shadow import Shadow

LIMIT_TIMES = 4    # of what a suite needs with the file new but unbroken
LIMIT_LEAST = 12.0 # seconds


def rows(path: Path) -> list[list[str]]:
    return [line.split("\t") for line in path.read_text().splitlines()
            if line and not line.startswith("#")]


def read_accepted(path: Path) -> dict[tuple[str, ...], str]:
    return {tuple(key): reason for *key, reason in rows(path)}


def sources(chosen: list[Path]) -> list[Path]:
    """The files that were named, and those of the folders that were named."""
    found: dict[Path, None] = {}
    for path in chosen:
        inside = [path] if path.is_file() else sorted(
            file for file in path.rglob("*.[ch]") if file.is_file())
        if not inside:
            sys.exit(f"sweep: found no {path}, expected C sources of the tree "
                     'or folders with some: FILES="vmbus/host '
                     'kmcl/send/send.c"')
        found.update(dict.fromkeys(inside))
    return list(found)


def suites_of(file: Path, table: dict[Path, list[str]]) -> list[str]:
    """By the longest line of the table that fits."""
    for place in (file, *file.parents):
        if place in table:
            return table[place]
    known = " ".join(map(str, table))
    sys.exit(f"sweep: found {file}, expected a file in one of {known}: for "
             'others name the suites, SWEEP_SUITES="unit ring"')


def survives(shadow: Shadow, file: str, removal: Removal,
             limits: dict[str, float]) -> str | None:
    """None: some suite failed, or did not end."""
    shadow.put(file, removal.source)
    try:
        for suite, limit in limits.items():
            output, ended = shadow.run(suite, 1, limit)
            if failures(output) or not ended:
                return None
            if "1.." not in output:
                tail = " | ".join(output.splitlines()[-4:])
                return f"does not compile or run: {tail}"
    finally:
        shadow.put(file, None)
    return f"{', '.join(limits)} pass without it"


class Sweep:
    def __init__(self, build: Path, accepted: dict[tuple[str, ...], str],
                 files: dict[Path, list[str]]) -> None:
        self.accepted, self.files = accepted, files
        self.unused = {key for key in accepted if Path(key[0]) in files}
        self.shadow = Shadow(Path.cwd(), build.resolve() / "sweep")
        self.number = self.failed = 0

    def result(self, wrong: str | None, name: str, note: str = "") -> None:
        self.number += 1
        self.failed += wrong is not None
        print(f"{'ok' if wrong is None else 'not ok'} {self.number} - {name}")
        for text in (wrong, note):
            if text:
                print(f"# {text}")
        sys.stdout.flush()

    def unbroken(self) -> None:
        used = [suite for suites in self.files.values() for suite in suites]
        for suite in dict.fromkeys(used):
            output, ended = self.shadow.run(suite, 1)
            good = ended and not failures(output) and "1.." in output
            self.result(None if good else "it fails with all checks in place",
                        f"suite {suite} passes unbroken")

    def limits(self, file: Path) -> dict[str, float]:
        """What the suites may take: here and now, building included."""
        found = {}
        self.shadow.put(str(file), None)
        for suite in self.files[file]:
            began = time.monotonic()
            self.shadow.run(suite, 1)
            took = time.monotonic() - began
            found[suite] = max(LIMIT_LEAST, LIMIT_TIMES * took)
        return found

    def file(self, path: Path) -> None:
        limits: dict[str, float] = {}
        for removal in removals(path.read_text()):
            limits = limits or self.limits(path)
            key = (str(path), removal.check, removal.part, removal.value)
            began = time.monotonic()
            wrong = survives(self.shadow, str(path), removal, limits)
            note = f"{time.monotonic() - began:.1f} s"
            if key in self.accepted:
                self.unused.discard(key)
                note = f"accepted: {self.accepted[key]}"
                wrong = None if wrong else "it is caught: not in the table"
            self.result(wrong, f"{path} {removal}", note)

    def end(self) -> int:
        for key in sorted(self.unused):
            self.result("no such check", f"table: {' | '.join(key)}")
        print(f"1..{self.number}")
        return 1 if self.failed else 0


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--build", type=Path, required=True)
    parser.add_argument("--suites", type=Path, required=True)
    parser.add_argument("--accepted", type=Path, required=True)
    parser.add_argument("--only", default="", help="suites, for all files")
    parser.add_argument("files", type=Path, nargs="+")
    options = parser.parse_args()
    table = {Path(place): suites.split()
             for place, suites in rows(options.suites)}
    only = options.only.split()
    files = {file: only or suites_of(file, table)
             for file in sources(options.files)}
    sweep = Sweep(options.build, read_accepted(options.accepted), files)
    sweep.unbroken()
    for path in files:
        sweep.file(path)
    return sweep.end()


if __name__ == "__main__":
    sys.exit(main())

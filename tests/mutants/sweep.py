#!/usr/bin/env python3
"""Takes each check out of the sources, one at a time, and wants a suite to
fail for it.

    sweep.py --build DIR --suites "NAME ..." --accepted TABLE FILE...

TABLE lists what may survive, with a reason, fields separated by tabs:

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
from run import Shadow, failures

LIMIT_TIMES = 4    # of what a suite needs with the file new but unbroken
LIMIT_LEAST = 12.0 # seconds


def read_accepted(path: Path) -> dict[tuple[str, ...], str]:
    table = {}
    for line in path.read_text().splitlines():
        if line and not line.startswith("#"):
            *key, reason = line.split("\t")
            table[tuple(key)] = reason
    return table


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
    def __init__(self, options: argparse.Namespace) -> None:
        self.accepted = read_accepted(options.accepted)
        self.unused = {key for key in self.accepted
                       if key[0] in map(str, options.files)}
        self.shadow = Shadow(Path.cwd(), options.build.resolve() / "sweep")
        self.suites = options.suites.split()
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
        for suite in self.suites:
            output, ended = self.shadow.run(suite, 1)
            good = ended and not failures(output) and "1.." in output
            self.result(None if good else "it fails with all checks in place",
                        f"suite {suite} passes unbroken")

    def limits(self, file: str) -> dict[str, float]:
        """What the suites may take: here and now, building included."""
        found = {}
        self.shadow.put(file, None)
        for suite in self.suites:
            began = time.monotonic()
            self.shadow.run(suite, 1)
            took = time.monotonic() - began
            found[suite] = max(LIMIT_LEAST, LIMIT_TIMES * took)
        return found

    def file(self, path: Path) -> None:
        limits: dict[str, float] = {}
        for removal in removals(path.read_text()):
            limits = limits or self.limits(str(path))
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
    parser.add_argument("--suites", required=True)
    parser.add_argument("--accepted", type=Path, required=True)
    parser.add_argument("files", type=Path, nargs="+")
    options = parser.parse_args()
    lost = [str(path) for path in options.files if not path.is_file()]
    if lost:
        sys.exit(f"sweep: found no {' '.join(lost)}, expected files of the "
                 "tree: SWEEP=\"kmcl/send/send.c ...\"")
    sweep = Sweep(options)
    sweep.unbroken()
    for path in options.files:
        sweep.file(path)
    return sweep.end()


if __name__ == "__main__":
    sys.exit(main())

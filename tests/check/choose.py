# SPDX-License-Identifier: BSD-2-Clause
"""Chooses what `make check` runs: suites for the files that have changed."""
from __future__ import annotations

import fnmatch
from dataclasses import dataclass, field
from pathlib import Path

from budget import LANES, Share

# Seconds of budget for the suites of one lane. With lint, one boot and what
# there is to build that stays below three minutes.
LANE_SECONDS = 90.0
FUZZER_SECONDS = 15.0    # one fuzzer, of the suite 'fuzz'
LINT_FILES = 30          # more take more than a minute: `make lint` has time
NONE = "-"


class TableError(Exception):
    """suites.tsv has a line that says nothing, or names what is not there."""


@dataclass
class Choice:
    """What will run and why, and what would take too long."""
    reasons: dict[str, list[str]] = field(default_factory=dict)
    left_out: dict[str, list[str]] = field(default_factory=dict)
    unknown: list[str] = field(default_factory=list)    # no row fits

    @property
    def suites(self) -> list[str]:
        return list(self.reasons)


def read(path: Path) -> list[tuple[str, list[str]]]:
    """Patterns with their suites."""
    rows = []
    for number, line in enumerate(path.read_text().splitlines(), 1):
        if not line or line.startswith("#"):
            continue
        pattern, tab, suites = line.partition("\t")
        if not tab or not suites.split():
            raise TableError(f"{path}:{number}: expected 'PATTERN<tab>SUITES',"
                             f" found '{line}'")
        rows.append((pattern, suites.split()))
    return rows


def share_of(suite: str, shares: dict[str, Share]) -> Share:
    """The budget of a suite, or of one fuzzer."""
    if suite in shares:
        return shares[suite]
    if suite.startswith("fuzz-"):
        return Share(shares["fuzz"].lane, FUZZER_SECONDS)
    raise TableError(f"expected a suite with a line in tests/budget, found "
                     f"'{suite}'")


def fits(file: str, pattern: str) -> bool:
    """Does the pattern mean this file? The rules are in suites.tsv."""
    if pattern.endswith("/"):
        return file.startswith(pattern)
    if "/" not in pattern:
        return fnmatch.fnmatchcase(Path(file).name, pattern)
    return (file.count("/") == pattern.count("/")
            and fnmatch.fnmatchcase(file, pattern))


def suites_of(file: str, rows: list[tuple[str, list[str]]],
              shares: dict[str, Share]) -> list[str] | None:
    """The suites for one file; None when no row fits it."""
    found: list[str] = []
    parts = Path(file).parts
    if parts[0] == "tests" and len(parts) > 2:
        own = [f"{parts[1]}-{parts[2]}", parts[1]]
        if parts[1] == "system":
            own = [Path(parts[2]).stem.replace("_", "-")]
        found += [name for name in own if name in shares
                  or (parts[1] == "fuzz" and len(parts) > 3
                      and name == own[0])][:1]
    for pattern, suites in rows:
        if fits(file, pattern):
            found += suites
    if not found:
        return None
    return [name for name in dict.fromkeys(found) if name != NONE]


def choose(files: list[str], rows: list[tuple[str, list[str]]],
           shares: dict[str, Share]) -> Choice:
    """The suites of all files, the quickest first, as far as the time goes.
    A suite is left out when its lane has no time for it."""
    choice = Choice()
    wanted: dict[str, list[str]] = {}
    for file in files:
        suites = suites_of(file, rows, shares)
        if suites is None:
            choice.unknown.append(file)
        for suite in suites or ():
            wanted.setdefault(suite, []).append(file)
    left = dict.fromkeys(LANES, LANE_SECONDS)
    for suite in sorted(wanted, key=lambda s: share_of(s, shares).seconds):
        share = share_of(suite, shares)
        fits = share.seconds <= left[share.lane]
        left[share.lane] -= share.seconds if fits else 0
        (choice.reasons if fits else choice.left_out)[suite] = wanted[suite]
    return choice


def files_to_lint(files: list[str], root: Path) -> list[str]:
    """The C files among them, and for a header the source of its name."""
    found = [file for file in files if file.endswith((".c", ".h", ".S"))
             and (root / file).exists()]
    found += [source for source in (file[:-2] + ".c" for file in found
                                    if file.endswith(".h"))
              if (root / source).exists()]
    return list(dict.fromkeys(found))

# SPDX-License-Identifier: BSD-2-Clause
"""The stored figures: docs/figures/*.tsv, a line for each change of a figure.

A line has NAME, DATE, VALUE, UNIT, REASON, with tabs between. The lines of a name
stand together, the oldest first; the last one is the stored value. The file is
named by the first word of NAME.
"""
from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

FOLDER = Path("docs/figures")
# A rise has to say why in a sentence, not in a word.
RISE_WORDS = 4
# Parts of a figure of the image, by layer: shown, and not stored, so that work
# may move from one layer to another.
PART = re.compile(r"image\..*\.instructions\.\w+")
# What counts as measured the same: nothing here is a matter of time.
TOLERANCE = 0.02


@dataclass(frozen=True)
class Entry:
    name: str
    date: str
    value: float
    unit: str
    reason: str

    def line(self) -> str:
        return "\t".join((self.name, self.date, f"{self.value:.12g}",
                          self.unit, self.reason)) + "\n"


def parse(line: str, where: str) -> Entry:
    """Raises ValueError with what was expected."""
    fields = line.rstrip("\n").split("\t")
    if len(fields) != 5 or not all(fields):
        raise ValueError(f"{where}: expected NAME, DATE, VALUE, UNIT, REASON "
                         f"with tabs between, found '{line.rstrip()}'")
    if not re.fullmatch(r"\d{4}-\d\d-\d\d", fields[1]):
        raise ValueError(f"{where}: expected a date as 2026-11-30, found "
                         f"'{fields[1]}'")
    try:
        value = float(fields[2])
    except ValueError:
        raise ValueError(f"{where}: expected a number, found "
                         f"'{fields[2]}'") from None
    return Entry(fields[0], fields[1], value, fields[3], fields[4])


def parse_file(text: str, where: str) -> list[Entry]:
    return [parse(line, f"{where}:{number}")
            for number, line in enumerate(text.splitlines(), 1)
            if line.strip() and not line.startswith("#")]


def read(folder: Path = FOLDER) -> dict[str, list[Entry]]:
    """Returns the entries of each figure, the oldest first."""
    stored: dict[str, list[Entry]] = {}
    for path in sorted(folder.glob("*.tsv")):
        for entry in parse_file(path.read_text(), str(path)):
            stored.setdefault(entry.name, []).append(entry)
    return stored


def read_measured(path: Path) -> dict[str, tuple[float, str]]:
    """Returns value and unit of each line of a bench.tsv."""
    measured = {}
    for line in path.read_text().splitlines():
        name, value, unit = line.split("\t")
        measured[name] = float(value), unit
    return measured


def is_part(name: str) -> bool:
    return bool(PART.fullmatch(name))


def read_stored(path: Path) -> dict[str, tuple[float, str]]:
    """The same without what is not stored."""
    return {name: figure for name, figure in read_measured(path).items()
            if not is_part(name)}


def faults(entries: list[Entry]) -> list[str]:
    """What is wrong with the history of one figure."""
    found = []
    for before, after in zip(entries, entries[1:]):
        if after.date < before.date:
            found.append(f"{after.name}: {after.date} stands after "
                         f"{before.date}: the newest line is the last")
        if after.unit != before.unit:
            found.append(f"{after.name}: the unit changes from {before.unit} "
                         f"to {after.unit}")
        if after.value > before.value and \
                len(after.reason.split()) < RISE_WORDS:
            found.append(f"{after.name}: rises from {before.value:.12g} to "
                         f"{after.value:.12g} and does not say why: expected "
                         f"a sentence, found '{after.reason}'")
    return found


def is_above(stored: float, value: float) -> bool:
    """True if a measured value is too far above the stored one."""
    return value > stored * (1 + TOLERANCE)


def write(folder: Path, stored: dict[str, list[Entry]]) -> None:
    """Writes all files anew, the figures by name."""
    files: dict[str, list[Entry]] = {}
    for name in sorted(stored):
        files.setdefault(name.split(".")[0], []).extend(stored[name])
    for stem, entries in files.items():
        (folder / f"{stem}.tsv").write_text(
            "".join(entry.line() for entry in entries))

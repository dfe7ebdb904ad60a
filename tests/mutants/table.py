"""Reads tables of mutants.

A table has one mutant per line, fields separated by tabs:

    name    file    text in the file    what it becomes    suite

The text must occur in the file exactly once; \\n, \\t and \\\\ stand for
themselves.
"""
from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

ESCAPES = (("\\\\", "\0"), ("\\n", "\n"), ("\\t", "\t"), ("\0", "\\"))
FIELDS = 5


@dataclass(frozen=True)
class Mutant:
    """One way to break the sources, and the suite that must notice."""
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


def parse(text: str, path: Path) -> list[Mutant]:
    """The mutants in a table's text; `path` is for names and messages."""
    mutants = []
    for number, line in enumerate(text.splitlines(), 1):
        if not line or line.startswith("#"):
            continue
        fields = line.split("\t")
        if len(fields) != FIELDS:
            raise TableError(f"{path}:{number}: expected {FIELDS} fields "
                             f"between tabs, found {len(fields)}")
        name, file, before, after, suite = fields
        mutants.append(Mutant(f"{path.stem}: {name}", file, unescape(before),
                              unescape(after), suite))
    return mutants


def read_table(path: Path) -> list[Mutant]:
    return parse(path.read_text(), path)

"""Finds the checks of a C source and takes each out, one at a time."""
from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Iterator

# Where a check stands, and which of the arguments it is.
PLACES = (("if", re.compile(r"\bif \("), 0),
          ("assert", re.compile(r"\bSEAM_ASSERT\("), 1),
          ("return", re.compile(r"\breturn "), 0))
HIDDEN = re.compile(r"/\*.*?\*/|//[^\n]*|\"(?:\\.|[^\"\\])*\"|'(?:\\.|[^'\\])'",
                    re.S)


@dataclass(frozen=True)
class Removal:
    """A check, and the source without it."""
    line: int
    check: str      # the condition, on one line
    part: str       # what of it is replaced
    value: str      # ... by this
    source: str

    def __str__(self) -> str:
        where = "" if self.part == self.check else f" in ({self.check})"
        return f"line {self.line}: {self.value} for ({self.part}){where}"


def mask(source: str) -> str:
    """The same length, with comments and literals blanked out."""
    return HIDDEN.sub(lambda m: re.sub(r"[^\n]", " ", m[0]), source)


def end_of(text: str, at: int, stops: str) -> int:
    """Where the next of `stops` is outside of all brackets."""
    depth = 0
    while at < len(text):
        if not depth and text.startswith(tuple(stops.split(" ")), at):
            return at
        depth += (text[at] in "([{") - (text[at] in ")]}")
        at += 1
    return at


def parts(text: str, begin: int, end: int,
          operator: str) -> list[tuple[int, int]]:
    found, at = [], begin
    while at < end:
        stop = min(end_of(text, at, operator), end)
        found.append((at, stop))
        at = stop + len(operator)
    return found


def argument(text: str, begin: int, index: int) -> tuple[int, int]:
    """The index-th argument of the bracket that opens before `begin`."""
    for _ in range(index):
        begin = end_of(text, begin, ",") + 1
    return begin, end_of(text, begin, ", )")


def removals_of(text: str, begin: int, end: int,
                kind: str) -> Iterator[tuple[int, int, str]]:
    """A refusal goes by making it false, a demand by making it true."""
    ors = parts(text, begin, end, "||")
    ands = parts(text, begin, end, "&&")
    if len(ors) > 1:
        yield from ((*part, "0") for part in ors)
        if kind == "assert":
            yield begin, end, "1"
        return
    if len(ands) > 1:
        yield from ((*part, "1") for part in ands)
    if kind == "if":
        yield begin, end, "0"
    elif kind == "assert":
        yield begin, end, "1"


def tidy(text: str) -> str:
    return " ".join(text.split())


def removals(source: str) -> Iterator[Removal]:
    text = mask(source)
    for kind, pattern, index in PLACES:
        for match in pattern.finditer(text):
            if kind == "return":
                begin, end = match.end(), end_of(text, match.end(), ";")
            else:
                begin, end = argument(text, match.end(), index)
            for at, stop, value in removals_of(text, begin, end, kind):
                part = source[at:stop]
                yield Removal(
                    text.count("\n", 0, at) + 1, tidy(source[begin:end]),
                    tidy(part), value,
                    f"{source[:at]} ({value}) {source[stop:]}")

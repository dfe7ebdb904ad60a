#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-2-Clause
"""plot.py BENCH.tsv: draws each figure that has changed, a bar for each change.

The bars are the lines of docs/figures/, the oldest first, and a last one `now` if
what was measured differs. They begin at zero, so that half the length is half the
cost. Figures that never changed are only counted.
"""
from __future__ import annotations

import sys
from pathlib import Path

import history

COLUMNS = 40


def bar(value: float, longest: float) -> str:
    """At least one column for what is not nothing."""
    if not value:
        return ""
    return "#" * max(1, round(COLUMNS * value / longest))


def change(value: float, before: float | None) -> str:
    if before is None:
        return ""
    if not before:
        return "from 0"
    return f"{100 * (value / before - 1):+.1f} %"


def points(entries: list[history.Entry],
           measured: tuple[float, str] | None) -> list[tuple[str, float, str]]:
    """When, value, why."""
    found = [(e.date, e.value, e.reason) for e in entries]
    if measured and measured[0] != entries[-1].value:
        found.append(("now", measured[0], ""))
    return found


def draw(name: str, unit: str, drawn: list[tuple[str, float, str]]) -> str:
    longest = max(value for _, value, _ in drawn)
    lines = [f"{name} ({unit})"]
    before = None
    for when, value, why in drawn:
        lines.append(f"  {when:<10} {value:>10.12g} {bar(value, longest):<40} "
                     f"{change(value, before):>8}  {why}".rstrip())
        before = value
    return "\n".join(lines)


def plots(stored: dict[str, list[history.Entry]],
          measured: dict[str, tuple[float, str]]) -> str:
    text = []
    for name, entries in sorted(stored.items()):
        drawn = points(entries, measured.get(name))
        if len(drawn) > 1:
            text.append(draw(name, entries[-1].unit, drawn))
    text.append(f"{len(stored) - len(text)} of {len(stored)} stored figures "
                "never changed.")
    return "\n".join(text)


def main() -> int:
    if len(sys.argv) != 2:
        print("usage: tests/bench/plot.py BENCH.tsv", file=sys.stderr)
        return 2
    try:
        print(plots(history.read(), history.read_measured(Path(sys.argv[1]))))
    except (OSError, ValueError) as error:
        print(f"plot: {error}", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())

#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-2-Clause
"""update.py FIGURES.tsv WHY [NAME...]: takes measured figures over into
docs/figures/.

Takes new figures and lower ones. A higher value is taken only for a NAME that
is given, or for all with the name `all`; WHY then has to be a sentence. Without
a change nothing is written.
"""
from __future__ import annotations

import datetime
import sys
from pathlib import Path

import history

# A fall of less than this has no line: the length of the version's text and the
# like move some figures so much.
NOISE = 0.005


def taken(stored: dict[str, list[history.Entry]], name: str, value: float,
          raised: set[str]) -> bool:
    """Whether this measured value becomes the stored one."""
    if name not in stored:
        return True
    last = stored[name][-1].value
    return value < last * (1 - NOISE) or (value > last and bool(raised & {name, "all"}))


def main() -> int:
    if len(sys.argv) < 3 or len(sys.argv[2].split()) < history.RISE_WORDS:
        print("figures-update: expected WHY='a sentence: what changed the "
              "figures', found "
              f"'{sys.argv[2] if len(sys.argv) > 2 else ''}'", file=sys.stderr)
        return 2
    why, raised = sys.argv[2], set(sys.argv[3:])
    measured = history.read_stored(Path(sys.argv[1]))
    if unknown := raised - set(measured) - {"all"}:
        print(f"figures-update: RAISE: found no figure {sorted(unknown)}",
              file=sys.stderr)
        return 2
    stored = history.read()
    today = datetime.date.today().isoformat()
    for name, (value, unit) in sorted(measured.items()):
        if taken(stored, name, value, raised):
            before = stored.setdefault(name, [])
            print(f"{name}: {before[-1].value if before else 'new'} -> "
                  f"{value:.12g} {unit}")
            before.append(history.Entry(name, today, value, unit, why))
        elif value > stored[name][-1].value:
            print(f"{name}: stays {stored[name][-1].value:.12g}, measured "
                  f"{value:.12g}; RAISE='{name}' stores it")
    history.FOLDER.mkdir(exist_ok=True)
    history.write(history.FOLDER, stored)
    return 0


if __name__ == "__main__":
    sys.exit(main())

#!/usr/bin/env python3
"""Branch coverage of a folder, over all suites that were run.

    run.py --build DIR --source FOLDER --limit PERCENT

Reads what the programs in DIR, built with --coverage, left behind; the same
source may have been built for several suites, and a branch counts when any
of them took it. Branches of our own assertions (SEAM_ASSERT) are left out: they
are taken only when the project is wrong. Prints TAP and a table in comments.
"""
from __future__ import annotations

import argparse
import json
import subprocess
import sys
from collections import defaultdict
from pathlib import Path

# file -> (line, branch number on that line) -> times taken
Taken = dict[str, dict[tuple[int, int], int]]


def read_counts(build: Path, source: str) -> Taken:
    taken: Taken = defaultdict(lambda: defaultdict(int))
    for counts in sorted(build.rglob("*.gcda")):
        text = subprocess.run(
            ["gcov", "--json-format", "--stdout", "--branch-probabilities",
             str(counts)], capture_output=True, text=True, check=True).stdout
        for part in text.splitlines():
            for file in json.loads(part)["files"]:
                name = file["file"]
                if not name.startswith(source + "/") or name.endswith(".h"):
                    continue
                for line in file["lines"]:
                    for i, branch in enumerate(line["branches"]):
                        key = (line["line_number"], i)
                        taken[name][key] += branch["count"]
    return taken


def assertions(name: str) -> set[int]:
    """Lines that belong to a SEAM_ASSERT, also when it goes on."""
    lines: set[int] = set()
    depth = 0
    for number, text in enumerate(Path(name).read_text().splitlines(), 1):
        if depth == 0 and "SEAM_ASSERT(" not in text:
            continue
        if depth == 0:
            text = text[text.index("SEAM_ASSERT("):]
        depth += text.count("(") - text.count(")")
        lines.add(number)
    return lines


def main() -> int:
    parser = argparse.ArgumentParser()
    parser.add_argument("--build", type=Path, required=True)
    parser.add_argument("--source", required=True)
    parser.add_argument("--limit", type=float, required=True)
    options = parser.parse_args()

    all_branches = all_taken = 0
    taken = read_counts(options.build, options.source)
    for name in sorted(taken):
        ours = assertions(name)
        counts = {key: n for key, n in taken[name].items()
                  if key[0] not in ours}
        hit = sum(n > 0 for n in counts.values())
        missed = sorted({key[0] for key, n in counts.items() if n == 0})
        print(f"# {hit:5} of {len(counts):5}  {name}"
              + (f"  lines {missed}" if missed else ""))
        all_branches += len(counts)
        all_taken += hit
    percent = 100 * all_taken / max(all_branches, 1)
    print("1..1")
    print(f"{'ok' if percent >= options.limit else 'not ok'} 1 - "
          f"{options.source}: {percent:.1f} % of {all_branches} branches "
          f"({options.limit:g} wanted)")
    return percent < options.limit


if __name__ == "__main__":
    sys.exit(main())

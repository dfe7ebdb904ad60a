# SPDX-License-Identifier: BSD-2-Clause
"""Whose turn it is: tests that take long are shared out among the commits.

    turn.py PARTS NAME...

prints the names whose turn it is. As many commits in a row as there are parts
run everything, and the same commit always runs the same part. Without git it is
part 0.
"""
from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from typing import TypeVar

Item = TypeVar("Item")


def commits(root: Path) -> int:
    """How many commits lead to the one that is checked out at `root`."""
    try:
        done = subprocess.run(
            ["git", "-C", str(root), "rev-list", "--count", "HEAD"],
            capture_output=True, text=True, check=False)
    except FileNotFoundError:
        return 0
    return int(done.stdout) if done.returncode == 0 else 0


def part(items: list[Item], parts: int, number: int) -> list[Item]:
    """Each `parts`-th item, beginning with item `number` modulo `parts`."""
    return items[number % parts::parts]


def main(words: list[str]) -> int:
    """Prints the names of this commit's part, on one line."""
    if len(words) < 2 or not words[0].isdigit() or words[0] == "0":
        print("turn.py: expected a number of parts, 1 or more, and names; "
              f"found: {' '.join(words) or 'nothing'}", file=sys.stderr)
        return 2
    names, number = words[1:], commits(Path(__file__).resolve().parent)
    print(*(part(names, int(words[0]), number) or names))
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))

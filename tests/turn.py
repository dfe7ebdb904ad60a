# SPDX-License-Identifier: BSD-2-Clause
"""Whose turn it is: tests that take long are shared out among the commits.

As many commits in a row as there are parts run everything, and the same commit
always runs the same part. Without git it is part 0.
"""
from __future__ import annotations

import subprocess
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

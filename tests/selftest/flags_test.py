#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-2-Clause
"""A change of a source's flags in a rules.mk compiles that source again, and no
other."""
from __future__ import annotations

import os
import subprocess
import sys
import tempfile
from pathlib import Path

TESTS = Path(__file__).resolve().parent.parent
ROOT = TESTS.parent
sys.path.insert(0, str(TESTS))

import tap  # noqa: E402

NAMES = ("fast", "other")


class Tree:
    """Two sources of the guest in a folder of their own, and a Makefile that
    says which sources are compiled for speed."""

    def __init__(self, folder: Path) -> None:
        self.build = folder.relative_to(ROOT)
        self.wrapper = folder / "wrapper.mk"
        for name in NAMES:
            (folder / f"{name}.c").write_text(f"extern int {name}_is;\n"
                                              f"int {name}_is;\n")

    def compiled(self, flags: str) -> set[str]:
        """What make compiles with these lines behind all others."""
        self.wrapper.write_text(f"include Makefile\n{flags}\n")
        clean = {name: value for name, value in os.environ.items()
                 if not name.startswith(("MAKE", "MFLAGS"))}
        stamp = f"{self.build}/newlib.stamp"  # the sources include nothing
        done = subprocess.run(
            ["make", "-s", "-f", self.wrapper, f"BUILD={self.build}", "-o",
             stamp, *(f"{self.build}/guest/{self.build}/{name}.c.o"
                      for name in NAMES)],
            cwd=ROOT, env=clean, capture_output=True, text=True, check=False)
        assert done.returncode == 0, done
        return {Path(line.split()[1]).stem
                for line in done.stderr.splitlines()
                if line.startswith("  CC  ")}


def with_tree(check) -> None:
    (ROOT / "build").mkdir(exist_ok=True)
    with tempfile.TemporaryDirectory(prefix="flags-", dir=ROOT / "build") as at:
        tree = Tree(Path(at))
        assert tree.compiled("") == set(NAMES)
        check(tree)


def test_the_same_flags_compile_nothing_again() -> None:
    def check(tree: Tree) -> None:
        assert tree.compiled("") == set()
        assert tree.compiled("GUEST_FAST += nothing/%") == set()
    with_tree(check)


def test_a_source_follows_its_own_flags_there_and_back() -> None:
    def check(tree: Tree) -> None:
        fast = f"GUEST_FAST := {tree.build}/fast%"
        assert tree.compiled(fast) == {"fast"}
        assert tree.compiled(fast) == set()
        assert tree.compiled("") == {"fast"}
    with_tree(check)


def test_every_source_follows_the_flags_of_its_layer() -> None:
    def check(tree: Tree) -> None:
        assert tree.compiled("GUEST_CFLAGS_build += -DTHREE=3") == set(NAMES)
        assert tree.compiled("GUEST_CFLAGS_build += -DTHREE=4") == set(NAMES)
        assert tree.compiled("GUEST_CFLAGS_build += -DTHREE=4") == set()
    with_tree(check)


def test_the_common_flags_compile_everything_again() -> None:
    def check(tree: Tree) -> None:
        assert tree.compiled("GUEST_CFLAGS += -DFIVE=5") == set(NAMES)
    with_tree(check)


if __name__ == "__main__":
    sys.exit(tap.run(globals()))

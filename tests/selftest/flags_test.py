#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-2-Clause
"""A change of a source's flags in a rules.mk compiles that source again, and no
other; so does a change of the file that has the flags of what figures count."""
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


# Objects that benchmarks count, and the file with their flags.
KMCL = "bench/kmcl/vmbus/ring/read.o"
DELIVERY = "bench/delivery/vmbus/ring/read.o"
RING = "ring/read.o"
COUNTED = {
    "tests/bench/kmcl/rules.mk": {KMCL},
    "tests/bench/delivery/rules.mk": {DELIVERY},
    "tests/ring/rules.mk": {RING},
    "tools/mk/toolchain.mk": {KMCL, DELIVERY, RING},
}


def make(*words: str) -> subprocess.CompletedProcess[str]:
    clean = {name: value for name, value in os.environ.items()
             if not name.startswith(("MAKE", "MFLAGS"))}
    done = subprocess.run(["make", *words], cwd=ROOT, env=clean, text=True,
                          capture_output=True, check=False)
    assert done.returncode == 0, done
    return done


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
        stamp = f"{self.build}/newlib.stamp"  # the sources include nothing
        done = make("-s", "-f", str(self.wrapper), f"BUILD={self.build}", "-o",
                    stamp, *(f"{self.build}/guest/{self.build}/{name}.c.o"
                             for name in NAMES))
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


def would_compile(build: str, *words: str) -> set[str]:
    names = (KMCL, DELIVERY, RING)
    said = make("-n", f"BUILD={build}", *words,
                *(f"{build}/{name}" for name in names)).stdout
    return {name for name in names if f"-o {build}/{name}" in said}


def test_what_a_benchmark_counts_follows_the_file_with_its_flags() -> None:
    with tempfile.TemporaryDirectory(prefix="flags-") as build:
        for name in (KMCL, DELIVERY, RING):
            (Path(build) / name).parent.mkdir(parents=True, exist_ok=True)
            (Path(build) / name).touch()
        assert not would_compile(build)
        for file, names in COUNTED.items():
            found = would_compile(build, "-W", file)
            assert found == names, (file, found)


if __name__ == "__main__":
    sys.exit(tap.run(globals()))

#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-2-Clause
"""A change of a source's flags in a rules.mk compiles that source again, and no
other. What is not of the image follows the files that have its flags."""
from __future__ import annotations

import os
import re
import subprocess
import sys
import tempfile
from pathlib import Path

TESTS = Path(__file__).resolve().parent.parent
ROOT = TESTS.parent
sys.path.insert(0, str(TESTS))

import tap  # noqa: E402

NAMES = ("fast", "other")


# Objects of other rules, and the files with their flags.
KMCL = "bench/kmcl/vmbus/ring/read.o"
DELIVERY = "bench/delivery/vmbus/ring/read.o"
RING = "ring/read.o"
MINIHV = "minihv/text.c.o"
MINIHV_VMBUS = "minihv/vmbus/ring/read.c.o"
WDK = "minihv/wdk/driver/main.c.o"
HOSTED = "hosted-test/vmbus/ring/read.o"
OTHERS = (KMCL, DELIVERY, RING, MINIHV, MINIHV_VMBUS, WDK, HOSTED)
FLAGS = {
    "tests/bench/kmcl/rules.mk": {KMCL},
    "tests/bench/delivery/rules.mk": {DELIVERY},
    "tests/ring/rules.mk": {RING},
    "tests/minihv/rules.mk": {MINIHV, MINIHV_VMBUS, WDK},
    "tests/wdk/rules.mk": {WDK},
    "tests/peer/rules.mk": {HOSTED},
    "tools/mk/toolchain.mk": set(OTHERS),
}
WATCHED = re.compile(r"\$\(FLAGS_HERE\)|/guest/flags|tools/mk/toolchain\.mk")
COMPILER = re.compile(r"\$+\(CC_(HOSTED|GUEST)\)")
# An object of a source, or a program straight from sources.
COMPILES = re.compile(r" -c |filter %\.c|-o \$+@ \$+<")


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
    said = make("-n", f"BUILD={build}", "-o", f"{build}/newlib.stamp", "-o",
                f"{build}/deps-test.stamp", *words,
                *(f"{build}/{name}" for name in OTHERS)).stdout
    return {name for name in OTHERS if f"-o {build}/{name}" in
            said.replace("\\\n", "").replace("\t", " ")}


def test_what_is_not_of_the_image_follows_the_files_with_its_flags() -> None:
    with tempfile.TemporaryDirectory(prefix="flags-") as build:
        for name in OTHERS:
            (Path(build) / name).parent.mkdir(parents=True, exist_ok=True)
            (Path(build) / name).touch()
        assert not would_compile(build)
        for file, names in FLAGS.items():
            found = would_compile(build, "-W", file)
            assert found == names, (file, found)


def unwatched(text: str) -> list[str]:
    """The rules of a makefile that compile and follow no file with flags."""
    found, rule = [], ""
    for line in text.replace("\\\n", " ").splitlines():
        if not line.startswith("\t"):
            rule = line if line.strip() else rule
        elif COMPILER.search(line) and COMPILES.search(line) and \
                not rule.startswith("suite-") and not WATCHED.search(rule):
            found.append(rule)
    return found


def test_every_rule_that_compiles_follows_a_file_with_flags() -> None:
    files = [path for top in ("tests", "tools")
             for path in sorted((ROOT / top).rglob("rules.mk"))]
    rules = sum(len(COMPILES.findall(path.read_text())) for path in files)
    assert len(files) > 20 and rules > 40, (len(files), rules)
    found = {str(path): rules for path in files
             if (rules := unwatched(path.read_text()))}
    assert not found, found


def test_a_rule_that_follows_no_file_with_flags_is_found() -> None:
    good = "x/%.o: x/%.c $(FLAGS_HERE)\n\t@$(CC_HOSTED) -c $< -o $@\n"
    program = "x/y: x/y.c\n\t@$(CC_HOSTED) \\\n\t    -o $@ $(filter %.c,$^)\n"
    link = "x/y: x/y.o\n\t@$(CC_HOSTED) -o $@ $^\n"
    assert not unwatched(good + link)
    assert unwatched(good.replace(" $(FLAGS_HERE)", "")) == ["x/%.o: x/%.c"]
    assert unwatched(good + program) == ["x/y: x/y.c"]


if __name__ == "__main__":
    sys.exit(tap.run(globals()))

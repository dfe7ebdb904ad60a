#!/usr/bin/env python3
"""`make check` finds the suites of what has changed, in time."""
from __future__ import annotations

import os
import subprocess
import sys
import tempfile
from pathlib import Path

TESTS = Path(__file__).resolve().parent.parent
ROOT = TESTS.parent
sys.path[:0] = [str(TESTS), str(TESTS / "check"), str(TESTS / "mutants")]

import budget  # noqa: E402
import tap  # noqa: E402
from check import base_of, changed_files  # noqa: E402
from choose import (LANE_SECONDS, TableError, choose,  # noqa: E402
                    files_to_lint, fits, read, share_of, suites_of)
from shadow import tree_files  # noqa: E402

ROWS = read(TESTS / "check/suites.tsv")
SHARES = budget.read(TESTS / "budget")


def all_files() -> list[str]:
    """What is in the tree."""
    return [file for file in tree_files(ROOT)
            if "__pycache__" not in file and (ROOT / file).exists()]


def test_each_file_of_the_tree_has_a_row() -> None:
    lost = [file for file in all_files()
            if suites_of(file, ROWS, SHARES) is None]
    assert not lost, f"give them a row in tests/check/suites.tsv: {lost[:9]}"


def test_each_row_names_suites_that_there_are() -> None:
    for pattern, suites in ROWS:
        for suite in suites:
            if suite != "-":
                share_of(suite, SHARES)     # raises when there is none
    fuzzers = {path.parent.name for path in TESTS.glob("fuzz/*/SRCS")}
    named = {suite[len("fuzz-"):] for _, suites in ROWS for suite in suites
             if suite.startswith("fuzz-")}
    assert named <= fuzzers, named - fuzzers


def test_a_row_without_suites_is_refused() -> None:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "t"
        path.write_text("vmbus/\n")
        try:
            read(path)
        except TableError as error:
            assert "expected 'PATTERN<tab>SUITES'" in str(error)
            return
    raise AssertionError("it was taken")


def test_patterns_mean_folders_files_and_names() -> None:
    assert fits("vmbus/ring/ring.c", "vmbus/")
    assert not fits("vmbusx/ring.c", "vmbus/")
    assert fits("tests/tap.py", "tests/*")
    assert not fits("tests/rig/run.py", "tests/*")
    assert fits("a/b/README.md", "*.md") and fits("README.md", "*.md")


def test_a_source_chooses_the_suites_of_its_folder() -> None:
    for file, suites in (
            ("vmbus/ring/ring.c", {"ring", "bus"}),
            ("tests/hosthalf/offer_test.c", {"hosthalf"}),
            ("tests/system/power.py", {"power"}),
            ("tests/kmcl/model/main.c", {"kmcl-model"}),
            ("tests/fuzz/ring/ring.c", {"fuzz-ring"}),
            ("app/disk/vstor.c", {"disk-lies"})):
        found = set(suites_of(file, ROWS, SHARES) or ())
        assert suites <= found, (file, found)


def test_what_takes_too_long_is_named() -> None:
    choice = choose(all_files(), ROWS, SHARES)
    assert choice.reasons and choice.left_out and not choice.unknown
    for lane in budget.LANES:
        total = sum(share_of(suite, SHARES).seconds for suite in choice.suites
                    if share_of(suite, SHARES).lane == lane)
        assert total <= LANE_SECONDS, (lane, total)


def test_a_file_without_a_row_is_named() -> None:
    assert choose(["nowhere/x.c"], ROWS, SHARES).unknown == ["nowhere/x.c"]


def test_lint_looks_at_sources_and_those_of_headers() -> None:
    found = files_to_lint(["vmbus/include/vmbus/ring.h", "README.md",
                           "vmbus/ring/gone.c", "arch/console/log.h"], ROOT)
    assert "vmbus/ring/gone.c" not in found and "README.md" not in found
    assert found[:2] == ["vmbus/include/vmbus/ring.h", "arch/console/log.h"]
    assert "arch/console/log.c" in found, found


class Repository:
    """A checkout with two commits on main."""

    def __init__(self, folder: str) -> None:
        self.root = Path(folder)
        self.git("init", "-q", "-b", "main")
        for name in ("first", "second"):
            self.commit(name)

    def git(self, *words: str) -> None:
        clean = {name: value for name, value in os.environ.items()
                 if not name.startswith("GIT_")}
        subprocess.run(["git", "-C", str(self.root), "-c", "user.name=x", "-c",
                        "user.email=x@example.org", *words], check=True,
                       capture_output=True, env=clean)

    def commit(self, name: str) -> None:
        (self.root / name).write_text(name)
        self.git("add", "-A")
        self.git("commit", "-q", "-m", name)

    def changed(self, since: str = "") -> list[str]:
        return changed_files(self.root, base_of(self.root, since)[0])


def test_changed_is_the_branch_the_pending_or_the_last_commit() -> None:
    with tempfile.TemporaryDirectory() as folder:
        tree = Repository(folder)
        assert tree.changed() == ["second"]
        (tree.root / "third").write_text("not committed")
        assert tree.changed() == ["third"]
        assert tree.changed("HEAD~1") == ["second", "third"]
        tree.git("checkout", "-q", "-b", "mine")
        tree.commit("third")
        tree.commit("fourth")
        (tree.root / "first").unlink()
        assert tree.changed() == ["first", "fourth", "third"]


def test_without_git_or_with_a_wrong_commit_it_says_so() -> None:
    with tempfile.TemporaryDirectory() as folder:
        for since, wanted in (("", "expected a git checkout"),
                              ("nonsense", "found 'nonsense'")):
            root = Path(folder) if not since else ROOT
            if since and not (ROOT / ".git").exists():
                continue
            try:
                base_of(root, since)
            except SystemExit as error:
                assert wanted in str(error), error
            else:
                raise AssertionError(f"no word of {wanted}")


if __name__ == "__main__":
    sys.exit(tap.run(globals()))

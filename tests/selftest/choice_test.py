#!/usr/bin/env python3
"""The choice of mutants for a commit: twelve commits in a row try all of
them, and what has changed is always tried."""
from __future__ import annotations

import os
import subprocess
import sys
import tempfile
from pathlib import Path

TESTS = Path(__file__).resolve().parent.parent
ROOT = TESTS.parent
sys.path[:0] = [str(TESTS), str(TESTS / "mutants")]

import tap  # noqa: E402
from choice import (ALL, MOST_CHANGED, PARTS, at_most,  # noqa: E402
                    by_commit, by_name, part_of_commit, part_of_mutant)
from history import History, code_of  # noqa: E402
from table import Mutant, read_table  # noqa: E402

TABLES = sorted(TESTS.glob("mutants/*.tsv"))
PLANTS = sorted(TESTS.glob("fuzz/plants/*.tsv"))
NOWHERE = History(ROOT, None, None)


def commit_number(number: int) -> History:
    """A history of that many commits in which nothing has changed."""
    return History(ROOT, f"{number:040x}", None, number)


def all_of(tables: list[Path]) -> list[Mutant]:
    return [mutant for table in tables for mutant in read_table(table)]


def test_twelve_commits_in_a_row_try_every_mutant() -> None:
    for tables in (TABLES, PLANTS):
        mutants = all_of(tables)
        tried: list[Mutant] = []
        for number in range(1000, 1000 + PARTS):
            chosen = by_commit(mutants, commit_number(number), tables).mutants
            assert chosen, f"nothing to try after {number} commits of {tables}"
            tried += chosen
        assert set(tried) == set(mutants)


def test_each_mutant_of_the_suite_is_in_exactly_one_part() -> None:
    mutants = all_of(TABLES)
    tried = [m for number in range(PARTS) for m in
             by_commit(mutants, commit_number(number + PARTS), TABLES).mutants]
    assert len(tried) == len(mutants) and set(tried) == set(mutants)


def test_the_parts_are_about_equal() -> None:
    mutants = all_of(TABLES)
    sizes = [len(by_commit(mutants, commit_number(number), TABLES).mutants)
             for number in range(PARTS, 2 * PARTS)]
    assert max(sizes) < 2 * len(mutants) / PARTS, sizes


def test_the_number_of_commits_decides_the_part() -> None:
    assert {part_of_commit(n) for n in range(20)} == set(range(PARTS))
    assert part_of_commit(PARTS + 2) == 2


def test_an_empty_part_gives_way_to_the_next() -> None:
    mutant = all_of(TABLES)[0]
    for number in range(1, 1 + PARTS):
        chosen = by_commit([mutant], commit_number(number), []).mutants
        assert chosen == [mutant], number


def test_many_mutants_of_changed_files_take_turns() -> None:
    mutants = all_of(TABLES)[:3 * MOST_CHANGED]
    turns = [at_most(mutants, number) for number in range(3)]
    assert all(len(set(turn)) == MOST_CHANGED for turn in turns)
    assert set().union(*turns) == set(mutants)
    assert at_most(mutants[:2], 5) and len(set(at_most(mutants[:2], 5))) == 2
    assert at_most([], 5) == []


def test_without_git_part_0_is_tried() -> None:
    mutants = all_of(TABLES)
    choice = by_commit(mutants, NOWHERE, TABLES)
    assert choice.mutants == [m for m in mutants if part_of_mutant(m) == 0]
    assert "no git here" in choice.why, choice.why


def test_the_file_of_a_mutant_does_not_decide_its_part() -> None:
    before = Mutant("t: x", "vmbus/ring.c", "a", "b", "ring")
    after = Mutant("t: x", "vmbus/ring/ring.c", "a", "b", "ring")
    assert part_of_mutant(before) == part_of_mutant(after)


def test_all_and_names_choose_without_the_commit() -> None:
    mutants = all_of(TABLES)
    assert by_name(mutants, ALL).mutants == mutants
    assert by_name(mutants, "nothing like it").mutants == []
    found = by_name(mutants, "ring").mutants
    assert found and all("ring" in f"{m.name} {m.suite}" for m in found)


class Repository:
    """A small tree in git, with a table of 24 mutants for each of three
    files, and four commits."""

    def __init__(self, folder: str) -> None:
        self.root = Path(folder)
        self.table = self.root / "t.tsv"
        self.git("init", "-q", "-b", "main")
        for name in ("old.c", "moved.c", "new.c"):
            self.write(name, f"int {name[:-2]}; /* a word */\n")
        self.rows = [f"{name} {n}\t{name}\tint\tlong{n}\tkmcl"
                     for name in ("old.c", "moved.c", "new.c")
                     for n in range(24)]
        self.write_table()
        for number in range(4):
            self.commit(f"commit {number}")

    def git(self, *words: str) -> None:
        environment = {name: value for name, value in os.environ.items()
                       if not name.startswith("GIT_")}
        subprocess.run(["git", "-C", str(self.root), "-c", "user.name=x", "-c",
                        "user.email=x@example.org", *words], check=True,
                       capture_output=True, env=environment)

    def write(self, name: str, text: str) -> None:
        (self.root / name).parent.mkdir(exist_ok=True)
        (self.root / name).write_text(text)

    def write_table(self) -> None:
        self.table.write_text("\n".join(self.rows) + "\n")

    def commit(self, title: str) -> None:
        self.git("add", "-A")
        self.git("commit", "-q", "--allow-empty", "-m", title)

    def chosen(self) -> tuple[set[str], str]:
        """Names of the mutants that are tried now beside the part, and the
        explanation."""
        mutants = read_table(self.table)
        history = History.of(self.root)
        assert history.commit and history.base != history.commit
        choice = by_commit(mutants, history, [self.table])
        part = part_of_commit(history.commits)
        assert {m for m in mutants
                if part_of_mutant(m) == part} <= set(choice.mutants)
        assert choice == by_commit(mutants, History.of(self.root),
                                   [self.table]), "it changes by itself"
        return {m.name for m in choice.mutants
                if part_of_mutant(m) != part}, choice.why

    def beside_the_part(self, file: str) -> set[str]:
        part = part_of_commit(History.of(self.root).commits)
        return {m.name for m in read_table(self.table)
                if m.file == file and part_of_mutant(m) != part}


def test_mutants_of_changed_files_are_always_chosen() -> None:
    with tempfile.TemporaryDirectory() as folder:
        tree = Repository(folder)
        assert tree.chosen()[0] == set()
        tree.write("new.c", "int new = 1;\n")
        assert tree.chosen()[0] == tree.beside_the_part("new.c")
        tree.commit("new.c is other")
        for title in ("one more", "and one"):
            names, why = tree.chosen()
            assert names == tree.beside_the_part("new.c"), names
            assert "of 24 in files changed" in why and "(new.c)" in why, why
            tree.commit(title)
        tree.commit("now it is long ago")
        assert tree.chosen()[0] == set()


def test_comments_and_moves_change_no_code() -> None:
    with tempfile.TemporaryDirectory() as folder:
        tree = Repository(folder)
        tree.write("old.c", "/* Other words. */\n#include <x.h>\n\nint old;\n")
        tree.git("mv", "moved.c", "elsewhere.c")
        tree.rows = [row.replace("\tmoved.c", "\telsewhere.c")
                     for row in tree.rows]
        tree.write_table()
        tree.commit("files move, comments change")
        assert tree.chosen()[0] == set(), tree.chosen()


def test_new_lines_of_a_table_are_chosen() -> None:
    with tempfile.TemporaryDirectory() as folder:
        tree = Repository(folder)
        tree.rows += [f"fresh {n}\told.c\told\tx{n}\tkmcl" for n in range(12)]
        tree.write_table()
        tree.commit("mutants of old.c")
        names, why = tree.chosen()
        assert names and all("fresh" in name for name in names), names
        assert "with 12 new in the tables" in why, why


def test_code_is_compared_without_comments_but_with_strings() -> None:
    assert code_of("a /* x */ + b; // y\n") == code_of("a + b;")
    assert code_of('f("/* x */");') != code_of('f("");')
    assert code_of('#include "a.h"\nint x;') == code_of("int x;")
    assert code_of("x = 1;") != code_of("x = 2;")


if __name__ == "__main__":
    sys.exit(tap.run(globals()))

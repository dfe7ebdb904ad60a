#!/usr/bin/env python3
"""The tables of mutants fit the sources: told in a second, instead of after
the half hour that breaking them all takes."""
from __future__ import annotations

import sys
from pathlib import Path

TESTS = Path(__file__).resolve().parent.parent
ROOT = TESTS.parent
sys.path[:0] = [str(TESTS), str(TESTS / "mutants")]

import tap  # noqa: E402
from table import Mutant, read_table  # noqa: E402

TABLES = (*TESTS.glob("mutants/*.tsv"), *TESTS.glob("fuzz/plants/*.tsv"),
          *TESTS.glob("*/mutants.tsv"))


def mutants() -> list[Mutant]:
    """All mutants, as their own runner reads them."""
    return [mutant for path in TABLES for mutant in read_table(path)]


def test_each_mutant_finds_its_text_once() -> None:
    found = mutants()
    assert len(found) > 100, len(found)
    wrong = []
    for mutant in found:
        times = (ROOT / mutant.file).read_text().count(mutant.before)
        if times != 1:
            wrong.append(f"{mutant.name}: {times} times in {mutant.file}")
    assert not wrong, "\n".join(wrong)


def test_no_suite_gets_a_mutant_twice() -> None:
    seen = [(mutant.file, mutant.before, mutant.after, mutant.suite)
            for mutant in mutants()]
    twice = {key for key in seen if seen.count(key) > 1}
    assert not twice, twice


if __name__ == "__main__":
    sys.exit(tap.run(globals()))

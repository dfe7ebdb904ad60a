#!/usr/bin/env python3
"""The tables of mutants fit the sources: told in a second, instead of after
the half hour that breaking them all takes."""
from __future__ import annotations

import importlib.util
import sys
from pathlib import Path
from typing import Any

TESTS = Path(__file__).resolve().parent.parent
ROOT = TESTS.parent
sys.path[:0] = [str(TESTS)]

import tap  # noqa: E402

TABLES = (*TESTS.glob("mutants/*.tsv"), *TESTS.glob("fuzz/plants/*.tsv"),
          *TESTS.glob("*/mutants.tsv"))


def mutants() -> list[Any]:
    """All mutants, as their own runner reads them."""
    spec = importlib.util.spec_from_file_location(
        "mutants_runner", TESTS / "mutants/run.py")
    assert spec is not None and spec.loader is not None
    runner = importlib.util.module_from_spec(spec)
    sys.modules["mutants_runner"] = runner
    spec.loader.exec_module(runner)
    return [mutant for table in TABLES for mutant in runner.read_table(table)]


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

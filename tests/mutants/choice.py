"""Chooses the mutants that one run of `make test` tries.

To break everything takes too long for each commit, so a run tries

* the mutants in files whose code changed in the last commits, and those that
  are new in the tables since then, MOST_CHANGED of them at the most,
* of all others one twelfth, by the number of commits up to this one.

Twelve commits in a row try every mutant; `make mutants-all` does at once. The
same commit always tries the same ones. Without git part 0 is tried.
"""
from __future__ import annotations

import hashlib
from dataclasses import dataclass
from pathlib import Path

from history import History
from table import Mutant, TableError, parse

PARTS = 12
# Beginnings of the names of suites with too many mutants for one part. All mutants
# of any other suite are
# in the same part, because a run first shows that each suite of it passes.
SPREAD = ("kmcl", "disk-lies", "fuzz-")
MIX = 875       # of 3,000 tried, the parts are most equal in length with this
MOST_CHANGED = 30
ALL = "all"     # the word of MUTANTS= for every mutant


@dataclass(frozen=True)
class Choice:
    """The chosen mutants and, for the reader of the log, why these."""
    mutants: list[Mutant]
    why: str


def number(text: str) -> int:
    return int(hashlib.sha256(text.encode()).hexdigest(), 16)


def number_of(mutant: Mutant) -> int:
    """A number for its place among the others. The file is left out, so that
    moving it changes nothing."""
    return number("\t".join(identity(mutant)))


def part_of_mutant(mutant: Mutant) -> int:
    """0 to 11."""
    if mutant.suite.startswith(SPREAD):
        return number_of(mutant) % PARTS
    return number(f"{MIX} {mutant.suite}") % PARTS


def part_of_commit(commits: int | None) -> int:
    """0 to 11, by the number of commits up to it; 0 without git."""
    return commits % PARTS if commits else 0


def identity(mutant: Mutant) -> tuple[str, str, str, str]:
    """What makes it the same mutant after its file has moved."""
    return mutant.name, mutant.before, mutant.after, mutant.suite


def known_before(history: History,
                 tables: list[Path]) -> set[tuple[str, str, str, str]]:
    """The mutants that the tables had at the base."""
    known = set()
    for path in tables:
        try:
            name = path.resolve().relative_to(history.root.resolve())
            known |= {identity(mutant) for mutant in
                      parse(history.at_base(str(name)), path)}
        except (TableError, ValueError):
            continue    # written differently then, or not in this tree
    return known


def by_name(mutants: list[Mutant], text: str) -> Choice:
    """Those with the text in their name or suite; `all`: every one."""
    if text == ALL:
        return Choice(mutants, f"{len(mutants)} mutants, all that there are")
    found = [mutant for mutant in mutants
             if text in f"{mutant.name} {mutant.suite}"]
    return Choice(found, f"{len(found)} of {len(mutants)} mutants, those "
                         f"with '{text}' in their name or suite")


def in_part(mutants: list[Mutant], part: int) -> list[Mutant]:
    """Those of this part; of the next that has any when it has none."""
    parts = [[m for m in mutants if part_of_mutant(m) == (part + more) % PARTS]
             for more in range(PARTS)]
    return next((some for some in parts if some), [])


def at_most(mutants: list[Mutant], commits: int | None) -> list[Mutant]:
    """MOST_CHANGED of them; which ones, the number of commits decides."""
    start = (commits or 0) * MOST_CHANGED
    by_number = sorted(mutants, key=number_of)
    return [by_number[(start + n) % len(by_number)]
            for n in range(min(MOST_CHANGED, len(by_number)))]


def by_commit(mutants: list[Mutant], history: History,
              tables: list[Path]) -> Choice:
    """What this commit has to try."""
    files = set(history.changed())
    known = known_before(history, tables) if history.base else None
    changed = [m for m in mutants if m.file in files]
    fresh = [m for m in mutants if known is not None
             and m.file not in files and identity(m) not in known]
    urgent = set(at_most(changed + fresh, history.commits))
    some = in_part([m for m in mutants if m not in urgent],
                   part_of_commit(history.commits))
    return Choice([m for m in mutants if m in {*urgent, *some}],
                  explain(history, len(mutants), changed, fresh, some))


def explain(history: History, total: int, changed: list[Mutant],
            fresh: list[Mutant], some: list[Mutant]) -> str:
    """The choice in one line."""
    tried = min(len(changed) + len(fresh), MOST_CHANGED)
    since = f" since {history.base[:9]}" if history.base else ""
    part = part_of_commit(history.commits)
    by = (f"{history.commits} commits up to {history.commit[:9]}"
          if history.commit else "no git here")
    files = sorted({mutant.file for mutant in changed})
    named = f" ({', '.join(files)})" if files else ""
    return (f"{tried + len(some)} of {total} mutants: {len(some)} of part "
            f"{part} of {PARTS} ({by}), and {tried} of {len(changed)} in files "
            f"changed{since}{named} with {len(fresh)} new in the tables; "
            "MUTANTS=all tries every one")

"""Chooses the mutants that one run of `make test` tries.

To break everything takes too long for each commit, so a run tries

* the mutants in files whose code changed in the last commits,
* the mutants that are new in the tables since then,
* of all others one sixth, which the commit's hash chooses.

Six commits with different remainders try every mutant. The same commit always
tries the same ones. Without git the sixth 0 is tried.
"""
from __future__ import annotations

import hashlib
from dataclasses import dataclass
from pathlib import Path

from history import History
from table import Mutant, TableError, parse

SIXTHS = 6
ALL = "all"     # the word of MUTANTS= for every mutant


@dataclass(frozen=True)
class Choice:
    """The chosen mutants and, for the reader of the log, why these."""
    mutants: list[Mutant]
    why: str


def sixth_of_mutant(mutant: Mutant) -> int:
    """0 to 5. The file is left out, so that moving it changes nothing."""
    text = "\t".join((mutant.name, mutant.before, mutant.after, mutant.suite))
    return int(hashlib.sha256(text.encode()).hexdigest(), 16) % SIXTHS


def sixth_of_commit(commit: str | None) -> int:
    """0 to 5, by the commit's hash; 0 without git."""
    return int(commit, 16) % SIXTHS if commit else 0


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


def by_commit(mutants: list[Mutant], history: History,
              tables: list[Path]) -> Choice:
    """What this commit has to try."""
    files = set(history.changed())
    known = known_before(history, tables) if history.base else None
    sixth = sixth_of_commit(history.commit)
    changed = [m for m in mutants if m.file in files]
    fresh = [m for m in mutants if known is not None
             and m.file not in files and identity(m) not in known]
    rest = [m for m in mutants if m not in changed and m not in fresh]
    some = [m for m in rest if sixth_of_mutant(m) == sixth]
    return Choice([m for m in mutants if m in {*changed, *fresh, *some}],
                  explain(history, len(mutants), changed, fresh, some, sixth))


def explain(history: History, total: int, changed: list[Mutant],
            fresh: list[Mutant], some: list[Mutant], sixth: int) -> str:
    """The choice in one line."""
    number = len(changed) + len(fresh) + len(some)
    since = f" since {history.base[:9]}" if history.base else ""
    by = (f"commit {history.commit[:9]} is {sixth} modulo {SIXTHS}"
          if history.commit else "no git here")
    files = sorted({mutant.file for mutant in changed})
    named = f" ({', '.join(files)})" if files else ""
    return (f"{number} of {total} mutants: {len(changed)} in files changed"
            f"{since}{named}, {len(fresh)} new in the tables, {len(some)} of "
            f"sixth {sixth} ({by}); MUTANTS=all tries every one")

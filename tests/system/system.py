#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-2-Clause
"""Run tables of cases: an image on a host, one TAP line for each case.

    system.py --images DIR --lying-images DIR [--only TEXT] [--boot DOOR]
              [--all] TABLE...

A table is a module here with HOST, CASES and, when it is not the appliance,
the name of its IMAGE. BOOT = "direct" starts what does not need firmware
without it; --boot goes before that. PARTS = 2 shares the cases out among so many
commits; --all and --only run them whatever commit it is. All guests share one outer machine where the
host nests, those of several tables too. Several tables must have the same HOST; a line
`# suite: TABLE` precedes what each of them prints.
"""
from __future__ import annotations

import argparse
import importlib
import signal
import sys
from dataclasses import dataclass
from pathlib import Path

HERE = Path(__file__).resolve().parent
sys.path[:0] = [str(HERE), str(HERE.parent), str(HERE.parent / "rig")]

import hosts  # noqa: E402
import l1  # noqa: E402
import turn  # noqa: E402
from case import ENDINGS, Case  # noqa: E402
from fetch import FetchError  # noqa: E402
from guest import Guest  # noqa: E402
from host import Host, HostFailed, Result  # noqa: E402
from patch import PatchError  # noqa: E402
from tap import Tap  # noqa: E402

CONSOLE_LINES = 40      # shown of a run that failed


class NoCase(Exception):
    """The option --only matches no case of a table."""


def arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("tables", nargs="+", metavar="TABLE")
    parser.add_argument("--images", type=Path, required=True,
                        help="folder of the images")
    parser.add_argument("--lying-images", type=Path, required=True,
                        help="folder of those that can lie")
    parser.add_argument("--boot", choices=tuple(ENDINGS),
                        help="start all that can be by this door")
    parser.add_argument("--only", default="", help="part of a case's name")
    parser.add_argument("--all", action="store_true",
                        help="the cases of other commits' turns too")
    return parser.parse_args()


@dataclass(frozen=True)
class Table:
    """The cases of one suite, and the host that they run on."""
    suite: str
    host: str
    cases: list[Case]
    guests: list[Guest]
    words: str = ""     # which of its cases they are, if not all


def of_this_turn(module: object, cases: list[Case]) -> tuple[list[Case], str]:
    """The cases that this commit runs, and words that say so."""
    parts = getattr(module, "PARTS", 1)
    number = turn.commits(HERE)
    some = turn.part(cases, parts, number)
    if len(some) == len(cases) or not some:
        return cases, ""
    return some, (f"part {number % parts} of {parts}, by the number of "
                  f"commits: {len(some)} of {len(cases)} cases; ALL=1 runs "
                  "every one")


def read_table(suite: str, given: argparse.Namespace) -> Table:
    """Reads the table of a suite and keeps the cases that --only matches."""
    module = importlib.import_module(suite.replace("-", "_"))
    image = getattr(module, "IMAGE", "vmbare")
    usual = given.boot or getattr(module, "BOOT", "uefi")
    cases = [case for case in module.CASES if given.only in case.name]
    if not cases:
        raise NoCase(f"found no case of {suite} with '{given.only}' in its "
                     "name, expected one at least; they are: "
                     + "; ".join(case.name for case in module.CASES))
    words = ""
    if not given.all and not given.only:
        cases, words = of_this_turn(module, cases)
    names = [image + ENDINGS[case.door(usual)] for case in cases]
    return Table(suite, module.HOST, cases, [
        case.guest(given.images / name, given.lying_images / name)
        for case, name in zip(cases, names)], words)


def reasons(log: list[str]) -> list[str]:
    """The lines in which minihv says why it has ended a run. Its registers and
    events follow them, and may be longer than what is shown of a log."""
    return [line for line in log
            if line.startswith("minihv: ")
            and any(word in line for word in ("misbehaved", "rule broken",
                                              "failed"))]


def explain(problem: str, result: Result | None) -> str:
    """Returns the reason and the last lines of everything recorded."""
    text = problem
    if result is not None:
        log = result.log.splitlines()
        text += f"\nQEMU: status {result.status}, end {result.end}"
        for title, lines in (("console", result.serial.splitlines()),
                             ("trace", result.trace),
                             ("minihv's reason", reasons(log)),
                             ("QEMU's words", log)):
            if lines:
                text += f"\n{title}:"
                text += "".join(f"\n| {line}"
                                for line in lines[-CONSOLE_LINES:])
    return text


def run_case(case: Case, guest: Guest, host: Host, tap: Tap) -> None:
    result = None
    try:
        result = host.run(guest, during=case.during)
        problem = case.problem(guest, host.name, result)
    except HostFailed as error:
        problem = f"the host failed: {error}"
        host.close()
    tap.result(problem is None, case.name, explain(problem or "", result))
    if result is not None:
        tap.note(f"{result.seconds:.1f} s")
        if "note" in result.kept:
            tap.note(str(result.kept["note"]))


def run_table(table: Table, host: Host, why: str) -> bool:
    """Runs all cases of a table as one suite. Returns true if all passed."""
    tap = Tap()
    tap.note(f"suite: {table.suite}")
    tap.note(f"host {host.name} ({why})")
    if table.words:
        tap.note(table.words)
    before = getattr(host, "known_aborts", 0)
    for case, guest in zip(table.cases, table.guests):
        run_case(case, guest, host, tap)
    aborts = getattr(host, "known_aborts", 0) - before
    if aborts:
        tap.note(f"known-aborts: {aborts}")
    return tap.end() == 0


def run_tables(tables: list[Table]) -> bool:
    """Runs one table after the other on the same host."""
    name, why = hosts.choose(tables[0].host, l1.kit)
    guests = [guest for table in tables for guest in table.guests]
    host = hosts.make(name, l1.kit, guests,
                      lambda text: print(f"# {text}", flush=True))
    try:
        # A list, not a generator: every table runs even after a failure.
        return all([run_table(table, host, why) for table in tables])
    finally:
        host.close()


def main() -> int:
    given = arguments()
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    try:
        tables = [read_table(suite, given) for suite in given.tables]
    except NoCase as error:
        print(f"system: {error}", file=sys.stderr)
        return 2
    if len({table.host for table in tables}) > 1:
        print("system: expected tables of one host, found "
              + ", ".join(f"{table.suite} for {table.host}"
                          for table in tables), file=sys.stderr)
        return 2
    try:
        return 0 if run_tables(tables) else 1
    except (FetchError, PatchError, HostFailed, hosts.NoHost) as error:
        tap = Tap()
        tap.result(False, "the host starts", str(error))
        return tap.end()


if __name__ == "__main__":
    sys.exit(main())

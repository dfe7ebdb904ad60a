#!/usr/bin/env python3
"""Run one table of cases: the image on a host, one TAP line for each.

All guests of a table share one outer machine where the host nests.
"""
from __future__ import annotations

import argparse
import importlib
import signal
import sys
from pathlib import Path

HERE = Path(__file__).resolve().parent
sys.path[:0] = [str(HERE), str(HERE.parent), str(HERE.parent / "rig")]

import hosts  # noqa: E402
import l1  # noqa: E402
from case import Case  # noqa: E402
from fetch import FetchError  # noqa: E402
from guest import Guest  # noqa: E402
from host import Host, HostFailed, Result  # noqa: E402
from patch import PatchError  # noqa: E402
from tap import Tap  # noqa: E402

CONSOLE_LINES = 40      # shown of a run that failed


def arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("table", help="module with HOST and CASES")
    parser.add_argument("--image", type=Path, required=True)
    parser.add_argument("--lying-image", type=Path, required=True)
    parser.add_argument("--only", default="", help="part of a case's name")
    return parser.parse_args()


def explain(problem: str, result: Result | None) -> str:
    """The reason and, to look into it, the end of all that was recorded."""
    text = problem
    if result is not None:
        text += f"\nQEMU: status {result.status}, end {result.end}"
        for title, lines in (("console", result.serial.splitlines()),
                             ("trace", result.trace),
                             ("QEMU's words", result.log.splitlines())):
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


def run_table(cases: list[Case], wanted: str, given: argparse.Namespace,
              tap: Tap) -> None:
    name, why = hosts.choose(wanted, l1.kit)
    tap.note(f"host {name} ({why})")
    guests = [case.guest(given.image, given.lying_image) for case in cases]
    host = hosts.make(name, l1.kit, guests, tap.note)
    try:
        for case, guest in zip(cases, guests):
            run_case(case, guest, host, tap)
    finally:
        host.close()
    aborts = getattr(host, "known_aborts", 0)
    if aborts:
        tap.note(f"known-aborts: {aborts}")


def main() -> int:
    given = arguments()
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    table = importlib.import_module(given.table)
    cases = [case for case in table.CASES if given.only in case.name]
    if not cases:
        print(f"system: found no case of {given.table} with '{given.only}' in "
              "its name, expected one at least; they are: "
              + "; ".join(case.name for case in table.CASES), file=sys.stderr)
        return 2
    tap = Tap()
    try:
        run_table(cases, table.HOST, given, tap)
    except (FetchError, PatchError, HostFailed, hosts.NoHost) as error:
        tap.result(False, "the host starts", str(error))
    return tap.end()


if __name__ == "__main__":
    sys.exit(main())

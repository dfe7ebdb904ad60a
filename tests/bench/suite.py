#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-2-Clause
"""The suite `figures`: no counted figure is worse than the one stored.

suite.py FIGURES.tsv compares what was measured with docs/figures/, and looks at
docs/figures/ itself: a value rises only with a reason, and no line goes away.
"""
from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import history

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from tap import Tap  # noqa: E402


def git(*words: str) -> str | None:
    """Output of git; None where there is no git or no such thing."""
    try:
        done = subprocess.run(["git", *words], capture_output=True, text=True,
                              check=False)
    except OSError:
        return None
    return done.stdout if done.returncode == 0 else None


def lines_before(path: str) -> list[str]:
    """The lines that the file had before its last change, committed or not."""
    changed = git("status", "--porcelain", "--", path)
    last = git("log", "-1", "--format=%H", "--", path)
    if changed is None or not last:
        return []
    version = "HEAD" if changed.strip() else f"{last.strip()}^"
    return (git("show", f"{version}:{path}") or "").splitlines()


def lost_lines(paths: list[str]) -> list[str]:
    """Lines that were in the files once and are no longer. A figure may go
    with all of its lines."""
    lost = []
    for path in paths:
        now = Path(path).read_text().splitlines() if Path(path).exists() else []
        names = {line.split("\t")[0] for line in now}
        lost += [f"{path}: {line}" for line in lines_before(path)
                 if line not in now and line.split("\t")[0] in names]
    return lost


def judge(stored: dict[str, list[history.Entry]],
          measured: dict[str, tuple[float, str]], name: str) -> str:
    """What is wrong with one figure; '' if nothing is."""
    if name not in measured:
        return ("it is stored and was not measured: has its benchmark gone, "
                "its lines in docs/figures/ go with it in the same commit")
    value, unit = measured[name]
    if name not in stored:
        return ("it is measured and not stored: make figures-update "
                "WHY='what it is' takes it over")
    last = stored[name][-1]
    if unit != last.unit:
        return f"expected {last.unit}, found {unit}"
    if history.is_above(last.value, value):
        return (f"expected at most {last.value:.12g} {unit} and 2 %, found "
                f"{value:.12g}: make it cheaper, or say why it costs more: "
                f"make figures-update RAISE='{name}' WHY='...'")
    return ""


def main() -> int:
    measured = history.read_stored(Path(sys.argv[1]))
    tap = Tap()
    try:
        stored = history.read()
    except ValueError as error:
        tap.result(False, "the stored figures can be read", str(error))
        return tap.end()
    faults = [fault for entries in stored.values()
              for fault in history.faults(entries)]
    tap.result(not faults, "a stored figure rises only with a reason",
               "\n".join(faults))
    known = (git("ls-files", "--", "docs/figures/*.tsv") or "").split()
    lost = lost_lines(known)
    tap.result(not lost, "no line of the stored figures has gone",
               "\n".join(lost))
    for name in sorted(set(stored) | set(measured)):
        fault = judge(stored, measured, name)
        tap.result(not fault, f"{name} is no more than stored", fault)
    return tap.end()


if __name__ == "__main__":
    sys.exit(main())

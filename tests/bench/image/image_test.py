#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-2-Clause
"""image_test.py BUILD: the figures of the image can fail, and the counter says
what it was asked for wrongly."""
from __future__ import annotations

import contextlib
import io
import sys
from pathlib import Path

import bench
import counting

ROOT = Path(__file__).resolve().parents[3]
sys.path[:0] = [str(ROOT / "tests/bench"), str(ROOT / "tests")]

import history  # noqa: E402
import suite  # noqa: E402
import tap  # noqa: E402

BUILD = Path(sys.argv[1] if len(sys.argv) > 1 else "build")
NAME = "image.echo.64.alone.instructions"
PLANTED = 60  # as in tests/guest/counted/planted.c


def counted(image: str) -> dict[str, float]:
    """What one run of the image prints."""
    said = io.StringIO()
    with contextlib.redirect_stdout(said):
        bench.alone(bench.Bench(BUILD, False, image))
    return {line.split("\t")[0]: float(line.split("\t")[1])
            for line in said.getvalue().splitlines()}


def refused(plan: str) -> str:
    """What is said about a plan that the counter refuses."""
    guest = counting.Run(BUILD / "test-counted.efi", "exit quiet",
                         machine=counting.Machine(1, 256, counting.SHIFT))
    try:
        counting.run(BUILD, guest, plan)
    except counting.MinihvError as error:
        return str(error)
    raise AssertionError(f"the counter takes the plan '{plan}'")


def test_instructions_planted_into_kmcl_are_found_where_they_are() -> None:
    plain, dearer = counted("test-counted"), counted("test-dearer")
    for name in (NAME, f"{NAME}.kmcl"):
        # The wrapper calls the function, where it was called before.
        more = dearer[name] - plain[name]
        assert PLANTED <= more <= PLANTED + 10, f"{name}: {more} more"
    assert dearer[f"{NAME}.vmbus"] == plain[f"{NAME}.vmbus"]
    stored = {NAME: [history.Entry(NAME, "2026-11-30", plain[NAME],
                                   "instructions", "first")]}
    measured = {NAME: (dearer[NAME], "instructions")}
    assert "make it cheaper" in suite.judge(stored, measured, NAME)


def test_a_plan_with_an_unknown_line_is_refused() -> None:
    assert "expected lines 'base'" in refused("bse 0 0 0\n")


def test_a_plan_with_a_phase_that_is_too_large_is_refused() -> None:
    assert "phases below 16, found 'at 1 0 1 16" in refused("at 1 0 1 16\n")


def test_a_function_without_a_mark_is_named() -> None:
    try:
        counting.mark_address(BUILD / "test-counted.elf", "counted_wait")
    except counting.MinihvError as error:
        assert "expected a mark in counted_wait" in str(error)
    else:
        raise AssertionError("a mark was found where none is")


def test_a_part_of_a_figure_is_shown_and_not_stored() -> None:
    assert history.is_part("image.echo.64.alone.instructions.arch")
    assert not history.is_part("image.read_4k.transport.instructions")
    assert not history.is_part("code.lines.arch")


if __name__ == "__main__":
    sys.exit(tap.run(globals()))

# SPDX-License-Identifier: BSD-2-Clause
"""The machine as a firmware or a boot loader may leave it: tests/guest/left
brings it into each state after ExitBootServices, and runs there."""
from __future__ import annotations

from case import Case
from inner import inner_tap

HOST = "tcg"
IMAGE = "test-left"


def _left(title: str, states: str, smp: int = 1) -> Case:
    return Case(title, f"quiet left={states}", {"smp": smp}, check=inner_tap)


CASES = [
    _left("the image starts on a machine that nobody prepared", "nothing"),
    _left("the image starts with all interrupts masked by CR8", "priority"),
    _left("the image starts with a breakpoint armed on main", "debug"),
    _left("the image clears bits of CR4 and EFER that it does not use",
          "control"),
    _left("the image starts when free memory and page zero are not mapped",
          "sparse"),
    _left("the image starts with five-level paging on", "levels", 2),
    _left("the image starts in all of these states at once",
          "sparse,levels,control,debug,priority", 2),
]

# SPDX-License-Identifier: BSD-2-Clause
"""The machine tested from inside, without a hypervisor: interrupts cost so
little here that a million of them fit."""
from __future__ import annotations

from case import Case
from inner import inner_tap

HOST = "tcg"
IMAGE = "test-machine"
MILLION = (r"^ok \d+ - xmm registers hold over 1000000 interrupts",)

CASES = [
    Case("inside, 1 processor, a million interrupts", "quiet seconds=2",
         console=MILLION, check=inner_tap),
    Case("inside, 2 processors", "quiet seconds=2", {"smp": 2},
         console=MILLION, check=inner_tap),
    Case("inside, 4 processors, 2 used", "quiet seconds=2 cpus=2",
         {"smp": 4}, console=(r"^# processors: 2",),
         check=inner_tap),
]

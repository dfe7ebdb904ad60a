# SPDX-License-Identifier: BSD-2-Clause
"""KMCL's acceptance items inside the guest, over a loopback beside the real
bus of a VMBus host."""
from __future__ import annotations

from case import Case
from inner import inner_tap
from kmcl_tcg import ITEMS

HOST = "auto"
BOOT = "direct"
IMAGE = "test-kmcl"
PARTS = 2   # commits in a row that run every case

CASES = [
    Case("KMCL's acceptance items pass in the guest beside the real bus "
         "with 1 processor", "quiet",
         console=ITEMS, check=inner_tap),
    Case("KMCL's acceptance items pass in the guest beside the real bus "
         "with 2 processors", "quiet",
         {"smp": 2}, console=ITEMS, check=inner_tap),
]

# SPDX-License-Identifier: BSD-2-Clause
"""KMCL's acceptance items inside the guest, over the loopback, without a
hypervisor."""
from __future__ import annotations

from case import Case
from inner import inner_tap

HOST = "tcg"
BOOT = "direct"
IMAGE = "test-kmcl"
ITEMS = (r"^# kmcl acceptance: 150 of 150 \(in the guest\)",)

CASES = [
    Case("KMCL's acceptance items pass in the guest with 1 processor",
         "quiet", console=ITEMS,
         check=inner_tap),
    Case("KMCL's acceptance items pass in the guest with 2 processors",
         "quiet", {"smp": 2},
         console=ITEMS, check=inner_tap),
]

"""KMCL's acceptance items inside the guest, over a loopback beside the real
bus of a VMBus host."""
from __future__ import annotations

from case import Case
from inner import inner_tap
from kmcl_tcg import ITEMS

HOST = "auto"

CASES = [
    Case("KMCL inside, beside the real bus", "quiet", {"timeout": 300.0},
         console=ITEMS, check=inner_tap),
]

# SPDX-License-Identifier: BSD-2-Clause
"""What earlier software leaves on a VMBus, on minihv; and machines there."""
from __future__ import annotations

from firmware import layered
from firmware_host import crash_elsewhere, variants

HOST = "minihv"
IMAGE = "firmware-layer"
PARTS = 2   # commits in a row that run every case

CASES = [
    layered("the image connects with 128 MiB of memory", "nothing",
            r"^# claim: offers \d", memory=128),
    *variants(),
    layered("the image connects from tables that map no free memory",
            "sparse,interrupts,priority", r"^# claim: offers \d",
            r"^layer: page tables of"),
    layered("two processors start in x2APIC mode with a map of 2,000 pieces "
            "and an APIC that is off", "pieces,apic-off",
            r"^# claim: offers \d", r"^layer: IA32_APIC_BASE is 0xfee00100",
            smp=2, config="x2apic=1"),
    crash_elsewhere(),
]

# SPDX-License-Identifier: BSD-2-Clause
"""What earlier software leaves on a VMBus, on QEMU's: tests/firmware/layer makes
contact, and never takes the host's answer."""
from __future__ import annotations

from case import Case
from firmware import BEGINS, layered
from verdict import CRASH

HOST = "auto"
IMAGE = "firmware-layer"
PARTS = 2   # commits in a row that run every case
LEFT = r"^layer: a VMBus is left connected"
ANSWERED = r"VMBus: the host answered UNLOAD"

# SINT2 unmasked or masked, GUEST_OS_ID kept or cleared.
VARIANTS = (
    ("its SINT unmasked and GUEST_OS_ID set", "bus"),
    ("its SINT masked and GUEST_OS_ID set", "masked"),
    ("its SINT unmasked and GUEST_OS_ID 0", "bus,nobody"),
    ("its SINT masked and GUEST_OS_ID 0", "masked,nobody"),
)


def variants() -> list[Case]:
    return [layered(f"the image connects to a VMBus that was left with {words}",
                    states, LEFT, r"^# claim: offers \d") for words, states in
            VARIANTS]


def crash_elsewhere() -> Case:
    return Case("a crash on another processor than the contact's sees the "
                "host's answer to UNLOAD", "layer=nothing elsewhere",
                {"smp": 2}, verdict=CRASH,
                console=(BEGINS, r"CRASH: invalid opcode, processor 1",
                         ANSWERED))


CASES = [
    layered("the image connects on a machine that nobody prepared", "nothing",
            r"^# claim: offers \d"),
    layered("the image connects with 64 MiB of memory", "nothing",
            r"^# claim: offers \d", memory=64),
    *variants(),
    layered("the image connects from tables that map no free memory",
            "sparse,interrupts,priority", r"^# claim: offers \d",
            r"^layer: page tables of"),
    layered("the image connects with a map of 2,000 pieces", "pieces",
            r"^# claim: offers \d", least=400),
    crash_elsewhere(),
]

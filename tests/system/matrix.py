# SPDX-License-Identifier: BSD-2-Clause
"""The machines that a guest may run on: sizes, firmware, Hyper-V's features."""
from __future__ import annotations

from typing import Any

from case import Case
from guest import HV_FLAGS

HOST = "auto"
BOOT = "direct"
PARTS = 2   # commits in a row that run every case
UEFI = {"firmware": "13"}  # the usual one
STRICT = "hv-enforce-cpuid"  # KVM then refuses what CPUID does not show


def without(*flags: str) -> dict[str, Any]:
    """The usual flags without these. A guest that uses them anyway faults."""
    kept = tuple(flag for flag in HV_FLAGS if flag not in flags)
    return {"hv": kept + (STRICT,)}


def with_more(*flags: str) -> dict[str, Any]:
    return {"hv": HV_FLAGS + flags}


MACHINES: tuple[tuple[str, dict[str, Any]], ...] = (
    ("with 1 processor", {}),
    ("with firmware and 1 processor", UEFI),
    ("with firmware and 2 processors", {"smp": 2, **UEFI}),
    ("with 128 MiB", {"memory": 128}),
    ("with firmware and 128 MiB", {"memory": 128, **UEFI}),
    ("with firmware and 6 GiB, some of it above 4 GiB,",
     {"memory": 6144, **UEFI}),
    ("with 6 GiB and 2 processors", {"memory": 6144, "smp": 2}),
    ("of QEMU's type pc, with firmware,", {"machine": "pc", **UEFI}),
    ("of QEMU's type pc with 2 processors", {"machine": "pc", "smp": 2}),
    ("with OVMF of Debian 12, from a disk,",
     {"firmware": "12", "from_disk": True}),
    ("of type pc with OVMF of Debian 13, from a disk,",
     {"machine": "pc", "from_disk": True}),
    ("with a screen (GOP)", {"screen": True}),
    ("with a screen and no serial port", {"serial": False, "screen": True}),
    ("without serial port and screen", {"serial": False}),
    ("with exactly the usual Hyper-V flags", without()),
    ("without hv-stimer", without("hv-stimer")),
    ("without hv-time", without("hv-time", "hv-stimer")),
    ("without hv-frequencies", without("hv-frequencies")),
    ("without hv-reset", without("hv-reset")),
    ("without x2apic", {"cpu": "-x2apic"}),
    ("without x2apic and with 2 processors", {"cpu": "-x2apic", "smp": 2}),
    ("with the smallest set of Hyper-V flags",
     {"hv": ("hv-vpindex", "hv-synic", STRICT)}),
    ("with hv-emsr-bitmap", with_more("hv-emsr-bitmap")),
    ("with hv-stimer-direct", with_more("hv-stimer-direct")),
    ("with hv-stimer-direct and 2 processors",
     {**with_more("hv-stimer-direct"), "smp": 2}),
    ("with hv-xmm-input", with_more("hv-xmm-input")),
    ("with hv-syndbg", with_more("hv-syndbg")),
)

OFFER = (r"^# claim: offers 1$",)


def case(words: str, machine: dict[str, Any]) -> Case:
    """Without a serial port only the verdict can be checked."""
    return Case(f"on a machine {words} the image boots and passes",
                machine=machine,
                console=OFFER if machine.get("serial", True) else ())


CASES = [case(words, machine) for words, machine in MACHINES]
CASES.append(Case("the suite rejects an image that reports passed before its "
                  "offers",
                  "lie=verdict", console=OFFER,
                  must_fail="expected on the console"))

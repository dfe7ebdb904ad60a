# SPDX-License-Identifier: BSD-2-Clause
"""The machines that a guest may meet: sizes, firmware, what Hyper-V shows."""
from __future__ import annotations

from typing import Any

from case import Case
from guest import HV_FLAGS

HOST = "auto"
STRICT = "hv-enforce-cpuid"  # KVM then refuses what CPUID does not show


def without(*flags: str) -> dict[str, Any]:
    """Exactly the usual flags but these; using them anyway faults."""
    kept = tuple(flag for flag in HV_FLAGS if flag not in flags)
    return {"hv": kept + (STRICT,)}


def with_more(*flags: str) -> dict[str, Any]:
    return {"hv": HV_FLAGS + flags}


MACHINES: tuple[tuple[str, dict[str, Any]], ...] = (
    ("1 processor", {}),
    ("2 processors", {"smp": 2}),
    ("128 MiB", {"memory": 128}),
    ("6 GiB, so memory above 4 GiB", {"memory": 6144}),
    ("6 GiB and 2 processors", {"memory": 6144, "smp": 2}),
    ("machine pc", {"machine": "pc"}),
    ("machine pc, 2 processors", {"machine": "pc", "smp": 2}),
    ("OVMF of Debian 12, from a disk",
     {"firmware": "12", "from_disk": True}),
    ("OVMF of Debian 13 on pc, from a disk",
     {"machine": "pc", "from_disk": True}),
    ("a screen (GOP)", {"screen": True}),
    ("no serial port", {"serial": False, "screen": True}),
    ("no serial port and no screen", {"serial": False}),
    ("exactly the usual flags", without()),
    ("without hv-stimer", without("hv-stimer")),
    ("without hv-time", without("hv-time", "hv-stimer")),
    ("without hv-frequencies", without("hv-frequencies")),
    ("without hv-reset", without("hv-reset")),
    ("without x2apic", {"cpu": "-x2apic"}),
    ("without x2apic, 2 processors", {"cpu": "-x2apic", "smp": 2}),
    ("the smallest set of flags", {"hv": ("hv-vpindex", "hv-synic", STRICT)}),
    ("hv-emsr-bitmap", with_more("hv-emsr-bitmap")),
    ("hv-stimer-direct", with_more("hv-stimer-direct")),
    ("hv-stimer-direct, 2 processors",
     {**with_more("hv-stimer-direct"), "smp": 2}),
    ("hv-xmm-input", with_more("hv-xmm-input")),
    ("hv-syndbg", with_more("hv-syndbg")),
)

OFFER = (r"^# claim: offers 1$",)


def case(name: str, machine: dict[str, Any]) -> Case:
    """Without a serial port the verdict is all that there is to see."""
    return Case(name, machine=machine,
                console=OFFER if machine.get("serial", True) else ())


CASES = [case(name, machine) for name, machine in MACHINES]
CASES.append(Case("an image that says passed too early is found out",
                  "lie=verdict", console=OFFER,
                  must_fail="expected on the console"))

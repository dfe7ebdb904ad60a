# SPDX-License-Identifier: BSD-2-Clause
"""How the machine ends: power-off, or one of the ways of reset.

The last event that QEMU saw shows which way the guest used.
"""
from __future__ import annotations

import re
from typing import Callable

from case import Case
from guest import TRACES
from host import Result

HOST = "auto"
BOOT = "direct"
LINES = 400
# KVM_EXIT_SYSTEM_EVENT: the Hyper-V reset MSR arrives as one of type reset.
SYSTEM_EVENT = "24"
TRIPLE_FAULT = "8"
EXIT_EVENT = re.compile(r"kvm_run_exit cpu_index \d+, reason (\d+)")
# The last register that the guest wrote, by QEMU's name for it.
WRITE_EVENT = re.compile(r"memory_region_ops_write .* name '([^']+)'")
TRACED = {"trace": TRACES + ("kvm_run_exit", "memory_region_ops_write"),
          "trace_lines": LINES}


def last(pattern: re.Pattern[str], result: Result) -> str | None:
    """Returns what the last event that matches the pattern shows."""
    for line in reversed(result.trace):
        match = pattern.search(line)
        if match:
            return match.group(1)
    return None


def ended(reason: str, register: str | None = None,
          kvm_exit: str | None = None) -> Callable[[Result], str | None]:
    """Makes a check: the run must end for this reason, and the last written
    register and KVM's last exit must be these."""
    def check(result: Result) -> str | None:
        if result.end != reason:
            return f"expected the end {reason}, found {result.end}"
        found = last(EXIT_EVENT, result)
        if kvm_exit is not None and found != kvm_exit:
            return f"expected KVM's last exit to be {kvm_exit}, found {found}"
        if found == TRIPLE_FAULT:
            return "expected another end than a triple fault"
        written = last(WRITE_EVENT, result)
        if register is not None and written != register:
            return f"expected the last write to {register}, found {written}"
        return None
    return check


CASES = [
    Case("end=off powers the machine off by ACPI", "end=off", TRACED,
         verdict=None,
         check=ended("guest-shutdown", "acpi-cnt")),
    Case("end=off powers a machine of QEMU's type pc off by ACPI", "end=off",
         {**TRACED, "machine": "pc", "firmware": "13"}, verdict=None,
         check=ended("guest-shutdown", "acpi-cnt")),
    Case("end=off powers a machine with two processors off by ACPI", "end=off",
         {**TRACED, "smp": 2}, verdict=None,
         check=ended("guest-shutdown", "acpi-cnt")),
    Case("end=reset-hv resets the machine by Hyper-V's MSR", "end=reset-hv",
         TRACED, verdict=None,
         check=ended("guest-reset", kvm_exit=SYSTEM_EVENT)),
    Case("end=reset-acpi resets the machine by ACPI", "end=reset-acpi",
         TRACED, verdict=None,
         check=ended("guest-reset", "lpc-reset-control")),
    Case("end=reset-8042 resets the machine by the keyboard controller",
         "end=reset-8042", TRACED,
         verdict=None, check=ended("guest-reset", "i8042-cmd")),
    Case("the suite rejects an image that ends with a verdict instead of "
         "off",
         "end=off lie=verdict", TRACED, verdict=None,
         check=ended("guest-shutdown", "acpi-cnt"), must_fail="expected"),
]

# SPDX-License-Identifier: BSD-2-Clause
"""Plain QEMU without any hypervisor's interface: the guest refuses."""
from __future__ import annotations

from case import Case
from verdict import NO_HYPERVISOR

HOST = "tcg"

CASES = [
    Case("refuses, and names the vendor that it found",
         verdict=NO_HYPERVISOR, console=(r"(?i)not running on Hyper-V",
                                         r"TCGTCGTCGTCG")),
    Case("refuses when started from a disk",
         machine={"from_disk": True}, verdict=NO_HYPERVISOR),
    Case("refuses on a machine with a screen and no serial port",
         machine={"serial": False, "screen": True}, verdict=NO_HYPERVISOR),
    Case("an image that says passed here is found out", "lie=verdict",
         verdict=NO_HYPERVISOR, must_fail="expected no-hypervisor, found"),
]

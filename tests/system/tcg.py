# SPDX-License-Identifier: BSD-2-Clause
"""Plain QEMU without any hypervisor's interface: the guest refuses."""
from __future__ import annotations

from case import Case
from verdict import NO_HYPERVISOR

HOST = "tcg"

CASES = [
    Case("the image refuses a machine without Hyper-V and names the "
         "hypervisor vendor that it found",
         verdict=NO_HYPERVISOR, console=(r"(?i)not running on Hyper-V",
                                         r"TCGTCGTCGTCG")),
    Case("the image refuses a machine without Hyper-V when it is started "
         "from a disk",
         machine={"from_disk": True}, verdict=NO_HYPERVISOR),
    Case("the image refuses a machine without Hyper-V that has a screen "
         "and no serial port",
         machine={"serial": False, "screen": True}, verdict=NO_HYPERVISOR),
    Case("the suite rejects an image that reports passed without Hyper-V",
         "lie=verdict",
         verdict=NO_HYPERVISOR, must_fail="expected no-hypervisor, found"),
]

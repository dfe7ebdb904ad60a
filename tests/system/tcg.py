# SPDX-License-Identifier: BSD-2-Clause
"""Plain QEMU without any hypervisor's interface: the guest refuses."""
from __future__ import annotations

from case import HANG_SECONDS, Case
from host import Session
from qr_screen import Staying
from verdict import NO_HYPERVISOR, USAGE

HOST = "tcg"

CONF = "EFI/BOOT/vmbare.conf"
GOOD_CONF = """# what a person writes
cpus = 2
log = debug      # all of it
exit = no        # vmbare.cmd says otherwise
"""
BAD_CONF = """log = debug

cpus = none
fualt = divide
"""


def end_by_key(session: Session) -> None:
    """Types a key that does nothing, then the one that ends the machine."""
    if session.wait_serial("the key e ends it", HANG_SECONDS / 2):
        session.type("?")
        if session.wait_serial("keys: e ends the machine", HANG_SECONDS / 2):
            session.type("e")


def on_disk(conf: str) -> dict[str, object]:
    return {"from_disk": True, "beside": ((CONF, conf),)}


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
    Case("options of vmbare.cmd outrank those of vmbare.conf, and the report "
         "says where each came from", "cpus=1", machine=on_disk(GOOD_CONF),
         verdict=NO_HYPERVISOR,
         console=(r"^  option cpus=1 \(vmbare\.cmd\)\r?$",
                  r"^  option log=debug \(vmbare\.conf line 3\)\r?$",
                  r"^  option exit \(vmbare\.cmd\)\r?$")),
    Case("wrong lines of vmbare.conf are named, and the application is not "
         "run", machine=on_disk(BAD_CONF), verdict=USAGE,
         console=(r"vmbare\.conf line 3: found cpus=none, expected a number "
                  r"from 1 to 256: correct it",
                  r"vmbare\.conf line 4: found the option 'fualt'",
                  r"the application is not run"),
         check=lambda result: "a report was printed"
         if "vmbare report" in result.serial else None),
    Staying("a machine without the option exit stays when main has returned, "
            "shows the verdict, and ends by a key", verdict=NO_HYPERVISOR,
            console=(r"the application is done, verdict: no hypervisor",
                     r"^keys: e ends the machine", r"up 0:00:0"),
            during=end_by_key),
    Case("the suite rejects an image that reports passed without Hyper-V",
         "lie=verdict",
         verdict=NO_HYPERVISOR, must_fail="expected no-hypervisor, found"),
]

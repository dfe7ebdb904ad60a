# SPDX-License-Identifier: BSD-2-Clause
"""The image on QEMU's VMBus, which was not written by this project."""
from __future__ import annotations

from case import Case
from guest import HV_FLAGS
from verdict import UNSUPPORTED

HOST = "auto"
BOOT = "direct"
BRIDGE_ONLY = ("vmbus-bridge",)
BALLOON_CLASS = "525074dc-8985-46e2-8057-a307dc18a502"
WITHOUT_SYNIC = tuple(flag for flag in HV_FLAGS
                      if flag not in ("hv-synic", "hv-stimer"))
VERSIONS = ("0.13", "1.1", "2.4", "3.0", "4.0")


def version_case(version: str) -> Case:
    return Case(f"the image connects with protocol {version} when an option "
                "asks for it",
                f"vmbus.version={version}",
                console=(rf"^# claim: contact {version}$",
                         r"^# claim: offers 1$"))


CASES = [
    Case("the image boots from a disk and finds the offer of the balloon",
         machine={"from_disk": True},
         console=(r"^# claim: offers 1$", f"(?i){BALLOON_CLASS}",
                  r"^# claim: unload$")),
    Case("the image boots from a disk on two processors and finds the offer",
         machine={"smp": 2, "from_disk": True},
         console=(r"^# claim: offers 1$",)),
    Case("the image reports that the host made no offer",
         machine={"devices": BRIDGE_ONLY},
         console=(r"^# claim: offers 0$", r"^devices +0$")),
    Case("the image refuses a hypervisor without SynIC and names the missing "
         "right",
         machine={"hv": WITHOUT_SYNIC, "devices": ()},
         verdict=UNSUPPORTED, console=(r"AccessSynicRegs",)),
    *(version_case(version) for version in VERSIONS),
    Case("the judge rejects an image that claims another protocol version",
         "lie=contact", must_fail="guest and host do not agree: claim"),
    Case("the judge rejects an image that claims one offer too many",
         "lie=offers", must_fail="guest and host do not agree: claim"),
    Case("the judge rejects an image that does not claim its UNLOAD",
         "lie=unload", must_fail="guest and host do not agree: the host saw"),
]

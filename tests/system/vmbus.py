# SPDX-License-Identifier: BSD-2-Clause
"""The guest on a VMBus that nobody here wrote: QEMU's."""
from __future__ import annotations

from case import Case
from guest import HV_FLAGS
from verdict import UNSUPPORTED

HOST = "auto"
BRIDGE_ONLY = ("vmbus-bridge",)
BALLOON_CLASS = "525074dc-8985-46e2-8057-a307dc18a502"
WITHOUT_SYNIC = tuple(flag for flag in HV_FLAGS
                      if flag not in ("hv-synic", "hv-stimer"))
VERSIONS = ("0.13", "1.1", "2.4", "3.0", "4.0")


def version_case(version: str) -> Case:
    return Case(f"speaks protocol {version} when told to",
                f"vmbus.version={version}",
                console=(rf"^# claim: contact {version}$",
                         r"^# claim: offers 1$"))


CASES = [
    Case("boots from a disk, finds the balloon's offer",
         machine={"from_disk": True},
         console=(r"^# claim: offers 1$", f"(?i){BALLOON_CLASS}",
                  r"^# claim: unload$")),
    Case("boots with two processors from a disk",
         machine={"smp": 2, "from_disk": True},
         console=(r"^# claim: offers 1$",)),
    Case("says so when there is no offer",
         machine={"devices": BRIDGE_ONLY},
         console=(r"^# claim: offers 0$", r"^ +no offers: ")),
    Case("refuses a hypervisor without SynIC, by name",
         machine={"hv": WITHOUT_SYNIC, "devices": ()},
         verdict=UNSUPPORTED, console=(r"AccessSynicRegs",)),
    *(version_case(version) for version in VERSIONS),
    Case("an image that claims another version is found out",
         "lie=contact", must_fail="guest and host do not agree: claim"),
    Case("an image that claims an offer too many is found out",
         "lie=offers", must_fail="guest and host do not agree: claim"),
    Case("an image that does not claim its unload is found out",
         "lie=unload", must_fail="guest and host do not agree: the host saw"),
]

# SPDX-License-Identifier: BSD-2-Clause
"""The image without firmware, on a bus: by the 64-bit Linux boot protocol, in
the state that OpenVMM gives. minihv is the loader (tests/minihv/load/direct.c)."""
from __future__ import annotations

from case import Case
from verdict import NO_HYPERVISOR, UNSUPPORTED

HOST = "minihv"
BOOT = "direct"

HERE = r"^firmware +none: direct boot, Linux$"
OFFERS = r"^# claim: offers [1-9]\d*$"


def refused(words: str, loader: str, because: str) -> Case:
    """A loader that misbehaves gets an answer on COM1."""
    return Case(f"the image refuses a loader that {words}",
                machine={"config": f"loader={loader}"}, verdict=UNSUPPORTED,
                console=(rf"^vmbare: .*{because}.*; cannot start$",))


CASES = [
    Case("the image starts by the Linux protocol and finds its devices",
         console=(HERE, r"^screen +none$", r"^date +20\d\d-", OFFERS)),
    Case("the image starts by the Linux protocol on two processors",
         machine={"smp": 2}, console=(HERE, r"^processors +2,", OFFERS)),
    *(Case(f"the image starts by the Linux protocol and connects with "
           f"protocol {version}", machine={"config": f"version={version}"},
           console=(HERE, rf"^# claim: contact {version}$", OFFERS))
      for version in ("1.1", "4.0", "5.2", "6.0")),
    Case("the image starts by the Linux protocol without a hypervisor",
         machine={"config": "hypervisor=0"}, verdict=NO_HYPERVISOR,
         console=(HERE,)),
    Case("the image starts whatever the loader has left in registers",
         machine={"config": "loader=registers"}, console=(HERE, OFFERS)),
    Case("the image starts where the loader names no RSDP",
         machine={"config": "loader=no-rsdp"},
         console=(HERE, r"no ACPI tables: there is no RSDP")),
    refused("leaves no zero page", "magic",
            "expected a zero page .* found 0xaa55 and 0x53726449"),
    refused("names a command line where there is none", "line",
            "the command line at 0x1[0-9a-f]{8} is not readable"),
    refused("tells no memory", "no-memory",
            "the memory map has 0 KiB of free memory"),
    refused("leaves a list without an end", "circle", "leads back to itself"),
]

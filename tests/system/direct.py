# SPDX-License-Identifier: BSD-2-Clause
"""The image without firmware, as QEMU starts it: by PVH."""
from __future__ import annotations

import re

from case import Case
from host import Result
from verdict import NO_HYPERVISOR, UNSUPPORTED

HOST = "tcg"
BOOT = "direct"

HERE = r"^firmware +none: direct boot, PVH$"
NO_SCREEN = r"^screen +none$"
# QEMU's CMOS clock shows this, and only it can have told it.
CLOCK = ("-rtc", "base=2031-02-03T04:05:06")
DATE = r"^date +2031-02-03 04:0[5-9]:\d\d UTC$"
LONG = "quiet " * 171  # 1,026 characters: 3 more than there is room for


def has_memory(least: int, most: int) -> object:
    """Makes a check of the report: MiB in all."""
    def check(result: Result) -> str | None:
        found = re.search(r"^memory +(\d+) MiB", result.serial, re.M)
        if found is None or not least <= int(found[1]) <= most:
            return (f"expected {least} to {most} MiB in the report, found "
                    f"{found and found[0]}")
        return None
    return check


CASES = [
    Case("the image starts by PVH and says that there is neither firmware nor "
         "screen", verdict=NO_HYPERVISOR, console=(HERE, NO_SCREEN)),
    Case("the image starts by PVH on a machine of QEMU's type pc",
         machine={"machine": "pc"}, verdict=NO_HYPERVISOR, console=(HERE,)),
    Case("the image starts by PVH on two processors", machine={"smp": 2},
         verdict=NO_HYPERVISOR, console=(HERE, r"^processors +2,")),
    Case("the image uses the memory above 4 GiB that PVH tells",
         machine={"memory": 5120}, verdict=NO_HYPERVISOR, console=(HERE,),
         check=has_memory(5100, 5120)),
    Case("the image starts by PVH with 18 MiB of memory",
         machine={"memory": 18}, verdict=NO_HYPERVISOR, console=(HERE,)),
    Case("the date is the CMOS clock's", machine={"extra": CLOCK},
         verdict=NO_HYPERVISOR, console=(DATE,)),
    Case("options that are too long are refused", LONG, verdict=UNSUPPORTED,
         console=(r"^vmbare: the command line has more than 1023 characters "
                  r"behind '--'.*; cannot start$",)),
    Case("a processor without 64-bit mode is refused by name",
         machine={"cpu": "-lm"}, verdict=UNSUPPORTED,
         console=(r"^vmbare: this processor has no 64-bit mode; "
                  r"cannot start$",)),
    Case("the suite rejects an image that reports passed without Hyper-V",
         "lie=verdict", verdict=NO_HYPERVISOR,
         must_fail="expected no-hypervisor, found"),
]

# SPDX-License-Identifier: BSD-2-Clause
"""The machine tested from inside, on minihv: a Hyper-V that shows what KVM
does not (start of processors by hypercall, guest idle, every version)."""
from __future__ import annotations

from case import Case
from inner import inner_tap

HOST = "minihv"
IMAGE = "test-machine"
VERSIONS = ("0.13", "1.1", "2.4", "3.0", "4.0", "4.1", "5.0", "5.1", "5.2",
            "5.3", "6.0")

# The second processor of two begins so many seconds after it was started: the
# guest waits for ten.
LATE = (("by hypercall", ""), ("by INIT and STARTUP", " without=startvp"))


def late(seconds: int, more: str) -> dict[str, object]:
    return {"smp": 2, "config": f"late={seconds}{more}"}


CASES = [
    Case("inside, 1 processor", "quiet seconds=2", check=inner_tap),
    # Who idles by the MSR keeps a processor of the machine busy: where that
    # has two, for three here, all is some thirty times as slow.
    Case("inside, 2 processors", "quiet seconds=2",
         {"smp": 2, "config": "without=idle"}, check=inner_tap),
    Case("inside, 2 processors that idle by MSR", "quiet test=processors",
         {"smp": 2}, check=inner_tap),
    *(Case(f"inside, protocol {version}", "quiet test=hypercalls",
           {"config": f"version={version}"},
           console=(rf"^# claim: contact {version}$",), check=inner_tap)
      for version in VERSIONS),
    *(Case(f"inside, a processor comes after 3 s, {way}", "test=processors",
           late(3, more), console=(r"^# processors: 2",), check=inner_tap)
      for way, more in LATE),
    *(Case(f"inside, a processor comes after it was given up, {way}",
           "test=compute seconds=5", late(12, more),
           console=(r"going on without it",), check=inner_tap)
      for way, more in LATE),
]

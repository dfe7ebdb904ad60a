# SPDX-License-Identifier: BSD-2-Clause
"""The machine tested from inside, on minihv.

minihv has features of Hyper-V that KVM lacks: the start of processors by
hypercall, the guest idle MSR, and every protocol version.
"""
from __future__ import annotations

from case import Case
from inner import inner_tap

HOST = "minihv"
IMAGE = "test-machine"
PARTS = 2   # commits in a row that run every case
VERSIONS = ("0.13", "1.1", "2.4", "3.0", "4.0", "4.1", "5.0", "5.1", "5.2",
            "5.3", "6.0")

# The second processor begins to run this many seconds after its start was
# requested. The guest waits for ten seconds.
# INIT and STARTUP come first; the hypercall follows where they lead to nothing.
LATE = (("by INIT and STARTUP", " without=startvp"),
        ("by INIT and STARTUP, and not by hypercall", ""))


def late(seconds: int, more: str) -> dict[str, object]:
    return {"smp": 2, "config": f"late={seconds}{more}"}


CASES = [
    Case("the tests in the guest pass on minihv with 1 processor",
         "quiet seconds=2", check=inner_tap),
    # A guest that idles by the MSR keeps a processor of the build machine
    # busy. This case needs three, and is thirty times as slow with two.
    Case("the tests in the guest pass on minihv with 2 processors",
         "quiet seconds=2",
         {"smp": 2, "config": "without=idle"}, check=inner_tap),
    Case("the guest's tests of processors pass with 2 processors that idle "
         "by MSR", "quiet test=processors",
         {"smp": 2}, check=inner_tap),
    *(Case(f"the guest's tests of hypercalls pass with protocol {version}",
           "quiet test=hypercalls",
           {"config": f"version={version}"},
           console=(rf"^# claim: contact {version}$",), check=inner_tap)
      for version in VERSIONS),
    Case("the guest starts a processor by hypercall where INIT and STARTUP lead "
         "to nothing", "test=processors", {"smp": 2, "config": "sipi=0"},
         console=(r"^# processors: 2",), check=inner_tap),
    *(Case(f"the guest asks for VP indices that are not in the tables' order, "
           f"{way}", "test=processors",
           {"smp": 2, "config": f"vpgap=5{more}"},
           console=(r"^# processors: 2",), check=inner_tap)
      for way, more in (("with INIT and STARTUP", ""),
                        ("by hypercall", " sipi=0"))),
    Case("the guest does without a processor that neither way starts",
         "test=compute seconds=5",
         {"smp": 2, "config": "sipi=0 without=startvp"},
         console=(r"going on without it",), check=inner_tap),
    *(Case(f"the guest uses a processor that starts 3 s late {way}",
           "test=processors",
           late(3, more), console=(r"^# processors: 2",), check=inner_tap)
      for way, more in LATE),
    *(Case(f"the guest does without a processor that starts 12 s late {way}",
           "test=compute seconds=5", late(12, more),
           console=(r"going on without it",), check=inner_tap)
      for way, more in LATE),
]

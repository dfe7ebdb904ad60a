"""The machine tested from inside: the image test-machine on a VMBus host."""
from __future__ import annotations

import re

from case import Case
from guest import HV_FLAGS
from host import Result

HOST = "auto"
RESULT = re.compile(r"^(not ok|ok) \d+ - (.*?)\r?$", re.M)
PLAN = re.compile(r"^1\.\.(\d+)\r?$", re.M)


def inner_tap(result: Result) -> str | None:
    """All results of the guest's own TAP are ok, and none is missing."""
    found = RESULT.findall(result.serial)
    bad = [name for verdict, name in found if verdict == "not ok"]
    if bad:
        return f"expected all checks in the guest to hold, failed: {bad}"
    plan = PLAN.search(result.serial)
    if plan is None or int(plan[1]) != len(found) or not found:
        return (f"expected as many results as planned, found {len(found)}, "
                f"planned {plan[1] if plan else 'nothing'}")
    return None


# The long one: an application that computes for 30 s.
LONG = {"timeout": 120.0}
QUICK = "seconds=2"

CASES = [
    Case("inside, 1 processor, computing for 30 s", "", LONG,
         check=inner_tap),
    Case("inside, 2 processors", QUICK, {**LONG, "smp": 2}, check=inner_tap),
    Case("inside, 2 processors without x2apic", QUICK,
         {**LONG, "smp": 2, "cpu": "-x2apic"}, check=inner_tap),
    Case("inside, with XMM input, direct timers and 6 GiB", QUICK,
         {**LONG, "smp": 2, "memory": 6144,
          "hv": HV_FLAGS + ("hv-xmm-input", "hv-stimer-direct")},
         console=(r"^ok \d+ - a call with XMM input",), check=inner_tap),
    Case("inside, without hv-time: other clock and timer", QUICK,
         {**LONG, "hv": ("hv-vpindex", "hv-synic")}, check=inner_tap),
    Case("a guest that ends before its tests is found out", "lie=verdict",
         check=inner_tap, must_fail="expected as many results|agree"),
]

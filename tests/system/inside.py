# SPDX-License-Identifier: BSD-2-Clause
"""The machine tested from inside: the image test-machine on a VMBus host."""
from __future__ import annotations

from case import Case
from guest import HV_FLAGS
from inner import inner_tap

HOST = "auto"
IMAGE = "test-machine"
QUICK = "seconds=2"

CASES = [
    Case("inside, 1 processor, computing for 30 s", check=inner_tap),
    Case("inside, 2 processors", QUICK, {"smp": 2}, check=inner_tap),
    Case("inside, 2 processors without x2apic", QUICK,
         {"smp": 2, "cpu": "-x2apic"}, check=inner_tap),
    Case("inside, with XMM input, direct timers and 6 GiB", QUICK,
         {"smp": 2, "memory": 6144,
          "hv": HV_FLAGS + ("hv-xmm-input", "hv-stimer-direct")},
         console=(r"^ok \d+ - a call with XMM input",), check=inner_tap),
    # Each look at the ACPI timer leaves the guest and its host's kernel, some
    # milliseconds nested: what is about time, and no more.
    *(Case(f"inside, without hv-time: other clock and timer, {test}",
           f"quiet test={test}",
           {"hv": ("hv-vpindex", "hv-synic")}, check=inner_tap)
      for test in ("time", "levels")),
    Case("a guest that ends before its tests is found out", "lie=verdict",
         check=inner_tap, must_fail="expected as many results|agree"),
]

# SPDX-License-Identifier: BSD-2-Clause
"""The machine tested from inside: the image test-machine on a VMBus host."""
from __future__ import annotations

from case import Case
from guest import HV_FLAGS
from inner import inner_tap

HOST = "auto"
BOOT = "direct"
IMAGE = "test-machine"
QUICK = "seconds=2"

CASES = [
    Case("the tests in the guest pass on 1 processor with 30 s of computing",
         check=inner_tap),
    Case("the tests in the guest pass on 2 processors", QUICK, {"smp": 2},
         check=inner_tap),
    Case("the tests in the guest pass on 2 processors without x2APIC", QUICK,
         {"smp": 2, "cpu": "-x2apic"}, check=inner_tap),
    Case("the tests in the guest pass with XMM input, direct timers and 6 GiB",
         QUICK,
         {"smp": 2, "memory": 6144,
          "hv": HV_FLAGS + ("hv-xmm-input", "hv-stimer-direct")},
        console=(r"^ok \d+ - a hypercall with XMM input",), check=inner_tap),
    # Each read of the ACPI timer leaves the guest and the host's kernel, which
    # takes milliseconds in a nested guest. So only the tests of time run.
    *(Case(f"the guest's tests of {test} pass without hv-time, on another "
           "clock and timer",
           f"quiet test={test}",
           {"hv": ("hv-vpindex", "hv-synic")}, check=inner_tap)
      for test in ("time", "levels")),
    Case("the suite rejects a guest that ends before its tests are done",
         "lie=verdict",
         check=inner_tap, must_fail="expected as many results|agree"),
]

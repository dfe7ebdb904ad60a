# SPDX-License-Identifier: BSD-2-Clause
"""The machine tested from inside, without a hypervisor.

An interrupt is cheap here, so one run has a million of them.
"""
from __future__ import annotations

from case import Case
from inner import inner_tap

HOST = "tcg"
BOOT = "direct"
IMAGE = "test-machine"
MILLION = (r"^ok \d+ - xmm registers keep their values over 1000000 ",)

CASES = [
    Case("the tests in the guest pass without a hypervisor on 1 processor",
         "quiet seconds=2",
         console=MILLION, check=inner_tap),
    Case("the tests in the guest pass without a hypervisor on 2 processors",
         "quiet seconds=2", {"smp": 2},
         console=MILLION, check=inner_tap),
    Case("the tests in the guest pass with cpus=2 on 4 processors",
         "quiet seconds=2 cpus=2",
         {"smp": 4}, console=(r"^# processors: 2",),
         check=inner_tap),
]

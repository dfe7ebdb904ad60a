# SPDX-License-Identifier: BSD-2-Clause
"""Faults on purpose, under plain QEMU: each ends in its report."""
from __future__ import annotations

from case import Case
from verdict import CRASH

HOST = "tcg"

# Option, and what the crash report must say.
FAULTS: tuple[tuple[str, tuple[str, ...]], ...] = (
    ("write-text", (r"CRASH: page fault",)),
    ("write-const", (r"CRASH: page fault",)),
    ("exec-data", (r"CRASH: page fault",)),
    ("exec-heap", (r"CRASH: page fault",)),
    ("exec-stack", (r"CRASH: page fault",)),
    ("null-read", (r"CRASH: page fault",)),
    ("null-call", (r"CRASH: page fault",)),
    ("stack-overflow", (r"CRASH: (page|double) fault",)),
    ("double-fault", (r"CRASH: double fault",)),
    ("divide", (r"CRASH: divide error",)),
    ("assert", (r"CRASH: assertion failed",)),
    ("stack-smash", (r"CRASH: .*stack",)),
    ("use-after-free", (r"CRASH: page fault",)),
)
BACKTRACE = r"crash: #1 image\+0x"

CASES = [Case(f"fault={name}", f"fault={name}", verdict=CRASH,
              console=patterns + (BACKTRACE,)) for name, patterns in FAULTS]
CASES.append(Case("an image that passes instead of faulting is found out",
                  "fault=write-text lie=verdict", verdict=CRASH,
                  must_fail="expected crash, found"))

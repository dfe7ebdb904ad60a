# SPDX-License-Identifier: BSD-2-Clause
"""Each kind of fault, made on purpose under plain QEMU, ends in a report."""
from __future__ import annotations

from case import Case
from verdict import CRASH

HOST = "tcg"
BOOT = "direct"

# The option, and the patterns that its crash report must match.
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
    ("strcpy", (r"CRASH: page fault",)),
)
BACKTRACE = r"crash: #1 image\+0x"

CASES = [Case(f"the option fault={name} ends in its crash report with a "
              "backtrace", f"fault={name}", verdict=CRASH,
              console=patterns + (BACKTRACE,)) for name, patterns in FAULTS]
CASES.append(Case("the suite rejects an image that reports passed instead of "
                  "faulting",
                  "fault=write-text lie=verdict", verdict=CRASH,
                  must_fail="expected crash, found"))

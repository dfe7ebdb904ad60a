#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-2-Clause
"""The suite `kmcl-minihv`: the acceptance list and the guide's programs inside
the guest, on minihv.

    minihv_suite.py BUILD
"""
from __future__ import annotations

import re
import sys
from dataclasses import dataclass, field
from pathlib import Path

TESTS = Path(__file__).resolve().parent.parent
sys.path[:0] = [str(TESTS), str(TESTS / "minihv")]

import tap  # noqa: E402
from machine import MinihvError, Run, execute, here  # noqa: E402

PASSED, FAILED = 33, 35


@dataclass(frozen=True)
class Case:
    """A guest, and what must come of it."""
    what: str
    image: str
    line: str  # how a line of its output begins
    args: str = "exit quiet"
    config: dict[str, str] = field(default_factory=dict)
    status: int = PASSED
    deadline: int = 180


CASES = (
    Case("KMCL inside the guest", "test-kmcl", "# kmcl acceptance: 150 of 150",
         config={"deadline": "600"}, deadline=900),
    Case("item 145 ends where each look at the clock is slow", "test-kmcl",
         "# kmcl acceptance: 1 of 150", args="exit quiet item=145",
         config={"without": "reftsc", "slow": "150"}, deadline=300),
    Case("the sample of client and server, where there is no bus",
         "test-sample", "1 was answered with 2", args="exit quiet no-bus"),
    Case("the same sample, beside a real bus", "test-sample",
         "1 was answered with 2"),
    Case("the sample of a real device, the heartbeat", "test-heartbeat",
         "heartbeat: the host sees this machine"),
    Case("that sample says so where the device is not offered",
         "test-heartbeat", "heartbeat: this host offers no heartbeat",
         config={"devices": "echo"}, status=FAILED),
)


def main() -> int:
    if len(sys.argv) != 2:
        sys.exit("usage: minihv_suite.py BUILD")
    out = tap.Tap()
    for case in CASES:
        image = Path(sys.argv[1]) / f"{case.image}.efi"
        try:
            result = execute(Run(image, case.args, case.config,
                                 deadline=case.deadline), here())
        except MinihvError as error:
            out.result(False, case.what, str(error))
            continue
        text = result.console + result.serial
        found = re.search(rf"^{re.escape(case.line)}", text, re.M)
        shown = [line for line in text.splitlines()
                 if re.match(r"not ok|# ", line)] or text.splitlines()[-20:]
        out.result(bool(found) and result.status == case.status, case.what,
                   "\n".join([f"QEMU's status {result.status}, expected "
                              f"{case.status} and '{case.line}'",
                              *shown[:20]]))
    return out.end()


if __name__ == "__main__":
    sys.exit(main())

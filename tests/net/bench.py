#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-2-Clause
"""bench.py BUILD: how long the guest takes from its entry to an address of
DHCP. Prints 'name <tab> value <tab> unit'.

Time is that of the guest's own clock, on a machine that does other things, too:
the shortest of several runs says most.
"""
from __future__ import annotations

import re
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "minihv"))

from machine import Machine, MinihvError, Run, execute  # noqa: E402

PASSED, RUNS = 33, 5
TOLD = re.compile(r"^net: an address after (\d+) us", re.M)


def microseconds(build: Path) -> int:
    run = Run(build / "test-net.efi", "exit quiet figure",
              {"devices": "network", "trace": 0},
              Machine(2, 512, network=True), deadline=300)
    result = execute(run, build / "minihv.efi")
    found = TOLD.search(result.serial)
    if result.status != PASSED or not found:
        raise MinihvError(f"no address: status {result.status}\n"
                          f"{result.serial}{result.console}")
    return int(found[1])


def main() -> int:
    build = Path(sys.argv[1])
    shortest = min(microseconds(build) for _ in range(RUNS))
    print(f"boot.exit_to_address.ms\t{shortest / 1000:.0f}\tms")
    return 0


if __name__ == "__main__":
    sys.exit(main())

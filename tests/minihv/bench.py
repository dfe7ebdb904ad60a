#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-2-Clause
"""Figures that minihv counts: a packet to the echo device and back, and the
steps of the image's start. Printed as 'name <tab> value <tab> unit'.

With -icount shift=6 a TSC tick is 1/64 of an instruction, and with exact=1
the TSC leaves out what minihv does: ticks / 64 are the guest's own
instructions. They are the same in every run.
"""
from __future__ import annotations

import re
import sys
from pathlib import Path

from machine import Machine, MinihvError, Result, Run, execute

SHIFT = 6
MACHINE = Machine(1, icount=SHIFT)
EXACT = {"exact": 1}
PASSED = 33


def run(image: Path, words: str, minihv: Path) -> Result:
    result = execute(Run(image, words, EXACT, MACHINE), minihv)
    if result.status != PASSED:
        raise MinihvError(f"{image.name} {words}: status {result.status}\n"
                          f"{result.console}")
    return result


def ticks(result: Result) -> tuple[int, int]:
    """Returns packets and ticks of one run of guests/echo.c."""
    found = re.search(r"figures: (\d+) packets, (\d+) ticks", result.console)
    if not found:
        raise MinihvError(f"no figures in\n{result.console}")
    return int(found[1]), int(found[2])


def echo(build: Path, words: str, name: str) -> None:
    """Returns the cost per packet: the difference of a long and a short run."""
    image, minihv = build / "minihv-echo.efi", build / "minihv.efi"
    few = run(image, f"figures {words}", minihv)
    many = run(image, f"figures many {words}", minihv)
    (few_packets, few_ticks), (many_packets, many_ticks) = \
        ticks(few), ticks(many)
    packets = many_packets - few_packets
    before, after = few.counts(), many.counts()

    def grown(*counters: str) -> float:
        return sum(after[c] - before[c] for c in counters) / packets

    exits = [c for c in after if c.startswith("exits.")]
    show(f"{name}.instructions", (many_ticks - few_ticks) / packets
         / (1 << SHIFT), "instructions")
    show(f"{name}.exits", grown(*exits), "exits")
    show(f"{name}.interrupts", grown("interrupts"), "interrupts")
    show(f"{name}.hypercalls", grown("exits.hypercall"), "hypercalls")


def show(name: str, value: float, unit: str) -> None:
    print(f"{name}\t{value:.2f}".rstrip("0").rstrip(".") + f"\t{unit}",
          flush=True)


def boot(build: Path) -> None:
    """Returns the ticks from the return of ExitBootServices to each step."""
    counts = run(build / "vmbare.efi", "exit quiet",
                 build / "minihv.efi").counts()
    for name, value in counts.items():
        step = name.removeprefix("ticks.")
        if step != name:
            show(f"boot.{step}.instructions", value / (1 << SHIFT),
                 "instructions")


def main() -> int:
    build = Path(sys.argv[1])
    for size, word in (("64", ""), ("1472", "large")):
        echo(build, word, f"echo.{size}.one")
        echo(build, f"batch {word}".strip(), f"echo.{size}.batch32")
    boot(build)
    return 0


if __name__ == "__main__":
    try:
        sys.exit(main())
    except MinihvError as error:
        sys.exit(f"bench: {error}")

#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-2-Clause
"""bench.py BUILD SCENARIO...: figures of the shipped image on minihv.

Each scenario is one run of build/test-counted.efi (tests/guest/counted) with
QEMU's plugin counter.c. Prints 'name <tab> value <tab> unit'. `--functions`
prints the dearest functions of each scenario as well, as comments.
"""
from __future__ import annotations

import re
import sys
from pathlib import Path

from counting import (PASSED, ROOT, SHIFT, Counts, Machine, MinihvError,
                      Profile, Run, at, mark_address, profile, returns, run,
                      symbols, text_end)

ROUNDS = 512  # as in tests/guest/counted/client.h
# The phases of tests/guest/counted/marks.h, and one that only a plan begins.
IN_ROUNDS, AWAITS, TO_CALLBACK, TO_RETURN, BOOT, WAITS = 1, 2, 3, 5, 6, 7
# Of app/ a packet passes only the seam, which joins vmbus to arch.
TRANSPORT = ("kmcl", "vmbus", "hv", "arch", "app")
KNOWN = 1001  # of known() in tests/guest/counted/main.c
HUNG = 45     # minihv's verdict when the deadline is over
IDLE_SECONDS = (2, 7)
DEAREST = 25
# They spin until a time has passed, or until the new processor is there.
WAITING = ("delay", "wait_online")


class Bench:
    """The image, and what was asked for."""

    def __init__(self, build: Path, functions: bool,
                 image: str = "test-counted") -> None:
        self.build = build
        self.functions = functions
        self.elf = build / f"{image}.elf"
        self.image = build / f"{image}.efi"
        self.base = f"base 0 {mark_address(self.elf, 'counted_base'):x} " \
            f"{text_end(self.elf):x}\n"

    def count(self, words: str, smp: int = 1, plan: str = "",
              disk: bool = False, status: int = PASSED,
              **config: object) -> Counts:
        guest = Run(self.image, words, config, Machine(smp, 256, SHIFT),
                    disk=self.image if disk else None)
        counts, result = run(self.build, guest, self.base + plan)
        if result.status != status:
            raise MinihvError(f"{words}: expected status {status}, found "
                              f"{result.status}\n{result.serial}"
                              f"{result.console[-2000:]}")
        return counts

    def profile(self, counts: Counts, phase: int, rounds: int) -> Profile:
        found = profile(counts, phase, self.elf)
        if not sum(found.layers.values()):
            raise MinihvError(f"phase {phase}: nothing was counted")
        if self.functions:
            dearest = sorted(found.functions.items(), key=lambda f: -f[1])
            for (path, name), times in dearest[:DEAREST]:
                print(f"# {times / rounds:9.1f} {path} {name}")
        return found


def show(name: str, value: float) -> None:
    print(f"{name}\t{value:.0f}\tinstructions", flush=True)


def show_layers(name: str, found: Profile) -> None:
    """The whole, and the part of each layer."""
    show(f"{name}.instructions", found.total() / ROUNDS)
    for part, times in sorted(found.layers.items()):
        if part != "tests":
            show(f"{name}.instructions.{part}", times / ROUNDS)


def rounds(bench: Bench, name: str, words: str, smp: int = 1,
           disk: bool = False) -> Profile:
    counts = bench.count(f"exit quiet count={words}", smp, disk=disk)
    found = bench.profile(counts, IN_ROUNDS, ROUNDS)
    show_layers(name, found)
    return found


def known(bench: Bench) -> None:
    """The counter is right about instructions whose number is known."""
    counts = bench.count("exit quiet count=known")
    found = bench.profile(counts, IN_ROUNDS, 1).layers["tests"]
    if found != KNOWN:
        raise MinihvError(f"the counter: expected {KNOWN} instructions "
                          f"between two marks, found {found}")


def alone(bench: Bench) -> None:
    rounds(bench, "image.echo.64.alone", "alone")


def batch(bench: Bench) -> None:
    """The host has a processor of its own."""
    rounds(bench, "image.echo.64.batch32", "batch", smp=2)


def large(bench: Bench) -> None:
    rounds(bench, "image.echo.1500.alone", "large")


def loopback(bench: Bench) -> None:
    rounds(bench, "image.loopback.roundtrip", "loopback")


def reads(bench: Bench) -> None:
    found = rounds(bench, "image.read_4k", "reads", disk=True)
    show("image.read_4k.transport.instructions",
         found.total(*TRANSPORT) / ROUNDS)


def constant(header: str, name: str) -> int:
    """A number that a header of arch/ defines."""
    found = re.search(rf"^#define {name} +(\w+?)u? *(/\*|$)",
                      (ROOT / header).read_text(), re.M)
    if not found:
        raise MinihvError(f"{header}: expected '#define {name} NUMBER'")
    return int(found[1], 0)


def vector_entry(bench: Bench) -> int:
    """Where the entry of the SynIC's interrupt is linked, as vectors_entry()
    computes it."""
    vectors = "arch/cpu/vectors.h"
    group = constant(vectors, "VECTORS_GROUP")
    vector = constant("arch/interrupts/interrupts.h", "VECTOR_SINT")
    return symbols(bench.elf)["vectors_entries"] + \
        vector // group * constant(vectors, "VECTORS_GROUP_BYTES") + \
        vector % group * constant(vectors, "VECTORS_ENTRY_BYTES")


def interrupts(bench: Bench) -> None:
    """From the vector's entry to the callback, and from there to IRETQ."""
    plan = at(AWAITS, vector_entry(bench), TO_CALLBACK) + \
        f"iret {TO_RETURN} 0\n"
    counts = bench.count("exit quiet count=interrupts", smp=2, plan=plan)
    for name, phase in (("image.interrupt_to_callback", TO_CALLBACK),
                        ("image.callback_to_return", TO_RETURN)):
        if counts.entered.get(phase) != ROUNDS:
            raise MinihvError(f"{name}: expected {ROUNDS} interrupts, found "
                              f"{counts.entered.get(phase)}")
        found = bench.profile(counts, phase, ROUNDS)
        show(f"{name}.instructions", found.total() / ROUNDS)


def idle(bench: Bench) -> None:
    """The difference of a long and a short stay, by the guest's time."""
    totals = []
    for seconds in IDLE_SECONDS:
        counts = bench.count("count=idle", status=HUNG, deadline=seconds)
        totals.append(bench.profile(counts, IN_ROUNDS, 1).total())
    value = (totals[1] - totals[0]) / (IDLE_SECONDS[1] - IDLE_SECONDS[0])
    print(f"image.idle.instructions_per_second\t{value:.0f}\tinstructions/s")


def waits(bench: Bench) -> str:
    """The plan that keeps apart what WAITING and their callees execute."""
    there = symbols(bench.elf)
    lost = [name for name in WAITING if name not in there]
    if lost:
        raise MinihvError(f"{bench.elf}: expected functions {lost} of "
                          "arch/smp/start_others.c, found none")
    plan = "".join(at(BOOT, there[name], WAITS) for name in WAITING)
    return plan + "".join(at(WAITS, address, BOOT)
                          for name in WAITING
                          for address in returns(bench.elf, name))


def boot_total(bench: Bench, number: int) -> int:
    """Instructions from the image's entry to main, on all processors. Where the
    image lies is known from a first run: it has no mark before main."""
    words = "exit quiet count=boot"
    place = bench.count(words, number, processors=number).base
    counts = bench.count(
        words, number, f"place {place:x} {text_end(bench.elf):x}\n"
        f"begin {BOOT}\n{waits(bench)}",
        processors=number)
    if counts.base != place:
        raise MinihvError(f"{words}: the image was at {place:#x}, and in the "
                          f"next run at {counts.base:#x}")
    if bool(counts.entered.get(WAITS)) != (number > 1):
        raise MinihvError(f"{WAITING}: expected calls only with a second "
                          f"processor, found {counts.entered.get(WAITS)} with "
                          f"{number}")
    return bench.profile(counts, BOOT, 1).total()


def boot(bench: Bench) -> None:
    one, two = boot_total(bench, 1), boot_total(bench, 2)
    show("boot.image.instructions", one)
    show("boot.cpu.instructions", two - one)


SCENARIOS = {f.__name__: f
             for f in (known, alone, batch, large, interrupts, loopback, reads,
                       idle, boot)}


def main() -> int:
    words = [word for word in sys.argv[1:] if word != "--functions"]
    unknown = set(words[1:]) - set(SCENARIOS)
    if not words or unknown:
        print(f"bench: expected BUILD and some of {list(SCENARIOS)}, found "
              f"{words}", file=sys.stderr)
        return 2
    bench = Bench(Path(words[0]), "--functions" in sys.argv)
    for name in words[1:] or SCENARIOS:
        SCENARIOS[name](bench)
    return 0


if __name__ == "__main__":
    try:
        sys.exit(main())
    except MinihvError as error:
        sys.exit(f"bench: {error}")

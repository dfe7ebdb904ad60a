#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-2-Clause
"""count.py BUILD: what a read of 4 KiB costs an unmodified Linux on minihv.

The same plugin counts (tests/bench/image), and only what the kernel executes.
A first run learns where the kernel's functions are; in the second one they say
where the way from the interrupt to the driver's callback begins and ends. Both
runs read the same disk, and both reads.c. Prints 'name <tab> value <tab> unit'.
"""
from __future__ import annotations

import re
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent / "image"))

from counting import (ROOT, Counts, Machine, MinihvError, Run,  # noqa: E402
                      at, run)
from linux_guest import CMDLINE, needed  # noqa: E402
import fetch  # noqa: E402
from cpio import Archive  # noqa: E402

ROUNDS = 512  # as in reads.c
# The phases of tests/guest/counted/marks.h.
IN_ROUNDS, AWAITS, TO_CALLBACK, CALLBACK, TO_RETURN = 1, 2, 3, 4, 5
BUS = "hv_vmbus"
MODULES = (BUS, "sd_mod", "hv_storvsc")
APPLETS = ("sh", "mount", "insmod", "cat", "sleep", "grep", "sed", "echo", "[",
           "poweroff")
ENTRY, CALLED, CALLER = ("asm_sysvec_hyperv_callback",
                         "storvsc_on_channel_callback", "vmbus_on_event")
# Of the machine's time, 4 ns an instruction: few of the timer's interrupts come
# between.
SHIFT = 2
KERNEL = 1 << 63  # the first address of the kernel's half
TOP = (1 << 64) - 1


@dataclass
class Places:
    """First address of a function, or of a module, and the one behind it."""
    functions: dict[str, tuple[int, int]]
    modules: dict[str, tuple[int, int]]


def initrd(parts: Path, work: Path) -> bytes:
    archive = Archive()
    (busybox,) = parts.glob("busybox/*/busybox")
    archive.file("bin/busybox", busybox, executable=True)
    for name in APPLETS:
        archive.symlink(f"bin/{name}", "busybox")
    subprocess.run(["gcc", "-static", "-O1", f"-I{ROOT}", "-o", work / "reads",
                    HERE / "reads.c"], check=True)
    archive.file("bin/reads", work / "reads", executable=True)
    archive.file("init", HERE / "init", executable=True)
    modules = needed(parts / "kernel", MODULES)
    for path in modules:
        archive.file(f"mod/{path.name}", path)
    archive.file("modules", "\n".join(p.stem for p in modules) + "\n")
    archive.file("symbols", f" {ENTRY}$\n {CALLED}[^.]\n\\[{BUS}\\]\n")
    for name in ("dev", "proc", "sys"):
        archive.directory(name)
    return archive.bytes()


def places(serial: str) -> Places:
    """Reads what init says: two functions, and all of the bus driver, where a
    function ends at the next one."""
    symbols = sorted((int(where, 16), name) for where, name in
                     re.findall(r"# symbol: ([0-9a-f]{16}) \w (\S+)", serial))
    functions = {name: (where, [*symbols, (TOP, "")][i + 1][0])
                 for i, (where, name) in enumerate(symbols)
                 if name in (ENTRY, CALLED, CALLER)}
    modules = {name: (int(where, 16), int(where, 16) + int(size))
               for name, size, where in re.findall(
                   r"# module: (\w+) (\d+) .* 0x([0-9a-f]+)", serial)}
    lost = {ENTRY, CALLED, CALLER, BUS} - set(functions) - set(modules)
    if lost:
        raise MinihvError(f"Linux: expected addresses of {sorted(lost)}, found "
                          f"{functions} {modules}\n{serial[-2000:]}")
    return Places(functions, modules)


def count(build: Path, plan: str) -> tuple[Counts, Places]:
    """One run of Linux."""
    parts = fetch.parts()
    (kernel,) = parts.glob("kernel/boot/vmlinuz-*")
    work = build / "bench/linux"
    work.mkdir(parents=True, exist_ok=True)
    (work / "initrd").write_bytes(initrd(parts, work))
    guest = Run(kernel, f"{CMDLINE} nokaslr", {"devices": "storage"},
                Machine(1, 512, SHIFT), work / "initrd", kernel, deadline=900)
    counts, result = run(build, guest, plan)
    if "ok - reads of 4 KiB" not in result.serial.replace("not ok", "") or \
            result.counts().get("rules-broken"):
        raise MinihvError(f"Linux: expected {ROUNDS} good reads, found\n"
                          f"{result.serial[-2000:]}\n{result.console[-2000:]}")
    return counts, places(result.serial)


def plan_of(there: Places) -> str:
    entry, called = there.functions[ENTRY][0], there.functions[CALLED][0]
    begin, end = there.functions[CALLER]
    return f"place 0 {TOP:x}\n" + at(AWAITS, entry, TO_CALLBACK) + \
        at(TO_CALLBACK, called, CALLBACK) + \
        at(CALLBACK, begin, TO_RETURN, end) + f"iret {TO_RETURN} 0\n"


def total(counts: Counts, phase: int, within: tuple[int, int]) -> float:
    """Instructions of one round in this part of the address space."""
    return sum(times for address, times in counts.times[phase].items()
               if within[0] <= address < within[1]) / ROUNDS


def figures(counts: Counts, there: Places) -> dict[str, float]:
    kernel, vmbus = (KERNEL, TOP), there.modules[BUS]
    for phase in (TO_CALLBACK, TO_RETURN):
        if counts.entered.get(phase) != ROUNDS:
            raise MinihvError(f"Linux: expected {ROUNDS} interrupts in phase "
                              f"{phase}, found {counts.entered.get(phase)}")
    there_and_back = {phase: total(counts, phase, kernel)
                      for phase in (TO_CALLBACK, TO_RETURN)}
    # Bus driver, and what else the kernel does around its callback.
    transport = total(counts, IN_ROUNDS, vmbus) + sum(
        value - total(counts, phase, vmbus)
        for phase, value in there_and_back.items())
    return {"image.read_4k.linux": total(counts, IN_ROUNDS, kernel),
            "image.read_4k.transport.linux": transport,
            "image.interrupt_to_callback.linux": there_and_back[TO_CALLBACK],
            "image.callback_to_return.linux": there_and_back[TO_RETURN]}


def main() -> int:
    build = Path(sys.argv[1])
    _, first = count(build, "")
    counts, there = count(build, plan_of(first))
    if there != first:
        raise MinihvError("Linux: functions lie elsewhere in the second run")
    for name, value in figures(counts, there).items():
        print(f"{name}.instructions\t{value:.0f}\tinstructions")
    return 0


if __name__ == "__main__":
    try:
        sys.exit(main())
    except MinihvError as error:
        sys.exit(f"bench: {error}")

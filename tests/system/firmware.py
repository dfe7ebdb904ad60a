# SPDX-License-Identifier: BSD-2-Clause
"""The machine as a firmware or a boot loader may leave it: tests/firmware makes
each state, and an image with tests inside runs there."""
from __future__ import annotations

import re

from case import Case
from host import Result
from inner import inner_tap

HOST = "tcg"
IMAGE = "firmware-layer"
PARTS = 2   # commits in a row that run every case
BEGINS = r"^layer: the image has the machine\r?$"
MEMORY = re.compile(r"^# memory: (\d+) MiB", re.M)


def layered(title: str, states: str, *made: str, smp: int = 1,
            least: int = 0, most: int = 1 << 20, loud: bool = False,
            **machine: object) -> Case:
    """A state, the lines by which the layer says that it was made (or the
    image that it was met), and how much memory in MiB the image must find."""
    def check(result: Result) -> str | None:
        found = MEMORY.search(result.serial)
        if found is None or not least <= int(found[1]) <= most:
            return (f"expected {least} to {most} MiB of memory, found "
                    f"{found[1] if found else 'no line'}")
        return inner_tap(result)

    return Case(title, f"{'' if loud else 'quiet '}layer={states}",
                {"smp": smp, **machine},
                console=(BEGINS, *made), check=check)


def set_to(what: str, value: str) -> str:
    return rf"^layer: {what} 0x{value}\r?$"


CASES = [
    layered("the image starts on a machine that nobody prepared", "nothing",
            least=400),
    layered("the image starts with 64 MiB of memory", "nothing", memory=64),
    layered("the image starts with all interrupts masked by CR8", "priority"),
    layered("the image starts with breakpoints armed on its memory", "debug",
            r"^layer: breakpoints are armed"),
    layered("the image clears bits of CR4 and EFER that it does not use",
            "control", set_to("CR4 is", "3[0-9a-f]{4}8")),
    layered("the image starts with PAT and MTRRs that make all uncached",
            "types", set_to("PAT is", "0"),
            set_to("the MTRRs' default type is", "0")),
    layered("the image starts with interrupts in service and pending",
            "interrupts", r"^layer: one interrupt is in service, one waits"),
    layered("the image starts with interrupts in service in x2APIC mode",
            "interrupts", r"^layer: one interrupt is in service, one waits",
            cpu="+x2apic"),
    layered("the image starts with its sections' rights, guards, and free "
            "memory and page zero not mapped",
            "sparse", r"^layer: page tables of", least=400),
    layered("the image starts with global pages where free memory is not "
            "mapped", "sparse,global,control", r"^layer: page tables of"),
    layered("the image starts with five-level paging on", "levels",
            set_to("five levels, CR4 is", "[0-9a-f]*1[0-9a-f]{3}"), smp=2),
    layered("a memory map of 2,000 pieces in no order gives all memory",
            "pieces", least=400),
    layered("a memory map of 2,000 pieces gives all memory when free memory "
            "is not mapped", "pieces,sparse", r"^layer: page tables of", least=400),
    layered("a map of 2,000 pieces in 6 GiB gives all memory", "pieces",
            least=5800, memory=6144),
    layered("memory for special purposes is left alone", "special",
            least=350, most=400),
    layered("ranges that overlap are settled, with a line", "overlap",
            "boot: the memory map lists 1 ranges as two kinds", loud=True),
    layered("a stale key of the memory map is no failure", "stale"),
    layered("a screen is found behind one without a framebuffer", "screen",
            r"^# screen: [1-9]\d+ x \d+", screen=True),
    layered("the image finds the ACPI tables behind two useless roots",
            "root", smp=2),
    layered("the image starts on a machine with eleven odd states at once",
            "sparse,levels,control,types,debug,interrupts,priority,pieces,"
            "global,stale,root", smp=2, least=400),
]

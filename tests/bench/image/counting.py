# SPDX-License-Identifier: BSD-2-Clause
"""Runs an image on minihv with the plugin counter.c, and says which functions
and layers executed how many instructions.

An instruction of the image belongs to the function that the compiler put it in
(with what that has inlined), and to the layer that has the function's source
file. What lies outside of the image is minihv, the firmware and the hypercall
page: no layer.
"""
from __future__ import annotations

import collections
import os
import subprocess
import sys
import tempfile
from dataclasses import dataclass, field, replace
from pathlib import Path

ROOT = Path(__file__).resolve().parents[3]
sys.path.insert(0, str(ROOT / "tests/minihv"))

from machine import Machine, MinihvError, Result, Run, execute  # noqa: E402

SHIFT = 6
PASSED = 33
MARK_BASE = 0x76620000
WRAP = "__wrap_"


@dataclass
class Counts:
    """What the plugin wrote."""
    base: int = 0
    entered: dict[int, int] = field(default_factory=dict)
    times: dict[int, dict[int, int]] = field(
        default_factory=lambda: collections.defaultdict(dict))


def read(path: Path) -> Counts:
    counts = Counts()
    for line in path.read_text().splitlines():
        word, *rest = line.split()
        if word == "base":
            counts.base = int(rest[0], 16)
        elif word == "phase":
            counts.entered[int(rest[0])] = int(rest[1])
        else:
            counts.times[int(rest[0])][int(rest[1], 16)] = int(rest[2])
    return counts


def symbols(elf: Path) -> dict[str, int]:
    """Address of each symbol, as linked."""
    said = subprocess.run(["nm", elf], capture_output=True, text=True,
                          check=True).stdout
    return {line.split()[2]: int(line.split()[0], 16)
            for line in said.splitlines() if len(line.split()) == 3}


def text_end(elf: Path) -> int:
    """Where the instructions of the image end, as linked."""
    said = subprocess.run(["readelf", "-lW", elf], capture_output=True,
                          text=True, check=True).stdout
    ends = [int(word[2], 16) + int(word[5], 16)
            for word in map(str.split, said.splitlines())
            if word[:1] == ["LOAD"] and "E" in word[6:8]]
    return max(ends)


def disassembled(elf: Path, function: str) -> list[tuple[int, str]]:
    """Address and text of each instruction of a function."""
    said = subprocess.run(["objdump", "-d", "--no-show-raw-insn",
                           f"--disassemble={function}", elf],
                          capture_output=True, text=True, check=True).stdout
    found = []
    for line in said.splitlines():
        place, _, text = line.partition(":\t")
        if text:
            found.append((int(place, 16), text))
    return found


def mark_address(elf: Path, function: str) -> int:
    """Where the only mark of a function is, as linked."""
    for address, text in disassembled(elf, function):
        if "nopl" in text and f"0x{MARK_BASE >> 16:x}" in text:
            return address
    raise MinihvError(f"{elf}: expected a mark in {function}, found none")


def returns(elf: Path, function: str) -> list[int]:
    """Where a function returns, as linked."""
    found = [address for address, text in disassembled(elf, function)
             if text.startswith("ret")]
    if not found:
        raise MinihvError(f"{elf}: expected {function} to return, found no RET")
    return found


def owners(elf: Path, addresses: list[int]) -> dict[int, tuple[str, str]]:
    """Function and source file of each address, the outermost one where
    functions were inlined."""
    said = subprocess.run(
        ["addr2line", "-a", "-f", "-i", "-e", elf],
        input="".join(f"{a:#x}\n" for a in addresses), capture_output=True,
        text=True, check=True).stdout
    found: dict[int, tuple[str, str]] = {}
    lines = said.splitlines()
    at = 0
    address = 0
    while at < len(lines):
        if lines[at].startswith("0x"):
            address = int(lines[at], 16)
            at += 1
            continue
        path = lines[at + 1].rsplit(":", 1)[0]
        if os.path.isabs(path):
            path = os.path.relpath(path, ROOT)
        found[address] = lines[at], path.removeprefix("./")
        at += 2
    return found


def layer(path: str) -> str:
    first = path.split("/")[0]
    known = ("arch", "hv", "vmbus", "kmcl", "drivers", "app", "boot", "tests")
    return first if first in known else "libc"


@dataclass(frozen=True)
class Profile:
    """Instructions of the image in one phase."""
    layers: dict[str, int]
    functions: dict[tuple[str, str], int]

    def total(self, *names: str) -> int:
        """Of these layers; of all but the test's own if none is named."""
        return sum(count for name, count in self.layers.items()
                   if (name in names if names else name != "tests"))


def profile(counts: Counts, phase: int, elf: Path) -> Profile:
    end = text_end(elf)
    inside = {address - counts.base: times
              for address, times in counts.times[phase].items()
              if 0 <= address - counts.base < end}
    layers: dict[str, int] = collections.Counter()
    functions: dict[tuple[str, str], int] = collections.Counter()
    named = owners(elf, sorted(inside))
    # What --wrap puts before a function is a part of it.
    there = symbols(elf)
    wrapped = owners(elf, [there[name.removeprefix(WRAP)] for name in there
                           if name.startswith(WRAP)])
    paths = dict(wrapped.values())
    for address, times in inside.items():
        function, path = named[address]
        path = paths.get(function.removeprefix(WRAP), path)
        layers[layer(path)] += times
        functions[path, function] += times
    return Profile(layers, functions)


def at(phase: int, first: int, to: int, end: int = 0) -> str:
    """A line of a plan: from `first` up to `end`, or that instruction alone."""
    return f"at {phase} {first:x} {end or first + 1:x} {to}\n"


def run(build: Path, guest: Run, plan: str = "") -> tuple[Counts, Result]:
    """One run; the plan is counter.c's."""
    with tempfile.TemporaryDirectory(prefix="counted-") as name:
        work = Path(name)
        (work / "plan").write_text(plan)
        plugin = build / "bench/image/counter.so"
        qemu = ("-plugin", f"{plugin},plan={work}/plan,out={work}/out")
        result = execute(replace(guest, qemu=qemu), build / "minihv.efi")
        return read(work / "out"), result

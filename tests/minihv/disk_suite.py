#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-2-Clause
"""The suite `disk`: app/disk on minihv's SCSI controller.

The suite makes the disk's contents. It compares what the guest reads with its
own checksum, and finds what the guest writes by a search for the whole disk in
the machine's memory.
"""
from __future__ import annotations

import random
import re
import sys
import tempfile
import time
import zlib
from dataclasses import dataclass
from pathlib import Path
from typing import Iterator

HERE = Path(__file__).resolve().parent
sys.path[:0] = [str(HERE.parent)]

import tap  # noqa: E402
from machine import (Machine, MinihvError, Monitor, Result,  # noqa: E402
                     Run, execute, start)

PASSED, FAILED, NO_HYPERVISOR = 33, 35, 37
PROTOCOLS = ("2.0", "4.2", "5.1", "6.0", "6.2")
ONE, HOST_CPU, TWO_GUEST = Machine(1), Machine(2), Machine(3)
MACHINES = ((ONE, {}, "1 processor"),
            (HOST_CPU, {"monitor": 500}, "1 processor and one of the host, which "
             "looks at the monitor page"),
            (TWO_GUEST, {"processors": 2}, "2 processors and one of the host"))
BLOCK, TRANSFER = 512, 256 << 10
GOLDEN = 0x9E3779B97F4A7C15  # of app/disk/buffer.h's pattern
SUM = re.compile(r"^# disk: crc32 ([0-9a-f]{8}) of (\d+) blocks, read by",
                 re.M)
WROTE = re.compile(r"^# disk: wrote (\d+) blocks from (\d+) on by (.*), read "
                   r"back by (.*): (.*), crc32 ([0-9a-f]{8})$", re.M)
STAY_SECONDS = 300


def pattern(at: int, size: int, seed: int) -> bytes:
    return b"".join(
        ((word + seed) * GOLDEN & (1 << 64) - 1).to_bytes(8, "little")
        for word in range(at // 8, (at + size) // 8))


def make_disk(path: Path, blocks: int, seed: int) -> bytes:
    contents = random.Random(seed).randbytes(blocks * BLOCK)
    path.write_bytes(contents)
    return contents


# ---- the judge --------------------------------------------------------------


def wrong_sums(serial: str, contents: bytes) -> str:
    """Each checksum of the whole disk must be that of the file."""
    expected = (f"{zlib.crc32(contents):08x}", str(len(contents) // BLOCK))
    found = SUM.findall(serial)
    if len(found) < 2 or set(found) != {expected}:
        return f"expected only checksums {expected}, found {found}"
    return ""


def wrong_writes(serial: str, contents: bytes, writes: int) -> str:
    """Checks three writes: their bytes, both ways of writing, and the number of
    commands that the host counted."""
    found = WROTE.findall(serial)
    if len(found) != 3:
        return f"expected 3 writes, found {len(found)}"
    count, first = int(found[0][0]), int(found[0][1])
    at, size = first * BLOCK, count * BLOCK
    expected = [pattern(at, size, 0), pattern(at, size, 1),
                contents[at:at + size]]
    for (*_, what, crc), data in zip(found, expected):
        if int(crc, 16) != zlib.crc32(data):
            return f"{what}: expected crc32 {zlib.crc32(data):08x}, not {crc}"
    if {line[2] for line in found} != {"MDL", "page frames"}:
        return "expected both ways of writing"
    if writes != 3 * -(-size // TRANSFER):
        return f"the host has counted {writes} writes"
    return ""


def wrong_end(result: Result, status: int, says: str) -> str:
    if result.status != status:
        return f"QEMU ended with {result.status}, not {status}"
    if says not in result.serial:
        return f"the guest does not say '{says}'"
    if result.counts().get("rules-broken"):
        return "rules were broken"
    if not re.search(r"(\d+) requests, \1 ended, .* 0 answers made no",
                     result.serial) and status != NO_HYPERVISOR:
        return "expected each request to end, and no answer without sense"
    return ""


def wrong_signals(run: Run, counts: dict[str, int]) -> str:
    """A guest of channels with monitors signals by its page and makes no
    hypercall for that; another one cannot."""
    by_page = counts["signals.by-monitor"]
    by_call = counts["signals.from-guest"]
    if "monitor" in run.config:
        return "" if by_page and not by_call else \
            f"expected signals by page only, found {by_page}, {by_call} by call"
    return f"{by_page} signals by a page without monitors" if by_page else ""


def judge(test: Test, result: Result) -> str:
    """Returns why this run failed; empty if it did not."""
    problem = wrong_end(result, test.status, test.says) or \
        wrong_signals(test.run, result.counts())
    writes = result.counts().get("disk.writes", 0)
    if not problem and test.contents is not None:
        problem = wrong_sums(result.serial, test.contents)
    if not problem and test.is_writing:
        problem = wrong_writes(result.serial, test.contents or b"", writes)
    elif not problem and writes:
        problem = f"{writes} writes without being asked"
    return problem and f"{problem}\n{result.console}{result.serial}"


# ---- the cases ----------------------------------------------------------------


@dataclass
class Test:
    name: str
    run: Run
    says: str
    contents: bytes | None = None  # of the disk: its checksums are checked
    status: int = PASSED
    is_writing: bool = False


class Cases:
    """All runs, and the disk that they share."""

    def __init__(self, build: Path, work: Path) -> None:
        self.image = build / "app-disk.efi"
        self.path = work / "disk.img"
        self.contents = make_disk(self.path, 2048, seed=1)

    def test(self, name: str, words: str, config: dict[str, object],
             machine: Machine, says: str = "# disk: all is well") -> Test:
        run = Run(self.image, f"exit quiet {words}", config, machine,
                  disk=self.path)
        return Test(name, run, says, self.contents,
                    is_writing="write" in words)

    def protocols(self) -> Iterator[Test]:
        for machine, config, words in MACHINES:
            for version in PROTOCOLS:
                size = 48 if version in ("2.0", "4.2") else 64
                yield self.test(
                    f"app/disk reads and writes with protocol {version} on "
                    f"{words}",
                    "write", {"storage": version, **config}, machine,
                    f"# disk: protocol {version}, packets of {size} bytes, up "
                    "to 262144 bytes")

    def buses(self) -> Iterator[Test]:
        for version in ("0.13", "2.4", "4.0", "5.3"):
            yield self.test(f"app/disk reads and writes over VMBus {version}",
                            "write",
                            {"version": version}, HOST_CPU)

    def habits(self) -> Iterator[Test]:
        yield self.test("app/disk writes nothing without the option write",
                        "", {"monitor": 2000}, ONE,
                        "nothing is written without the option 'write'")
        for machine, config, words in MACHINES:
            yield self.test(f"app/disk closes under way and opens again 10 "
                            f"times on {words}", "cycles=10", config, machine,
                            "# disk: opened again, times: 10")
        yield self.test("app/disk opens no sub-channel that the host offers",
                        "", {"subchannels": 3},
                        ONE, "3 sub-channels promised and left alone")
        for what, says in (("the disk's end", "block 2048 is refused"),
                           ("one block too many", "block 2047 is refused"),
                          ("a far block", "block 18446744073709551615 is")):
            yield self.test(f"a read of {what} is refused as ILLEGAL REQUEST",
                            "", {}, ONE,
                            says)

    def odd_disks(self, work: Path) -> Iterator[Test]:
        for blocks in (64, 129, 5000):
            path = work / f"disk-{blocks}.img"
            contents = make_disk(path, blocks, seed=blocks)
            yield Test(f"app/disk reads and writes a disk of {blocks} blocks",
                       Run(self.image, "exit quiet write", disk=path),
                       f"{blocks} blocks of 512 bytes", contents,
                       is_writing=True)

    def refusals(self) -> Iterator[Test]:
        run = Run(self.image, "exit quiet write", disk=self.path)
        none = "expected a SCSI controller among the host's offers, found none"
        yield Test("app/disk reports a host without a disk",
                   Run(self.image, run.cmdline), none, status=FAILED)
        yield Test("app/disk reports a host without a storage device",
                   Run(self.image, run.cmdline, {"devices": "echo"},
                       disk=self.path), none, status=FAILED)
        yield Test("app/disk reports a host that accepts no protocol version",
                   Run(self.image, run.cmdline, {"storage": "1.0"},
                       disk=self.path),
                   "expected a storage protocol from 6.2 to 2.0, found that "
                   "the host takes none", status=FAILED)
        yield Test("app/disk reports a machine without a hypervisor",
                   Run(self.image, run.cmdline, {"hypervisor": 0}),
                   "disk: there is no VMBus here", status=NO_HYPERVISOR)


# ---- what is in the machine's memory ----------------------------------------


def memory_with_disk(run: Run, minihv: Path, work: Path) -> tuple[str, bytes]:
    """Returns the guest's output and all memory after the guest's writes."""
    serial = work / "serial"
    process = start(run, minihv, work, f"file,path={work}/console",
                    f"file,path={serial}",
                    ("-qmp", f"unix:{work}/qmp,server=on,wait=off"))
    try:
        end = time.monotonic() + STAY_SECONDS
        while not serial.exists() or "# disk: all is well" not in \
                serial.read_text("latin-1"):
            if process.poll() is not None or time.monotonic() > end:
                raise MinihvError("the guest does not end its writing")
            time.sleep(0.1)
        Monitor(work / "qmp").command(
            "pmemsave", val=0, size=run.machine.memory << 20,
            filename=str(work / "memory"))
    finally:
        process.kill()
        process.wait()
    return serial.read_text("latin-1"), (work / "memory").read_bytes()


def seen_from_outside(build: Path, work: Path, out: tap.Tap) -> None:
    """No buffer of the guest is as large as this disk. So memory that holds all
    of it, with the pattern in its middle, is the disk itself."""
    path = work / "large.img"
    contents = make_disk(path, 6 << 20 >> 9, seed=2)
    for machine, config, words in MACHINES:
        run = Run(build / "app-disk.efi", "quiet write=keep cycles=0", config,
                  machine,
                  disk=path)
        name = f"the pattern is in the disk's memory on {words}"
        try:
            with tempfile.TemporaryDirectory(dir=work) as place:
                serial, memory = memory_with_disk(
                    run, build / "minihv.efi", Path(place))
        except MinihvError as error:
            out.result(False, name, str(error))
            continue
        kept = re.search(r"pattern 1 stays in (\d+) blocks from (\d+) on",
                         serial)
        count, first = (int(n) for n in kept.groups()) if kept else (0, 0)
        at, size = first * BLOCK, count * BLOCK
        expected = (contents[:at] + pattern(at, size, 1)
                    + contents[at + size:])
        out.result(count > 0 and expected in memory
                   and contents not in memory, name, serial)


# ---- running ------------------------------------------------------------------


def run_all(tests: Iterator[Test], minihv: Path, out: tap.Tap) -> None:
    for test in tests:
        try:
            problem = judge(test, execute(test.run, minihv))
        except MinihvError as error:
            problem = str(error)
        out.result(not problem, test.name, problem)


def the_judge_can_refuse(cases: Cases, minihv: Path, out: tap.Tap) -> None:
    """Judges a good run by wrong expectations, which must fail."""
    test = cases.test("", "write", {}, ONE)
    result = execute(test.run, minihv)
    other = bytearray(cases.contents)
    other[1000] ^= 1
    out.result("expected only checksums" in wrong_sums(result.serial,
                                                       bytes(other)),
               "the suite finds one wrong bit on the disk")
    out.result("expected crc32" in wrong_writes(
        result.serial, cases.contents[::-1],
        result.counts()["disk.writes"]),
        "the suite finds that other contents were written back")
    out.result("writes" in wrong_writes(result.serial, cases.contents, 5),
               "the suite finds a write that never reached the host")
    quiet = Test("", test.run, test.says, cases.contents)
    out.result("without being asked" in judge(quiet, result),
               "the suite finds a write that was not asked for")


def main() -> int:
    build = Path(sys.argv[1])
    minihv = build / "minihv.efi"
    out = tap.Tap()
    with tempfile.TemporaryDirectory(prefix="disk-suite-") as name:
        work = Path(name)
        cases = Cases(build, work)
        for tests in (cases.protocols(), cases.buses(), cases.habits(),
                      cases.odd_disks(work), cases.refusals()):
            run_all(tests, minihv, out)
        the_judge_can_refuse(cases, minihv, out)
        seen_from_outside(build, work, out)
    return out.end()


if __name__ == "__main__":
    sys.exit(main())

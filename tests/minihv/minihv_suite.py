#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-2-Clause
"""The suite `minihv`: minihv itself, then the image on it.

Its own small guests check the interface and every way to misbehave; the
project's image runs on each machine with each version of the protocol.
"""
from __future__ import annotations

import argparse
import os
import re
import subprocess
import sys
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Iterator

HERE = Path(__file__).resolve().parent
ROOT = HERE.parent.parent
sys.path[:0] = [str(HERE.parent), str(HERE.parent / "rig")]

import judge  # noqa: E402
import tap  # noqa: E402
from machine import (MISBEHAVED, Machine, MinihvError, Result,  # noqa: E402
                     Run, execute)
from messages import as_qemu_traces  # noqa: E402

PASSED, FAILED = 33, 35
VERSIONS = ("0.13", "1.1", "2.4", "3.0", "4.0", "4.1", "5.0", "5.1", "5.2",
            "5.3", "6.0")
ONE, HOST_CPU, TWO_GUEST, EXACT = (
    Machine(1), Machine(2), Machine(3), Machine(1, icount=6))
HANG = "hang: no end within"
# (the word that guests/bad.c gets, the text that minihv's report must have)
MISDEEDS = (
    ("unknown-hypercall", "unknown hypercall 0x7777"),
    ("no-hypercall-page", "VMMCALL without a hypercall page"),
    ("forbidden-msr", "read of MSR 0x40000118"),
    ("read-only-msr", "write of MSR 0x40000002"),
    ("overlay-write", "write to the read-only overlay page"),
    ("hidden-memory", "where nothing is that a guest may use"),
    ("hidden-heap", "where nothing is that a guest may use"),
    ("device-message", "where nothing is that a guest may use"),
    ("svm-instruction", "SVM instruction"),
    ("triple-fault", "triple fault"),
    ("loop-masked", HANG),
    ("loop-open", HANG),
    ("halt-masked", HANG),
    ("halt-open", HANG),
    ("offers-without-contact", "REQUESTOFFERS"),
    ("message-of-newer-version", "MODIFYCHANNEL"),
    ("unknown-message", "VMBus message 99"),
)
NO_HYPERVISOR, UNSUPPORTED, CRASH = 37, 39, 41
# A feature that the host lacks, how the image ends, and a text of its log.
LACKS = (
    ("runtime", PASSED, "reference TSC page"),
    ("reftsc", PASSED, "clock reference counter MSR"),
    ("reftime", PASSED, "clock ACPI power-management timer"),
    ("reftime,reftsc,frequency,stimer", PASSED, "timer APIC timer"),
    ("frequency", PASSED, "connected"),
    ("stimer", PASSED, "timer APIC timer"),
    ("direct", PASSED, "timer synthetic timer, by message"),
    ("apic", PASSED, "connected"),
    ("idle", PASSED, "connected"),
    ("reset", PASSED, "connected"),
    ("crash", PASSED, "connected"),
    ("rights", PASSED, "connected"),
    ("startvp", PASSED, "2 processors"),
    ("vpindex", PASSED, "1 processor"),
    ("synic", UNSUPPORTED, "unsupported"),
    ("hypercall", UNSUPPORTED, "unsupported"),
)
REPORT = re.compile(r"rip [0-9a-f]{16}.*last \d+ host events:", re.S)


@dataclass
class Test:
    name: str
    run: Run
    status: int = PASSED
    says: str = ""  # a text that minihv must print
    serial: str = ""  # a text that the guest must print
    silent: str = ""  # a text that neither may print
    counted: str = ""  # a counter of minihv that must not be 0


def wrong(test: Test, result: Result) -> str:
    """Returns why this result is a failure; empty if it is none."""
    told = result.console + result.serial
    if result.status != test.status:
        return f"QEMU ended with {result.status}, not {test.status}\n{told}"
    if test.says not in result.console:
        return f"minihv does not say '{test.says}'\n{told}"
    if "SynIC off within" in result.serial:
        return f"a processor kept its SynIC\n{told}"
    if test.serial not in result.serial:
        return f"the guest does not say '{test.serial}'\n{told}"
    if test.silent and test.silent in told:
        return f"somebody says '{test.silent}'\n{told}"
    if test.counted and not result.counts().get(test.counted):
        return f"minihv counts no {test.counted}\n{told}"
    if re.search(r"^not ok", told, re.M):
        return told
    if test.status == MISBEHAVED and not REPORT.search(result.console):
        return f"the report lacks registers or events\n{told}"
    if test.status == PASSED and test.run.config.get("strict", 1) and \
            result.counts().get("rules-broken"):
        return f"rules were broken\n{told}"
    if test.run.config.get("trace"):
        return judge.disagreement(result.serial,
                                  as_qemu_traces(result.console)) or ""
    return ""


def own_guests(build: Path) -> Iterator[Test]:
    facts, smp = build / "minihv-facts.efi", build / "minihv-smp.efi"
    for machine, words in ((ONE, "1 processor"),
                           (HOST_CPU, "1 processor and one of the host"),
                           (EXACT, "1 processor, counted instructions")):
        yield Test(f"minihv's interface is as documented with {words}",
                   Run(facts, config={"strict": 0}, machine=machine))
    yield Test("a timer's interrupt that is lost is sent again",
               Run(facts, config={"strict": 0, "lose": 2}, machine=HOST_CPU),
               counted="interrupts.repeated")
    yield Test("the NMIs of minihv's timer stay hidden, the guest's arrive one "
               "after the other, and a guest can step",
               Run(build / "minihv-nmi.efi"))
    yield Test("the APIC, its base and its pages keep to the manuals",
               Run(build / "minihv-apic.efi", config={"strict": 0, "x2apic": 1}))
    yield Test("the guest's exit with status 0 is its verdict, not QEMU's "
               "refusal", Run(build / "minihv-bad.efi", "verdict-zero"), 1,
               "the guest ends with verdict 0x0")
    two = {"processors": 2}
    for machine, words in ((Machine(2), "without a host processor"),
                           (TWO_GUEST, "beside a host processor")):
        yield Test(f"a hypercall starts a second processor {words}",
                   Run(smp, config=two, machine=machine))
        yield Test(f"INIT and SIPI start a second processor {words}",
                   Run(smp, "sipi", two, machine))


def devices(build: Path) -> Iterator[Test]:
    echo = build / "minihv-echo.efi"
    for machine, words in ((ONE, "on one processor"),
                           (HOST_CPU, "beside a host processor")):
        yield Test(f"the echo device answers in each mode {words}",
                   Run(echo, machine=machine))
        yield Test(f"the echo device answers with protocol 3.0 {words}",
                   Run(echo, "old", machine=machine))
        yield Test(f"the echo device returns 20,000 packets {words}",
                   Run(echo, "stream", machine=machine))


def broken_rules(build: Path) -> Iterator[Test]:
    """Breaks rules of a channel: a device's own, and those that KMCL checks."""
    echo = build / "minihv-echo.efi"
    for word, named in (
            ("in-band", "channel echo external: not a GPA-direct packet"),
            ("unasked", "a request without the completion flag"),
            ("ring", "KMCL refused a ring"),
            ("unknown-type", "KMCL refused a packet of a type that no guest")):
        yield Test(f"a guest that breaks echo's rules ({word}) ends in a "
                   "report",
                   Run(echo, f"misdeed {word}"), MISBEHAVED, named)
    yield Test("with strict=0 echo no longer serves a guest that breaks rules",
               Run(echo, "misdeed in-band", {"strict": 0}),
               says="rule broken: channel echo external")


def disk(build: Path) -> Iterator[Test]:
    """Makes the disk that guests/disk.c expects: byte k of 128 blocks is 7k."""
    contents = build / "minihv-disk.img"
    contents.write_bytes(bytes(k * 7 & 0xFF for k in range(128 * 512)))
    for version in ("2.0", "4.2", "5.1", "6.0", "6.2"):
        yield Test(f"the disk serves storage protocol {version}",
                   Run(build / "minihv-disk.efi", version, {"strict": 0},
                       disk=contents), says=f"storage protocol {version}")
    yield Test("a broken ring withdraws the disk and its sub-channel",
               Run(build / "minihv-disk.efi", "broken-ring",
                   {"strict": 0, "subchannels": 1}, disk=contents),
               says="rule broken: KMCL refused a ring")


def exactness(build: Path, minihv: Path, out: tap.Tap) -> None:
    """Checks that two runs with counted instructions are the same to the byte,
    and that exact=1 removes minihv's time from the guest's TSC."""
    name = "two runs with counted instructions are the same to the byte"
    run = Run(build / "minihv-echo.efi", "figures", {"exact": 1}, EXACT)
    first, second = execute(run, minihv), execute(run, minihv)
    out.result(first.console == second.console and "figures:" in first.console,
               name, first.console + second.console)
    plain = execute(Run(run.image, "figures", machine=EXACT), minihv)
    ticks = [int(re.search(r"packets, (\d+) ticks", r.console)[1])
             for r in (first, plain)]
    out.result(ticks[0] * 2 < ticks[1],
               "exact=1 removes minihv's time from the guest's TSC",
               f"{ticks[0]} ticks with it, {ticks[1]} without")


def misdeeds(build: Path) -> Iterator[Test]:
    for machine in (ONE, HOST_CPU):
        for word, named in MISDEEDS:
            run = Run(build / "minihv-bad.efi", word, machine=machine)
            if named == HANG:
                run = replace(run, deadline=2)
            yield Test(f"the misdeed {word} ends in a report on {machine.smp} "
                       "processor(s)",
                       run, MISBEHAVED, named)
    yield Test("minihv refuses a configuration that it does not understand",
               Run(build / "minihv-facts.efi", config={"nonsense": 1}), 47,
               "opt/minihv.conf, not understood from here on: nonsense")


def image(build: Path) -> Iterator[Test]:
    path = build / "vmbare.efi"
    machines = (
        (ONE, {}, "1 processor"),
        (HOST_CPU, {}, "1 processor and one of the host"),
        (TWO_GUEST, {"processors": 2}, "2 processors and one of the host"))
    for machine, config, words in machines:
        for version in VERSIONS:
            yield Test(f"the image connects with protocol {version} on {words}",
                       Run(path, "exit claims",
                           {"version": version, "trace": 1, **config},
                           machine),
                       serial=f"connected, protocol {version}")


def large(build: Path) -> Iterator[Test]:
    """One start with the most of everything."""
    yield Test("the image runs on 4 processors with memory above 4 GiB and a "
               "list of 300 more offers",
               Run(build / "vmbare.efi", "exit claims",
                   {"processors": 4, "crowd": 300, "trace": 1},
                   Machine(5, 5120)),
               serial="processors  4, xAPIC\nmemory      50")
    for key, value, says in (
            ("crowd", 1001, "not understood from here on: crowd=1001"),
            ("processors", 5, "processors=5, but 1 of at most 4")):
        yield Test(f"minihv refuses {key}={value}",
                   Run(build / "minihv-facts.efi", config={key: value}), 47,
                   says)


def guest_os_id() -> str:
    """The report's line of GUEST_OS_ID for the number in VERSION."""
    major, minor, patch = map(int, (ROOT / "VERSION").read_text().split("."))
    return (f"40000000  d6{major:010x}{minor:02x}{patch:02x}  GUEST_OS_ID")


def version(build: Path) -> Iterator[Test]:
    name = os.environ.get("VMBARE_VERSION") or subprocess.run(
        [ROOT / "tools/release/version"], check=True, text=True,
        stdout=subprocess.PIPE).stdout.strip()
    run = Run(build / "vmbare.efi", "exit")
    yield Test("the first line of the log names the version", run,
               serial=f"vmbare {name}: image at")
    yield Test("the report names the version", run,
               serial=f"vmbare      {name}, image at")
    yield Test("the report ends with version, host, protocol, devices and "
               "verdict in words", run,
               serial="host        Microsoft Hv, Windows build 20348, 10.0\n"
               "vmbus       protocol 6.0; tried: 6.0\n"
               "devices     5: 4 minihv-echo, 1 heartbeat\n"
               "verdict     passed, the guest talks to its host over VMBus\n"
               "---- end of report ----\n")
    yield Test("GUEST_OS_ID holds the number of VERSION", run,
               serial=guest_os_id())


def lacking(build: Path) -> Iterator[Test]:
    path = build / "vmbare.efi"
    for lack, status, says in LACKS:
        yield Test(f"the image on a host without {lack} reports '{says}'",
                   Run(path, "exit", {"without": lack, "processors": 2},
                       TWO_GUEST), status, serial=says)
    yield Test("the image refuses a machine without a hypervisor",
               Run(path, "exit", {"hypervisor": 0}), NO_HYPERVISOR)
    yield Test("the image uses x2APIC where CPUID shows it",
               Run(path, "exit", {"x2apic": 1, "processors": 2}, TWO_GUEST),
               serial="x2APIC")
    for processors, machine in ((1, ONE), (2, TWO_GUEST)):
        yield Test(f"the image uses AutoEOI where CPUID does not advise "
                   f"against it, on {processors} processor(s)",
                   Run(path, "exit claims", {"autoeoi": 1, "trace": 1,
                                             "processors": processors},
                       machine), says="SINT2 of processor 0 has AutoEOI")
    yield Test("end=reset-hv resets the machine through the reset MSR",
               Run(path, "exit end=reset-hv"), 0,
               "the guest resets through its MSR")
    for machine, processors in ((ONE, 1), (TWO_GUEST, 2)):
        yield Test(f"end=reset-hv without the reset MSR ends in order on "
                   f"{processors} processor(s)",
                   Run(path, "exit end=reset-hv",
                       {"without": "reset", "processors": processors},
                       machine), FAILED, serial="has no such way")
    for processors, machine in ((1, ONE), (2, TWO_GUEST)):
        yield Test(f"the image refuses a machine without a clock and with "
                   f"{processors} processor(s)",
                   Run(path, "exit", {"hypervisor": 0, "pmtimer": 0,
                                      "processors": processors}, machine),
                   NO_HYPERVISOR, serial="no clock")
    yield Test("end=off powers the machine off", Run(path, "exit end=off"), 0,
               "the guest powers off")
    yield Test("a crash of the image writes the crash MSRs",
               Run(path, "exit fault=null-read"), CRASH,
               "the guest reports a crash")
    yield Test("a crash gives the host its report where CRASH_CTL takes a "
               "message", Run(path, "exit fault=null-read"), CRASH,
               "its message: CRASH: page fault")
    for place in ("voices", "clock"):
        yield Test(f"a crash in the start ({place}) reaches the crash "
                   "MSRs", Run(build / "test-early.efi",
                               f"exit test={place}"), CRASH,
                   "its message: CRASH: invalid opcode")
    yield Test("a refusal that ends the machine reaches the crash MSRs",
               Run(path, "exit", {"without": "synic"}), UNSUPPORTED,
               "its message: refused: AccessSynicRegs is not granted")
    yield Test("a crash leaves bit 62 of CRASH_CTL alone where the host does "
               "not show it",
               Run(path, "exit fault=null-read", {"mute": 1}), CRASH,
               "the guest reports a crash", silent="bit 62 of CRASH_CTL")
    for number, name in ((1, "VBS"), (2, "SEV-SNP"), (3, "TDX")):
        yield Test(f"the image refuses an isolated VM ({name}) before "
                   "ExitBootServices",
                   Run(path, "exit", {"isolation": number}), UNSUPPORTED,
                   serial=f"isolated VM ({name}): its memory and hypercall "
                   "rules are not supported; use a VM without isolation; "
                   "cannot start", silent="image at")


def short(build: Path) -> Iterator[Test]:
    """A short form for the mutants: each guest once on one processor, short
    deadlines, and one run in which the guest must be woken up."""
    chosen = [*own_guests(build), *devices(build), *broken_rules(build),
              *misdeeds(build), *image(build)]
    hangs = [word for word, named in MISDEEDS if named == HANG][1:]
    for test in chosen:
        run = test.run
        is_woken = run.image.name == "minihv-echo.efi" and not run.cmdline
        if run.machine != ONE and not (is_woken and run.machine == HOST_CPU):
            continue
        if run.cmdline in hangs or run.config.get("version", "6.0") != "6.0":
            continue
        yield replace(test, run=replace(run, deadline=min(run.deadline, 30)))


def two_processors(build: Path) -> Iterator[Test]:
    """What only a second processor shows, for the mutants."""
    for test in own_guests(build):
        if "second processor" in test.name:
            yield replace(test, run=replace(test.run, deadline=60))


def run_all(tests: Iterator[Test], minihv: Path, out: tap.Tap) -> None:
    for test in tests:
        try:
            result = execute(test.run, minihv)
        except MinihvError as error:
            out.result(False, test.name, str(error))
            continue
        problem = wrong(test, result)
        out.result(not problem, test.name, problem)


def refusals(build: Path, minihv: Path, out: tap.Tap) -> None:
    """A QEMU that knows an option less than ours still is refused by name."""
    qemu = build / "minihv-refusing-qemu"
    machine = Machine(qemu=str(qemu))
    qemu.write_text('#!/bin/sh\n[ "$1" = --version ] && exit 0\n'
                    'case "$*" in *opt/hold*) exec qemu-system-x86_64 "$@";; '
                    'esac\necho no such option >&2\nexit 1\n')
    qemu.chmod(0o755)
    try:
        execute(Run(build / "minihv-bad.efi", machine=machine), minihv)
        said = "no error"
    except MinihvError as error:
        said = str(error)
    out.result(said == "QEMU refused: no such option",
               "a QEMU that refuses to start is reported with its words", said)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("build", type=Path)
    parser.add_argument("--short", action="store_true",
                        help="what one processor shows: for the mutants")
    parser.add_argument("--smp", action="store_true",
                        help="what two processors show: for the mutants")
    given = parser.parse_args()
    out = tap.Tap()
    minihv = given.build / "minihv.efi"
    if given.short or given.smp:
        chosen = short if given.short else two_processors
        run_all(chosen(given.build), minihv, out)
        return out.end()
    for tests in (own_guests, devices, broken_rules, disk, misdeeds, image,
                  large, version, lacking):
        run_all(tests(given.build), minihv, out)
    exactness(given.build, minihv, out)
    refusals(given.build, minihv, out)
    return out.end()


if __name__ == "__main__":
    sys.exit(main())

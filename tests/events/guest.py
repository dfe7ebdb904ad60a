#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-2-Clause
"""Runs the tests of events inside the guest: guest.py BUILD.

On minihv with one and two processors, which sleep in HLT or by the hypervisor's
register, and without a hypervisor on four. The log must say what was misused and
what was awaited. A run that adds without its lock must fail. app/compute runs on
both hosts.
"""
from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent))

import tap  # noqa: E402

SECONDS = 120   # a run that takes longer hangs
MISUSE = (
    r"events: vmbare_wait: expected level 0 \(PASSIVE\).*; found 2, and did "
    "nothing",
    "events: vmbare_lock_take: expected a lock that this processor does not "
    "hold",
    "events: vmbare_work_queue: expected a processor below ",
    "events: vmbare_event_set: expected an object that its init function has",
)
NAMES = (
    "events: waiting for an apple, a pear",
    "events: the deadline came before an apple, a pear",
)
COMPUTE = (
    r"compute: \d+ primes below \d+ on \d processors, while [1-9]\d* packets "
    "came back",
    r"compute: of \d+ additions \d+ were lost without a lock, 0 with it",
)
EXAMPLES = Path("tests/guest/events/examples.c")
PAGE = Path("docs/events.md")
CASES = (
    # title, image, arguments of run.py, the guest's, passes?, in the output
    ("on minihv with 1 processor", "test-events.efi",
     ("--host=minihv",), "", True, MISUSE),
    ("on minihv with 2 processors", "test-events.efi",
     ("--host=minihv", "--smp=2", "--config=without=idle"), "", True,
     (*MISUSE, r"work on another one may not wait; found 1")),
    ("on minihv with 2 processors that idle by the hypervisor's register",
     "test-events.efi", ("--host=minihv", "--smp=2"), "test=processors", True,
     ()),
    ("without a hypervisor on 4 processors", "test-events-direct.elf",
     ("--host=tcg", "--smp=4"), "log=debug", True, (*MISUSE, *NAMES)),
    ("of app/compute on minihv with 2 processors", "app-compute.efi",
     ("--host=minihv", "--smp=2", "--config=without=idle"), "limit=30000",
     True, (*COMPUTE, r"compute: 3245 primes below 30000 on 2 processors")),
    ("of app/compute without a hypervisor on 4 processors",
     "app-compute-direct.elf", ("--host=tcg", "--smp=4"), "", True,
     (*COMPUTE, r"compute: 9592 primes below 100000 on 4 processors")),
    ("without a hypervisor on 4 processors that add without the lock",
     "test-events-direct.elf", ("--host=tcg", "--smp=4"),
     "test=sharing unlocked", False,
     (r"^not ok \d+ - no addition under the lock is lost",)),
)


def run(build: Path, image: str, options: tuple[str, ...],
        arguments: str) -> tuple[int, str]:
    """The exit status, and what the guest and the rig have printed."""
    command = [sys.executable, str(HERE.parent / "rig/run.py"),
               f"--image={build / image}", f"--timeout={SECONDS}",
               f"--args={arguments}", *options]
    done = subprocess.run(command, text=True, errors="replace", check=False,
                          stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                          stderr=subprocess.STDOUT, timeout=3 * SECONDS,
                          env=os.environ | {"PYTHONDONTWRITEBYTECODE": "1"})
    return done.returncode, done.stdout


def wrong(image: str, status: int, output: str, passes: bool,
          expected: tuple[str, ...]) -> str | None:
    """None: the run is as expected."""
    failed = re.findall(r"^(?:\[.*?\] )?not ok .*$", output, re.MULTILINE)
    if passes and (status != 0 or failed):
        return f"status {status}, {len(failed)} failed"
    if not passes and status == 0:
        return "it passes"
    if "test-" in image and not re.search(r"1\.\.\d+", output):
        return "there is no plan"
    for pattern in expected:
        if not re.search(pattern, output, re.MULTILINE):
            return f"expected a line '{pattern}', found none"
    return None


def misquoted() -> list[str]:
    """What the page has as code and the examples have not."""
    source = EXAMPLES.read_text()
    quotes = re.findall(r"^```c\n(.*?)^```$", PAGE.read_text(),
                        re.MULTILINE | re.DOTALL)
    return [part for part in quotes or ["no code at all"]
            if part not in source]


def symbols(image: Path) -> set[str]:
    """Those of events and their application's interface in an image."""
    listed = subprocess.run(["nm", str(image)], text=True, check=True,
                            stdout=subprocess.PIPE).stdout
    return set(re.findall(r" (events_\w+|vmbare_(?:wait|work|timer|event|lock|"
                          r"messages)_\w+)$", listed, re.MULTILINE))


def main(build: Path) -> int:
    results = tap.Tap()
    without, used = (symbols(build / name)
                     for name in ("app-offers.elf", "test-events.elf"))
    results.result(not without and len(used) > 20,
                   "an image has events only where its application uses them",
                   f"{without}, {len(used)} symbols where they are used")
    results.result(not misquoted(), f"{PAGE} quotes the examples as they are",
                   "\n".join(misquoted()))
    for title, image, options, arguments, passes, expected in CASES:
        status, output = run(build, image, options, arguments)
        fault = wrong(image, status, output, passes, expected)
        results.result(fault is None,
                       f"the tests in the guest {'pass' if passes else 'fail'} "
                       f"{title}", f"{fault}\n{output[-6000:]}")
    return results.end()


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1])))

#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-2-Clause
"""The suite `minihv-dynamic`: an unmodified Linux judges minihv's dynamic memory.

Its hv_balloon reports its memory, gives 64 MiB and 32 MiB when `minihvctl`
asks, and gets all of it back. It does so only where ACPI knows no hibernation
(S4), as in a VM of Hyper-V that has none. minihv takes the pages out of the guest's memory
meanwhile, so a guest that still used one would end the run.
"""
from __future__ import annotations

import argparse
import re
import subprocess
import sys
import time
from pathlib import Path

HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent))

import ramdisk  # noqa: E402
import tap  # noqa: E402
from machine import Machine, MinihvError, Run  # noqa: E402

MODULES = ("hv_vmbus", "hv_balloon")
SECONDS = 900   # until a run hangs
CHECKS = 4
STEPS = (64, 32)
PAGES_OF_MIB = 256
CASES: tuple[tuple[str, dict[str, object]], ...] = (
    ("on 1 processor", {}),
    ("on 2 processors, without one for the host", {"processors": 2}))


class Outside:
    """Somebody with minihvctl, and the checks that he makes."""

    def __init__(self, session: ramdisk.Session, out: tap.Tap,
                 words: str) -> None:
        self._session = session
        self._out = out
        self._words = words

    def ctl(self, *words: str) -> tuple[int, str]:
        done = subprocess.run(
            [HERE / "minihvctl", "--socket", self._session.path("control"),
             "memory", *words], text=True, check=False,
            stdin=subprocess.DEVNULL, capture_output=True, timeout=SECONDS)
        return done.returncode, (done.stdout + done.stderr).strip()

    def check(self, name: str, good: bool, said: object) -> None:
        self._out.result(good, f"{self._words}: {name}", "" if good else
                         f"{said}\n{self._session.serial()}")

    def _reports(self) -> bool:
        """Waits until the guest has reported its memory: hv_balloon does so 45
        seconds after its beginning."""
        deadline = time.monotonic() + SECONDS
        while time.monotonic() < deadline:
            _, said = self.ctl()
            if re.search("^reports [1-9]", said, re.M):
                return True
            time.sleep(1)
        return False

    def _begun(self) -> None:
        """Waits until minihv has started: it may lose what comes before."""
        console = self._session.path("console")
        deadline = time.monotonic() + SECONDS
        while time.monotonic() < deadline:
            if console.exists() and b"minihv: TSC" in console.read_bytes():
                return
            time.sleep(0.02)

    def run(self) -> None:
        self._begun()
        status, said = self.ctl("take", "64")
        self.check("a guest that has not begun is a clear error",
                   status == 1 and "gives no pages yet" in said, said)
        status, said = self.ctl("take", "many")
        self.check("a number that is none is a clear error",
                   status == 1 and "found 'many'" in said, said)
        self.check("the guest reports its memory", self._reports(), "")
        status, said = self.ctl("give")
        self.check("there is nothing to give back yet",
                   status == 1 and "has given none" in said, said)
        for mib in STEPS:
            status, said = self.ctl("take", str(mib))
            self.check(f"the guest gives {mib} MiB",
                       (status, said) == (0, f"{mib} MiB"), said)
        status, said = self.ctl()
        self.check("all of it is counted", f"taken {sum(STEPS)} MiB" in said,
                   said)
        self._session.wait_for("ok - the host takes memory")
        status, said = self.ctl("give")
        self.check("the guest takes all of it back",
                   (status, said) == (0, f"{sum(STEPS)} MiB"), said)


def case(linux: ramdisk.Linux, minihv: Path, out: tap.Tap, words: str,
         config: dict[str, object]) -> None:
    job = Run(linux.kernel, ramdisk.CMDLINE, {"devices": "dynamic", **config},
              Machine(2, 512, control=True, no_s4=True), linux.initrd, deadline=SECONDS)
    result = ramdisk.execute(
        job, minihv, lambda session: Outside(session, out, words).run())
    told = result.console + result.serial
    checks = re.findall(r"^ok - .*$", result.serial, re.M)
    out.result(result.status == 0 and "# end" in result.serial
               and len(checks) == CHECKS
               and not re.search("^not ok", result.serial, re.M),
               f"{words}: Linux sees its memory go and come, writes to it, and "
               "has no complaint", told)
    counts = result.counts()
    pages = sum(STEPS) * PAGES_OF_MIB
    wanted = {"rules-broken": 0, "memory-taken": pages,
              "memory-returned": pages}
    out.result("minihv: dynamic memory protocol 2.0\n" in result.console
               and wanted.items() <= counts.items(),
               f"{words}: protocol 2.0, {pages} pages both ways, no broken rule",
               f"expected {wanted}\n{told}")
    out.note(f"{result.seconds:.1f} s, {counts}")


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("build", type=Path)
    given = parser.parse_args()
    linux = ramdisk.prepare(given.build / "minihv-dynamic", "dynamic-init",
                            MODULES, applets=("dd",))
    out = tap.Tap()
    for words, config in CASES:
        try:
            case(linux, given.build / "minihv.efi", out, words, config)
        except (MinihvError, OSError) as error:
            out.result(False, words, str(error))
    return out.end()


if __name__ == "__main__":
    sys.exit(main())

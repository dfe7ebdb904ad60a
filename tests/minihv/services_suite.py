#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-2-Clause
"""The suite `minihv-services`: an unmodified Linux judges minihv's integration
services.

Its hv_utils and Debian's daemons serve what `minihvctl` asks for from outside:
each must do to the guest what it says, which the guest's own files, clock and
end show. Its log must have no complaint, and minihv must count no broken rule.
"""
from __future__ import annotations

import argparse
import hashlib
import random
import re
import shutil
import subprocess
import sys
import time
from pathlib import Path
from typing import Callable

HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent))

import ramdisk  # noqa: E402
import tap  # noqa: E402
from machine import Machine, MinihvError, Run  # noqa: E402

MODULES = ("hv_vmbus", "hv_utils", "sd_mod", "hv_storvsc")
DAEMONS = ("hv_kvp_daemon", "hv_vss_daemon", "hv_fcopy_daemon")
APPLETS = ("sync", "date", "tr", "md5sum", "cut")
DEVICES = "storage,heartbeat,shutdown,time,kvp,vss,copy"
VERSIONS = ("heartbeat 3.0", "shutdown 3.2", "time 4.0", "kvp 4.0", "vss 5.0",
            "copy 1.1")
SECONDS = 900   # until a run hangs
NOT_YET = ("has not opened", "has not chosen")
KEY_BYTES, VALUE_BYTES = 512, 2048
# A value as a program of the guest writes it.
RECORD = (b"made-by".ljust(KEY_BYTES, b"\0")
          + b"the guest itself".ljust(VALUE_BYTES, b"\0"))


def with_libraries(names: tuple[str, ...]) -> dict[str, Path]:
    """Returns programs of this machine, and the libraries that they need."""
    found: dict[str, Path] = {}
    for name in names:
        path = shutil.which(name, path="/usr/sbin:/sbin:/usr/bin:/bin")
        if path is None:
            raise MinihvError(f"{name} is not there: tools/deps services")
        found[f"sbin/{name}"] = Path(path)
        told = subprocess.run(["ldd", path], check=True, text=True,
                              capture_output=True).stdout
        for library in re.findall(r"(/\S+) \(0x", told):
            found[library.strip("/")] = Path(library)
    return found


def prepare(build: Path) -> tuple[ramdisk.Linux, Path]:
    """Makes the RAM disk and a disk with an empty file system."""
    linux = ramdisk.prepare(
        build, "services-init", MODULES, applets=APPLETS,
        programs={**with_libraries(DAEMONS),
                  "sbin/poweroff": HERE / "linux/services-poweroff"},
        data={"pool1": RECORD, "data/none": b"", "var/lib/none": b"", "etc/os-release":
              b'NAME="A small guest"\nVERSION_ID="1"\n'})
    disk = build / "data.ext4"
    subprocess.run(["/sbin/mkfs.ext4", "-q", "-F", disk, "16M"], check=True,
                   stdout=subprocess.DEVNULL)
    return linux, disk


class Outside:
    """Somebody with minihvctl, and the checks that he makes."""

    def __init__(self, session: ramdisk.Session, out: tap.Tap) -> None:
        self.session = session
        self._out = out

    def ctl(self, *words: str) -> tuple[int, str]:
        """Runs minihvctl; returns its status and what it has said."""
        done = subprocess.run(
            [HERE / "minihvctl", "--socket", self.session.path("control"),
             *words], text=True, check=False, stdin=subprocess.DEVNULL,
            capture_output=True, timeout=SECONDS)
        return done.returncode, (done.stdout + done.stderr).strip()

    def ready(self, *words: str) -> tuple[int, str]:
        """The same, as soon as the guest has opened the service."""
        deadline = time.monotonic() + SECONDS
        while True:
            status, said = self.ctl(*words)
            if not any(text in said for text in NOT_YET) or \
                    time.monotonic() > deadline:
                return status, said
            time.sleep(0.2)

    def check(self, name: str, good: bool, said: object = "") -> None:
        self._out.result(good, name, "" if good else
                         f"{said}\n{self.session.serial()}")

    def saw(self, text: str) -> bool:
        return self.session.wait_for(text)

    def lines(self, mark: str) -> int:
        return len(re.findall(rf"^# {mark}\b", self.session.serial(), re.M))

    def wait_lines(self, mark: str, more: int) -> bool:
        wanted = self.lines(mark) + more
        return self.session.wait(lambda _: self.lines(mark) >= wanted)


def words(o: Outside) -> None:
    status, said = o.ctl("shutdown")
    o.check("a service that the guest has not opened is a clear error",
            status == 1 and "has not opened the service" in said, said)
    status, said = o.ctl("dance")
    o.check("a command that is none is a clear error",
            status == 1 and "expected a command" in said
            and "'dance'" in said, said)
    status, said = o.ctl("time", "+1w")
    o.check("a time that is none is a clear error",
            status == 2 and "found '+1w'" in said, said)
    status, said = o.ctl("net", "unplug")
    o.check("a machine without a network says so",
            status == 1 and "no network device" in said, said)
    status, said = o.ctl("help")
    o.check("help lists the commands", status == 0 and "- " not in said
            and all(f"{w} " in said for w in ("kvp", "vss", "copy")), said)


def heartbeat(o: Outside) -> None:
    status, said = o.ready("heartbeat")
    deadline = time.monotonic() + SECONDS
    while status == 0 and int(said.split()[0]) < 2 and \
            time.monotonic() < deadline:
        time.sleep(0.5)
        status, said = o.ctl("heartbeat")
    o.check("heartbeats are answered", status == 0
            and int(said.split()[0]) >= 2, said)


def kvp(o: Outside) -> None:
    status, said = o.ready("kvp", "set", "colour", "dark", "blue")
    o.check("a value that is set from outside is in the guest's pool",
            status == 0 and o.saw("# pool colour dark blue"), said)
    status, said = o.ctl("kvp", "get", "made-by")
    o.check("a value that the guest wrote is read",
            (status, said) == (0, "the guest itself"), said)
    status, said = o.ctl("kvp", "get", "ProcessorArchitecture")
    o.check("a value that the guest's system gives is read",
            (status, said) == (0, "x86_64"), said)
    status, said = o.ctl("kvp", "get", "nobody")
    o.check("a key that the guest does not have is a clear error",
            status == 1 and "no key 'nobody'" in said, said)
    status, said = o.ctl("kvp", "list")
    o.check("the list has values of all three pools", status == 0 and all(
        line in said.splitlines() for line in
        ("colour=dark blue", "made-by=the guest itself",
         "ProcessorArchitecture=x86_64")), said)
    _, said = o.ctl("kvp", "delete", "colour")
    status, again = o.ctl("kvp", "get", "colour")
    o.check("a value that is deleted has gone",
            status == 1 and "no key 'colour'" in again, said + again)


def clock(o: Outside) -> None:
    year = time.gmtime().tm_year
    o.saw(f"# year {year}")
    status, said = o.ready("time", "+1y")
    o.check("the guest's clock jumps a year ahead",
            status == 0 and o.saw(f"# year {year + 1}"), said)


def vss(o: Outside) -> None:
    status, said = o.ready("vss", "freeze")
    o.check("the guest freezes", status == 0, said)
    o.wait_lines("year", 2)  # what was on its way has ended
    before = o.lines("tick")
    o.wait_lines("year", 3)
    o.check("nothing is written to its file system then",
            o.lines("tick") == before, f"{before}, {o.lines('tick')}")
    status, said = o.ctl("vss", "thaw")
    o.check("the guest thaws, and writes again",
            status == 0 and o.wait_lines("tick", 2), said)


def copy(o: Outside) -> None:
    data = random.Random(7).randbytes(20000)
    source = o.session.path("to-copy")
    source.write_bytes(data)
    status, said = o.ready("copy", str(source), "/copied/file")
    wanted = f"# file /copied/file {hashlib.md5(data).hexdigest()}"
    o.check("a file of 20,000 bytes is copied into the guest",
            status == 0 and o.saw(wanted), said)
    status, said = o.ctl("copy", str(source), "not/absolute")
    o.check("a path that is none is a clear error",
            status == 1 and "expected an absolute path" in said, said)


STEPS: tuple[Callable[[Outside], None], ...] = (
    words, heartbeat, kvp, clock, vss, copy)


def run(linux: ramdisk.Linux, disk: Path, minihv: Path, out: tap.Tap) -> None:
    def during(session: ramdisk.Session) -> None:
        outside = Outside(session, out)
        for step in STEPS:
            step(outside)
        status, said = outside.ready("shutdown")
        outside.check("the guest agrees to shut down", status == 0, said)

    job = Run(linux.kernel, ramdisk.CMDLINE, {"devices": DEVICES},
              Machine(2, 512, control=True), linux.initrd, disk,
              deadline=SECONDS)
    result = ramdisk.execute(job, minihv, during)
    told = result.console + result.serial
    out.result(result.status == 0 and "# end" in result.serial
               and "the guest powers off" in result.console,
               "it powers itself off", told)
    missing = [v for v in VERSIONS
               if f"minihv: {v}, framework 3.0" not in result.console]
    out.result(not missing, "the newest versions are agreed",
               f"not {missing}\n{told}")
    out.result(not re.search("^not ok", result.serial, re.M)
               and "ok - no complaint" in result.serial,
               "Linux has no complaint", told)
    out.result(not result.counts().get("rules-broken", 1),
               "Linux breaks no rule", told)
    out.note(f"{result.seconds:.1f} s, {result.counts()}")


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("build", type=Path)
    given = parser.parse_args()
    out = tap.Tap()
    try:
        linux, disk = prepare(given.build / "minihv-services")
        run(linux, disk, given.build / "minihv.efi", out)
    except MinihvError as error:
        out.result(False, "Linux 6.1 uses minihv's integration services",
                   str(error))
    return out.end()


if __name__ == "__main__":
    sys.exit(main())

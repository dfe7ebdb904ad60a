# SPDX-License-Identifier: BSD-2-Clause
"""A Linux guest that lies wholly in its initial RAM disk, and a run of it that
a person at QEMU's monitor takes part in."""
from __future__ import annotations

import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Callable

HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent / "rig"))

import fetch  # noqa: E402
from cpio import Archive  # noqa: E402
from linux_guest import needed  # noqa: E402
from machine import (GRACE_SECONDS, MinihvError, Monitor,  # noqa: E402
                     Result, Run, start)

CMDLINE = "console=ttyS0 panic=-1 quiet"
APPLETS = ("sh", "mount", "insmod", "cat", "sleep", "dmesg", "grep", "echo",
           "[", "poweroff", "printf", "sed", "touch", "mkdir", "ls")


@dataclass(frozen=True)
class Linux:
    kernel: Path
    initrd: Path


def prepare(build: Path, init: str, modules: tuple[str, ...],
            tools: tuple[str, ...] = (),
            applets: tuple[str, ...] = (),
            programs: dict[str, Path] | None = None,
            data: dict[str, bytes] | None = None) -> Linux:
    """Makes the RAM disk in `build`: linux/INIT as its first program, modules
    in the order of loading, programs of linux/TOOL.c, and by their names other
    programs and files."""
    parts = fetch.parts()
    build.mkdir(parents=True, exist_ok=True)
    archive = Archive()
    (busybox,) = parts.glob("busybox/*/busybox")
    archive.file("bin/busybox", busybox, executable=True)
    for name in APPLETS + applets:
        archive.symlink(f"bin/{name}", "busybox")
    for name in tools:
        tool = build / name
        subprocess.run(["gcc", "-static", "-O1", "-Wall", "-Werror", "-o",
                        tool, HERE / f"linux/{name}.c"], check=True)
        archive.file(f"bin/{name}", tool, executable=True)
    for name, path in (programs or {}).items():
        archive.file(name, path, executable=True)
    for name, contents in (data or {}).items():
        archive.file(name, contents)
    archive.file("init", HERE / "linux" / init, executable=True)
    archive.file("common", HERE / "linux/common")
    paths = needed(parts / "kernel", modules)
    for path in paths:
        archive.file(f"mod/{path.name}", path)
    archive.file("modules", "\n".join(p.stem for p in paths) + "\n")
    for name in ("dev", "proc", "sys"):
        archive.directory(name)
    (kernel,) = parts.glob("kernel/boot/vmlinuz-*")
    initrd = build / f"{init}.cpio"
    initrd.write_bytes(archive.bytes())
    return Linux(kernel, initrd)


class Session:
    """What a person sees and does while the guest runs."""

    def __init__(self, work: Path, alive: Callable[[], bool],
                 deadline: float) -> None:
        self._work = work
        self._alive = alive
        self._deadline = deadline
        self._monitor = Monitor(work / "qmp")

    def path(self, name: str) -> Path:
        """Returns the place of one of the run's files."""
        return self._work / name

    def serial(self) -> str:
        return (self._work / "serial").read_text("latin-1")

    def monitor(self, line: str) -> str:
        """Types a line at QEMU's monitor, and returns its answer."""
        answer = self._monitor.command("human-monitor-command",
                                       **{"command-line": line})
        return str(answer)

    def wait(self, is_so: Callable[[str], bool]) -> bool:
        """Waits until it is so of the serial port's text; False if the guest
        ended before, or has hung."""
        while not is_so(self.serial()):
            if not self._alive() or time.monotonic() > self._deadline:
                return False
            time.sleep(0.02)
        return True

    def wait_for(self, text: str) -> bool:
        return self.wait(lambda told: text in told)


def execute(run: Run, minihv: Path,
            during: Callable[[Session], None],
            extra: tuple[str, ...] = ()) -> Result:
    """Does one run with somebody at the monitor, to QEMU's end."""
    with tempfile.TemporaryDirectory(prefix="minihv-") as name:
        work = Path(name)
        (work / "serial").touch()
        began = time.monotonic()
        process = start(run, minihv, work, f"file,path={work}/console",
                        f"file,path={work}/serial,append=on",
                        ("-qmp", f"unix:{work}/qmp,server=on,wait=off",
                         *extra))
        try:
            during(Session(work, lambda: process.poll() is None,
                           began + run.deadline))
            status = process.wait(run.deadline + GRACE_SECONDS)
        except (subprocess.TimeoutExpired, OSError) as error:
            raise MinihvError(f"minihv did not end its run: {error}") from None
        finally:
            process.kill()
            process.wait()
        errors = (work / "errors").read_text("latin-1").strip()
        if not (work / "console").exists():
            raise MinihvError(f"QEMU refused: {errors}")
        console = (work / "console").read_text("latin-1")
        if errors:
            console += f"QEMU: status {status}: {errors}\n"
        return Result(status, console,
                      (work / "serial").read_text("latin-1"),
                      time.monotonic() - began)

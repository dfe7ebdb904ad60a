# SPDX-License-Identifier: BSD-2-Clause
"""An unmodified Linux as minihv's guest: Debian's kernel, a RAM disk with
the Hyper-V drivers, and a disk with a root file system."""
from __future__ import annotations

import hashlib
import random
import re
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path

HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent / "rig"))

import fetch  # noqa: E402
from cpio import Archive  # noqa: E402

MODULES = ("hv_vmbus", "hv_utils", "sd_mod", "hv_storvsc")
APPLETS = ("sh", "mount", "insmod", "cat", "sleep", "dmesg", "tail", "printf",
           "dd", "switch_root", "grep", "sync", "md5sum", "cmp", "basename",
           "readlink", "ls", "echo", "[", "poweroff")
DISK_SIZE = "48M"
CMDLINE = "console=ttyS0 panic=-1 quiet"


@dataclass(frozen=True)
class Linux:
    kernel: Path
    initrd: Path
    disk: Path


def needed(tree: Path, wanted: tuple[str, ...]) -> list[Path]:
    """Returns modules and their dependencies in the order of loading."""
    found: list[Path] = []

    def add(name: str) -> None:
        paths = sorted(tree.rglob(f"{name.replace('_', '[-_]')}.ko"))
        if not paths:
            return  # built in
        depends = re.search(rb"\0depends=([^\0]*)\0",
                            b"\0" + paths[0].read_bytes())
        for other in (depends.group(1).decode().split(",") if depends else []):
            if other:
                add(other)
        if paths[0] not in found:
            found.append(paths[0])

    for name in wanted:
        add(name)
    return found


def _initrd(parts: Path) -> bytes:
    archive = Archive()
    (busybox,) = parts.glob("busybox/*/busybox")
    archive.file("bin/busybox", busybox, executable=True)
    for name in APPLETS:
        archive.symlink(f"bin/{name}", "busybox")
    archive.file("init", HERE / "linux/init", executable=True)
    modules = needed(parts / "kernel", MODULES)
    for path in modules:
        archive.file(f"mod/{path.name}", path)
    archive.file("modules", "\n".join(p.stem for p in modules) + "\n")
    for name in ("dev", "proc", "sys", "root"):
        archive.directory(name)
    return archive.bytes()


def _disk(parts: Path, target: Path) -> None:
    """Makes a root file system with files of known checksums."""
    numbers = random.Random(5)
    with tempfile.TemporaryDirectory(prefix="minihv-") as name:
        root = Path(name)
        for folder in ("bin", "sbin", "dev", "proc", "sys", "data"):
            (root / folder).mkdir()
        (busybox,) = parts.glob("busybox/*/busybox")
        (root / "bin/busybox").write_bytes(busybox.read_bytes())
        (root / "bin/busybox").chmod(0o755)
        for applet in APPLETS:
            (root / "bin" / applet).symlink_to("busybox")
        init = root / "sbin/init"
        init.write_bytes((HERE / "linux/root-init").read_bytes())
        init.chmod(0o755)
        sums = []
        for size in (1, 511, 4096, 70000, 3 << 20):
            data = numbers.randbytes(size)
            (root / f"data/file.{size}").write_bytes(data)
            sums.append(f"{hashlib.md5(data).hexdigest()}  file.{size}\n")
        (root / "sums").write_text("".join(sums))
        subprocess.run(["/sbin/mkfs.ext4", "-q", "-F", "-d", root, target,
                        DISK_SIZE], check=True, stdout=subprocess.DEVNULL)


def prepare(build: Path) -> Linux:
    """Makes all files that the run needs in `build`."""
    parts = fetch.parts()
    (kernel,) = parts.glob("kernel/boot/vmlinuz-*")
    linux = Linux(kernel, build / "linux.cpio", build / "linux.ext4")
    build.mkdir(parents=True, exist_ok=True)
    linux.initrd.write_bytes(_initrd(parts))
    _disk(parts, linux.disk)
    return linux

# SPDX-License-Identifier: BSD-2-Clause
"""Builds the outer machine of the nested host from the downloaded parts.

The result, a `Kit`, also serves the hosts that do not nest: their QEMU and
firmware are the same.
"""
from __future__ import annotations

import functools
import hashlib
import os
import re
import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

import fetch
import patch
from cpio import Archive

HERE = Path(__file__).resolve().parent
MODULES = ("irqbypass", "ccp", "kvm", "kvm-amd")
# Firmware and option ROMs that QEMU needs in its -L directory: the package of
# each, and the place in it.
FIRMWARE = (
    ("qemu", "usr/share/seabios", ("bios-256k.bin", "vgabios-stdvga.bin")),
    ("qemu", "usr/share/qemu", ("kvmvapic.bin", "linuxboot.bin",
                                "linuxboot_dma.bin", "pvh.bin")),
)
OVMF = ("OVMF/OVMF_CODE_4M.fd", "OVMF/OVMF_VARS_4M.fd", "ovmf/OVMF.fd")
FIRMWARE_VERSIONS = ("12", "13")  # of Debian


@dataclass(frozen=True)
class Kit:
    """The files that a host runs."""
    root: Path

    @property
    def outer_qemu(self) -> Path:
        return self.root / "qemu-outer"

    @property
    def qemu(self) -> Path:
        """Returns the QEMU that runs the guest."""
        return self.root / "qemu"

    @property
    def firmware(self) -> Path:
        return self.root / "fw"

    @property
    def kernel(self) -> Path:
        return self.root / "vmlinuz"

    @property
    def base(self) -> Path:
        return self.root / "base.cpio"


def libraries(binary: Path) -> list[Path]:
    """Returns the shared libraries of a binary, from this machine."""
    text = subprocess.check_output(["ldd", binary], text=True)
    missing = re.findall(r"^\s*(\S+) => not found", text, re.M)
    if missing:
        raise fetch.FetchError(
            f"{binary.name} needs {', '.join(missing)}: install the package "
            "qemu-system-x86, whose libraries are the same")
    return [Path(path) for path in re.findall(r"(/\S+) \(0x", text)]


def _copy_firmware(parts: Path, target: Path) -> None:
    target.mkdir()
    for role, folder, names in FIRMWARE:
        for name in names:
            shutil.copy(parts / role / folder / name, target / name)
    for version in FIRMWARE_VERSIONS:
        (target / f"ovmf{version}").mkdir()
        for name in OVMF:
            shutil.copy(parts / f"ovmf{version}" / "usr/share" / name,
                        target / f"ovmf{version}")


def _copy_qemu(parts: Path, kit: Kit) -> None:
    original = parts / "qemu/usr/bin/qemu-system-x86_64"
    kit.outer_qemu.write_bytes(patch.with_seen_breakpoints(
        patch.without_lock_assertion(original)))
    kit.qemu.write_bytes(patch.with_quick_balloon(original.read_bytes()))
    for binary in (kit.outer_qemu, kit.qemu):
        binary.chmod(0o755)


def _base_archive(parts: Path, kit: Kit) -> bytes:
    """Makes the RAM disk of the outer machine: init, modules, inner QEMU."""
    archive = Archive()
    archive.file("init", HERE / "l1-init", executable=True)
    (busybox,) = parts.glob("busybox/*/busybox")
    archive.file("bin/busybox", busybox, executable=True)
    for name in MODULES:
        found = sorted((parts / "kernel").rglob(f"{name}.ko"))
        if found:
            archive.file(f"mod/{name}.ko", found[0])
    archive.file("usr/bin/qemu", kit.qemu, executable=True)
    for library in libraries(kit.qemu):
        place = "lib64" if library.name.startswith("ld-linux") else "usr/lib"
        archive.file(f"{place}/{library.name}", library, executable=True)
    for path in sorted(kit.firmware.rglob("*")):
        if path.is_file():
            archive.file(f"fw/{path.relative_to(kit.firmware)}", path)
    return archive.bytes()


def _build(parts: Path, kit: Kit) -> None:
    kit.root.mkdir()
    _copy_firmware(parts, kit.firmware)
    _copy_qemu(parts, kit)
    (kernel,) = parts.glob("kernel/boot/vmlinuz-*")
    shutil.copy(kernel, kit.kernel)
    kit.base.write_bytes(_base_archive(parts, kit))


@functools.cache
def kit() -> Kit:
    """Returns the kit, which it fetches and builds if it is missing."""
    parts = fetch.parts()
    digest = hashlib.sha256((parts / "manifest").read_bytes())
    for name in ("l1.py", "l1-init", "patch.py", "cpio.py"):
        digest.update((HERE / name).read_bytes())
    target = Kit(fetch.cache_dir() / f"kit-{digest.hexdigest()[:12]}")
    if not target.root.exists():
        with fetch.locked(fetch.cache_dir()):
            if not target.root.exists():
                fetch.say("building the outer machine")
                work = Kit(fetch.cache_dir() / f"tmp.{os.getpid()}")
                _build(parts, work)
                os.rename(work.root, target.root)
    libraries(target.qemu)  # says what is missing when the machine changed
    return target


if __name__ == "__main__":
    try:
        print(kit().root)
    except (fetch.FetchError, patch.PatchError) as error:
        sys.exit(f"rig: {error}")
    except KeyboardInterrupt:
        sys.exit("rig: interrupted; the next run starts afresh")

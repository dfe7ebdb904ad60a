# SPDX-License-Identifier: BSD-2-Clause
"""Downloads the packages that the test hosts need, once, and keeps them.

Nothing is installed on the machine: the packages are verified by apt against
Debian's signatures and unpacked into the cache. The first Debian mirror that
the machine's own apt sources name is used.
"""
from __future__ import annotations

import fcntl
import hashlib
import os
import re
import shutil
import subprocess
import sys
import time
from contextlib import contextmanager
from pathlib import Path
from typing import Iterator

# Purpose, package, suite. ovmf is listed twice, because firmware differs
# between releases and the guest is tested on both.
PACKAGES = (
    ("kernel", "linux-image-cloud-amd64", "bookworm"),
    ("busybox", "busybox-static", "bookworm"),
    ("qemu", "qemu-system-x86", "bookworm-backports"),
    ("qemu", "qemu-system-data", "bookworm-backports"),
    ("qemu", "seabios", "bookworm-backports"),
    ("ovmf12", "ovmf", "bookworm"),
    ("ovmf13", "ovmf", "trixie"),
)
KEYRING = Path("/usr/share/keyrings/debian-archive-keyring.gpg")


class FetchError(Exception):
    """Something is missing; the text is for the person who started the run."""


def say(text: str) -> None:
    print(f"rig: {text}", file=sys.stderr, flush=True)


def cache_dir() -> Path:
    """Returns $VMBARE_CACHE/rig, the directory of the Makefile's CACHE."""
    home = os.environ.get("VMBARE_CACHE")
    base = Path(home) if home else Path.home() / ".cache" / "vmbare"
    return base / "rig"


def find_mirror(etc: Path = Path("/etc/apt")) -> str:
    """Returns the first .../debian URI among the machine's apt sources."""
    files = [etc / "sources.list", *sorted((etc / "sources.list.d").glob("*"))]
    for path in files:
        if path.suffix not in (".list", ".sources") or not path.is_file():
            continue
        for line in path.read_text(errors="replace").splitlines():
            if line.lstrip().startswith("#"):
                continue
            match = re.search(r"\bhttps?://\S+/debian/?(?=\s|$)", line)
            if match:
                return match.group(0)
    raise FetchError(
        "no Debian mirror in this machine's apt sources (expected a URI that "
        "ends in /debian under /etc/apt/sources.list*): add one, or run "
        "HOST=kvm on a machine that has it")


@contextmanager
def locked(directory: Path) -> Iterator[None]:
    """Lets one builder run at a time. A builder that is interrupted removes its
    files; the next one removes those of a builder that was killed."""
    directory.mkdir(parents=True, exist_ok=True)
    with open(directory / "lock", "w", encoding="ascii") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            say("another run is preparing the host, waiting for it")
            fcntl.flock(lock, fcntl.LOCK_EX)
        _remove_leftovers(directory)
        try:
            yield
        finally:
            _remove_leftovers(directory)


def _remove_leftovers(directory: Path) -> None:
    for left in directory.glob("tmp.*"):
        shutil.rmtree(left, ignore_errors=True)


class Apt:
    """Runs apt with its own sources, lists and cache in one directory."""

    def __init__(self, work: Path) -> None:
        self.work = work
        for name in ("apt", "empty", "lists/partial",
                     "cache/archives/partial"):
            (work / name).mkdir(parents=True)
        suites = " ".join(sorted({suite for _, _, suite in PACKAGES}))
        (work / "apt" / "rig.sources").write_text(
            f"Types: deb\nURIs: {find_mirror()}\nSuites: {suites}\n"
            f"Components: main\nArchitectures: amd64\nSigned-By: {KEYRING}\n",
            encoding="ascii")
        self.options = [
            "-qq", "-o", "Dir::Etc::sourcelist=/dev/null",
            "-o", f"Dir::Etc::sourceparts={work}/apt",
            "-o", "Dir::Etc::preferences=/dev/null",
            "-o", f"Dir::Etc::preferencesparts={work}/empty",
            "-o", f"Dir::State::lists={work}/lists",
            "-o", f"Dir::Cache={work}/cache",
            "-o", "APT::Sandbox::User=root",
            "-o", "APT::Update::Error-Mode=any",
            "-o", "Acquire::Retries=3",
        ]

    def run(self, tool: str, *arguments: str, cwd: Path | None = None) -> str:
        done = subprocess.run([tool, *self.options, *arguments],
                              cwd=cwd or self.work, text=True, check=False,
                              stdin=subprocess.DEVNULL, capture_output=True)
        if done.returncode != 0:
            raise FetchError(f"{tool} {' '.join(arguments)} failed:\n"
                             f"{done.stderr.strip()}")
        return done.stdout

    def newest_kernel(self, package: str, suite: str) -> str:
        """Returns the versioned package that the meta package depends on."""
        text = self.run("apt-cache", "show", f"{package}/{suite}")
        match = re.search(r"^Depends: (linux-image-[^ ,]+)", text, re.M)
        if not match:
            raise FetchError(f"{package} in {suite} names no kernel package")
        return match.group(1)

    def size(self, package: str) -> int:
        text = self.run("apt-cache", "show", package)
        match = re.search(r"^Size: (\d+)", text, re.M)
        return int(match.group(1)) if match else 0


def download(target: Path) -> None:
    """Fills `target` with one unpacked tree per purpose and a manifest."""
    work = target.with_name(f"tmp.{os.getpid()}")
    say(f"first use: downloading the test host's parts from {find_mirror()}")
    apt = Apt(work)
    apt.run("apt-get", "update")
    manifest = []
    for number, (role, package, suite) in enumerate(PACKAGES, 1):
        start = time.monotonic()
        if role == "kernel":
            package = apt.newest_kernel(package, suite)
        spot = work / f"deb{number}"
        spot.mkdir()
        megabytes = apt.size(f"{package}/{suite}") / 1e6
        say(f"[{number}/{len(PACKAGES)}] {package} ({suite}, "
            f"{megabytes:.1f} MB)")
        apt.run("apt-get", "download", f"{package}/{suite}", cwd=spot)
        (deb,) = spot.glob("*.deb")
        (work / "out" / role).mkdir(parents=True, exist_ok=True)
        subprocess.run(["dpkg-deb", "-x", deb, work / "out" / role],
                       check=True)
        digest = hashlib.sha256(deb.read_bytes()).hexdigest()
        manifest.append(f"{role} {deb.name} {digest}\n")
        say(f"[{number}/{len(PACKAGES)}] {deb.name.split('_')[1]}, "
            f"{time.monotonic() - start:.1f} s")
    (work / "out" / "manifest").write_text("".join(manifest), "ascii")
    os.rename(work / "out", target)


def parts() -> Path:
    """Returns the unpacked packages, which it downloads if they are missing.

    The directory's name is the list of packages: another list is another
    directory. The versions are those of the day of the download; the
    manifest tells them. Remove the directory to fetch newer ones.
    """
    key = hashlib.sha256(repr(PACKAGES).encode()).hexdigest()[:12]
    target = cache_dir() / f"parts-{key}"
    if not (target / "manifest").exists():
        with locked(cache_dir()):
            if not (target / "manifest").exists():
                download(target)
    return target


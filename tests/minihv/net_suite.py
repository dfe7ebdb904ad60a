#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-2-Clause
"""The suite `minihv-net`: an unmodified Linux judges minihv's network.

Its hv_netvsc gets an address from QEMU's network by DHCP, fetches a file from
this machine and serves one to it, on one and two processors; its log must have
no complaint, and minihv must count no broken rule.
"""
from __future__ import annotations

import argparse
import hashlib
import random
import re
import socket
import subprocess
import sys
import tempfile
import threading
import time
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Callable

HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent))
sys.path.insert(0, str(HERE.parent / "rig"))

import fetch  # noqa: E402
import tap  # noqa: E402
from cpio import Archive  # noqa: E402
from linux_guest import needed  # noqa: E402
from machine import (Machine, MinihvError, Result, Run,  # noqa: E402
                     is_refusal, start)

MODULES = ("hv_vmbus", "hv_netvsc")
APPLETS = ("sh", "mount", "insmod", "cat", "sleep", "dmesg", "sed", "grep",
           "md5sum", "cut", "ls", "echo", "[", "poweroff", "ip", "udhcpc",
           "wget", "httpd", "touch", "printf", "timeout", "unshare",
           "nsenter", "ping", "readlink")
CMDLINE = "console=ttyS0 panic=-1 quiet"
SECONDS = 600   # until a run hangs
CURL_SECONDS = 300
FILE, DATA = 1 << 20, 2 << 20
RX_LRO, RX_HASH = 1 << 15, 1 << 28


@dataclass
class Case:
    words: str
    smp: int
    protocol: str
    checks: int
    config: dict[str, object] = field(default_factory=dict)
    cmdline: str = ""
    counted: tuple[str, ...] = ()   # counters that must not be 0
    short: bool = True              # belongs to make test


EVENTS = {"net.event": "down@500,change@700,replug@900"}
CASES = (
    Case("on 1 processor, while the link goes, the port moves and the device "
         "goes and comes back", 2, "6.1", 6, EVENTS, "events"),
    Case("on 2 processors with a sub-channel, while the same happens", 3,
         "6.1", 6, {"processors": 2, "net.queues": 2, **EVENTS}, "events",
         ("net0-queue1",), short=False),
    Case("without a processor for the host", 1, "6.1", 4, short=False),
    Case("between two devices, with MTU 1500 and 9000", 3, "6.1", 8,
         {"net.devices": 2, "processors": 2, "net.queues": 2}, "pair",
         ("net0-coalesced",), short=False),
    Case("where frames are lost, doubled and overtaken", 2, "6.1", 8,
         {"net.devices": 2, "net.loss": 5, "net.twice": 5, "net.late": 10,
          "net.late-us": 3000, "net.seed": 7}, "pair",
         ("switch-lost", "switch-doubled", "switch-late"), short=False),
    Case("over NVSP 5", 2, "5.0", 4, {"net.version": 5}, short=False),
    Case("over NVSP 4", 2, "4.0", 4, {"net.version": 4}, short=False),
    Case("over NVSP 2", 2, "3.2", 4, {"net.version": 2}, short=False),
    Case("over NVSP 1", 2, "0.2", 4, {"net.version": 1}, short=False),
)


def initrd(parts: Path, build: Path, data: bytes) -> bytes:
    """Returns the guest: busybox, drivers, scripts, files to serve."""
    archive = Archive()
    (busybox,) = parts.glob("busybox/*/busybox")
    archive.file("bin/busybox", busybox, executable=True)
    for name in APPLETS:
        archive.symlink(f"bin/{name}", "busybox")
    tool = build / "nettool"
    subprocess.run(["gcc", "-static", "-O1", "-o", tool,
                    HERE / "linux/nettool.c"], check=True)
    archive.file("bin/nettool", tool, executable=True)
    for source, target in (("net-init", "init"), ("net-dhcp", "dhcp"),
                           ("net-done", "www/cgi-bin/done"),
                           ("net-events", "events"), ("net-pair", "pair"),
                           ("net-load", "load")):
        archive.file(target, HERE / "linux" / source, executable=True)
    archive.file("common", HERE / "linux/common")
    modules = needed(parts / "kernel", MODULES)
    for path in modules:
        archive.file(f"mod/{path.name}", path)
    archive.file("modules", "\n".join(p.stem for p in modules) + "\n")
    archive.file("www/data", data)
    for name in ("dev", "proc", "sys"):
        archive.directory(name)
    return archive.bytes()


class Files(BaseHTTPRequestHandler):
    """Serves /file to the guest."""
    data = b""

    def do_GET(self) -> None:  # noqa: N802
        self.send_response(200 if self.path == "/file" else 404)
        self.send_header("Content-Length", str(len(self.data)))
        self.end_headers()
        self.wfile.write(self.data)

    def log_message(self, *_: object) -> None:
        """Says nothing."""


def free_port() -> int:
    with socket.socket() as s:
        s.bind(("127.0.0.1", 0))
        return int(s.getsockname()[1])


def curl(port: int, path: str) -> bytes:
    return subprocess.run(
        ["curl", "-s", "-S", "-f", "--max-time", str(CURL_SECONDS), "--retry", "5",
         "--retry-max-time", str(CURL_SECONDS),
         f"http://127.0.0.1:{port}/{path}"], check=True,
        capture_output=True).stdout


@dataclass
class Guest:
    kernel: Path
    initrd: Path
    data: bytes
    file: bytes
    server: int


@dataclass(frozen=True)
class Way:
    """A network of another kind: a tap device, the words that tell the guest
    its address, and what is done with it when it serves `data`. Returns what
    was wrong."""
    tap: str
    cmdline: str
    talk: Callable[[bytes], str]


def fetch_once(port: int, data: bytes) -> str:
    got = curl(port, "data")
    curl(port, "cgi-bin/done")
    return "" if got == data else \
        f"curl got {len(got)} bytes, expected {len(data)} others"


class Talk:
    """Talks to the guest as soon as it serves."""

    def __init__(self, serial: Path, talk: Callable[[], str]) -> None:
        self.problem = "the guest never printed '# serving'"
        self._end = threading.Event()
        self._args = (serial, talk)
        self._thread = threading.Thread(target=self._run, daemon=True)
        self._thread.start()

    def _run(self) -> None:
        serial, talk = self._args
        while "# serving" not in serial.read_text("latin-1"):
            if self._end.wait(0.1):
                return
        try:
            self.problem = "the requests have not ended"
            self.problem = talk()
        except subprocess.CalledProcessError as error:
            self.problem = f"curl: {error.stderr.decode()}"

    def close(self) -> str:
        self._end.set()
        self._thread.join(CURL_SECONDS + 60)
        if self._thread.is_alive():
            return f"{self.problem} after {CURL_SECONDS + 60} s"
        return self.problem


def run(case: Case, guest: Guest, minihv: Path,
        way: Way | None = None) -> tuple[Result, str]:
    """Boots Linux. Without a `way`, on QEMU's own network."""
    port = free_port()
    config = {"devices": "network", "trace": 0, **case.config}
    words = (f"{CMDLINE} from={guest.server} "
             f"sum={hashlib.md5(guest.file).hexdigest()} {case.cmdline} "
             f"{way.cmdline if way else ''}")
    job = Run(guest.kernel, words, config,
              Machine(case.smp, 512, network=True,
                      tap=way is not None), guest.initrd,
              forward=() if way else ((port, 80),), deadline=SECONDS,
              tap=way.tap if way else "")
    with tempfile.TemporaryDirectory(prefix="minihv-") as name:
        work = Path(name)
        (work / "serial").touch()
        began = time.monotonic()
        process = start(job, minihv, work, f"file,path={work}/console",
                        f"file,path={work}/serial,append=on")
        talk = Talk(work / "serial", lambda: way.talk(guest.data) if way
                    else fetch_once(port, guest.data))
        try:
            status = process.wait(SECONDS + 60)
        except subprocess.TimeoutExpired:
            said = "".join((work / name).read_text("latin-1")
                           for name in ("console", "serial"))
            raise MinihvError(f"minihv has not ended its run after "
                              f"{SECONDS + 60} s\n{said}") from None
        finally:
            process.kill()
            process.wait()
            problem = talk.close()
        errors = (work / "errors").read_text("latin-1")
        console = (work / "console").read_text("latin-1") \
            if (work / "console").exists() else ""
        if is_refusal(status, console):
            raise MinihvError(f"QEMU refused: {errors}")
        return Result(status, console,
                      (work / "serial").read_text("latin-1"),
                      time.monotonic() - began), problem


def ethtool(serial: str) -> dict[str, str]:
    return dict(re.findall(r"^# ethtool: (\S+) (.*?)\r?$", serial, re.M))


def offloads_missing(case: Case, serial: str) -> str:
    """Returns what ethtool does not show, or nothing."""
    told = ethtool(serial)
    wanted = {"driver": "hv_netvsc", "rx-checksum": "0x1", "tso": "0x1",
              "scatter-gather": "0x1"}
    for name, value in wanted.items():
        if told.get(name) != value:
            return f"ethtool: {name}: {told.get(name)}, expected {value}"
    queues = case.config.get("net.queues", 1)
    if not told.get("combined", "").startswith(f"{queues} "):
        return f"ethtool: combined {told.get('combined')}, expected {queues}"
    if case.protocol == "6.1" and \
            not int(told.get("flags", "0"), 0) & RX_LRO:
        return f"ethtool: flags {told.get('flags')} have no LRO"
    return ""


def wrong(case: Case, result: Result, problem: str) -> str:
    told = result.console + result.serial
    if "# end" not in result.serial or result.status != 0:
        return f"Linux did not come to its end ({result.status})\n{told}"
    if problem:
        return f"{problem}\n{told}"
    checks = re.findall(r"^ok - .*$", result.serial, re.M)
    if len(checks) != case.checks or \
            re.search("^not ok", result.serial, re.M):
        return f"{len(checks)} of {case.checks} checks are good\n{told}"
    if f"network protocol {case.protocol}" not in result.console:
        return f"the device does not speak {case.protocol}\n{told}"
    missing = offloads_missing(case, result.serial)
    if missing:
        return f"{missing}\n{told}"
    counts = result.counts()
    if counts.get("rules-broken"):
        return f"counts: {counts}\n{told}"
    for name in case.counted:
        if not counts.get(name):
            return f"{name} is {counts.get(name)}, expected some\n{told}"
    return ""


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("build", type=Path)
    parser.add_argument("--long", action="store_true", help="every case")
    parser.add_argument("--only", default="", help="cases with these words")
    given = parser.parse_args()
    numbers = random.Random(16)
    data, Files.data = numbers.randbytes(DATA), numbers.randbytes(FILE)
    server = ThreadingHTTPServer(("127.0.0.1", 0), Files)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    parts, build = fetch.parts(), given.build / "minihv-net"
    build.mkdir(parents=True, exist_ok=True)
    (kernel,) = parts.glob("kernel/boot/vmlinuz-*")
    guest = Guest(kernel, build / "net.cpio", data, Files.data,
                  server.server_address[1])
    guest.initrd.write_bytes(initrd(parts, build, data))
    out = tap.Tap()
    for case in CASES:
        if given.only not in case.words or not (case.short or given.long):
            continue
        name = f"Linux 6.1 uses minihv's network {case.words}"
        try:
            result, problem = run(case, guest, given.build / "minihv.efi")
        except MinihvError as error:
            out.result(False, name, str(error))
            continue
        problem = wrong(case, result, problem)
        out.result(not problem, name, problem)
        out.note(f"{result.seconds:.1f} s, {result.counts()}")
    return out.end()


if __name__ == "__main__":
    sys.exit(main())

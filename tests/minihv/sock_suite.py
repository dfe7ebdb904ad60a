#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-2-Clause
"""The suite `minihv-sock`: an unmodified Linux judges minihv's hv_sock.

Programs of the guest use AF_VSOCK; sockproxy.py leads their streams to TCP
ports of this machine, and back. Both sides know the bytes that must come, and
count and sum up what came: a megabyte each way, many streams at once, one
direction that ends before the other, nobody there, and a side that dies.
"""
from __future__ import annotations

import argparse
import re
import socket
import struct
import subprocess
import sys
import threading
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Callable

HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent))

import ramdisk  # noqa: E402
import tap  # noqa: E402
from machine import Machine, MinihvError, Run, spawn  # noqa: E402

MODULES = ("hv_vmbus", "hv_sock")
SECONDS = 600   # until a run hangs
MIB = 1 << 20
STREAMS = 8
GUEST_PORTS = (6000, 6001, 6002, 6003, 6004, 6009)


def fnv(data: bytes) -> int:
    total = 0xCBF29CE484222325
    for byte in data:
        total = (total ^ byte) * 0x100000001B3 & 0xFFFFFFFFFFFFFFFF
    return total


def pattern(size: int) -> bytes:
    """Returns the bytes of linux/socktool.c."""
    return bytes((at * at + at // 7) >> 3 & 0xFF for at in range(size))


def summed(data: bytes) -> str:
    return f"{len(data)} {fnv(data):016x}"


def receive_all(stream: socket.socket) -> bytes:
    data = b""
    while part := stream.recv(MIB):
        data += part
    return data


# ---- services of this machine ------------------------------------------------

def sums_up(stream: socket.socket) -> None:
    stream.sendall(summed(receive_all(stream)).encode())


def sends(stream: socket.socket) -> None:
    stream.sendall(pattern(MIB))


def echoes(stream: socket.socket) -> None:
    while part := stream.recv(MIB):
        stream.sendall(part)


def dies(stream: socket.socket) -> None:
    stream.recv(1)
    # The kernel then sends a reset instead of an end.
    stream.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER,
                      struct.pack("ii", 1, 0))


SERVICES: dict[int, Callable[[socket.socket], None]] = {
    5000: sums_up, 5001: sends, 5002: echoes, 5004: dies}


def serve(work: Callable[[socket.socket], None]) -> int:
    """Serves each that connects, in a thread; returns the TCP port."""
    server = socket.create_server(("127.0.0.1", 0))

    def one(stream: socket.socket) -> None:
        with stream:
            work(stream)

    def all_of_them() -> None:
        while True:
            stream, _ = server.accept()
            threading.Thread(target=one, args=(stream,), daemon=True).start()

    threading.Thread(target=all_of_them, daemon=True).start()
    port: int = server.getsockname()[1]
    return port


# ---- the guest's services ----------------------------------------------------

@dataclass
class Proxy:
    """sockproxy.py, and where it leads to the guest's ports."""
    process: "subprocess.Popen[bytes]"
    tcp: dict[int, int]

    def connect(self, port: int) -> socket.socket:
        return socket.create_connection(("127.0.0.1", self.tcp[port]), SECONDS)


def start_proxy(path: Path) -> Proxy:
    words = ["--socket", str(path)]
    for port, work in SERVICES.items():
        words += ["--service", f"{port}={serve(work)}"]
    for port in GUEST_PORTS:
        words += ["--forward", f"0={port}"]
    process = spawn([str(HERE / "sockproxy.py"), *words],
                    stdout=subprocess.PIPE)
    assert process.stdout
    tcp = {}
    for line in process.stdout:
        if line == b"ready\n":
            return Proxy(process, tcp)
        left, _, right = line.decode().split()[1].partition("=")
        tcp[int(right)] = int(left)
    raise MinihvError("sockproxy.py has ended before it was ready")


def wait_for(path: Path) -> None:
    deadline = time.monotonic() + SECONDS
    while not path.exists() and time.monotonic() < deadline:
        time.sleep(0.02)


class Outside:
    """What happens here while the guest runs, and the checks of it."""

    def __init__(self, session: ramdisk.Session, out: tap.Tap,
                 words: str) -> None:
        self._session = session
        self._out = out
        self._words = words
        wait_for(session.path("sock"))
        self._proxy = start_proxy(session.path("sock"))

    def check(self, name: str, good: bool, said: object = "") -> None:
        self._out.result(good, f"{self._words}: {name}", "" if good else
                         f"{said}\n{self._session.serial()}")

    def _told(self, mark: str) -> list[str]:
        return sorted(re.findall(rf"^# {mark}: (.*?)\r?$",
                                 self._session.serial(), re.M))

    def guest_connects(self) -> None:
        done = self._session.wait_for("# the guest's turn is over")
        self.check("the guest comes to an end with its streams", done)
        data = pattern(MIB)
        self.check("1 MiB goes to a service of the host, and the answer comes "
                   "after that direction has ended",
                   self._told("put 5000") == [summed(data)])
        self.check("1 MiB comes from a service of the host",
                   self._told("get 5001") == [summed(data)])
        wanted = [summed(data[:n * 10000]) for n in range(1, STREAMS + 1)]
        found = [line for n in range(1, STREAMS + 1)
                 for line in self._told(f"echo 5002 {n}0000")]
        self.check(f"{STREAMS} streams at once have all their bytes back",
                   found == wanted, found)
        self.check("where nobody listens a stream is refused",
                   self._told("none 5003") == ["Connection timed out"])
        self.check("a service that dies is an end, and nothing can be sent",
                   self._told("orphan 5004") in (["0"], ["-1"]) and
                   self._told("orphan 5004 sends") == ["Broken pipe"])

    def _sums_up(self) -> str:
        with self._proxy.connect(6000) as stream:
            stream.sendall(pattern(MIB))
            stream.shutdown(socket.SHUT_WR)
            return receive_all(stream).decode()

    def _echoed(self) -> list[bool]:
        good = []

        def one(size: int) -> None:
            data = pattern(size)
            with self._proxy.connect(6002) as stream:
                def put() -> None:
                    stream.sendall(data)
                    stream.shutdown(socket.SHUT_WR)

                sender = threading.Thread(target=put)
                sender.start()
                good.append(receive_all(stream) == data)
                sender.join()

        threads = [threading.Thread(target=one, args=(n * 10000,))
                   for n in range(1, STREAMS + 1)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        return good

    def _died(self) -> bytes:
        with self._proxy.connect(6004) as stream:
            stream.sendall(b"x")
            return receive_all(stream)

    def _nobody(self) -> str:
        with self._proxy.connect(6003) as stream:
            try:
                return f"{stream.recv(1)!r}"
            except ConnectionResetError:
                return "refused"

    def host_connects(self) -> None:
        data = pattern(MIB)
        said = self._sums_up()
        self.check("1 MiB goes to a program of the guest, and the answer comes "
                   "after that direction has ended", said == summed(data), said)
        with self._proxy.connect(6001) as stream:
            got = receive_all(stream)
        self.check("1 MiB comes from a program of the guest", got == data,
                   len(got))
        good = self._echoed()
        self.check(f"{STREAMS} streams at once to the guest have all their "
                   "bytes back", good == [True] * STREAMS, good)
        said = self._nobody()
        self.check("where no program of the guest listens a stream is refused",
                   said == "refused", said)
        left = self._died()
        self.check("a program of the guest that dies is an end", left == b"",
                   left)

    def end(self) -> None:
        self._proxy.connect(6009).close()


def case(linux: ramdisk.Linux, minihv: Path, out: tap.Tap, words: str,
         machine: Machine, config: dict[str, object]) -> None:
    def during(session: ramdisk.Session) -> None:
        outside = Outside(session, out, words)
        outside.guest_connects()
        outside.host_connects()
        outside.end()

    job = Run(linux.kernel, ramdisk.CMDLINE, {"devices": "sock", **config},
              machine, linux.initrd, deadline=SECONDS)
    result = ramdisk.execute(job, minihv, during)
    told = result.console + result.serial
    out.result(result.status == 0 and "# end" in result.serial,
               f"{words}: Linux comes to its end", told)
    out.result(not re.search("^not ok", result.serial, re.M)
               and "ok - no complaint" in result.serial,
               f"{words}: Linux has no complaint", told)
    counts = result.counts()
    wanted = {"rules-broken": 0, "sock-refused": 1, "sock-broken": 0,
              "sock-opened": 2 * STREAMS + 7}
    out.result(wanted.items() <= counts.items(),
               f"{words}: minihv counts as many streams, one refused, and no "
               "broken rule", f"expected {wanted}\n{told}")
    out.note(f"{result.seconds:.1f} s, {counts}")


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("build", type=Path)
    parser.add_argument("--only", default="", help="cases with these words")
    given = parser.parse_args()
    out = tap.Tap()
    minihv = given.build / "minihv.efi"
    linux = ramdisk.prepare(given.build / "minihv-sock", "sock-init", MODULES,
                            ("socktool",))
    for words, smp, config in (
            ("beside a processor of the host", 2, {}),
            ("packets of 16 KiB, on one processor", 1,
             {"sock.packet": 16384}),
            ("version 4.1", 2, {"version": "4.1"})):
        if given.only not in words:
            continue
        try:
            case(linux, minihv, out, words, Machine(smp, 512, sock=True),
                 config)
        except (MinihvError, OSError) as error:
            out.result(False, words, str(error))
    return out.end()


if __name__ == "__main__":
    sys.exit(main())

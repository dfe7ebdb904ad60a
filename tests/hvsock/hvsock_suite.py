#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-2-Clause
"""The suite `hvsock`: drivers/hvsock in the guest, on minihv's hv_sock, which
Linux uses, too (suite minihv-sock).

tests/guest/hvsock connects to programs of this machine and is connected to,
through sockproxy.py. Both sides say how many bytes they have sent and received,
and their CRC-32; they must say the same. minihv must have counted as many
streams, and no broken rule.
"""
from __future__ import annotations

import argparse
import random
import re
import socket
import struct
import subprocess
import sys
import tempfile
import threading
import time
import zlib
from dataclasses import dataclass, field
from pathlib import Path
from typing import Callable

HERE = Path(__file__).resolve().parent
MINIHV = HERE.parent / "minihv"
sys.path[:0] = [str(HERE.parent), str(MINIHV)]

import tap  # noqa: E402
from machine import Machine, MinihvError, Result, Run, spawn  # noqa: E402
from machine import start as start_machine  # noqa: E402

PASSED = 33
SECONDS = 900           # until a run hangs
STREAMS, ECHO = 8, 50000
ORPHANED = 300_000      # bytes that come before a service dies
GUID = "d00d0000-1111-2222-3333-445566778899"
ECHO_GUID = "d00d0001-1111-2222-3333-445566778899"
PAGES_SPARE = 16        # a guest that forgets memory forgets 64 in a round
GREETING = b"hello by GUID"
NAMES: tuple[int | str, ...] = (6000, 6001, 6002, 6003, 6004, 6009, ECHO_GUID)
# Streams of a round; those of the host, with the two by which both sides find
# that the other is there.
CONNECTED, ACCEPTED = 6 + STREAMS, 4 + STREAMS + 2


@dataclass
class Case:
    words: str
    size: int = 1 << 20
    smp: int = 3
    config: dict[str, object] = field(default_factory=dict)
    rounds: int = 1  # how often the guest connects to everything
    leaks: bool = False  # it forgets memory, which must be found


CASES = (
    Case("1 MiB each way, one processor", smp=1, rounds=2),
    Case("a guest that forgets memory", rounds=2, leaks=True),
    Case("packets of 16 KiB from the host", config={"sock.packet": 16384}),
    Case("VMBus 4.1, whose rings have six pages", config={"version": "4.1"}),
    Case("VMBus 6.0, 100 MB each way", size=100_000_000),
)


def summed(data: bytes) -> str:
    return f"{len(data)} {zlib.crc32(data):08x}"


def receive_all(stream: socket.socket) -> bytes:
    data = bytearray()
    while part := stream.recv(1 << 20):
        data += part
    return bytes(data)


def reset_at_close(stream: socket.socket) -> None:
    stream.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER,
                      struct.pack("ii", 1, 0))


# ---- services of this machine ------------------------------------------------

class Services:
    """What the guest connects to, and what these programs have seen."""

    def __init__(self, data: bytes) -> None:
        self._data = data
        self.received = ""
        work: dict[int | str, Callable[[socket.socket], None]] = {
            5000: self._sums_up, 5001: self._sends, 5002: self._echoes,
            5004: self._dies, 5009: self._greets, GUID: self._greets}
        self.words = [word for name, one in work.items()
                      for word in ("--service", f"{name}={self._serve(one)}")]

    @staticmethod
    def _serve(work: Callable[[socket.socket], None]) -> int:
        server = socket.create_server(("127.0.0.1", 0))

        def one(stream: socket.socket) -> None:
            with stream:
                work(stream)

        def all_of_them() -> None:
            while True:
                stream, _ = server.accept()
                threading.Thread(target=one, args=(stream,),
                                 daemon=True).start()

        threading.Thread(target=all_of_them, daemon=True).start()
        return int(server.getsockname()[1])

    def _sums_up(self, stream: socket.socket) -> None:
        self.received = summed(receive_all(stream))
        stream.sendall(b"taken")

    def _sends(self, stream: socket.socket) -> None:
        stream.sendall(self._data)

    @staticmethod
    def _echoes(stream: socket.socket) -> None:
        while part := stream.recv(1 << 20):
            stream.sendall(part)

    def _dies(self, stream: socket.socket) -> None:
        stream.sendall(self._data[:ORPHANED])
        stream.recv(1)  # the guest has them, and they are not lost by the reset
        reset_at_close(stream)

    @staticmethod
    def _greets(stream: socket.socket) -> None:
        stream.sendall(GREETING)


# ---- the guest's services ----------------------------------------------------

class Outside(threading.Thread):
    """Connects to the guest as soon as it listens; `said` is what came."""

    def __init__(self, work: Path, services: Services, data: bytes) -> None:
        super().__init__(daemon=True)
        self._work, self._services, self._data = work, services, data
        self._tcp: dict[str, int] = {}
        self.said: dict[str, str] = {}
        self.over = threading.Event()
        self.start()

    def run(self) -> None:
        try:
            self._run()
        except (OSError, MinihvError) as error:
            self.said["problem"] = str(error)
        self.over.wait()  # the proxy dies with the thread that started it

    def _run(self) -> None:
        self._start_proxy()
        while "# listening" not in self._serial():
            if self.over.wait(0.05):
                return
        self._one_after_the_other()
        self._at_once()
        self._connect(6009).close()

    def _serial(self) -> str:
        return (self._work / "serial").read_text("latin-1")

    def _start_proxy(self) -> None:
        while not (self._work / "sock").exists():
            if self.over.wait(0.02):
                return
        words = ["--socket", str(self._work / "sock"), *self._services.words]
        for name in NAMES:
            words += ["--forward", f"0={name}"]
        process = spawn([str(MINIHV / "sockproxy.py"), *words],
                        stdout=subprocess.PIPE)
        assert process.stdout
        for line in process.stdout:
            if line == b"ready\n":
                return
            left, _, right = line.decode().split()[1].partition("=")
            self._tcp[right] = int(left)
        raise MinihvError("sockproxy.py has ended before it was ready")

    def _connect(self, name: int | str) -> socket.socket:
        return socket.create_connection(("127.0.0.1", self._tcp[str(name)]),
                                        SECONDS)

    def _one_after_the_other(self) -> None:
        with self._connect(6000) as stream:
            stream.sendall(self._data)
            stream.shutdown(socket.SHUT_WR)
            self.said["sum"] = receive_all(stream).decode()
        with self._connect(6001) as stream:
            self.said["send"] = summed(receive_all(stream))
        with self._connect(6004) as stream:
            stream.sendall(b"unread")
            try:
                self.said["die"] = f"{receive_all(stream)!r}"
            except ConnectionResetError:
                self.said["die"] = "reset"
        self.said["guid"] = self._echoed(ECHO_GUID, b"by GUID" * 3000)

    def _echoed(self, name: int | str, data: bytes) -> str:
        with self._connect(name) as stream:
            def put() -> None:
                stream.sendall(data)
                stream.shutdown(socket.SHUT_WR)

            sender = threading.Thread(target=put, daemon=True)
            sender.start()
            return "same" if receive_all(stream) == data else "different"

    def _at_once(self) -> None:
        found: list[str] = []
        threads = [threading.Thread(
            target=lambda: found.append(
                self._echoed(6002, random.randbytes(ECHO))), daemon=True)
            for _ in range(STREAMS)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join(SECONDS)
        self.said["echoes"] = " ".join(found)


# ---- a run -------------------------------------------------------------------

class Told:
    """What the guest has printed, in all rounds alike."""

    def __init__(self, serial: str) -> None:
        self._lines = re.findall(r"^# ([a-z ]+): (.*?)\r?$", serial, re.M)

    def all(self, name: str) -> list[str]:
        return [words for found, words in self._lines if found == name]

    def one(self, name: str) -> str:
        found = self.all(name)
        return found[0] if len(set(found)) == 1 else f"found {found}"


def kept(memory: list[str], rounds: int) -> bool:
    """Tells whether the last round left what the first had. The heap grows by
    pages as it likes, so some may be missing; not one byte that is in use."""
    found = [re.findall(r"[0-9a-f]{5,}", line) for line in memory]
    return (len(found) == rounds and all(len(two) == 2 for two in found) and
            found[0][1] == found[-1][1] and
            int(found[-1][0]) > int(found[0][0]) - PAGES_SPARE)


def checks(case: Case, told: Told, said: dict[str, str], services: Services,
           data: bytes, result: Result) -> list[tuple[str, bool]]:
    """Returns statements, and whether they hold."""
    whole, counts = f"{summed(data)} end", result.counts()
    memory = told.all("memory")
    memory_words = "less than" if case.leaks else "as much as"
    opened = CONNECTED * case.rounds + ACCEPTED
    taken = f"{summed(b'taken')} end"
    wanted = {"rules-broken": 0, "sock-broken": 0, "sock-opened": opened}
    return [
        ("nothing went wrong out here", "problem" not in said),
        ("a service of the host has all that the guest sent",
         services.received == told.one("put")),
        ("behind its end the guest cannot send",
         told.one("put after") == "-1 Broken pipe"),
        ("the answer comes after that end", told.one("put answer") == taken),
        ("the guest has all that a service of the host sent",
         told.one("get") == whole),
        ("... also when it reads late, having ended its own direction",
         told.one("late") == whole),
        ("of a service that dies the guest has what came, and a reset",
         told.one("orphan") ==
         f"{summed(data[:ORPHANED])} Connection reset by peer"),
        ("and it cannot send to it",
         told.one("orphan sends") == "-1 Connection reset by peer"),
        ("where nobody listens it is refused",
         told.one("nobody") == "Connection refused"),
        ("a GUID that is no service is refused",
         told.one("no service") == "-1 Connection refused"),
        ("a service is reached by its GUID",
         told.one("guid") == f"{summed(GREETING)} end"),
        ("its name is that GUID", told.one("guid name") == GUID),
        ("a wait ends at its deadline",
         told.one("deadline") == "-1 Connection timed out"),
        (f"{STREAMS} streams at once have their bytes back",
         told.all("echo") == [f"{one} end" for one in told.all("echo sends")]
         and len(told.all("echo")) == STREAMS * case.rounds),
        ("nobody listens twice at a service",
         told.one("twice") == "-1 Address already in use"),
        ("the guest has all that a program of the host sent it",
         told.one("sum") == whole and said.get("sum") == "taken"),
        ("a program of the host has all that the guest sent it",
         said.get("send") == told.one("send")),
        ("a guest that leaves bytes unread is a reset",
         said.get("die") == "reset"),
        ("the guest listens at a GUID", said.get("guid") == "same"),
        (f"{STREAMS} streams at once to the guest have their bytes back",
         said.get("echoes") == " ".join(["same"] * STREAMS)),
        ("after its stop there are no such sockets",
         told.one("stopped") == "-1 Network interface is not configured"),
        (f"after each round the allocator has {memory_words} after the first",
         kept(memory, case.rounds) != case.leaks),
        ("the guest comes to its end", result.status == PASSED),
        (f"minihv counts {opened} streams, two of a round refused, and no "
         "broken rule",
         wanted.items() <= counts.items() and
         counts.get("sock-refused", 0) >= 2 * case.rounds),
    ]


def run(case: Case, build: Path) -> tuple[Result, Services, dict[str, str],
                                          bytes]:
    data = random.Random(1).randbytes(case.size)
    services = Services(data)
    job = Run(build / "test-hvsock.efi",
              f"exit size={case.size} rounds={case.rounds}"
              f"{' leak' * case.leaks}",
              {"devices": "sock", "trace": 0, **case.config},
              Machine(case.smp, 512, sock=True), deadline=SECONDS)
    with tempfile.TemporaryDirectory(prefix="minihv-") as name:
        work = Path(name)
        (work / "serial").touch()
        began = time.monotonic()
        process = start_machine(job, build / "minihv.efi", work,
                                f"file,path={work}/console",
                                f"file,path={work}/serial,append=on")
        outside = Outside(work, services, data)
        try:
            status = process.wait(SECONDS + 60)
        finally:
            process.kill()
            process.wait()
            outside.over.set()
            outside.join(60)
        result = Result(status, (work / "console").read_text("latin-1"),
                        (work / "serial").read_text("latin-1"),
                        time.monotonic() - began)
    return result, services, outside.said, data


def judge(case: Case, build: Path, out: tap.Tap) -> None:
    result, services, said, data = run(case, build)
    told = Told(result.serial)
    for words, good in checks(case, told, said, services, data, result):
        out.result(good, f"{case.words}: {words}", "" if good else
                   f"{said} {services.received}\n"
                   f"{result.serial[-3000:]}\n{result.console[-2000:]}")
    out.note(f"{result.seconds:.1f} s, {result.counts()}")


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("build", type=Path)
    parser.add_argument("--only", default="", help="cases with these words")
    given = parser.parse_args()
    out = tap.Tap()
    for case in CASES:
        if given.only not in case.words:
            continue
        try:
            judge(case, given.build, out)
        except (MinihvError, OSError) as error:
            out.result(False, case.words, str(error))
    return out.end()


if __name__ == "__main__":
    sys.exit(main())

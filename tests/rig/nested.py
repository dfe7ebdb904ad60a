# SPDX-License-Identifier: BSD-2-Clause
"""The nested host: QEMU's emulated SVM > a small Linux with KVM > QEMU with
Hyper-V and VMBus > the guest.

Slow, but it needs nothing of the machine: no KVM, no root. One outer machine
runs many guests, one after the other.
"""
from __future__ import annotations

import shlex
import subprocess
import time
from functools import partial
from pathlib import Path
from typing import Any, Callable

from channel import Socket
from cpio import Archive
from guest import Guest, Place, command, esp_files
from host import (CATCH_UP_SECONDS, NOTHING, POLL_SECONDS, TERMINAL,
                  HostFailed, Lines, Result, Session, decode, end_politely, end_process, remove, spawn,
                  supervise, temporary_directory)
from l1 import Kit, libraries
from qmp import Qmp

OUTER_MEMORY_MIB = 2048
BOOT_SECONDS = 300     # 3 s on an idle machine
GRACE_SECONDS = 60     # for a guest's QEMU to end after a request
# The outer machine itself ends a guest that we can no longer end. It waits
# long enough, because its clock was calibrated by an emulated timer and has run
# twice as fast as real time.
OUTER_TIMES = 10
# Keys for the guest pass through a terminal of the outer machine's Linux, which
# holds 4 KiB and drops what is too much.
COM1_PACE = (256, 0.05)
FILE_SECONDS = 120     # for the file of a screen or of memory to arrive
# The known abort of QEMU's nested SVM, which is not the guest's fault.
KNOWN_ABORT = "tcg_handle_interrupt: assertion failed"
ABORT_RETRIES = 2
KERNEL_LINE = ("console=ttyS0 quiet mitigations=off nokaslr tsc=reliable "
               "panic=-1 rdinit=/init")
# l1-init writes this into the guest's serial stream and into QMP's. Nothing of
# the guest or of its QEMU follows it.
GUEST_ENDED = b"\x01RIG-GUEST-ENDED "
PNG_END = b"\0\0\0\0IEND\xaeB`\x82"
# File names in the outer machine (l1.py, l1-init).
INSIDE = partial(Place, qemu="LD_LIBRARY_PATH=/usr/lib /usr/bin/qemu",
                 firmware="/fw", trace="/tmp/trace",
                 serial="serial,path=/dev/ttyS1",
                 qmp="serial,path=/dev/ttyS2", gdb="/dev/ttyS3")
PORTS = ("log", "serial", "qmp", "file")  # ttyS0 to ttyS3 (l1-init)


def is_whole(name: str, arguments: dict[str, Any], data: bytes) -> bool:
    """Returns true if this is the whole file that the QMP command writes."""
    if name == "pmemsave":
        return len(data) >= arguments["size"]
    return PNG_END in data  # screendump


class OuterDied(Exception):
    """The outer machine ended while a guest ran."""


def _script(guest: Guest, job: str) -> str:
    """Makes the outer machine's shell script that starts the guest's QEMU."""
    esp = f"/payload/{job}/esp"
    place = INSIDE(image=f"{esp}/{next(iter(esp_files(guest)))}", esp=esp)
    words = command(guest, place)
    start = words[0]
    if guest.qemu:
        start = f"LD_LIBRARY_PATH=/payload/{job}/qemu /payload/{job}/qemu/qemu"
    return f"exec env {start} {shlex.join(words[1:])}\n"


def payload(guests: list[Guest]) -> bytes:
    """Makes the RAM disk with all guests: /payload/0, /payload/1, ..."""
    archive = Archive()
    images: dict[Path, str] = {}
    for number, guest in enumerate(guests):
        for name, data in esp_files(guest).items():
            path = f"payload/{number}/esp/{name}"
            if isinstance(data, Path) and data in images:
                archive.symlink(path, "/" + images[data])
                continue
            if isinstance(data, Path):
                images[data] = path
            archive.file(path, data)
        if guest.qemu:
            folder = f"payload/{number}/qemu"
            archive.file(f"{folder}/qemu", Path(guest.qemu), executable=True)
            for library in libraries(Path(guest.qemu)):
                archive.file(f"{folder}/{library.name}", library)
        archive.file(f"payload/{number}/run", _script(guest, str(number)))
        archive.file(f"payload/{number}/lines", str(guest.trace_lines))
    return archive.bytes()


class Nested:
    """Runs the guests that it was made for, in any order and any number of
    times. The first run starts the outer machine."""
    name = "nested"

    def __init__(self, kit: Kit, guests: list[Guest],
                 progress: Callable[[str], None] = lambda text: None) -> None:
        self._kit = kit
        self._guests = guests
        self._progress = progress
        self._directory: Path | None = None
        self._process: subprocess.Popen[bytes] | None = None
        self._channels: dict[str, Socket] = {}
        self._on_serial: Callable[[bytes], None] | None = None
        self.known_aborts = 0

    # The outer machine.

    def _start(self) -> None:
        self._progress("host nested: starting the outer machine "
                       "(emulated, about 5 s)")
        directory = self._directory = temporary_directory()
        initrd = directory / "initrd"
        initrd.write_bytes(self._kit.base.read_bytes() +
                           payload(self._guests))
        for name in PORTS:
            self._channels[name] = Socket(
                directory / name,
                *((self._forward, COM1_PACE) if name == "serial" else ()))
        with open(directory / "errors", "wb") as errors:
            ends = {name: f"socket,path={directory}/{name}" for name in PORTS}
            self._process = spawn(self._command(ends, initrd),
                                  stdin=subprocess.DEVNULL, stdout=errors,
                                  stderr=errors)
        log = self._channels["log"]
        deadline = time.monotonic() + BOOT_SECONDS
        while not log.wait_for(b"RIG ready", 0, POLL_SECONDS):
            if self._is_dead() or time.monotonic() > deadline:
                raise OuterDied("the outer machine did not start:\n" +
                                self._last_words())
        if b"RIG no-kvm" in log.since(0):
            raise HostFailed("the outer machine has no KVM:\n" +
                             self._last_words())

    def lines(self, guest: Guest, folder: Path) -> Lines:
        """Returns the command lines, with their files in a folder that stays.
        The outer machine's terminal takes orders; the guest's COM1 is a
        file."""
        initrd = folder / "initrd"
        initrd.write_bytes(self._kit.base.read_bytes() + payload([guest]))
        ends = {"log": TERMINAL, "serial": f"file,path={folder}/com1",
                "qmp": NOTHING, "file": NOTHING}
        return [("QEMU of the outer machine; type `run 0 300` there for 300 s",
                 self._command(ends, initrd)),
                ("QEMU of the guest, in the outer machine",
                 shlex.split(_script(guest, "0"))[1:])]

    def _command(self, ends: dict[str, str], initrd: Path) -> list[str]:
        largest = max(guest.memory for guest in self._guests)
        line = [str(self._kit.outer_qemu), "-L", str(self._kit.firmware),
                "-M", "pc", "-accel", "tcg,thread=multi,tb-size=1024",
                "-cpu", "EPYC,+svm", "-smp", "1",
                "-m", f"{max(OUTER_MEMORY_MIB, largest + 1024)}M",
                "-nodefaults", "-display", "none", "-no-reboot",
                "-monitor", "none", "-kernel", str(self._kit.kernel),
                "-initrd", str(initrd), "-append", KERNEL_LINE]
        gdb = self._guests[0].gdb  # the guest's gdb has the last port
        if gdb:
            ends = {**ends, "file": f"socket,host=127.0.0.1,port={gdb},"
                                    "server=on,wait=off"}
        for name in PORTS:
            line += ["-chardev", f"{ends[name]},id={name}",
                     "-serial", f"chardev:{name}"]
        return line

    def _forward(self, data: bytes) -> None:
        forward = self._on_serial
        if forward is not None:
            text, mark, _ = data.partition(GUEST_ENDED[:1])
            if mark:
                self._on_serial = None
            forward(text)

    def _is_dead(self) -> bool:
        return self._process is None or self._process.poll() is not None

    def _last_words(self) -> str:
        text = decode(self._channels["log"].since(0))[-2000:]
        if self._directory is not None:
            text += (self._directory / "errors").read_text("latin-1")[-2000:]
        return text

    def close(self) -> None:
        """Ends the process and removes all files."""
        if self._process is not None:
            end_process(self._process)
        for channel in self._channels.values():
            channel.close()
        if self._directory is not None:
            remove(self._directory)
        self._process = self._directory = None
        self._channels = {}

    # One guest.

    def run(self, guest: Guest,
            on_serial: Callable[[bytes], None] | None = None,
            during: Callable[[Session], None] | None = None) -> Result:
        """Runs a guest. If the outer machine dies of the known abort, runs the
        guest again, twice at most."""
        for attempt in range(ABORT_RETRIES + 1):
            try:
                if self._process is None:
                    self._start()
                return self._run_once(guest, on_serial, during)
            except OuterDied as death:
                self.close()
                if KNOWN_ABORT not in str(death) or attempt == ABORT_RETRIES:
                    raise HostFailed(str(death)) from death
                self.known_aborts += 1
                self._progress("host nested: the known abort of QEMU's "
                               "nested SVM, starting again")
        raise AssertionError("not reached")

    def _run_once(self, guest: Guest,
                  on_serial: Callable[[bytes], None] | None,
                  during: Callable[[Session], None] | None) -> Result:
        job = str(self._guests.index(guest))
        log, serial = self._channels["log"], self._channels["serial"]
        log_start, serial_start = log.position(), serial.position()
        qmp_start = self._channels["qmp"].position()
        last = f"RIG end {job} ".encode()

        def ended(timeout: float) -> bool:
            deadline = time.monotonic() + timeout
            while not log.wait_for(last, log_start, POLL_SECONDS
                                   if timeout else 0):
                if self._is_dead():
                    raise OuterDied("the outer machine ended:\n" +
                                    self._last_words())
                if time.monotonic() >= deadline:
                    return False
            return True

        started = time.monotonic()
        qmp = Qmp(self._channels["qmp"], lambda: ended(0))
        session = Session(qmp, serial, serial_start, self._take(qmp), ended)
        self._on_serial = on_serial
        limit = int(guest.timeout + GRACE_SECONDS) * OUTER_TIMES
        log.send(f"run {job} {limit}\n".encode())
        in_time = supervise(guest, session, during)
        if not in_time:
            end_politely(qmp)
            if not ended(GRACE_SECONDS):
                raise HostFailed("the guest's QEMU did not end when asked to:"
                                 "\n" + self._last_words())
        return self._result(job, session, log_start, serial_start, qmp_start,
                            in_time, time.monotonic() - started)

    def _take(self, qmp: Qmp) -> Callable[[str, dict[str, Any]], bytes]:
        channel = self._channels["file"]

        def take(name: str, arguments: dict[str, Any]) -> bytes:
            start = channel.position()
            qmp.command(name, filename="/dev/ttyS3", **arguments)
            whole = partial(is_whole, name, arguments)
            return channel.wait_until(start, whole, FILE_SECONDS)
        return take

    def _result(self, job: str, session: Session, log_start: int,
                serial_start: int, qmp_start: int, in_time: bool,
                seconds: float) -> Result:
        log, serial = self._channels["log"], self._channels["serial"]
        mark = GUEST_ENDED + job.encode()
        end = serial.wait_for(mark, serial_start, CATCH_UP_SECONDS)
        self._on_serial = None
        self._channels["qmp"].wait_for(mark, qmp_start, CATCH_UP_SECONDS)
        log.wait_for(b"\n", log.wait_for(f"RIG end {job} ".encode(), log_start,
                                         CATCH_UP_SECONDS) or log_start,
                     CATCH_UP_SECONDS)
        text = decode(log.since(log_start))
        before, _, rest = text.partition("RIG trace\n")
        trace, _, tail = rest.partition("RIG trace-end\n")
        status = tail.rpartition(f"RIG end {job} ")[2].split()[0]
        output = serial.since(serial_start)
        if end is not None:
            output = output[:end - serial_start - len(mark)]
        words = [line for line in before.splitlines()
                 if not line.startswith("RIG ")]
        return Result(int(status), decode(output), trace.splitlines(),
                      session.qmp.drain(), not in_time, "\n".join(words),
                      seconds, session.kept)


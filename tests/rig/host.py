# SPDX-License-Identifier: BSD-2-Clause
"""Parts that all hosts share: a run, its result, and a clean end."""
from __future__ import annotations

import os
import shutil
import signal
import subprocess
import tempfile
import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Callable, Protocol

from channel import Channel
from guest import Guest
from qmp import Qmp, QmpError
from verdict import TIMEOUT, Verdict, from_qemu

# Deadlines are for a process that hangs, not for a slow one: all of them are
# far longer than a busy machine needs.
GREETING_SECONDS = 180
CATCH_UP_SECONDS = 60  # for what QEMU wrote before its end to arrive here
POLL_SECONDS = 0.3     # how often a wait looks whether QEMU has ended


# What QEMU connects to in a command line that is pasted into a terminal: COM1
# with QEMU's own keys (Ctrl-A x ends it), and no control port.
TERMINAL = "stdio,mux=on"
NOTHING = "null"
# Command lines for `make run DRY=1`, each with a word about it.
Lines = list[tuple[str, list[str]]]


class HostFailed(Exception):
    """The host itself failed, and not the guest."""


@dataclass
class Result:
    """The result of a run."""
    status: int                  # QEMU's exit status
    serial: str                  # all that the guest wrote to COM1
    trace: list[str]             # QEMU's trace, one event per line
    events: list[dict[str, Any]] = field(default_factory=list)
    timed_out: bool = False
    log: str = ""                # what QEMU wrote to its error output
    seconds: float = 0.0
    kept: dict[str, Any] = field(default_factory=dict)  # for `during`

    @property
    def verdict(self) -> Verdict:
        return TIMEOUT if self.timed_out else from_qemu(self.status)

    @property
    def end(self) -> str | None:
        """Returns QEMU's reason for the end: guest-shutdown, guest-reset..."""
        for event in reversed(self.events):
            if event["event"] == "SHUTDOWN":
                return event["data"]["reason"]
        return None


class Session:
    """A guest that runs now, with the calls that a test may make meanwhile."""

    def __init__(self, qmp: Qmp, serial: Channel, start: int,
                 take: Callable[[str, dict[str, Any]], bytes],
                 ended: Callable[[float], bool]) -> None:
        self.qmp = qmp
        self.kept: dict[str, Any] = {}  # handed on to the result
        self.ended = ended  # has QEMU ended, now or within so many seconds?
        self._serial = serial
        self._start = start
        self._take = take

    def serial(self) -> str:
        return decode(self._serial.since(self._start))

    def wait_serial(self, text: str, timeout: float, times: int = 1) -> bool:
        """Returns true if the guest has written the text `times` times, now or
        within `timeout` seconds."""
        deadline = time.monotonic() + timeout
        at: int | None = self._start
        while times > 0:
            over = self.ended(0) or time.monotonic() >= deadline
            found = self._serial.wait_for(text.encode(), at, POLL_SECONDS)
            if found is not None:
                at = found
                times -= 1
            elif over:
                return False
        return True

    def type(self, text: str) -> None:
        """Types keys on the guest's COM1."""
        self.send(text.encode())

    def send(self, data: bytes) -> None:
        """Sends bytes to the guest's COM1, and waits while it takes none."""
        self._serial.send(data)

    def take(self, command: str, **arguments: Any) -> bytes:
        """Runs a QMP command that writes a file (screendump, pmemsave) and
        returns the file's bytes."""
        return self._take(command, arguments)


class Host(Protocol):
    """A way to run guests."""
    name: str

    def run(self, guest: Guest,
            on_serial: Callable[[bytes], None] | None = None,
            during: Callable[[Session], None] | None = None) -> Result: ...

    def lines(self, guest: Guest, folder: Path) -> Lines: ...

    def close(self) -> None: ...


def decode(data: bytes) -> str:
    return data.decode("latin-1").replace("\r", "")


def spawn(command: list[str], **options: Any) -> subprocess.Popen[bytes]:
    """Starts a process in its own group that dies with us, however we end.

    Its own group: Ctrl-C reaches only us, and we end it in order.
    """
    return subprocess.Popen(["setpriv", "--pdeathsig", "KILL", *command],
                            start_new_session=True, **options)


def end_process(process: subprocess.Popen[bytes], patience: float = 2) -> None:
    """Asks the process to end, and kills it if it does not."""
    for number, wait in ((signal.SIGTERM, patience), (signal.SIGKILL, 10)):
        if process.poll() is not None:
            return
        try:
            os.killpg(process.pid, number)
            process.wait(wait)
        except (ProcessLookupError, subprocess.TimeoutExpired):
            continue


def temporary_directory() -> Path:
    """Makes a directory with a short name, because the name of a Unix socket
    has at most 107 characters."""
    return Path(tempfile.mkdtemp(prefix="vmbare-"))


def remove(directory: Path) -> None:
    shutil.rmtree(directory, ignore_errors=True)


def end_politely(qmp: Qmp | None) -> None:
    """Lets QEMU close its files after a timeout, if it still answers."""
    try:
        if qmp is not None:
            qmp.command("quit", timeout=3)
    except (QmpError, OSError):
        pass  # the caller kills it next


def supervise(guest: Guest, session: Session,
              during: Callable[[Session], None] | None) -> bool:
    """Greets QEMU, lets the test act, and waits for the end. Returns true if it
    came in time."""
    deadline = time.monotonic() + guest.timeout
    greeting = time.monotonic() + GREETING_SECONDS
    while not session.qmp.greeted(POLL_SECONDS):
        if session.ended(0):
            return True  # it refused its command line
        if time.monotonic() > greeting:
            raise HostFailed("QEMU's control port did not greet us")
    try:
        if during is not None:
            during(session)
    except (QmpError, OSError) as error:
        # A guest that ends also ends its QMP, perhaps during a command.
        session.kept["error"] = str(error)
    return session.ended(max(0.1, deadline - time.monotonic()))

# SPDX-License-Identifier: BSD-2-Clause
"""The control port of minihv: one command and its answer."""
from __future__ import annotations

import secrets
import socket
import time
from pathlib import Path

# minihv itself gives a guest 60 s. One that is busy takes longer to be heard.
SECONDS = 180
AGAIN = 2     # seconds without an answer until minihv is greeted again
CHUNK = 6144  # bytes of a file in one command


class ControlError(Exception):
    """The command was refused or not answered; the text is for a person."""


class NoAnswer(ControlError):
    """Nothing was heard in time."""


class Control:
    """A connection to the socket of a running minihv."""

    def __init__(self, path: Path, seconds: float = SECONDS,
                 again: float = AGAIN) -> None:
        self._seconds = seconds
        self._rest = b""
        self._socket = socket.socket(socket.AF_UNIX)
        try:
            self._socket.connect(str(path))
        except OSError as error:
            raise ControlError(f"no minihv listens at {path}: "
                               f"{error.strerror}") from None
        self._greet(again)

    def close(self) -> None:
        self._socket.close()

    def _greet(self, again: float) -> None:
        """Waits until minihv hears. What is sent while QEMU still loads the
        machine is lost, so the greeting is repeated. Each has a number of its
        own, because late answers to earlier ones may come first."""
        end = time.monotonic() + self._seconds
        while True:
            word = secrets.token_hex(4)
            self._send(f"hello {word}")
            until = min(end, time.monotonic() + again)
            try:
                while self._line("hello", until) != f"ok {word}":
                    pass
                return
            except NoAnswer:
                if time.monotonic() >= end:
                    raise

    def _send(self, command: str) -> None:
        """Sends a line. The empty one before it ends what somebody else, or a
        lost beginning, has left."""
        self._socket.settimeout(self._seconds)
        try:
            self._socket.sendall(b"\n" + command.encode() + b"\n")
        except OSError as error:
            raise ControlError(f"minihv takes no command: {error}") from None

    def _line(self, command: str, deadline: float) -> str:
        while b"\n" not in self._rest:
            left = deadline - time.monotonic()
            if left <= 0:
                raise NoAnswer(f"minihv has not answered '{command}' for "
                               f"{self._seconds:g} s")
            self._socket.settimeout(left)
            try:
                got = self._socket.recv(65536)
            except TimeoutError:
                continue
            if not got:
                raise ControlError(f"minihv has ended before it answered "
                                   f"'{command}'")
            self._rest += got
        line, _, self._rest = self._rest.partition(b"\n")
        return line.decode("utf-8", "replace").rstrip("\r")

    def ask(self, command: str) -> list[str]:
        """Returns the lines of the answer, without their marks."""
        deadline = time.monotonic() + self._seconds
        shown = command if len(command) < 60 else command[:57] + "..."
        self._send(command)
        lines: list[str] = []
        while True:
            line = self._line(shown, deadline)
            mark, _, text = line.partition(" ")
            if mark == "-":
                lines.append(text)
            elif mark == "ok":
                return lines + ([text] if text else [])
            elif mark == "error":
                raise ControlError(text)

    def copy(self, data: bytes, path: str) -> None:
        """Copies a file into the guest."""
        self.ask(f"copy start {len(data)} {path}")
        try:
            for at in range(0, len(data), CHUNK):
                self.ask(f"copy data {data[at:at + CHUNK].hex()}")
        except ControlError as error:
            try:
                self.ask("copy cancel")
            except ControlError:
                pass
            raise error
        self.ask("copy end")

# SPDX-License-Identifier: BSD-2-Clause
"""Passes what a person types, or what a program sends, to the guest's COM1.

On a terminal Ctrl-A is the key for the runner itself: Ctrl-A x ends the run,
Ctrl-A Ctrl-A types one. All other keys but Ctrl-C go to the guest as they
come. Keys wait until the guest has spoken, because the firmware would take
them for its own.
"""
from __future__ import annotations

import os
import select
import signal
import sys
import termios
import threading
from typing import Callable

PREFIX = 0x01           # Ctrl-A
WAY_OUT = ord("x")
END_OF_INPUT = b"\x04"  # Ctrl-D
READ_SIZE = 4096
POLL_SECONDS = 0.2
# A guest that says nothing gets the keys after this time.
PATIENCE_SECONDS = 20.0
HELP = "keys go to the guest; Ctrl-A x ends the run, Ctrl-A Ctrl-A types Ctrl-A"


def standard_input() -> int | None:
    """Returns the descriptor of standard input if it may be read: it is open,
    and no terminal that another program has in the foreground."""
    if sys.stdin is None or sys.stdin.closed:
        return None
    descriptor = sys.stdin.fileno()
    try:
        behind = os.tcgetpgrp(descriptor) != os.getpgrp()
    except OSError:
        behind = False  # no terminal, or none with a foreground
    return None if behind else descriptor


class Prefix:
    """Takes the runner's own keys out of what is typed."""

    def __init__(self, stop: Callable[[], None]) -> None:
        self._stop = stop
        self._pressed = False

    def feed(self, data: bytes) -> bytes:
        kept = bytearray()
        for byte in data:
            if self._pressed:
                self._pressed = False
                if byte in (WAY_OUT, WAY_OUT - 0x20):
                    self._stop()
                elif byte == PREFIX:
                    kept.append(byte)
            elif byte == PREFIX:
                self._pressed = True
            else:
                kept.append(byte)
        return bytes(kept)


class Keyboard:
    """Standard input as the guest's keys, while a run goes on. A terminal is
    set to give each key at once and to show none; leave() sets it back."""

    def __init__(self, send: Callable[[bytes], None],
                 spoken: threading.Event) -> None:
        self._send = send
        self._spoken = spoken
        self._input = standard_input()
        self._before: list[object] | None = None
        self._left = threading.Event()
        self._prefix: Prefix | None = None

    @property
    def is_terminal(self) -> bool:
        return self._input is not None and os.isatty(self._input)

    def enter(self) -> None:
        """Begins to pass keys on."""
        if self._input is None:
            return
        if self.is_terminal:
            self._prefix = Prefix(interrupt)
            self._before = termios.tcgetattr(self._input)
            termios.tcsetattr(self._input, termios.TCSANOW,
                              by_key(termios.tcgetattr(self._input)))
        threading.Thread(target=self._run, daemon=True).start()

    def leave(self) -> None:
        """Ends that, and sets the terminal back."""
        self._left.set()
        if self._before is not None and self._input is not None:
            termios.tcsetattr(self._input, termios.TCSADRAIN, self._before)
            self._before = None

    def _read(self) -> bytes | None:
        """Returns what has come, b"" at the end, None if nothing has."""
        assert self._input is not None
        if not select.select([self._input], [], [], POLL_SECONDS)[0]:
            return None
        return os.read(self._input, READ_SIZE)

    def _run(self) -> None:
        any_came = False
        pending = b""
        waited = 0.0
        try:
            while not self._left.is_set():
                data = self._read() if not pending else None
                if data == b"":
                    break
                if data:
                    any_came = True
                    pending = self._prefix.feed(data) if self._prefix else data
                if pending and waited < PATIENCE_SECONDS and \
                        not self._spoken.wait(POLL_SECONDS):
                    waited += POLL_SECONDS
                    if self._prefix:  # the way out is open all the time
                        pending += self._prefix.feed(self._read() or b"")
                elif pending:
                    self._send(pending)
                    pending = b""
            # A pipe that has ended ends the guest's input; /dev/null is none.
            if any_came and not self._left.is_set():
                self._send(END_OF_INPUT)
        except OSError:
            pass  # the guest has ended, or the terminal is gone


def by_key(attributes: list[object]) -> list[object]:
    """Returns a terminal's attributes with each key given at once and shown by
    nobody. Ctrl-C still interrupts."""
    changed = list(attributes)
    flags = [value for value in changed[:4] if isinstance(value, int)]
    changed[0] = flags[0] & ~(termios.ICRNL | termios.INLCR | termios.IGNCR |
                              termios.IXON | termios.IXOFF | termios.ISTRIP)
    changed[3] = flags[3] & ~(termios.ICANON | termios.ECHO | termios.IEXTEN)
    keys = list(changed[6])  # type: ignore[call-overload]
    for key in (termios.VQUIT, termios.VSUSP):
        keys[key] = b"\0"
    keys[termios.VMIN], keys[termios.VTIME] = 1, 0
    changed[6] = keys
    return changed


def interrupt() -> None:
    """Ends the run as Ctrl-C does. A shell may let us ignore SIGINT."""
    os.kill(os.getpid(), signal.SIGTERM)

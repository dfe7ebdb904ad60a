# SPDX-License-Identifier: BSD-2-Clause
"""QEMU's control protocol (QMP) over a channel."""
from __future__ import annotations

import json
import time
from typing import Any, Callable

from channel import Socket

POLL_SECONDS = 0.3  # how often a wait checks whether QEMU has ended
LAST_WORDS_SECONDS = 10  # for what a QEMU wrote before its end to arrive


class QmpError(Exception):
    """QEMU refused a command or did not answer."""


class Qmp:
    """The QMP of one QEMU; the channel may have served others before.

    In a nested host the inner QEMUs follow one another on one serial line,
    so everything before this one's greeting is somebody else's.
    """

    def __init__(self, channel: Socket, ended: Callable[[], bool]) -> None:
        self._channel = channel
        self._ended = ended
        self._read = channel.position()
        self._replies: list[dict[str, Any]] = []
        self.events: list[dict[str, Any]] = []
        self.version: dict[str, int] = {}

    def _pump(self) -> None:
        """Sorts the complete lines received into replies and events."""
        data = self._channel.since(self._read)
        end = data.rfind(b"\n") + 1
        self._read += end
        for line in data[:end].splitlines():
            try:
                message = json.loads(line)
            except ValueError:
                continue  # an echo of our command, or noise of the serial line
            if "QMP" in message:
                self.version = message["QMP"]["version"]["qemu"]
            elif "event" in message:
                self.events.append(message)
            elif "return" in message or "error" in message:
                self._replies.append(message)

    def _wait(self, done: Callable[[], Any], timeout: float) -> bool:
        deadline = time.monotonic() + timeout
        while True:
            self._pump()
            if done():
                return True
            left = deadline - time.monotonic()
            if left <= 0 or self._ended():
                self._pump()
                return bool(done())
            self._channel.wait_for(b"\n", self._read,
                                   min(left, POLL_SECONDS))

    def _last_words(self) -> bool:
        """A QEMU that has ended may have answered: its `quit` is such a
        command. Returns true as soon as the answer is here."""
        deadline = time.monotonic() + LAST_WORDS_SECONDS
        while not self._replies and time.monotonic() < deadline:
            closed = self._channel.closed
            self._channel.wait_for(b"\n", self._read, POLL_SECONDS)
            self._pump()
            if closed:
                break
        return bool(self._replies)

    def greeted(self, timeout: float) -> bool:
        """Returns true if QEMU greeted within that time. Then it also ends the
        negotiation, because QEMU sends no events before."""
        if not self._wait(lambda: self.version, timeout):
            return False
        try:
            self.command("qmp_capabilities")
        except QmpError:
            pass  # it ended right after its greeting: its status says why
        return True

    def command(self, name: str, timeout: float = 180, **arguments: Any) -> Any:
        """Runs a command and returns its result. `_` in an argument's name
        stands for `-`."""
        message: dict[str, Any] = {"execute": name}
        if arguments:
            message["arguments"] = {key.replace("_", "-"): value
                                    for key, value in arguments.items()}
        self._pump()
        self._replies.clear()
        self._channel.send(json.dumps(message).encode() + b"\n")
        if not self._wait(lambda: self._replies, timeout) and \
                not (self._ended() and self._last_words()):
            raise QmpError(f"no answer to {name} within {timeout} s, or before "
                           "QEMU's end")
        reply = self._replies.pop(0)
        if "error" in reply:
            raise QmpError(f"{name}: {reply['error']['desc']}")
        return reply["return"]

    def monitor(self, command: str) -> str:
        """Runs a command of QEMU's human monitor."""
        return self.command("human-monitor-command", command_line=command)

    def wait_event(self, name: str, timeout: float) -> dict[str, Any] | None:
        """Returns the first event of this name, past or coming, or None."""
        def first() -> dict[str, Any] | None:
            return next((e for e in self.events if e["event"] == name), None)
        self._wait(first, timeout)
        return first()

    def drain(self) -> list[dict[str, Any]]:
        """Returns all events so far, also after QEMU's end."""
        self._pump()
        return list(self.events)

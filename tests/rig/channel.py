"""A byte stream from and to a QEMU that we start: one of its serial ports.

We listen before QEMU starts and QEMU connects, so no byte is lost.
"""
from __future__ import annotations

import socket
import threading
import time
from pathlib import Path
from typing import Callable

READ_SIZE = 65536


class Channel:
    """Everything received is kept; positions are offsets into it."""

    def __init__(self, path: Path,
                 on_data: Callable[[bytes], None] | None = None) -> None:
        self.path = path
        self.on_data = on_data
        self._data = bytearray()
        self._closed = False
        self._changed = threading.Condition()
        self._peer: socket.socket | None = None
        self._listener = socket.socket(socket.AF_UNIX)
        self._listener.bind(str(path))
        self._listener.listen(1)
        threading.Thread(target=self._receive, daemon=True).start()

    def _receive(self) -> None:
        try:
            peer, _ = self._listener.accept()
            with self._changed:
                self._peer = peer
                self._changed.notify_all()
            while chunk := peer.recv(READ_SIZE):
                with self._changed:
                    self._data += chunk
                    self._changed.notify_all()
                if self.on_data:
                    self.on_data(chunk)
        except OSError:
            pass  # closed by us, or QEMU was killed: both are an end
        with self._changed:
            self._closed = True
            self._changed.notify_all()

    def send(self, data: bytes) -> None:
        with self._changed:
            self._changed.wait_for(lambda: self._peer or self._closed, 10)
            peer = self._peer
        if peer is None:
            raise ConnectionError(f"nobody connected to {self.path.name}")
        peer.sendall(data)

    @property
    def closed(self) -> bool:
        return self._closed

    def position(self) -> int:
        with self._changed:
            return len(self._data)

    def since(self, start: int) -> bytes:
        with self._changed:
            return bytes(self._data[start:])

    def wait_for(self, wanted: bytes, start: int, timeout: float) -> int | None:
        """Offset just behind the first `wanted` at or after `start`; None
        when time ran out or the stream ended without it."""
        deadline = time.monotonic() + timeout
        searched = start
        with self._changed:
            while True:
                at = self._data.find(wanted, searched)
                if at >= 0:
                    return at + len(wanted)
                searched = max(start, len(self._data) - len(wanted) + 1)
                left = deadline - time.monotonic()
                if self._closed or left <= 0:
                    return None
                self._changed.wait(left)

    def wait_quiet(self, start: int, quiet: float, timeout: float) -> bytes:
        """What came since `start`, once nothing came for `quiet` seconds."""
        deadline = time.monotonic() + timeout
        size = self.position()
        while time.monotonic() < deadline:
            with self._changed:
                self._changed.wait(quiet)
                if len(self._data) == size or self._closed:
                    break
                size = len(self._data)
        return self.since(start)

    def close(self) -> None:
        for end in (self._peer, self._listener):
            if end is not None:
                try:
                    end.shutdown(socket.SHUT_RDWR)
                except OSError:
                    pass  # was not connected
                end.close()

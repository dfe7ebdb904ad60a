# SPDX-License-Identifier: BSD-2-Clause
"""A byte stream between the rig and a serial port of its QEMU.

Both kinds of channel are ready before QEMU starts, so no byte is lost.
"""
from __future__ import annotations

import fcntl
import os
import select
import socket
import threading
import time
from pathlib import Path
from typing import Callable

READ_SIZE = 65536
PIPE_SIZE = 1 << 20
PIPE_POLL_SECONDS = 0.2
PIPE_PIECE = 4096  # what a pipe that can be written to takes whole (PIPE_BUF)


class Channel:
    """A channel keeps all received bytes; positions are offsets into them."""

    def __init__(self, on_data: Callable[[bytes], None] | None) -> None:
        self._on_data = on_data
        self._data = bytearray()
        self._closed = False
        self._changed = threading.Condition()

    def _start(self) -> None:
        threading.Thread(target=self._run, daemon=True).start()

    def _run(self) -> None:
        try:
            self._receive()
        except OSError:
            pass  # close() was called, or QEMU was killed: both are an end
        with self._changed:
            self._closed = True
            self._changed.notify_all()

    def _receive(self) -> None:
        """Passes all received bytes to _got() until the stream ends."""
        raise NotImplementedError

    def send(self, data: bytes) -> None:
        """Writes bytes to QEMU."""
        raise NotImplementedError

    def _got(self, chunk: bytes) -> None:
        with self._changed:
            self._data += chunk
            self._changed.notify_all()
        if self._on_data:
            self._on_data(chunk)

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
        """Returns the offset just after the first `wanted` at or after `start`,
        or None if time ran out or the stream ended without it."""
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

    def wait_until(self, start: int, whole: Callable[[bytes], bool],
                   timeout: float) -> bytes:
        """Returns the bytes from `start` on, as soon as they are `whole`, the
        stream has ended, or time ran out."""
        deadline = time.monotonic() + timeout
        with self._changed:
            while True:
                data = bytes(self._data[start:])
                left = deadline - time.monotonic()
                if whole(data) or self._closed or left <= 0:
                    return data
                self._changed.wait(left)

    def wait_closed(self, timeout: float) -> bool:
        """Returns true if the stream ended, now or within that time."""
        with self._changed:
            return self._changed.wait_for(lambda: self._closed, timeout)


class Socket(Channel):
    """A socket, for ports that are written to or that wait for their reader."""

    def __init__(self, path: Path,
                 on_data: Callable[[bytes], None] | None = None,
                 pace: tuple[int, float] | None = None) -> None:
        """With a pace (bytes, seconds) so many bytes are sent in that time."""
        super().__init__(on_data)
        self._name = path.name
        self._pace = pace
        self._peer: socket.socket | None = None
        self._listener = socket.socket(socket.AF_UNIX)
        self._listener.bind(str(path))
        self._listener.listen(1)
        self._start()

    def _receive(self) -> None:
        peer, _ = self._listener.accept()
        with self._changed:
            self._peer = peer
            self._changed.notify_all()
        while chunk := peer.recv(READ_SIZE):
            self._got(chunk)

    def send(self, data: bytes) -> None:
        with self._changed:
            self._changed.wait_for(lambda: self._peer or self._closed, 10)
            peer = self._peer
        if peer is None:
            raise ConnectionError(f"nobody connected to {self._name}")
        if self._pace is None:
            peer.sendall(data)
            return
        size, seconds = self._pace
        for start in range(0, len(data), size):
            peer.sendall(data[start:start + size])
            time.sleep(seconds)

    def close(self) -> None:
        for end in (self._peer, self._listener):
            if end is not None:
                try:
                    end.shutdown(socket.SHUT_RDWR)
                except OSError:
                    pass  # was not connected
                end.close()


class Pipe(Channel):
    """From QEMU with room for a megabyte, and to it.

    A guest waits only so long for its serial port. Each byte that QEMU
    writes to a socket takes most of a kilobyte of the socket's buffer, so a
    reader that is late by 300 characters would cost the guest its text.
    """

    def __init__(self, path: Path,
                 on_data: Callable[[bytes], None] | None = None) -> None:
        super().__init__(on_data)
        os.mkfifo(f"{path}.in")
        os.mkfifo(f"{path}.out")
        # Open for reading and writing, or the open would wait for QEMU.
        self._fd = os.open(f"{path}.out", os.O_RDWR | os.O_NONBLOCK)
        self._to = os.open(f"{path}.in", os.O_RDWR | os.O_NONBLOCK)
        try:
            fcntl.fcntl(self._fd, fcntl.F_SETPIPE_SZ, PIPE_SIZE)
        except PermissionError:
            pass  # the user has many pipes: the usual 64 KiB are enough
        self._stop = threading.Event()
        self._start()

    def _receive(self) -> None:
        while True:
            stopping = self._stop.is_set()  # read before the pipe is read
            if select.select([self._fd], [], [], PIPE_POLL_SECONDS)[0]:
                self._got(os.read(self._fd, READ_SIZE))
            elif stopping:
                break
        os.close(self._fd)
        os.close(self._to)

    def send(self, data: bytes) -> None:
        while data:
            if self._closed or self._stop.is_set():
                raise ConnectionError("QEMU has ended")
            # A guest that reads slowly fills the pipe.
            if select.select([], [self._to], [], PIPE_POLL_SECONDS)[1]:
                data = data[os.write(self._to, data[:PIPE_PIECE]):]

    def close(self) -> None:
        """Ends the stream after the bytes that are in the pipe. Called when
        QEMU has ended or is no longer read; wait_closed() waits for the end."""
        self._stop.set()

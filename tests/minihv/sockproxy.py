#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-2-Clause
"""Connects hv_sock of a running minihv with TCP on this machine.

    sockproxy.py --socket PATH [--service PORT=TCPPORT]... [--forward TCPPORT=PORT]...

--service: a program of the guest that connects to PORT of its host reaches
TCPPORT here. --forward: who connects to TCPPORT here (0: a free one, which is
printed) reaches the program of the guest that listens at PORT. Instead of a PORT
of hv_sock the GUID of a service can be named. It prints 'ready' when minihv has
answered, and ends with minihv.
"""
from __future__ import annotations

import argparse
import asyncio
import contextlib
import os
import socket
import struct
import sys
import uuid
from pathlib import Path

# tests/minihv/sock/frame.h and stream.h
HELLO, CONNECT, OPEN, REFUSED, DATA, END, RESET, CREDIT = range(1, 9)
HEADER = struct.Struct("<BBHI")
MARK, OUTSIDE = 0x6B636F73, 0x80000000
DATA_MAX, WINDOW = 16384, 32768
PORTS_BEHIND = bytes.fromhex("cbfae611bd5864006a7986d3")


class ProxyError(Exception):
    """The words are wrong, or minihv is; the text is for a person."""


Name = int | str  # of a service: its port, or its GUID as text


def service(name: Name) -> bytes:
    """Returns the GUID of a service, as its bytes are on the wire."""
    if isinstance(name, int):
        return struct.pack("<I", name) + PORTS_BEHIND
    return uuid.UUID(name).bytes_le


def reset(writer: asyncio.StreamWriter) -> None:
    """Ends a TCP connection in a way that its other side takes for no end."""
    writer.get_extra_info("socket").setsockopt(
        socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    writer.transport.abort()


class Stream:
    """One stream and its TCP connection."""

    def __init__(self, proxy: "Proxy", number: int) -> None:
        self._proxy = proxy
        self.number = number
        self._credit = WINDOW
        self._gone = False
        self._more_credit = asyncio.Event()
        self._incoming: asyncio.Queue[bytes] = asyncio.Queue()
        self._writer: asyncio.StreamWriter | None = None
        self.answered: asyncio.Future[bool] = \
            asyncio.get_running_loop().create_future()

    def take(self, kind: int, data: bytes) -> None:
        """Takes a frame of minihv."""
        if kind in (OPEN, REFUSED):
            self.answered.set_result(kind == OPEN)
        elif kind == DATA:
            self._incoming.put_nowait(data)
        elif kind == END:
            self._incoming.put_nowait(b"")
        elif kind == CREDIT:
            self._credit += struct.unpack("<I", data)[0]
            self._more_credit.set()
        elif kind == RESET:
            self._forget()

    def _forget(self) -> None:
        self._proxy.streams.pop(self.number, None)
        if not self.answered.done():
            self.answered.set_result(False)
        self._gone = True  # nothing more is waited for
        self._more_credit.set()
        self._incoming.put_nowait(b"")
        if self._writer:
            reset(self._writer)

    def _send(self, kind: int, data: bytes = b"") -> None:
        self._proxy.send(kind, self.number, data)

    async def _from_guest(self, writer: asyncio.StreamWriter) -> None:
        while data := await self._incoming.get():
            writer.write(data)
            await writer.drain()
            self._send(CREDIT, struct.pack("<I", len(data)))
        writer.write_eof()

    async def _to_guest(self, reader: asyncio.StreamReader) -> None:
        while data := await reader.read(DATA_MAX):
            while data:
                while not self._credit and not self._gone:
                    self._more_credit.clear()
                    await self._more_credit.wait()
                if self._gone:
                    return
                part, data = data[:self._credit], data[self._credit:]
                self._credit -= len(part)
                self._send(DATA, part)
        if not self._gone:
            self._send(END)

    async def run(self, reader: asyncio.StreamReader,
                  writer: asyncio.StreamWriter) -> None:
        """Moves bytes until both directions have ended."""
        self._writer = writer
        both = [asyncio.ensure_future(self._from_guest(writer)),
                asyncio.ensure_future(self._to_guest(reader))]
        try:
            await asyncio.gather(*both)
        except OSError:
            if self.number in self._proxy.streams:
                self._send(RESET)
        finally:
            for task in both:
                task.cancel()
            self._proxy.streams.pop(self.number, None)
            writer.close()


class Proxy:
    """The outside of minihv's hv_sock."""

    def __init__(self, services: dict[Name, int]) -> None:
        self._services = {service(name): tcp for name, tcp in services.items()}
        self.streams: dict[int, Stream] = {}
        self._last = 0
        self._port: asyncio.StreamWriter | None = None
        self.tasks: set[asyncio.Task[None]] = set()

    def send(self, kind: int, number: int, data: bytes = b"") -> None:
        if self._port:
            self._port.write(HEADER.pack(kind, 0, len(data), number) + data)

    async def greet(self, path: Path) -> asyncio.StreamReader:
        """Says hello, and skips what was meant for another proxy."""
        try:
            reader, self._port = await asyncio.open_unix_connection(str(path))
        except OSError as error:
            raise ProxyError(f"no minihv with --sock at {path}: "
                             f"{error.strerror}") from None
        word = os.urandom(8)
        self.send(HELLO, MARK, word)
        await reader.readuntil(HEADER.pack(HELLO, 0, len(word), MARK) + word)
        return reader

    def _task(self, work: "asyncio._CoroutineLike[None]") -> None:
        task = asyncio.ensure_future(work)
        self.tasks.add(task)
        task.add_done_callback(self.tasks.discard)

    async def _serve_guest(self, stream: Stream, wanted: bytes) -> None:
        tcp = self._services.get(wanted)
        try:
            if tcp is None:
                raise OSError("no such service")
            reader, writer = await asyncio.open_connection("127.0.0.1", tcp)
        except OSError:
            self.streams.pop(stream.number, None)
            self.send(REFUSED, stream.number)
            return
        self.send(OPEN, stream.number)
        await stream.run(reader, writer)

    async def _serve_outside(self, port: Name, reader: asyncio.StreamReader,
                             writer: asyncio.StreamWriter) -> None:
        self._last += 1
        stream = Stream(self, OUTSIDE | self._last)
        self.streams[stream.number] = stream
        self.send(CONNECT, stream.number, service(port))
        if await stream.answered:
            await stream.run(reader, writer)
        else:
            self.streams.pop(stream.number, None)
            reset(writer)

    async def forward(self, tcp: int, port: Name) -> int:
        """Listens for those who want PORT of the guest; returns its own."""
        async def connected(reader: asyncio.StreamReader,
                            writer: asyncio.StreamWriter) -> None:
            await self._serve_outside(port, reader, writer)

        try:
            server = await asyncio.start_server(connected, "127.0.0.1", tcp)
        except OSError as error:
            raise ProxyError(f"TCP port {tcp}: {error.strerror}") from None
        found: int = server.sockets[0].getsockname()[1]
        return found

    async def run(self, reader: asyncio.StreamReader) -> None:
        """Takes minihv's frames until it ends."""
        while True:
            head = await reader.readexactly(HEADER.size)
            kind, _, size, number = HEADER.unpack(head)
            data = await reader.readexactly(size)
            stream = self.streams.get(number)
            if kind == CONNECT:
                stream = self.streams[number] = Stream(self, number)
                self._task(self._serve_guest(stream, data))
            elif stream:
                stream.take(kind, data)


def number_or_guid(word: str) -> Name:
    """Turns '5000' into a number, and leaves a GUID as it is."""
    return int(word) if word.isdecimal() else str(uuid.UUID(word))


def pair(word: str) -> tuple[Name, Name]:
    """Turns '5000=80' into both numbers; one of them may be a GUID."""
    left, _, right = word.partition("=")
    try:
        return number_or_guid(left), number_or_guid(right)
    except ValueError:
        raise ProxyError(f"expected two port numbers like 5000=80, or the GUID "
                         f"of a service for hv_sock's, found '{word}'") from None


def tcp_port(found: Name) -> int:
    """Returns a number that is one."""
    if isinstance(found, int):
        return found
    raise ProxyError(f"expected a TCP port, found the GUID {found}")


async def main(given: argparse.Namespace) -> None:
    proxy = Proxy({name: tcp_port(tcp)
                   for name, tcp in map(pair, given.service)})
    forwards = [(tcp_port(tcp), name)
                for tcp, name in map(pair, given.forward)]
    reader = await proxy.greet(given.socket)
    for tcp, port in forwards:
        print(f"forward {await proxy.forward(tcp, port)}={port}")
    print("ready", flush=True)
    with contextlib.suppress(asyncio.IncompleteReadError, OSError):
        await proxy.run(reader)


def arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--socket", type=Path, required=True)
    parser.add_argument("--service", action="append", default=[])
    parser.add_argument("--forward", action="append", default=[])
    return parser.parse_args()


if __name__ == "__main__":
    try:
        asyncio.run(main(arguments()))
    except (ProxyError, asyncio.IncompleteReadError) as problem:
        print(f"sockproxy: {problem}", file=sys.stderr)
        sys.exit(1)

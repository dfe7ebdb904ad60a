"""tests/minihv/sockproxy.py leads streams of minihv's hv_sock to TCP and back:
here with a minihv whose frames were written by hand."""
from __future__ import annotations

import asyncio
import sys
import tempfile
from pathlib import Path
from typing import Awaitable, Callable

TESTS = Path(__file__).resolve().parents[1]
sys.path[:0] = [str(TESTS), str(TESTS / "minihv")]

import sockproxy  # noqa: E402
import tap  # noqa: E402

SECONDS = 60  # for a hang
SERVED, NOBODY, GUEST = 5000, 5001, 6000
HELLO = b"\x01\x00\x08\x00sock"


def guid(port: int) -> bytes:
    return port.to_bytes(4, "little") + bytes.fromhex(
        "cbfae611bd5864006a7986d3")


async def echo(reader: asyncio.StreamReader,
               writer: asyncio.StreamWriter) -> None:
    try:
        while data := await reader.read(1000):
            writer.write(data)
    except ConnectionResetError:
        pass
    writer.close()


class Minihv:
    """The other end of the proxy's port."""

    def __init__(self, reader: asyncio.StreamReader,
                 writer: asyncio.StreamWriter, proxy: sockproxy.Proxy) -> None:
        self._reader = reader
        self._writer = writer
        self.proxy = proxy

    def send(self, kind: int, stream: int, data: bytes = b"") -> None:
        self._writer.write(bytes([kind, 0, len(data), 0])
                           + stream.to_bytes(4, "little") + data)

    async def hears(self, kind: int, stream: int, data: bytes = b"") -> None:
        head = await self._reader.readexactly(8)
        found = await self._reader.readexactly(head[2] | head[3] << 8)
        told = (head[0], int.from_bytes(head[4:], "little"), found)
        assert told == (kind, stream, data), told

    async def connects(self, stream: int) -> None:
        self.send(2, stream, guid(SERVED))
        await self.hears(3, stream)

    async def sees_rest(self) -> None:
        while self.proxy.tasks or self.proxy.streams:
            await asyncio.sleep(0.01)


def with_proxy(work: Callable[[Minihv], Awaitable[None]]) -> None:
    async def run(folder: str) -> None:
        path = Path(folder) / "port"
        ends: "asyncio.Queue[tuple[asyncio.StreamReader, asyncio.StreamWriter]]"
        ends = asyncio.Queue()

        async def answer(reader: asyncio.StreamReader,
                         writer: asyncio.StreamWriter) -> None:
            hello = await reader.readexactly(16)
            assert hello[:8] == HELLO, hello
            writer.write(b"for another proxy" + hello)
            await ends.put((reader, writer))

        port = await asyncio.start_unix_server(answer, str(path))
        tcp = await asyncio.start_server(echo, "127.0.0.1", 0)
        proxy = sockproxy.Proxy({SERVED: tcp.sockets[0].getsockname()[1]})
        reader = await proxy.greet(path)
        frames = asyncio.ensure_future(proxy.run(reader))
        minihv = Minihv(*await ends.get(), proxy)
        await work(minihv)
        for stream in proxy.streams:
            minihv.send(7, stream)
        await minihv.sees_rest()
        frames.cancel()
        port.close()
        tcp.close()
        await asyncio.gather(*asyncio.all_tasks() - {asyncio.current_task()},
                             return_exceptions=True)

    async def in_time(folder: str) -> None:
        async with asyncio.timeout(SECONDS):
            await run(folder)

    with tempfile.TemporaryDirectory() as folder:
        asyncio.run(in_time(folder))


def test_bytes_go_both_ways_and_are_paid_back() -> None:
    async def work(minihv: Minihv) -> None:
        await minihv.connects(1)
        minihv.send(5, 1, b"hello")
        await minihv.hears(8, 1, b"\x05\0\0\0")
        await minihv.hears(5, 1, b"hello")
        minihv.send(6, 1)
        await minihv.hears(6, 1)

    with_proxy(work)


def test_a_service_that_nobody_has_is_refused() -> None:
    async def work(minihv: Minihv) -> None:
        minihv.send(2, 1, guid(NOBODY))
        await minihv.hears(4, 1)

    with_proxy(work)


def test_of_a_stream_that_has_gone_nothing_is_left() -> None:
    async def work(minihv: Minihv) -> None:
        await minihv.connects(1)
        minihv.send(7, 1)
        await minihv.sees_rest()
        await minihv.connects(2)  # and no end of the first one

    with_proxy(work)


def test_the_guest_is_reached_by_a_forward() -> None:
    async def work(minihv: Minihv) -> None:
        port = await minihv.proxy.forward(0, GUEST)
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        await minihv.hears(2, 0x80000001, guid(GUEST))
        minihv.send(3, 0x80000001)
        writer.write(b"question")
        await minihv.hears(5, 0x80000001, b"question")
        minihv.send(5, 0x80000001, b"answer")
        assert await reader.readexactly(6) == b"answer"
        writer.close()

    with_proxy(work)


def test_a_guest_that_refuses_is_a_reset() -> None:
    async def work(minihv: Minihv) -> None:
        port = await minihv.proxy.forward(0, GUEST)
        reader, _ = await asyncio.open_connection("127.0.0.1", port)
        await minihv.hears(2, 0x80000001, guid(GUEST))
        minihv.send(4, 0x80000001)
        try:
            assert not await reader.read(1), "a byte"
            assert False, "an end, and not a reset"
        except ConnectionResetError:
            pass

    with_proxy(work)


def test_no_more_is_sent_than_is_permitted() -> None:
    async def work(minihv: Minihv) -> None:
        port = await minihv.proxy.forward(0, GUEST)
        _, writer = await asyncio.open_connection("127.0.0.1", port)
        await minihv.hears(2, 0x80000001, guid(GUEST))
        minihv.send(3, 0x80000001)
        writer.write(bytes(50000))
        left = 32768
        while left:
            head = await minihv._reader.readexactly(8)
            size = head[2] | head[3] << 8
            assert head[0] == 5 and size <= left, head
            left -= len(await minihv._reader.readexactly(size))
        minihv.send(8, 0x80000001, b"\x01\0\0\0")
        await minihv.hears(5, 0x80000001, b"\0")
        writer.close()

    with_proxy(work)


if __name__ == "__main__":
    sys.exit(tap.run(globals()))

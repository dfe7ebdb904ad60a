# SPDX-License-Identifier: BSD-2-Clause
"""What a client asks the guest for (tests/guest/net/serve.c). Each function
returns what is wrong, or nothing."""
from __future__ import annotations

import random
import socket
import struct
import subprocess
import threading
import zlib

SECONDS = 600          # until something hangs
PORT, UDP_PORT, BUSY_PORT = 9, 7, 77
BLOCK = 1 << 16
MIB = 1 << 20


def ask(address: str, line: str) -> socket.socket:
    """Opens a connection for one wish."""
    s = socket.create_connection((address, PORT), SECONDS)
    s.sendall(f"{line}\n".encode())
    return s


def rest(s: socket.socket) -> bytes:
    got = bytearray()
    while part := s.recv(BLOCK):
        got += part
    return bytes(got)


def told(address: str, line: str) -> str:
    """Returns the guest's whole answer."""
    with ask(address, line) as s:
        return rest(s).decode("latin-1").strip()


def into(address: str, size: int, seed: int = 1) -> str:
    """Sends `size` bytes; the guest's count and CRC-32 must be ours."""
    numbers, sent, crc = random.Random(seed), 0, 0
    with ask(address, "sink") as s:
        while sent < size:
            block = numbers.randbytes(min(BLOCK, size - sent))
            s.sendall(block)
            crc = zlib.crc32(block, crc)
            sent += len(block)
        s.shutdown(socket.SHUT_WR)
        answer = rest(s).decode("latin-1").strip()
    wanted = f"{size} {crc:08x}"
    return "" if answer == wanted else \
        f"the guest has received {answer}, expected {wanted}"


def out_of(address: str, size: int, seed: int = 1) -> str:
    """Receives `size` bytes, whose CRC-32 the guest sends behind them."""
    got, crc, tail = 0, 0, b""
    with ask(address, f"source {size} {seed}") as s:
        while part := s.recv(BLOCK):
            data, tail = (tail + part)[:-4], (tail + part)[-4:]
            got += len(data)
            crc = zlib.crc32(data, crc)
    if got != size:
        return f"{got} bytes came out of the guest, expected {size}"
    wanted = struct.unpack("<I", tail)[0]
    return "" if crc == wanted else \
        f"the CRC-32 of what came is {crc:08x}, the guest says {wanted:08x}"


def _send(s: socket.socket, data: bytes) -> None:
    try:
        s.sendall(data)
        s.shutdown(socket.SHUT_WR)
    except OSError:
        pass   # the receiver notices


def _both(s: socket.socket, data: bytes) -> bytes:
    """Sends while it receives."""
    sender = threading.Thread(target=_send, args=(s, data), daemon=True)
    sender.start()
    got = rest(s)
    sender.join(SECONDS)
    return got


def echo(address: str, size: int, seed: int = 1) -> str:
    """Both directions at once."""
    data = random.Random(seed).randbytes(size)
    with ask(address, "echo") as s:
        got = _both(s, data)
    return "" if got == data else \
        f"{size} bytes were sent, {len(got)} others came back"


def datagrams(address: str, sizes: tuple[int, ...] = (0, 1, 1400, 9000)) -> str:
    """UDP: what is sent comes back, fragments of IP among it."""
    family = socket.AF_INET6 if ":" in address else socket.AF_INET
    with ask(address, f"datagrams {len(sizes)}") as s, \
            socket.socket(family, socket.SOCK_DGRAM) as u:
        if s.recv(6) != b"ready\n":
            return "the guest opens no UDP socket"
        u.settimeout(60)
        for size in sizes:
            data = random.Random(size).randbytes(size)
            u.sendto(data, (address, UDP_PORT))
            got = u.recv(BLOCK)
            if got != data:
                return f"a datagram of {size} bytes came back as {len(got)}"
    return ""


def called(address: str, target: str) -> str:
    """The guest connects to us."""
    family = socket.AF_INET6 if ":" in target else socket.AF_INET
    with socket.create_server((target, 0), family=family) as server:
        server.settimeout(SECONDS)
        port = server.getsockname()[1]
        with ask(address, f"call {target} {port}") as s:
            peer, _ = server.accept()
            with peer:
                if peer.recv(14, socket.MSG_WAITALL) != b"from the guest":
                    return "the guest says something else"
                peer.sendall(b"from outside")
            answer = rest(s).decode("latin-1").strip()
    return "" if answer == "from outside" else f"the guest got {answer!r}"


def ping(address: str, *options: str) -> str:
    """Echo requests of ICMP by the system's own ping: each must be answered."""
    line = ["ping", "-n", "-q", "-c", "5", "-i", "0.2", "-W", "60", *options,
            address]
    done = subprocess.run(line, capture_output=True, text=True, check=False)
    return "" if " 0% packet loss" in done.stdout else \
        f"{' '.join(line)}: {done.stdout}{done.stderr}"


def busy(address: str, size: int) -> str:
    """The guest computes without a wait: ping and a TCP echo still work."""
    data = random.Random(size).randbytes(size)
    with ask(address, "busy") as s:
        if s.recv(10, socket.MSG_WAITALL) != b"computing\n":
            return "the guest does not compute"
        problem = ping(address)
        with socket.create_connection((address, BUSY_PORT), SECONDS) as b:
            got = bytearray()
            for at in range(0, size, 1024):
                b.sendall(data[at:at + 1024])
                while len(got) < min(at + 1024, size):
                    got += b.recv(BLOCK)
            b.sendall(b"stop")
            rest_of_stop = b.recv(4, socket.MSG_WAITALL)
        answer = rest(s).decode("latin-1")
    if bytes(got) != data or rest_of_stop != b"stop":
        return f"{size} bytes were sent, {len(got)} others came back"
    return problem or ("" if answer.startswith("computed ") else
                       f"the guest says {answer!r}")

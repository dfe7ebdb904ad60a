# SPDX-License-Identifier: BSD-2-Clause
"""What is outside of the guest: a Linux in a network of its own.

    guest <--> minihv's switch <--> e1000 <--> QEMU <--> Wire <--> tap `outside`

The suite runs in a name space without any other network, so it needs no
forwarded port and disturbs nobody. Wire passes the frames between QEMU's socket
and the tap on, tags them for a VLAN, and can add frames of its own.
"""
from __future__ import annotations

import contextlib
import fcntl
import os
import select
import socket
import struct
import subprocess
import sys
import threading
from pathlib import Path

TUN = "/dev/net/tun"
TUNSETIFF, IFF_TAP, IFF_NO_PI = 0x400454CA, 0x0002, 0x1000
NAME = "outside"
INSIDE = "VMBARE_NET_SPACE"
FRAME_MAX = 65536
TYPE_AT, TAG = 12, b"\x81\x00"
RARP = b"\x80\x35"   # with these QEMU announces a machine that was restored

OURS, PREFIX = "10.9.0.2", 24
OURS6 = "fd09::2"
BEYOND = "10.77.0.1"        # an address behind the router that we are
OURS_LINK = "169.254.9.9"   # for a guest that nobody gives an address


def why_not() -> str:
    """Returns why this machine has no network of its own for us, or nothing."""
    if not os.access(TUN, os.R_OK | os.W_OK):
        return f"{TUN} cannot be opened"
    tried = subprocess.run([*_unshare(), "true"], capture_output=True,
                           text=True)
    return tried.stderr.strip()


def _unshare() -> list[str]:
    user = ["-U", "-r"] if os.getuid() else []
    return ["unshare", *user, "-n", "-m", "--kill-child"]


def enter() -> None:
    """Starts this program again in a network of its own, unless it is there."""
    if os.environ.get(INSIDE):
        return
    os.environ[INSIDE] = "1"
    os.execvp("unshare", [*_unshare(), sys.executable, *sys.argv])


def ip(words: str) -> None:
    subprocess.run(["ip", *words.split()], check=True)


class Wire:
    """Passes frames on until it is closed."""

    def __init__(self, work: Path, mtu: int = 1500, vlan: int = 0) -> None:
        self.vlan = vlan
        self.untagged = 0    # frames of the guest without the tag
        self.tagged = 0
        self._guest = str(work / "net-guest")
        self._socket = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        self._socket.bind(str(work / "net-outside"))
        self.netdev = (f"dgram,id=net0,local.type=unix,local.path={self._guest}"
                       ",remote.type=unix,remote.path="
                       f"{work / 'net-outside'}")
        self._tap = os.open(TUN, os.O_RDWR)
        fcntl.ioctl(self._tap, TUNSETIFF,
                    struct.pack("16sH22x", NAME.encode(), IFF_TAP | IFF_NO_PI))
        self._over, self._end = os.pipe()   # readable: it is closed
        ip("link set lo up")
        ip(f"link set {NAME} mtu {mtu}")
        ip(f"addr add {OURS}/{PREFIX} dev {NAME}")
        ip(f"addr add {OURS_LINK}/16 dev {NAME}")
        ip(f"addr add {OURS6}/64 dev {NAME} nodad")
        ip(f"addr replace {BEYOND}/32 dev lo")
        ip(f"link set {NAME} up")
        self._running = [threading.Thread(target=run, daemon=True)
                         for run in (self._from_guest, self._from_tap)]
        for thread in self._running:
            thread.start()

    def _wait(self, readable: int) -> bool:
        """Waits for a frame. Returns false when the wire is closed."""
        found, _, _ = select.select([readable, self._over], [], [])
        return self._over not in found

    def to_guest(self, frame: bytes) -> None:
        """Sends a frame to the guest; without QEMU it is lost."""
        if self.vlan:
            frame = (frame[:TYPE_AT] + TAG + struct.pack(">H", self.vlan)
                     + frame[TYPE_AT:])
        self.raw_to_guest(frame)

    def raw_to_guest(self, frame: bytes) -> None:
        with contextlib.suppress(OSError):
            self._socket.sendto(frame, self._guest)

    def _from_guest(self) -> None:
        while self._wait(self._socket.fileno()):
            frame = self._socket.recv(FRAME_MAX)
            if frame[TYPE_AT:TYPE_AT + 2] == RARP:   # QEMU's own
                continue
            if self.vlan:
                if frame[TYPE_AT:TYPE_AT + 4] != \
                        TAG + struct.pack(">H", self.vlan):
                    self.untagged += 1
                    continue
                self.tagged += 1
                frame = frame[:TYPE_AT] + frame[TYPE_AT + 4:]
            with contextlib.suppress(OSError):
                os.write(self._tap, frame)

    def _from_tap(self) -> None:
        while self._wait(self._tap):
            self.to_guest(os.read(self._tap, FRAME_MAX))

    def close(self) -> None:
        """Ends both directions; the tap goes."""
        os.close(self._end)
        for thread in self._running:
            thread.join()
        for file in (self._tap, self._over):
            os.close(file)
        self._socket.close()

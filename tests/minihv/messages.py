# SPDX-License-Identifier: BSD-2-Clause
"""minihv's record of channel messages (trace=1), and the same as QEMU would
trace it, so that the judge of tests/rig holds the guest's claims against
minihv as well."""
from __future__ import annotations

import re
import struct
from dataclasses import dataclass
from typing import Callable

MESSAGE = re.compile(r"^minihv: message (\S+) (\d+) (\S+) ([0-9a-f]+)$", re.M)


@dataclass(frozen=True)
class Message:
    from_guest: bool
    type: int
    name: str
    data: bytes

    def number(self, at: int, size: int = 4) -> int:
        return int.from_bytes(self.data[at:at + size], "little")


def messages(console: str) -> list[Message]:
    return [Message(way == "from-guest", int(kind), name, bytes.fromhex(data))
            for way, kind, name, data in MESSAGE.findall(console)]


def _contact(m: Message) -> str:
    minor, major = struct.unpack_from("<HH", m.data, 8)
    return f"vmbus_initiate_contact version {major}.{minor} "


def _gpadl(m: Message) -> str:
    pages = (m.number(16, 2) - 8 * m.number(18, 2)) // 8
    return f"vmbus_gpadl_header gpadl #{m.number(12)} gfns {pages}"


def _created(m: Message) -> str:
    return "" if m.number(16) else \
        f"vmbus_gpadl_created gpadl #{m.number(12)}"


# Events by direction and type. A type that is not listed belongs to no claim.
LINES: dict[tuple[bool, int], Callable[[Message], str]] = {
    (True, 14): _contact,
    (True, 8): _gpadl,
    (True, 7): lambda m: f"vmbus_close_channel channel #{m.number(8)}",
    (False, 1): lambda m: f"vmbus_send_offer channel #{m.number(184)} ",
    (False, 4): lambda m: "vmbus_terminate_offers",
    (False, 6): lambda m: f"vmbus_channel_open channel #{m.number(8)} "
                          f"status {m.number(16)}",
    (False, 10): _created,
    (False, 12): lambda m: f"vmbus_gpadl_torndown gpadl #{m.number(8)}",
}


def as_qemu_traces(console: str) -> list[str]:
    lines = []
    for m in messages(console):
        if m.from_guest:
            lines.append(f"vmbus_process_incoming_message type {m.type}")
        line = LINES.get((m.from_guest, m.type))
        if line and (text := line(m)):
            lines.append(text)
    return lines

# SPDX-License-Identifier: BSD-2-Clause
"""The judge compares what the guest claims with what its host saw.

The guest prints `# claim: ...` lines; QEMU's trace is turned into the same
words. Both must say the same things in the same order. The grammar stands in
docs/testing.md.
"""
from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import Callable

CLAIM = re.compile(r"^# claim: (.+?)\s*$", re.M)
# A number of a message, as vmbus_process_incoming_message shows it.
MSG_REQUESTOFFERS = 3
MSG_UNLOAD = 16


@dataclass
class _Host:
    """The facts of the trace so far."""
    facts: list[str] = field(default_factory=list)
    offered: list[int] = field(default_factory=list)
    gpadl_pages: dict[int, int] = field(default_factory=dict)
    offers_told: bool = False

    def say(self, fact: str) -> None:
        """QEMU traces an answer again when it has to post it again (the
        guest's slot was still full), so a repeated answer is one fact."""
        if not self.facts or self.facts[-1] != fact:
            self.facts.append(fact)


def _contact(host: _Host, major: int, minor: int) -> None:
    host.facts.append(f"contact {major}.{minor}")


def _incoming(host: _Host, kind: int) -> None:
    if kind == MSG_REQUESTOFFERS:
        host.offered.clear()
        host.offers_told = False
    elif kind == MSG_UNLOAD:
        host.say("unload")


def _offer(host: _Host, relid: int) -> None:
    if relid not in host.offered:
        host.offered.append(relid)


def _offers_end(host: _Host) -> None:
    if not host.offers_told:
        host.facts.append(f"offers {len(host.offered)}")
        host.offers_told = True


def _gpadl_header(host: _Host, handle: int, pages: int) -> None:
    host.gpadl_pages[handle] = pages


def _gpadl_created(host: _Host, handle: int) -> None:
    host.say(f"gpadl-created {handle} pages="
             f"{host.gpadl_pages.get(handle, 'unknown')}")


def _gpadl_torndown(host: _Host, handle: int) -> None:
    host.say(f"gpadl-torndown {handle}")


def _open(host: _Host, relid: int, status: int) -> None:
    host.say(f"open {relid}" if status == 0 else f"open {relid} refused")


def _close(host: _Host, relid: int) -> None:
    host.facts.append(f"close {relid}")


# The events of QEMU 10.0 by name, and the numbers that they show. An event that
# is not listed here belongs to no claim.
_EVENTS: tuple[tuple[str, Callable[..., None]], ...] = (
    (r"vmbus_initiate_contact version (\d+)\.(\d+) ", _contact),
    (r"vmbus_process_incoming_message type (\d+)", _incoming),
    (r"vmbus_send_offer channel #(\d+) ", _offer),
    (r"vmbus_terminate_offers", _offers_end),
    (r"vmbus_gpadl_header gpadl #(\d+) gfns (\d+)", _gpadl_header),
    (r"vmbus_gpadl_created gpadl #(\d+)", _gpadl_created),
    (r"vmbus_gpadl_torndown gpadl #(\d+)", _gpadl_torndown),
    (r"vmbus_channel_open channel #(\d+) status (\d+)", _open),
    (r"vmbus_close_channel channel #(\d+)", _close),
)


def facts(trace: list[str]) -> list[str]:
    """Returns what the host saw and did, in the form of claims."""
    host = _Host()
    for line in trace:
        for pattern, action in _EVENTS:
            match = re.search(pattern, line)
            if match:
                action(host, *(int(group) for group in match.groups()))
                break
    return host.facts


def claims(serial: str) -> list[str]:
    """Returns the claims of the guest about its bus, in order.

    A contact that the host refused is claimed as `contact 5.3 refused`; the
    trace shows only that it was asked for, so the word is dropped here, and
    the later contact in the trace is what bears it out.
    """
    found = [" ".join(match.split()) for match in CLAIM.findall(serial)]
    return [re.sub(r"^(contact \S+) refused$", r"\1", claim)
            for claim in found]


def disagreement(serial: str, trace: list[str]) -> str | None:
    """Returns None if guest and host agree, else the first difference."""
    guest, host = claims(serial), facts(trace)
    for number, (claimed, seen) in enumerate(zip(guest, host), 1):
        if claimed != seen:
            return (f"claim {number}: the guest says '{claimed}', its host "
                    f"saw '{seen}'")
    if len(guest) > len(host):
        return (f"claim {len(host) + 1}: the guest says "
                f"'{guest[len(host)]}', its host saw nothing more")
    if len(host) > len(guest):
        return (f"the host saw '{host[len(guest)]}', which the guest does "
                f"not claim")
    return None

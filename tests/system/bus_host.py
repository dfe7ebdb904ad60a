# SPDX-License-Identifier: BSD-2-Clause
"""The bus in use against QEMU's VMBus host, from inside: image test-bus."""
from __future__ import annotations

from case import Case
from host import Result, Session
from inner import inner_tap

HOST = "auto"
BOOT = "direct"
IMAGE = "test-bus"
PARTS = 2   # commits in a row that run every case
QUIET = "quiet "         # no log on COM1, only the claims
BOOT_SECONDS = 300
LONG = {"timeout": 900.0}
# Only the events that the judge reads are traced, because each traced line
# costs time on an emulated port.
JUDGED = tuple(f"vmbus_{event}" for event in (
    "initiate_contact", "process_incoming_message", "send_offer",
    "terminate_offers", "gpadl_header", "gpadl_created", "gpadl_torndown",
    "channel_open", "close_channel"))
MANY = {**LONG, "trace": JUDGED, "trace_lines": 20000}
VERSIONS = ("0.13", "1.1", "2.4", "3.0", "4.0")


def reset_while_open(session: Session) -> None:
    """Resets the machine while the channel is open. When the guest has booted
    again and opened it again, a key lets it go on."""
    if session.wait_serial("# holding", BOOT_SECONDS):
        session.qmp.command("system_reset")
    if session.wait_serial("# holding", BOOT_SECONDS, times=2):
        session.type("q")


def held_twice(result: Result) -> str | None:
    held = result.serial.count("# holding")
    if held != 2:
        return f"expected two boots to open the channel, found {held}"
    if "not ok" in result.serial:
        return "expected all checks in the guest to hold"
    return None


CASES = [
    Case("the guest opens, uses, closes and tears down a channel 1,000 "
         "times",
         QUIET + "test=cycles cycles=1000", MANY, check=inner_tap),
    Case("the guest opens a channel with two rings of 4 MiB",
         QUIET + "test=large", LONG, check=inner_tap),
    Case("events of a channel for processor 1 arrive on processor 1",
         QUIET + "test=processor",
         {**LONG, "smp": 2}, check=inner_tap,
        console=(r"^ok \d+ - events of a channel for processor 1",)),
    Case("the guest unloads the bus and connects again 100 times",
         QUIET + "test=reconnect cycles=100", MANY, check=inner_tap),
    *(Case(f"the guest opens and uses a channel with protocol {version}",
           QUIET + f"test=cycles cycles=3 vmbus.version={version}", LONG,
           check=inner_tap, console=(rf"^# claim: contact {version}$",))
      for version in VERSIONS),
    Case("a guest that was reset with its channel open boots and opens it "
         "again", QUIET + "test=hold",
         {**LONG, "reboots": True}, check=held_twice,
         during=reset_while_open),
    Case("the judge rejects an image that claims another GPADL",
         QUIET + "test=large lie=gpadl",
         must_fail="guest and host do not agree"),
    Case("the judge rejects an image that claims another open",
         QUIET + "test=large lie=open",
         must_fail="guest and host do not agree"),
]

# SPDX-License-Identifier: BSD-2-Clause
"""What the hypervisor learns of a crash, by the crash MSRs, in QEMU."""
from __future__ import annotations

import re
from typing import Any

from case import Case
from guest import HV_FLAGS
from host import Result, Session
from verdict import CRASH

HOST = "auto"
BOOT = "direct"
WITH_CRASH = {"hv": HV_FLAGS + ("hv-crash",)}
PANIC_SECONDS = 300
PAGE = 4096
# "VMB" and the vector of the fault, 0xff for an assertion (hv/crash.c).
REASON = 0x564D4200
OWN_REASON = 0xFF


def panicked(result: Result) -> dict[str, Any] | None:
    """The five values that QEMU reports, arg1 to arg5."""
    for event in result.events:
        if event["event"] == "GUEST_PANICKED":
            return event["data"].get("info")
    return None


def on_console(name: str, result: Result, base: int = 16) -> int | None:
    """The number that follows `name` in the printed report."""
    found = re.search(rf"crash: (?:.* )?{name} (?:0x)?([0-9a-f]+)",
                      result.serial)
    return int(found.group(1), base) if found else None


def five_values(result: Result) -> str | None:
    """Compares the five values with the crash report on the console.

    P0 names the fault, P1 is its instruction, P2 the address accessed, P3 and
    P4 are the address and the size of the message.
    """
    values = panicked(result)
    if values is None:
        return "expected the event GUEST_PANICKED, none came"
    if values.get("type") != "hyper-v":
        return f"expected a Hyper-V panic, found {values}"
    vector = on_console("vector", result, 10)
    expected = {
        "arg1": REASON | (OWN_REASON if vector is None else vector),
        "arg2": on_console("rip", result),
        "arg3": on_console("address", result),
    }
    for name, value in expected.items():
        if value is not None and values[name] != value:
            return f"expected {name} {value:#x}, found {values[name]:#x}"
    if values["arg4"] % PAGE or not 0 < values["arg5"] <= PAGE:
        return (f"expected a message in one page, found {values['arg5']} "
                f"bytes at {values['arg4']:#x}")
    return None


def read_message(session: Session) -> None:
    """Reads the message that P3 and P4 name, after QEMU stopped the guest."""
    event = session.qmp.wait_event("GUEST_PANICKED", PANIC_SECONDS)
    if event is not None:
        info = event["data"]["info"]
        session.kept["message"] = session.take(
            "pmemsave", val=info["arg4"], size=info["arg5"])
    session.qmp.command("quit")


def message_is_the_report(result: Result) -> str | None:
    text = result.kept.get("message", b"").decode("latin-1")
    if "CRASH: page fault" not in text:
        return f"expected the crash report in the message, found {text!r}"
    return five_values(result)


FAULTS = ("null-read", "assert", "double-fault", "divide", "stack-overflow",
          "exec-data", "write-text")

CASES = [
    *(Case(f"a crash by fault={name} writes the five crash MSRs",
           f"fault={name}",
           {**WITH_CRASH, "extra": ("-action", "panic=none")},
           verdict=CRASH, check=five_values) for name in FAULTS),
    Case("the crash message that QEMU finds in memory is the crash report",
         "fault=null-read",
         {**WITH_CRASH, "extra": ("-action", "panic=pause")}, verdict=None,
         during=read_message, check=message_is_the_report),
    Case("without crash MSRs the crash report is still on the console",
         "fault=null-read", {"hv": HV_FLAGS + ("hv-enforce-cpuid",)},
         verdict=CRASH, console=(r"CRASH: page fault",)),
    Case("the suite rejects an image that reports passed instead of a crash",
         "fault=null-read lie=verdict", WITH_CRASH, verdict=CRASH,
         check=five_values, must_fail="expected crash, found"),
]

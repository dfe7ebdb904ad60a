# SPDX-License-Identifier: BSD-2-Clause
"""Crashes in the middle of the start (tests/guest/early): each is reported, and
the host gets a verdict."""
from __future__ import annotations

from case import HANG_SECONDS, Case
from host import Result, Session
from qr_screen import CRASH as ON_THE_SCREEN, Staying, told
from verdict import CRASH

HOST = "tcg"
IMAGE = "test-early"
REPORT = (r"CRASH: invalid opcode, processor 0", r"crash: #0 image\+0x",
          r"crash: #1 image\+0x")


def _early(title: str, place: str) -> Case:
    return Case(title, f"test={place}", verdict=CRASH, console=REPORT)


DEBUG_PORT = ("-chardev", "ringbuf,id=debug,size=65536",
              "-device", "isa-debugcon,chardev=debug")


def read_debug_port(session: Session) -> None:
    """Keeps what came to the debug port, when the crash report is complete."""
    if session.wait_serial("are on the screen", HANG_SECONDS / 2):
        session.kept["port"] = session.qmp.command(
            "ringbuf-read", device="debug", size=65536)
    session.qmp.command("quit")


def port_has_the_report(result: Result) -> str | None:
    port = result.kept.get("port", "")
    report = told(result, "CRASH: ", "crash: QR codes 1 to ").decode()
    if report not in port:
        return f"expected the crash report at port 0xE9, found {port!r}"
    if not port.startswith(report.split("\n")[0]):
        return f"expected errors only at port 0xE9, found {port!r}"
    return None


CASES = [
    _early("a crash before our own page tables is reported and gives the host "
           "a verdict", "tables"),
    _early("a crash right after our own page tables, before any other part, "
           "is reported and gives the host a verdict", "voices"),
    _early("a crash before there is a clock is reported and gives the host a "
           "verdict", "clock"),
    Staying("a crash before our own page tables gives a verdict without the "
            "option exit", "test=tables", verdict=CRASH, console=REPORT),
    Staying("a crash right after our own page tables is on the screen, with "
            "its codes", "test=voices", **ON_THE_SCREEN),
    Staying("a crash before there is a clock is on the screen, with its codes",
            "test=clock", **ON_THE_SCREEN),
    Staying("a crash right after our own page tables is at the debug port",
            "test=voices", machine={"screen": True, "extra": DEBUG_PORT},
            verdict=None, during=read_debug_port, check=port_has_the_report),
    Case("the suite rejects an image that goes on instead of crashing",
         "", verdict=CRASH, must_fail="expected crash, found"),
]

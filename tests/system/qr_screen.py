# SPDX-License-Identifier: BSD-2-Clause
"""The QR codes on a machine's screen say what COM1 said, byte for byte."""
from __future__ import annotations

import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Callable

sys.path.insert(0, str(Path(__file__).resolve().parent.parent / "qr"))

from case import HANG_SECONDS, Case
from guest import Guest
from host import Result, Session
from photo import decode, photograph

HOST = "tcg"
SCREEN = {"screen": True}
# Hyper-V's screen beside its codes, without the lines that follow a report.
ROWS, COLUMNS = 46, 79


@dataclass(frozen=True)
class Staying(Case):
    """A run without the option `exit`: the report stays on the screen."""

    def guest(self, image: Path, lying_image: Path) -> Guest:
        fields: dict[str, Any] = {"timeout": HANG_SECONDS, **self.machine}
        return Guest(image=lying_image if self.must_fail else image,
                     cmdline=self.options, **fields)


def photograph_after(words: str) -> Callable[[Session], None]:
    """Takes the screen when COM1 says that the codes are there."""
    def take(session: Session) -> None:
        if session.wait_serial(words, HANG_SECONDS / 2):
            session.kept["screen"] = session.take("screendump", format="png")
        session.qmp.command("quit")
    return take


def told(result: Result, first: str, last: str) -> bytes:
    """COM1 from the line that begins the report to the one that follows it."""
    text = result.serial
    start = text.rindex("\n", 0, text.index(first)) + 1
    return text[start:text.rindex("\n", 0, text.index(last)) + 1].encode()


def same_as_com1(first: str, last: str) -> Callable[[Result], str | None]:
    def check(result: Result) -> str | None:
        if "screen" not in result.kept:
            return "expected codes on the screen, COM1 says of none"
        with tempfile.TemporaryDirectory() as folder:
            screen, photo = Path(folder) / "a.png", Path(folder) / "a.jpg"
            screen.write_bytes(result.kept["screen"])
            photograph(screen, photo)
            status, text, words = decode(photo)
        expected = told(result, first, last)
        if status != 0:
            return f"expected codes that can be read, found: {words}"
        if text != expected:
            return (f"expected the {len(expected)} bytes of COM1, found "
                    f"{len(text)}:\n{text.decode('latin-1')}")
        return None
    return check


def wrong_summary(report: str) -> str | None:
    """The report's end fits on a screen of 48 rows, beside its codes, and has
    what matters most in its last lines."""
    summary = report.split("---- summary ----\n")[-1].splitlines()
    rows = sum((len(line) + COLUMNS - 1) // COLUMNS for line in summary)
    if rows > ROWS:
        return f"expected {ROWS} rows of {COLUMNS} characters, found {rows}"
    last = [line.split(" ")[0] for line in summary[-6:]]
    if last != ["vmbare", "host", "vmbus", "devices", "verdict", "----"]:
        return f"expected version to verdict at the end, found {last}"
    return None


def boot_report(result: Result) -> str | None:
    return same_as_com1("---- vmbare report", "QR codes 1 to ")(
        result) or wrong_summary(told(result, "---- vmbare report",
                                      "QR codes 1 to ").decode())


BOOT = {"machine": SCREEN, "verdict": None,
        "during": photograph_after("hold this report"),
        "check": boot_report}
CRASH = {"machine": SCREEN, "verdict": None,
         "during": photograph_after("are on the screen"),
         "check": same_as_com1("CRASH: ", "crash: QR codes 1 to ")}

CASES = [
    Staying("the codes beside the boot report hold what COM1 said", **BOOT),
    Staying("the codes beside the report of a page fault hold what COM1 said",
            "fault=null-read", **CRASH),
    Staying("the codes beside the report of an assertion hold what COM1 said",
            "fault=assert", **CRASH),
    Staying("a stack overflow leaves enough stack to draw the codes",
            "fault=stack-overflow", **CRASH),
    Staying("the suite rejects codes that lack the last line of the report",
            "lie=code", must_fail="its text has the checksum", **BOOT),
]

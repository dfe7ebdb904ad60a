# SPDX-License-Identifier: BSD-2-Clause
"""Shows the guest's console live, without the firmware's screen control."""
from __future__ import annotations

import re
import subprocess
import sys
import threading
import time
from importlib.machinery import SourceFileLoader
from importlib.util import module_from_spec, spec_from_loader
from pathlib import Path
from typing import Callable, TextIO

from debugger import Watch
from host import Session

SYMBOLIZE = Path(__file__).resolve().parents[2] / "tools/symbolize"
ESCAPE = 0x1B
TICK_SECONDS = 1.0
LINE_SECONDS = 5.0     # without a terminal
LEAVING = "leaving the firmware"  # boot/efi/ says it
FIRMWARE = ("BdsDxe", "UEFI ")
SETTLE_SECONDS = 1.0  # the guest draws its screen after its serial output


class EscapeFilter:
    """Drops ANSI control sequences from a stream, and makes \\n of \\r\\n."""

    def __init__(self) -> None:
        self._inside = False
        self._first = False
        self._returned = False

    def feed(self, data: bytes) -> bytes:
        kept = bytearray()
        for byte in data:
            if self._inside:
                # ESC [ parameters, then one final byte of 0x40..0x7E.
                opens = self._first and byte == ord("[")
                self._first = False
                self._inside = opens or not 0x40 <= byte <= 0x7E
            elif byte == ESCAPE:
                self._inside = self._first = True
            elif byte == ord("\r"):
                self._returned = True
            else:
                if self._returned and byte != ord("\n"):
                    kept.append(ord("\r"))  # the next text overwrites the line
                self._returned = False
                kept.append(byte)
        return bytes(kept)


# A line that has an address of its own. The report repeats the last lines
# before it behind a bar; those have their names already.
HAS_ADDRESS = re.compile(r"^\[ *[0-9.]+\] (?:crash|heap): #")


class SourceLines:
    """Names the source lines of a crash report while it is printed."""

    def __init__(self, elf: Path) -> None:
        self._elf = str(elf)
        self._line = ""
        loader = SourceFileLoader("symbolize", str(SYMBOLIZE))
        spec = spec_from_loader("symbolize", loader)
        assert spec is not None
        self._tool = module_from_spec(spec)
        loader.exec_module(self._tool)

    def feed(self, text: str) -> str:
        """Returns the text with the source lines after each line of it that
        ends here and has an address."""
        told = []
        for piece in text.splitlines(keepends=True):
            told.append(piece)
            self._line += piece
            if piece.endswith("\n"):
                told.append(self._names(self._line))
                self._line = ""
        return "".join(told)

    def _names(self, line: str) -> str:
        match = self._tool.ADDRESS.search(line)
        if not match or not HAS_ADDRESS.match(line):
            return ""
        address = self._tool.call_site(match)
        try:
            names = self._tool.source_lines(self._elf, [address])
        except (OSError, subprocess.CalledProcessError):
            return ""  # without binutils the addresses must do
        return "".join(f"        {name}\n" for name in names[address])


class Spoken:
    """Finds out when the guest itself speaks, and not the firmware or the
    image's first line, after which it sets COM1 up."""

    def __init__(self) -> None:
        self.event = threading.Event()
        self._line = ""

    def feed(self, text: str) -> None:
        """Takes output of COM1, in any portions."""
        if self.event.is_set():
            return
        *lines, self._line = (self._line + text).split("\n")
        for line in lines:
            if line.rstrip().endswith(LEAVING):
                timer = threading.Timer(SETTLE_SECONDS, self.event.set)
                timer.daemon = True
                timer.start()
            elif line.strip() and not line.startswith(FIRMWARE):
                self.event.set()


class Console:
    """Standard output gets what the guest writes, and the source lines of its
    crash reports. Notes and progress go to standard error."""

    def __init__(self, out: TextIO = sys.stdout,
                 notes: TextIO = sys.stderr, elf: Path | None = None) -> None:
        self._out = out
        self._notes = notes
        self._sources = SourceLines(elf) if elf and elf.is_file() else None
        self._filter = EscapeFilter()
        self._at_line_start = True
        self._guest_spoke = threading.Event()
        self._lock = threading.Lock()
        self._watch: Watch | None = None
        self._spoken = Spoken()

    @property
    def spoken(self) -> threading.Event:
        """Set when the guest has spoken."""
        return self._spoken.event

    def watch(self, watch: Watch) -> None:
        """Lets a watch read along from now on."""
        self._watch = watch

    def feed(self, data: bytes) -> None:
        """Takes output of the guest's serial port, in any portions."""
        text = self._filter.feed(data).decode("latin-1")
        if not text:
            return
        if self._sources:
            text = self._sources.feed(text)
        with self._lock:
            if not self._guest_spoke.is_set():
                self._guest_spoke.set()
                self._wipe()
            self._out.write(text)
            self._out.flush()
            self._at_line_start = text.endswith("\n")
        self._spoken.feed(text)
        if self._watch:
            self._watch.feed(text)

    def note(self, text: str) -> None:
        with self._lock:
            if not self._guest_spoke.is_set():
                self._wipe()
            if not self._at_line_start:
                self._notes.write("\n")
                self._at_line_start = True
            self._notes.write(f"run: {text}\n")
            self._notes.flush()

    def _wipe(self) -> None:
        if self._notes.isatty():
            self._notes.write("\r\x1b[K")
            self._notes.flush()

    def alive(self) -> None:
        """Shows the seconds that pass until the guest writes its first text: in
        one line of a terminal, else in a line now and then."""
        started = time.monotonic()
        terminal = self._notes.isatty()
        shape = "\r\x1b[K... {:.0f} s" if terminal else "run: ... {:.0f} s\n"

        def tick() -> None:
            every = TICK_SECONDS if terminal else LINE_SECONDS
            while not self._guest_spoke.wait(every):
                with self._lock:
                    if not self._guest_spoke.is_set():
                        self._notes.write(shape.format(time.monotonic() -
                                                       started))
                        self._notes.flush()
        threading.Thread(target=tick, daemon=True).start()

    def end(self) -> None:
        """Ends the progress, because the guest writes nothing more."""
        if not self._guest_spoke.is_set():
            self._guest_spoke.set()
            self._wipe()

    def screenshot(self, path: Path, when: str,
                   seconds: float) -> Callable[[Session], None]:
        """Returns a function that takes the picture while the guest runs and
        then ends it. If the text does not come in time, the picture is taken
        then and `missed` is kept."""
        def take(session: Session) -> None:
            if when and not session.wait_serial(when, seconds):
                session.kept["missed"] = when
            time.sleep(SETTLE_SECONDS)
            path.write_bytes(session.take("screendump", format="png"))
            session.kept["screenshot"] = path
            session.qmp.command("quit")
        return take

# SPDX-License-Identifier: BSD-2-Clause
"""`make run GDB=1`: what gdb needs to know of a guest that waits for it.

The firmware chooses the image's place, so it is known only at run time. With
the option `gdb` the guest says it on COM1 and waits until a debugger writes
a variable (app/system/root/debugger.c). Then the file that gdb reads is
written here: symbols at that place, the port, and the word to go on.
"""
from __future__ import annotations

import re
import socket
from pathlib import Path
from typing import Callable

OPTION = "gdb"          # of the guest
USUAL_PORT = 1234
PORTS = range(1024, 65536)
WAITS = re.compile(r"waiting for gdb: image at 0x([0-9a-f]+)\r?\n")

COMMANDS = """\
# Written by make run GDB=1 for the run that waits now.
set pagination off
set backtrace past-main on
symbol-file {symbols}{offset}
set remotetimeout 120
target remote 127.0.0.1:{port}
# The guest waits in debugger_await() until this is false.
set variable debugger_awaited = 0
"""


def port_of(text: str) -> int | None:
    """Returns the port of GDB=, or None if it is no such value."""
    if text == "1":
        return USUAL_PORT
    return int(text) if text.isdecimal() and int(text) in PORTS else None


def is_free(port: int) -> bool:
    """Returns true if a program may listen on that port now."""
    with socket.socket() as end:
        end.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            end.bind(("127.0.0.1", port))
        except OSError:
            return False
    return True


def symbols_of(image: Path) -> Path:
    """Returns the file with an image's symbols, which may be missing."""
    if image.suffix == ".elf" and image.stem.endswith("-direct"):
        return image.with_suffix(".debug")
    return image.with_suffix(".elf")


def commands(image: Path, base: int, port: int) -> str:
    """Returns what gdb has to read. An image without firmware is linked to its
    place; any other is linked to 0."""
    symbols = symbols_of(image)
    return COMMANDS.format(
        symbols=symbols.absolute(), port=port,
        offset="" if symbols.suffix == ".debug" else f" -o {base:#x}")


class Watch:
    """Reads along on COM1, writes the file when the guest waits, and says how
    to start gdb."""

    def __init__(self, image: Path, port: int, file: Path,
                 say: Callable[[str], None]) -> None:
        self._image = image
        self._port = port
        self._file = file
        self._say = say
        self._text = ""
        self._done = False
        file.unlink(missing_ok=True)  # another run's place would be wrong

    def feed(self, text: str) -> None:
        """Takes output of the guest, in any portions."""
        if self._done:
            return
        self._text = (self._text + text)[-4096:]
        found = WAITS.search(self._text)
        if not found:
            return
        self._done = True
        new = self._file.with_suffix(".new")
        new.write_text(commands(self._image, int(found[1], 16), self._port))
        new.rename(self._file)
        self._say("the guest waits for gdb; in another terminal:\n"
                  f"run:     gdb -x {self._file}\n"
                  "run: then for example: break main, continue")

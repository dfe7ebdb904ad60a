# SPDX-License-Identifier: BSD-2-Clause
"""Writes an initial RAM disk (cpio archive, format newc)."""
from __future__ import annotations

import os
import stat
from pathlib import Path

ALIGN = 4


def _pad(data: bytes) -> bytes:
    return data + bytes(-len(data) % ALIGN)


class Archive:
    """Holds entries in the order they were added, and adds missing parents."""

    def __init__(self) -> None:
        self._parts: list[bytes] = []
        self._known: set[str] = set()

    def _entry(self, name: str, mode: int, data: bytes) -> None:
        number = len(self._parts) + 1
        fields = (number, mode, 0, 0, 1, 0, len(data), 0, 0, 0, 0,
                  len(name) + 1, 0)
        head = b"070701" + b"".join(b"%08X" % f for f in fields)
        self._parts.append(_pad(head + name.encode() + b"\0") + _pad(data))
        self._known.add(name)

    def directory(self, name: str) -> None:
        name = name.strip("/")
        if not name or name in self._known:
            return
        self.directory(os.path.dirname(name))
        self._entry(name, stat.S_IFDIR | 0o755, b"")

    def file(self, name: str, data: bytes | str | Path,
             executable: bool = False) -> None:
        """Adds a file with these contents (a Path: that file's contents)."""
        name = name.strip("/")
        self.directory(os.path.dirname(name))
        if isinstance(data, Path):
            data = data.read_bytes()
        elif isinstance(data, str):
            data = data.encode()
        self._entry(name, stat.S_IFREG | (0o755 if executable else 0o644),
                    data)

    def symlink(self, name: str, target: str) -> None:
        name = name.strip("/")
        self.directory(os.path.dirname(name))
        self._entry(name, stat.S_IFLNK | 0o777, target.encode())

    def bytes(self) -> bytes:
        """Returns the archive. One RAM disk may hold several in a row."""
        tail = Archive()
        tail._entry("TRAILER!!!", 0, b"")
        return b"".join(self._parts + tail._parts)

# SPDX-License-Identifier: BSD-2-Clause
"""Reads the text of a screen that arch/console/ has drawn.

Each cell of a picture (PPM, 8 x 16 pixels a cell) is compared with the glyphs of
the font that the build made; what is no glyph reads as U+FFFD.
"""
from __future__ import annotations

import re
from pathlib import Path

WIDTH, HEIGHT, FIRST = 8, 16, 0x20
STRANGE = "\ufffd"


def glyphs(header: Path) -> dict[bytes, str]:
    """The characters of build/generated/font_glyphs.h by their bits."""
    found: dict[bytes, str] = {}
    rows = re.findall(r"^ +((?:0x[0-9A-F]{2}, ?){16})$", header.read_text(),
                      re.M)
    for at, row in enumerate(rows):
        bits = bytes(int(word, 16) for word in re.findall("0x(..)", row))
        found.setdefault(bits, chr(FIRST + at))
    return found


def picture(ppm: bytes) -> tuple[int, int, bytes]:
    """Width, height and the pixels, three bytes each."""
    words = re.match(rb"P6\s+(\d+)\s+(\d+)\s+255\s", ppm)
    if not words:
        raise ValueError("expected a picture of the kind P6 with 255 levels")
    return int(words[1]), int(words[2]), ppm[words.end():]


def cell(width: int, pixels: bytes, x: int, y: int) -> bytes:
    """The bits of one cell: what is bright belongs to the glyph."""
    rows = bytearray()
    for line in range(HEIGHT):
        start = ((y + line) * width + x) * 3
        rows.append(sum(0x80 >> bit for bit in range(WIDTH)
                        if max(pixels[start + 3 * bit:start + 3 * bit + 3])
                        > 0x60))
    return bytes(rows)


def read(ppm: bytes, known: dict[bytes, str]) -> list[str]:
    """The lines of the screen, which has whole cells in its middle."""
    width, height, pixels = picture(ppm)
    left, top = width % WIDTH // 2, height % HEIGHT // 2
    return ["".join(known.get(cell(width, pixels, x, y), STRANGE)
                    for x in range(left, width - WIDTH + 1, WIDTH)).rstrip()
            for y in range(top, height - HEIGHT + 1, HEIGHT)]

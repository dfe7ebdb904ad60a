#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-2-Clause
"""tests/bench/parts divides an image as the linker's map says. The map was
written by hand."""
from __future__ import annotations

import subprocess
import sys
import tempfile
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

import tap  # noqa: E402

PARTS = Path(__file__).with_name("parts")

MAP = """\
Discarded input sections

 .text          0x0000000000000000       0x77 build/guest/arch/gone.c.o

Linker script and memory map

.text           0x0000000000001000       0x50
 *(.text .text.*)
 .text.short    0x0000000000001000       0x10 build/guest/arch/cpu/a.c.o
                0x0000000000001000                short
 .text.a_long_name
                0x0000000000001020       0x20 build/guest/app/system/root/b.c.o
 .text.strlen   0x0000000000001040       0x10 build/newlib/lib/libc.a(strlen.o)

.rodata         0x0000000000002000       0x30
 .rodata.str1.1
                0x0000000000002000       0x20 build/guest/arch/cpu/a.c.o
                                         0x28 (size before relaxing)
 .rodata.str1.1
                0x0000000000002018       0x18 build/guest/boot/c.c.o

.bss            0x0000000000003000     0x1000
 .bss.all       0x0000000000003000     0x1000 build/guest/arch/cpu/a.c.o
"""


def divided(text: str, *options: str) -> tuple[dict[str, int], str]:
    """Figures that the script prints for a map, and what it complains of."""
    with tempfile.TemporaryDirectory() as work:
        path = Path(work, "map")
        path.write_text(text)
        done = subprocess.run([PARTS, *options, "p", path],
                              capture_output=True, text=True, check=False)
    lines = [line.split("\t") for line in done.stdout.splitlines()]
    assert (done.returncode == 0) == (not done.stderr), done.stderr
    return {name: int(value) for name, value, _ in lines}, done.stderr


def test_each_folder_has_its_bytes_and_gaps_are_padding() -> None:
    found, _ = divided(MAP)
    assert found["p.app.system.root.bytes"] == 0x20
    assert found["p.newlib.bytes"] == 0x10
    assert found["p.padding.bytes"] == 0x10


def test_what_lies_in_another_part_counts_once() -> None:
    found, _ = divided(MAP)
    assert found["p.arch.cpu.bytes"] == 0x10 + 0x20
    assert found["p.boot.bytes"] == 0x10


def test_the_sum_is_what_the_file_stores() -> None:
    found, _ = divided(MAP)
    assert sum(found.values()) == 0x50 + 0x30


def test_features_are_counted_apart_and_the_rest_is_left_out() -> None:
    text = MAP.replace("guest/arch/cpu/a.c", "guest/drivers/ip/a.c")
    found, _ = divided(text.replace("guest/boot/c.c", "guest/lwip/core/tcp.c"),
                       "--features")
    assert found == {"p.stack.bytes": 0x10 + 0x20 + 0x10}


def test_a_part_past_the_end_is_refused() -> None:
    found, error = divided(MAP.replace("0x18 build/guest/boot",
                                       "0x19 build/guest/boot"))
    assert not found
    assert "expected parts up to 0x2030, found one up to 0x2031" in error


def test_a_file_that_is_no_map_is_refused() -> None:
    found, error = divided("Linker script\n")
    assert not found
    assert "expected a map of GNU ld" in error


if __name__ == "__main__":
    sys.exit(tap.run(globals()))

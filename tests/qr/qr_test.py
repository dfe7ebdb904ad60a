#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-2-Clause
"""Reports as QR codes, read back from photographs by zbarimg and the decoder.

    qr_test.py BUILD

BUILD has the programs qr/screen and qr/pack, which draw and compress with the
guest's own sources.
"""
from __future__ import annotations

import random
import subprocess
import sys
import tempfile
import uuid
import zlib
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from photo import ALL, EFFECTS, decode, photograph, read_by_zbarimg  # noqa: E402
from tap import run  # noqa: E402

BUILD = Path(sys.argv[1])
KEEPER = tempfile.TemporaryDirectory(prefix="qr-")   # removed at the end
FOLDER = Path(KEEPER.name)
# Hyper-V's screen, the smallest ones that firmware has, and a large one.
SCREENS = ((1024, 768), (800, 600), (640, 480), (1920, 1080), (2560, 1440))
KEPT = 24576        # CAPTURE_SIZE of arch/codes/capture.h


def a_report(offers: int, seed: int = 1) -> bytes:
    """A text like a boot report's, with random GUIDs."""
    chance = random.Random(seed)
    lines = ["---- vmbare report ----"]
    for relid in range(1, offers + 1):
        names = [uuid.UUID(int=chance.getrandbits(128)) for _ in "ab"]
        lines += [f"  offer relid {relid}: network",
                  f"    class {names[0]} instance {names[1]}",
                  f"    sub-channel 0, connection {0x2000 + relid:#x}, "
                  "dedicated interrupt, no monitor"]
    lines += [f"  msr 4000{n:04x}  {chance.getrandbits(64):016x}"
              for n in range(14)]
    return "\n".join([*lines, "---- end of report ----", ""]).encode()


def draw(report: bytes, width: int = 1024, height: int = 768,
         page: int = 0) -> Path:
    """The screen with that report and its codes."""
    name = FOLDER / f"{zlib.crc32(report):08x}-{width}x{height}-{page}.ppm"
    done = subprocess.run(
        [BUILD / "qr/screen", str(width), str(height), str(page)],
        input=report, stdout=subprocess.PIPE, check=False)
    assert done.returncode == 0, f"screen ended with {done.returncode}"
    name.write_bytes(done.stdout)
    return name


def expect_report(report: bytes, *pictures: Path) -> None:
    status, text, words = decode(*pictures)
    assert (status, text) == (0, report), f"status {status}, {words}"


def test_every_zlib_can_decompress_what_the_guest_compresses() -> None:
    chance = random.Random(2)
    texts = [b"", b"a", b"aaaa", b"x" * 32768, bytes(range(256)) * 128,
             a_report(15), *(chance.randbytes(n) for n in (1, 100, 4000))]
    texts += [bytes(chance.choice(b"abc \n") for _ in range(
        chance.randrange(3000))) for _ in range(100)]
    for text in texts:
        packed = subprocess.run([BUILD / "qr/pack"], input=text, check=True,
                                stdout=subprocess.PIPE).stdout
        assert zlib.decompress(packed, -15) == text, text[:80]


def test_a_report_with_15_offers_is_two_codes_on_a_screen_of_1024_x_768() -> None:
    lines = read_by_zbarimg(draw(a_report(15)))
    assert sorted(line.split(" ")[2] for line in lines) == ["1/2", "2/2"], lines


def test_a_photograph_of_each_screen_gives_the_report_byte_for_byte() -> None:
    for width, height in SCREENS:
        report = a_report(5, width)
        photo = FOLDER / f"{width}.jpg"
        photograph(draw(report, width, height), photo)
        expect_report(report, photo)


def test_each_effect_of_a_photograph_alone_leaves_the_report_readable() -> None:
    for name, effects in EFFECTS.items():
        report = a_report(15, len(name))
        photo = FOLDER / "effect.jpg"
        photograph(draw(report), photo, effects)
        status, text, words = decode(photo)
        assert (status, text) == (0, report), f"{name}: {status}, {words}"


def test_a_photograph_with_all_effects_gives_15_offers_byte_for_byte() -> None:
    for seed in range(3):
        report = a_report(15, seed)
        photo = FOLDER / "all.jpg"
        photograph(draw(report), photo, ALL)
        expect_report(report, photo)


def test_a_report_that_does_not_fit_at_once_comes_in_pages() -> None:
    report = a_report(60)
    pages = [draw(report, 1024, 768, page) for page in range(8)]
    first = read_by_zbarimg(pages[0])
    assert first and int(first[0].split(" ")[2].split("/")[1]) > len(first)
    expect_report(report, *pages)


def test_of_a_report_past_the_memory_for_it_the_end_is_shown() -> None:
    report = a_report(300)
    pages = [draw(report, 1920, 1080, page) for page in range(6)]
    status, text, words = decode(*pages)
    assert status == 0, words
    assert report.endswith(text) and KEPT - 200 < len(text) <= KEPT, len(text)
    assert text.startswith(b"  "), text[:80]


def test_a_missing_part_is_named() -> None:
    report = a_report(60)
    status, text, words = decode(draw(report, 1024, 768, 1))
    assert status == 1 and text == b"", (status, text)
    assert "parts 1, 2, " in words and "missing" in words, words


def test_a_code_that_is_covered_is_missing() -> None:
    report = a_report(15, 9)
    covered = FOLDER / "covered.png"
    photograph(draw(report), covered,
               ("-fill", "white", "-draw", "rectangle 700,20 980,200"))
    status, text, words = decode(covered)
    assert status == 1 and text == b"", (status, text)
    assert "part 1 of 2 missing" in words, words


def test_a_damaged_part_is_named_and_its_text_not_used() -> None:
    lines = read_by_zbarimg(draw(a_report(15, 4)))
    assert len(lines) == 2, lines
    second = next(line for line in lines if " 2/2 " in line)
    other = "A" if second[100] != "A" else "B"
    bad = second[:100] + other + second[101:]
    text_file = FOLDER / "damaged.txt"
    text_file.write_text("\n".join(
        bad if line == second else line for line in lines))
    status, text, words = decode(text_file, lines=True)
    assert status == 1 and text == b"", (status, text)
    assert "part 2 of 2" in words and "damaged" in words, words
    assert "part 2 of 2 missing" in words, words
    # The same part from another photograph makes it whole.
    good = FOLDER / "good.txt"
    good.write_text(second)
    status, text, words = decode(text_file, good, lines=True)
    assert (status, text) == (0, a_report(15, 4)), words


def test_parts_of_two_reports_are_told_apart_and_each_gap_is_named() -> None:
    old, new = a_report(15, 5), a_report(15, 6)
    mixed = FOLDER / "mixed.txt"
    mixed.write_text("\n".join(
        line for report, number in ((old, " 1/2 "), (new, " 2/2 "))
        for line in read_by_zbarimg(draw(report)) if number in line))
    status, text, words = decode(mixed, lines=True)
    assert status == 1 and text == b"", (status, text)
    assert "parts of 2 reports" in words, words
    for report, gap in ((old, 2), (new, 1)):
        name = f"{zlib.crc32(report):08X}"
        assert f"report {name}: part {gap} of 2 missing" in words, words


def test_a_complete_report_is_printed_beside_one_with_a_gap() -> None:
    old, new = a_report(15, 7), a_report(2, 8)
    mixed = FOLDER / "mixed.txt"
    mixed.write_text("\n".join(
        [line for line in read_by_zbarimg(draw(old)) if " 1/2 " in line]
        + read_by_zbarimg(draw(new))))
    status, text, words = decode(mixed, lines=True)
    assert (status, text) == (1, new), words
    assert "part 2 of 2 missing" in words, words


def test_a_picture_without_codes_says_how_to_photograph() -> None:
    empty = FOLDER / "empty.png"
    subprocess.run(["convert", "-size", "640x480", "xc:black", str(empty)],
                   check=True)
    status, text, words = decode(empty)
    assert status == 1 and text == b"" and "go closer" in words, words


def test_codes_of_others_are_passed_over() -> None:
    text_file = FOLDER / "others.txt"
    text_file.write_text("\n".join(
        ["https://example.org/", "QR-Code:WIFI:S:x;;",
         *("QR-Code:" + line for line in read_by_zbarimg(draw(a_report(2))))]))
    status, text, words = decode(text_file, lines=True)
    assert (status, text) == (0, a_report(2)), words


def test_a_code_that_counts_more_than_99_parts_is_refused() -> None:
    text_file = FOLDER / "count.txt"
    text_file.write_text("VMBARE1 00000000 1/4000000000 00000000 ")
    status, text, words = decode(text_file, lines=True)
    assert status == 1 and text == b"" and "four fields" in words, words


def test_a_code_of_another_version_is_refused_by_name() -> None:
    text_file = FOLDER / "version.txt"
    text_file.write_text("VMBARE2 00000000 1/1 00000000 00")
    status, text, words = decode(text_file, lines=True)
    assert status == 1 and text == b"" and "another version" in words, words


if __name__ == "__main__":
    sys.exit(run(globals()))

#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-2-Clause
"""The suite `minihv-video`: an unmodified Linux judges minihv's synthetic video.

Its hyperv_fb negotiates version and resolution and says where the memory of its
screen is. A program in the guest draws a picture in which each pixel has a
colour of its own place; QEMU's picture of the screen must be the same.
"""
from __future__ import annotations

import argparse
import re
import sys
import time
from pathlib import Path

HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent))

import ramdisk  # noqa: E402
import tap  # noqa: E402
from machine import Machine, MinihvError, Result, Run  # noqa: E402

MODULES = ("hv_vmbus", "evdev", "hyperv-keyboard", "hyperv_fb")
SECONDS = 600   # until a run hangs
WIDTH, HEIGHT = 1024, 768
CHECKS = 3
CASES = ((2, "on 1 processor"),)


def picture() -> bytes:
    """Returns what linux/fbtool.c draws, as the pixels of a PPM file."""
    rows = bytearray()
    for y in range(HEIGHT):
        green = y * 5 & 0xFF
        for x in range(WIDTH):
            rows += bytes((x * 3 & 0xFF, green, (x // 16 ^ y // 16) & 0xFF))
    return bytes(rows)


def pixels(ppm: bytes) -> bytes:
    """Returns the pixels of a PPM file of the right size, or nothing."""
    head = re.match(rb"P6\s+(\d+)\s+(\d+)\s+255\s", ppm)
    if not head or (int(head[1]), int(head[2])) != (WIDTH, HEIGHT):
        return b""
    return ppm[head.end():]


def differs(shown: bytes, wanted: bytes) -> str:
    """Says where two pictures differ first."""
    if len(shown) != len(wanted):
        return f"the screen has not {WIDTH}x{HEIGHT} pixels"
    at = next(i for i in range(len(wanted)) if shown[i] != wanted[i]) // 3
    return (f"pixel {at % WIDTH},{at // WIDTH} is "
            f"{shown[at * 3:at * 3 + 3].hex()}, expected "
            f"{wanted[at * 3:at * 3 + 3].hex()}")


def compare(session: ramdisk.Session, file: Path) -> str:
    """Compares the screen with the picture until they are the same: what the
    guest has drawn gets to the screen a little later."""
    wanted = picture()
    shown = b""

    def same(_told: str) -> bool:
        nonlocal shown
        session.monitor(f"screendump {file}")
        shown = pixels(file.read_bytes())
        time.sleep(0.1)
        return shown == wanted

    return "" if session.wait(same) else differs(shown, wanted)


def look(session: ramdisk.Session, file: Path) -> str:
    """Looks at the screen when it is drawn, and then ends the guest."""
    if not session.wait_for("# drawn"):
        return "Linux drew nothing"
    problem = compare(session, file)
    session.monitor("sendkey esc")
    return problem


def wrong(result: Result, problem: str) -> str:
    told = result.console + result.serial
    if problem:
        return f"{problem}\n{told}"
    if "# end" not in result.serial or result.status != 0:
        return f"Linux did not come to its end ({result.status})\n{told}"
    checks = re.findall(r"^ok - .*$", result.serial, re.M)
    if len(checks) != CHECKS or re.search("^not ok", result.serial, re.M):
        return f"{len(checks)} of {CHECKS} checks are good\n{told}"
    if f"# screen: hyperv_fb {WIDTH}x{HEIGHT} 32 bits" not in result.serial:
        return f"another screen\n{told}"
    for line in ("video protocol 3.5", f"screen {WIDTH}x{HEIGHT}, 32 bits"):
        if f"minihv: {line}" not in result.console:
            return f"minihv does not say: {line}\n{told}"
    counts = result.counts()
    if counts.get("rules-broken") or not counts.get("video-drawn"):
        return f"counts: {counts}\n{told}"
    return ""


def run(smp: int, linux: ramdisk.Linux, minihv: Path,
        file: Path) -> tuple[Result, str]:
    problem = ""

    def during(session: ramdisk.Session) -> None:
        nonlocal problem
        problem = look(session, file)

    job = Run(linux.kernel, ramdisk.CMDLINE, {"devices": "video,keyboard"},
              Machine(smp, 512, screen=True), linux.initrd, deadline=SECONDS)
    return ramdisk.execute(job, minihv, during), problem


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("build", type=Path)
    given = parser.parse_args()
    build = given.build.resolve() / "minihv-video"
    linux = ramdisk.prepare(build, "video-init", MODULES,
                            ("fbtool", "inputtool"))
    out = tap.Tap()
    for smp, words in CASES:
        name = f"Linux 6.1 draws on minihv's screen {words}"
        try:
            result, problem = run(smp, linux, given.build / "minihv.efi",
                                  build / "screen.ppm")
        except MinihvError as error:
            out.result(False, name, str(error))
            continue
        problem = wrong(result, problem)
        out.result(not problem, name, problem)
        out.note(f"{result.seconds:.1f} s, {result.counts()}")
    return out.end()


if __name__ == "__main__":
    sys.exit(main())

# SPDX-License-Identifier: BSD-2-Clause
"""What a photograph does to a picture of a screen, by ImageMagick."""
from __future__ import annotations

import subprocess
from pathlib import Path

# Each alone, and all of them one after the other, as arguments of convert. The
# camera sees more pixels than the screen has, and something around it.
EFFECTS = {
    "larger": ("-resize", "170%"),
    "turned by 3 degrees": ("-resize", "170%", "-background", "#445566",
                            "-rotate", "3"),
    "blurred": ("-resize", "170%", "-blur", "0x1.5"),
    "seen from the side": (
        "-resize", "170%", "-background", "#445566", "-virtual-pixel",
        "background", "-distort", "Perspective",
        "0,0 30,20  %[fx:w],0 %[fx:w-25],0  0,%[fx:h] 0,%[fx:h-40]  "
        "%[fx:w],%[fx:h] %[fx:w-60],%[fx:h-10]"),
    "in a small JPEG": ("-resize", "170%", "-quality", "45"),
}
ALL = ("-resize", "170%", "-background", "#445566", "-rotate", "3",
       "-virtual-pixel", "background", "-distort", "Perspective",
       "0,0 30,20  %[fx:w],0 %[fx:w-25],0  0,%[fx:h] 0,%[fx:h-40]  "
       "%[fx:w],%[fx:h] %[fx:w-60],%[fx:h-10]",
       "-blur", "0x1.2", "-attenuate", "0.2", "+noise", "Gaussian",
       "-quality", "60")
DECODE = Path(__file__).resolve().parents[2] / "tools/qr/decode"


def photograph(screen: Path, photo: Path, effects: tuple[str, ...] = ALL) -> None:
    """Makes the photograph `photo` of the picture `screen`: the same picture
    each time, because the seed chooses the noise."""
    subprocess.run(["convert", "-seed", "1", str(screen), *effects, str(photo)],
                   check=True)


def decode(*files: Path, lines: bool = False) -> tuple[int, bytes, str]:
    """The decoder's status, what it printed, and what it complained about."""
    done = subprocess.run(
        [str(DECODE), *(("--lines",) if lines else ()), *map(str, files)],
        capture_output=True, check=False)
    return done.returncode, done.stdout, done.stderr.decode()


def read_by_zbarimg(picture: Path) -> list[str]:
    """The text of each code of a report in a picture."""
    done = subprocess.run(
        ["zbarimg", "--quiet", "--raw", "-Sdisable", "-Sqrcode.enable",
         str(picture)], capture_output=True, text=True, check=False)
    return [line for line in done.stdout.split("\n")
            if line.startswith("VMBARE1 ")]

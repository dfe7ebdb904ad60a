#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-2-Clause
"""`make run GDB=1` with a real gdb, on each host and by both doors.

    gdb_test.py BUILD
"""
from __future__ import annotations

import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path

TESTS = Path(__file__).resolve().parent.parent
sys.path[:0] = [str(TESTS), str(TESTS / "rig")]

import debugger  # noqa: E402
import tap  # noqa: E402

BUILD = Path(sys.argv[1] if len(sys.argv) > 1 else "build")
SECONDS = 300  # the deadline of a run that hangs
ASK = ("break main", "continue", "backtrace", "info source", "delete",
       "continue")


def free_port() -> str:
    port = next(number for number in range(20000 + os.getpid() % 20000, 65536)
                if debugger.is_free(number))
    return str(port)


def debug(host: str, image: str, *options: str,
          change: tuple[str, str] = ("", "")) -> tuple[str, str]:
    """Runs the image until gdb has stopped in main and let it go on. Returns
    what gdb said and how the run ended. `change` replaces a text of the
    file for gdb."""
    with tempfile.TemporaryDirectory(prefix="gdb-") as folder:
        with subprocess.Popen(
                [sys.executable, TESTS / "rig/run.py", "--image",
                 BUILD / image, "--host", host, "--gdb", free_port(),
                 "--folder", folder, "--args", "quiet", *options],
                stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                stderr=subprocess.STDOUT, text=True) as run:
            try:
                return _ask(Path(folder) / "gdbinit", change, run), \
                    run.communicate(timeout=SECONDS)[0]
            finally:
                run.terminate()


def _ask(file: Path, change: tuple[str, str],
         run: subprocess.Popen[str]) -> str:
    deadline = time.monotonic() + SECONDS
    while not file.is_file():
        assert time.monotonic() < deadline and run.poll() is None, \
            "no file for gdb"
        time.sleep(0.1)
    if change[0]:
        assert change[0] in file.read_text()
        file.write_text(file.read_text().replace(*change))
    words = [word for command in ASK for word in ("-ex", command)]
    done = subprocess.run(["gdb", "-nx", "-batch", "-x", file, *words],
                          stdin=subprocess.DEVNULL, capture_output=True,
                          text=True, timeout=SECONDS, check=False)
    return done.stdout + done.stderr


def stops_in_main(host: str, image: str, *options: str) -> None:
    said, ended = debug(host, image, *options)
    assert "hit Breakpoint 1, main ()" in said or \
        "\nBreakpoint 1, main ()" in said, (said, ended)
    frames = [line.split(" (")[0].split()[-1] for line in said.splitlines()
              if line.startswith("#")]
    assert frames[:2] == ["main", "system_main"], (frames, said)
    assert "app/appliance/main.c" in said, said
    assert "the guest waits for gdb" in ended, ended
    assert ("verdict: passed" in ended) != (host == "tcg"), (said, ended)


def test_gdb_stops_in_main_on_minihv() -> None:
    stops_in_main("minihv", "vmbare.efi", "--smp", "2")


def test_gdb_stops_in_main_without_a_hypervisor() -> None:
    stops_in_main("tcg", "vmbare.efi", "--without-disk")


def test_gdb_stops_in_main_of_an_image_without_firmware() -> None:
    stops_in_main("tcg", "vmbare-direct.elf")


def test_gdb_stops_in_main_on_the_host_that_nests() -> None:
    stops_in_main("nested", "vmbare.efi", "--without-disk")


def test_symbols_at_another_place_stop_nowhere() -> None:
    said, ended = debug("tcg", "vmbare-direct.elf", "--timeout", "15",
                        change=("vmbare-direct.debug",
                                "vmbare-direct.debug -o 0x40000000"))
    assert "main ()" not in said, (said, ended)


if __name__ == "__main__":
    sys.exit(tap.run(globals()))

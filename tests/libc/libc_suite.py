#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-2-Clause
"""The suite `libc`: a program in the guest calls each function that docs/libc.md
says works or is refused, and each does what the page says.

    libc_suite.py BUILD

The program is tests/guest/libc. What the tables name and what the program calls
must be the same. Its files are those of `make run FILES=`.
"""
from __future__ import annotations

import os
import re
import subprocess
import sys
import tempfile
from pathlib import Path

TESTS = Path(__file__).resolve().parent.parent
ROOT = TESTS.parent
sys.path[:0] = [str(TESTS), str(TESTS / "rig")]

import hosts  # noqa: E402
import l1  # noqa: E402
import tap  # noqa: E402
from guest import Guest  # noqa: E402
from host import Result  # noqa: E402

BUILD = Path(sys.argv[1] if len(sys.argv) > 1 else "build")
PAGE = ROOT / "docs/libc.md"
SECONDS = 120  # the deadline of a run that hangs
LARGE = (1 << 20) + 1
ROOM = 16 << 20  # for all files together
TYPED = b"c\na line\n12 34\nblock\n"
NAME = r"`([a-z_][a-z0-9_]*)`"
# Functions that end the program: the runs below show them in other ways.
ENDS = {"exit", "atexit", "on_exit", "quick_exit", "_exit"}
# What the calls of output must have written.
OUT = ("printf -5000000000 7 0x1p+0 2.500", "fprintf 00042", "puts", "fwrite",
       "fputs", "vprintf x", "perror: Math")

Pairs = set[tuple[str, str]]


def rows(page: str, section: str) -> list[list[str]]:
    """The cells of a section's table, without its head."""
    part = re.search(rf"^## {section}$(.*?)(?=^## |\Z)", page, re.M | re.S)
    assert part, f"{PAGE} has no section {section}"
    return [line.split("|")[1:-1] for line in part[1].splitlines()
            if line.startswith("| ")][1:]


def working(page: str) -> set[str]:
    return {name for row in rows(page, "Works")
            for name in re.findall(NAME, row[1])}


def refused(page: str) -> Pairs:
    """Each function of a row with each errno of it."""
    return {(name, error) for row in rows(page, "Refused when called")
            for name in re.findall(NAME, row[0])
            for error in re.findall(r"`(E[A-Z]+)`", row[3])}


def differences(page: str, said: str) -> list[str]:
    """What the page says and the guest does not, and the other way round."""
    works = set(re.findall(r"^ok \d+ - works: (\w+)$", said, re.M)) | ENDS
    pairs = set(re.findall(r"^ok \d+ - refused: (\w+) (E\w+)$", said, re.M))
    found = []
    for text, here, there in (
            ("works, says the page, and no call shows it",
             working(page), works),
            ("is called and works, and the page does not say so",
             works, working(page)),
            ("is refused so, says the page, and no call shows it",
             refused(page), pairs),
            ("is refused so, and the page does not say it",
             pairs, refused(page))):
        found += [f"{' '.join([name] if isinstance(name, str) else name)} "
                  f"{text}" for name in sorted(here - there)]
    return found


def fill(folder: Path) -> None:
    """The files that tests/guest/libc/files.c knows."""
    (folder / "maps").mkdir()
    (folder / "hello.txt").write_text("hello\nfile\n")
    (folder / "empty").touch()
    (folder / "maps/A.bin").write_bytes(
        bytes(i * 7 & 255 for i in range(256)) * (LARGE // 256 + 1))
    os.truncate(folder / "maps/A.bin", LARGE)


def run_all() -> tuple[int, str]:
    """The program with its files, by the command behind `make run`."""
    with tempfile.TemporaryDirectory(prefix="libc-") as folder:
        fill(Path(folder))
        # Standard input stays open: its end would be the guest's, too.
        with subprocess.Popen(
                [sys.executable, TESTS / "rig/run.py", "--image",
                 BUILD / "test-libc.efi", "--host", "tcg", "--files", folder,
                 "--timeout", str(SECONDS)], stdin=subprocess.PIPE,
                stdout=subprocess.PIPE, stderr=subprocess.DEVNULL) as process:
            assert process.stdin and process.stdout
            process.stdin.write(TYPED)
            process.stdin.flush()
            said = process.stdout.read().decode("latin-1")
        return process.returncode, said


def run_other(image: str, line: str,
              beside: tuple[tuple[str, Path | str], ...] = ()) -> Result:
    # OVMF makes EFI_RNG_PROTOCOL of the device; without firmware nobody does.
    guest = Guest(BUILD / image, f"exit {line}", from_disk=bool(beside),
                  beside=beside, trace=(), timeout=SECONDS,
                  extra=("-device", "virtio-rng-pci"))
    host = hosts.make("tcg", l1.kit, [guest], lambda text: None)
    try:
        return host.run(guest)
    finally:
        host.close()


SAID: dict[str, str] = {}  # what the runs have printed


def passed(result: Result) -> None:
    assert result.verdict.name == "passed", (result.verdict, result.serial)
    assert "not ok" not in result.serial, result.serial


def test_each_call_does_what_the_page_says() -> None:
    status, SAID["all"] = run_all()
    assert status == 0 and "not ok" not in SAID["all"], SAID["all"]
    for text in OUT:
        assert f"\nout {text}" in SAID["all"], (text, SAID["all"])
    assert "\n!\n" in SAID["all"], SAID["all"]
    assert "files: 3 with 1048588 bytes" in SAID["all"], SAID["all"]


def test_exit_runs_the_handlers() -> None:
    # The last one that was registered comes first.
    assert "\nout on_exit 0 argument\nout atexit\n" in SAID["all"], (
        SAID["all"][-200:])


def test_quick_exit_runs_its_own_handlers() -> None:
    result = run_other("test-libc-direct.elf",
                       "quiet test=no-files end=quick_exit")
    passed(result)
    assert "out atexit" not in result.serial, result.serial
    assert result.serial.endswith("out at_quick_exit\n"), result.serial


def test_a_start_without_a_volume_has_no_files_and_exit_no_handlers() -> None:
    result = run_other("test-libc-direct.elf", "quiet test=no-files end=_exit")
    passed(result)
    SAID["no-files"] = result.serial
    assert "out " not in result.serial, result.serial


def test_files_that_are_left_out_are_named() -> None:
    with tempfile.TemporaryDirectory(prefix="libc-") as name:
        large = Path(name) / "large.bin"
        large.touch()
        os.truncate(large, ROOM + 1)
        result = run_other("test-libc.efi", "test=left-out", (
            ("EFI/vmbare/large.bin", large), ("EFI/vmbare/small.txt", "x"),
            ("EFI/vmbare/f\xfcr.txt", "x")))
    passed(result)
    SAID["left-out"] = result.serial
    for text in ("large.bin of 16777217 bytes, expected all files together to "
                 "have at most 16777216", "found the name f?r.txt, expected "
                 "ASCII"):
        assert text in result.serial, result.serial


def test_a_seed_comes_from_the_firmware_or_not_at_all() -> None:
    assert "# seed: 32 bytes" in SAID["left-out"], SAID["left-out"]
    assert "# seed: 0 bytes" in SAID["no-files"], SAID["no-files"]


def test_the_page_names_what_was_called_and_nothing_else() -> None:
    said = "\n".join(SAID.values())
    page = PAGE.read_text(encoding="utf-8")
    assert len(working(page)) > 100 and len(refused(page)) > 40, page
    found = differences(page, said)
    assert not found, "\n".join(found)


def test_a_function_without_a_call_and_a_false_errno_are_found() -> None:
    said = "\n".join(SAID.values())
    page = PAGE.read_text(encoding="utf-8")
    for old, new, what in (
            ("`strlen`", "`strlen` `strnlen`", "strnlen works, says the page"),
            ("`strlen`", "", "strlen is called and works"),
            ("`ESRCH`", "`EPERM`", "kill EPERM is refused so, says the page")):
        assert any(text.startswith(what) for text in differences(
            page.replace(old, new, 1), said)), what


def test_each_name_is_a_symbol_that_the_program_takes() -> None:
    objects = sorted((BUILD / "guest/tests/guest/libc").glob("*.o"))
    taken = set(re.findall(r" U (\w+)$", subprocess.run(
        ["nm", "-u", *objects], text=True, check=True,
        stdout=subprocess.PIPE).stdout, re.M))
    page = PAGE.read_text(encoding="utf-8")
    lost = (working(page) | {name for name, _ in refused(page)}) - taken
    assert not lost, f"not called: {sorted(lost)}"


if __name__ == "__main__":
    sys.exit(tap.run(globals()))

#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-2-Clause
"""`make run`'s command: its exit statuses, its output, its clean end.

    run_test.py IMAGE
"""
from __future__ import annotations

import os
import signal
import subprocess
import sys
import tempfile
import time
from pathlib import Path

TESTS = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(TESTS))

import tap  # noqa: E402

IMAGE = sys.argv[1] if len(sys.argv) > 1 else "build/vmbare.efi"
TCG = ("--host", "tcg", "--direct")
SECONDS = 600  # a deadline for what hangs


class Run:
    """One call of run.py with its own folder for temporary files."""

    def __init__(self, *options: str, image: str = IMAGE) -> None:
        self.folder = tempfile.TemporaryDirectory(prefix="run-")
        self.process = subprocess.Popen(
            [sys.executable, TESTS / "rig/run.py", "--image", image,
             *options], stdout=subprocess.PIPE, stderr=subprocess.PIPE,
            text=True, env={**os.environ, "TMPDIR": self.folder.name})

    def end(self) -> tuple[int, str, str]:
        """Status, output, notes; nothing may be left behind."""
        out, notes = self.process.communicate(timeout=SECONDS)
        left = os.listdir(self.folder.name)
        assert not left, f"left behind: {left}"
        assert not self.users(), f"left running: {self.users()}"
        self.folder.cleanup()
        return self.process.returncode, out, notes

    def users(self) -> list[str]:
        """Processes that have the folder's name on their command line."""
        found = []
        for path in Path("/proc").glob("[0-9]*/cmdline"):
            try:
                line = path.read_text("latin-1").replace("\0", " ")
            except OSError:
                continue  # it has ended meanwhile
            if self.folder.name in line:
                found.append(line)
        return found

    def wait_for(self, text: str) -> None:
        """Until QEMU, or some output, shows that it has got so far."""
        deadline = time.monotonic() + SECONDS
        while not any(text in user for user in self.users()):
            assert time.monotonic() < deadline, f"no {text}"
            time.sleep(0.1)


def test_a_refusal_has_its_own_status() -> None:
    status, out, notes = Run(*TCG).end()
    assert status == 3, (status, notes)
    assert "not running on Hyper-V" in out and "\x1b" not in out
    assert "host tcg" in notes and "verdict: no-hypervisor" in notes


def test_a_crash_has_its_own_status() -> None:
    status, out, notes = Run(*TCG, "--args", "fault=null-read").end()
    assert status == 5 and "CRASH: page fault" in out, (status, notes)


def test_a_disk_needs_minihv() -> None:
    status, _, notes = Run(*TCG, "--disk", IMAGE).end()
    assert status == 2 and "expected HOST=minihv" in notes, (status, notes)


def test_a_disk_is_a_file() -> None:
    status, _, notes = Run("--host", "minihv", "--disk", "/dev/null").end()
    assert status == 2 and "found /dev/null" in notes, (status, notes)


def test_words_that_the_guest_does_not_know_do_not_pass() -> None:
    status, out, notes = Run("--host", "minihv", "--args",
                             "quiet fualt=null-read log=loud").end()
    assert status == 1, (status, notes)
    assert "'fualt' is not known" in out, out
    assert "found log=loud, expected log=debug" in out, out


def test_dynamic_memory_that_is_not_there_does_not_pass() -> None:
    image = str(Path(IMAGE).with_name("app-balloon.efi"))
    status, out, notes = Run("--host", "minihv", "--args", "quiet seconds=1",
                             image=image).end()
    assert status == 1 and "found none: give" in out, (status, out, notes)


def test_a_power_off_is_no_verdict() -> None:
    status, _, notes = Run(*TCG, "--args", "end=off").end()
    assert status == 8 and "guest-shutdown" in notes, (status, notes)


def test_time_runs_out() -> None:
    status, _, notes = Run(*TCG, "--stay", "--timeout", "5").end()
    assert status == 6 and "verdict: timeout" in notes, (status, notes)


def test_a_screenshot_without_its_text_is_late() -> None:
    with tempfile.TemporaryDirectory() as folder:
        status, _, notes = Run(*TCG, "--stay", "--timeout", "6", "--screenshot",
                               f"{folder}/x.png", "--when", "nonsense").end()
        assert os.path.getsize(f"{folder}/x.png")
    assert status == 6 and "expected 'nonsense'" in notes, (status, notes)


def test_a_host_that_refuses_is_no_host() -> None:
    status, _, notes = Run(*TCG, "--cpu", "no-such-feature").end()
    assert status == 7 and "no-such-feature" in notes, (status, notes)


def test_an_image_that_is_not_there_is_a_usage_error() -> None:
    status, _, notes = Run(*TCG, image="/no/such/image").end()
    assert status == 2 and "run make" in notes, (status, notes)


def test_an_unknown_option_is_a_usage_error() -> None:
    status, _, _ = Run("--nonsense").end()
    assert status == 2, status


def test_the_screen_comes_out() -> None:
    with tempfile.TemporaryDirectory() as folder:
        picture = Path(folder) / "screen.png"
        status, _, notes = Run(*TCG, "--stay", "--screenshot", str(picture),
                               "--when", "end of report").end()
        data = picture.read_bytes()
    assert status == 0, notes
    assert data.startswith(b"\x89PNG") and b"IEND" in data[-12:]
    assert len(data) > 4000, f"{len(data)} bytes: an empty screen"


def interrupt(number: signal.Signals, *options: str) -> None:
    run = Run(*options)
    run.wait_for("-nodefaults")
    time.sleep(1)
    run.process.send_signal(number)
    status, _, notes = run.end()
    assert status == 130, (status, notes)


def test_ctrl_c_leaves_nothing() -> None:
    interrupt(signal.SIGINT, *TCG, "--stay")


def test_termination_leaves_nothing() -> None:
    interrupt(signal.SIGTERM, *TCG, "--stay")


def test_ctrl_c_leaves_nothing_of_a_nested_host() -> None:
    interrupt(signal.SIGINT, "--host", "nested", "--stay")


if __name__ == "__main__":
    sys.exit(tap.run(globals()))

#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-2-Clause
"""The command behind `make run`: exit statuses, output, and a clean end.

    run_test.py IMAGE
"""
from __future__ import annotations

import os
import re
import shlex
import shutil
import signal
import socket
import struct
import subprocess
import sys
import tempfile
import time
from pathlib import Path

TESTS = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(TESTS))

import tap  # noqa: E402

IMAGE = sys.argv[1] if len(sys.argv) > 1 else "build/vmbare.efi"
TCG = ("--host", "tcg", "--without-disk")
SECONDS = 600  # the deadline of a run that hangs


class Run:
    """One call of run.py with its own folder for temporary files."""

    def __init__(self, *options: str, image: str = IMAGE) -> None:
        self.folder = tempfile.TemporaryDirectory(prefix="run-")
        self.process = subprocess.Popen(
            [sys.executable, TESTS / "rig/run.py", "--image", image,
             *options], stdout=subprocess.PIPE, stderr=subprocess.PIPE,
            text=True, env={**os.environ, "TMPDIR": self.folder.name})

    def end(self) -> tuple[int, str, str]:
        """Waits for the end. Returns status, output and notes, and asserts that
        no file and no process is left."""
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
        """Waits until a process of this run has the text as an argument."""
        deadline = time.monotonic() + SECONDS
        while not any(text in user for user in self.users()):
            assert time.monotonic() < deadline, f"no {text}"
            time.sleep(0.1)


def test_an_image_that_refuses_its_host_ends_with_status_3() -> None:
    status, out, notes = Run(*TCG).end()
    assert status == 3, (status, notes)
    assert "not running on Hyper-V" in out and "\x1b" not in out
    assert "host tcg" in notes and "verdict: no-hypervisor" in notes


def test_a_crash_in_strcpy_names_its_caller_with_its_source_line() -> None:
    _, out, notes = Run(*TCG, "--args", "fault=strcpy").end()
    assert out.count("CRASH: ") == 1, out
    called = re.search(r"#0 .*\n( +.*\n)+.*#1 .*\n +(.*)\n", out)
    assert called and re.fullmatch(
        r"copy_to_null at .*app/appliance/fault\.c:[0-9]+", called[2]), out
    assert "strcpy at" in out, (out, notes)


def crash_with_names(*host: str) -> str:
    """Crashes on a host: the report is printed once, and so is the source line
    below each address of it. Returns the notes."""
    status, out, notes = Run(*host, "--args", "fault=null-read").end()
    text = out + notes
    assert status == 5, (status, notes)
    assert text.count("CRASH: page fault") == 1, text
    frames = re.findall(r"crash: #\d+ image\+0x.*\n( +\S+ at .*:\d+\n)?", text)
    assert len(frames) >= 3 and all(frames), text
    assert len(re.findall(r"null_read at .*fault\.c:\d+", text)) == 1, text
    return notes


def test_a_crash_without_a_hypervisor_has_its_source_lines_once() -> None:
    crash_with_names(*TCG)


def test_a_crash_on_minihv_has_its_source_lines_once() -> None:
    notes = crash_with_names("--host", "minihv")
    assert "bytes of that report" in notes, notes


def test_a_crash_on_a_nested_host_has_its_source_lines_once() -> None:
    crash_with_names("--host", "nested", "--without-disk")


def test_a_call_of_a_null_pointer_names_its_caller() -> None:
    _, out, _ = Run(*TCG, "--args", "fault=null-call").end()
    assert re.search(r"#0 0x0+\n.*#1 image.*\n +call at .*fault\.c:", out), out


def test_a_test_of_the_guest_that_is_none_is_refused_with_the_list() -> None:
    image = str(Path(IMAGE).with_name("test-machine.efi"))
    status, out, _ = Run("--host", "minihv", "--args", "quiet test=nonsense",
                         image=image).end()
    assert status == 2 and "found test=nonsense, expected one of" in out, out
    assert "memory, levels, hypercalls" in out, out


def dry(*options: str) -> list[str]:
    """Words of the last command line of a dry run, which starts no QEMU."""
    with tempfile.TemporaryDirectory() as folder:
        status, out, notes = Run("--dry", "--folder", folder, *options).end()
        assert status == 0 and "nothing was started" in notes, (status, notes)
        lines = out.splitlines()
        assert lines, out
        return shlex.split(lines[-1])


def pairs(words: list[str]) -> list[tuple[str, str]]:
    return list(zip(words, words[1:]))


def test_a_dry_run_prints_the_command_line_of_each_host() -> None:
    for host, machine in (("tcg", "q35,smm=off"), ("minihv", "q35"),
                          ("nested", "q35,smm=off")):
        words = dry("--host", host, "--mem", "300", "--smp", "2",
                    "--qemu-args", "-name 'a b' -d int", "--gdb", "1")
        assert ("-name", "a b") in pairs(words), words
        assert ("-d", "int") in pairs(words), words
        assert machine in words and "-gdb" in words, words
        assert any(word.startswith("300") for word in words), words


def test_a_dry_run_names_the_qemu_that_was_asked_for() -> None:
    for host in ("tcg", "minihv"):
        assert dry("--host", host, "--qemu", "/bin/true")[0] == "/bin/true"
    words = dry("--host", "nested", "--qemu", shutil.which("gcc") or "")
    assert "/payload/0/qemu/qemu" in words, words


def test_what_a_dry_run_prints_runs_in_a_terminal() -> None:
    with tempfile.TemporaryDirectory() as folder:
        _, out, _ = Run("--dry", "--folder", folder, "--host", "minihv",
                        "--args", "quiet").end()
        done = subprocess.run(shlex.split(out), stdin=subprocess.DEVNULL,
                              capture_output=True, text=True, timeout=SECONDS,
                              check=False)
    assert done.returncode == 33, done
    assert "# claim: contact 6.0" in done.stdout, done.stdout


def test_another_qemu_and_more_arguments_are_used() -> None:
    status, _, notes = Run("--host", "minihv", "--qemu", "qemu-system-x86_64",
                           "--qemu-args=-no-such-option").end()
    assert status == 7 and "-no-such-option" in notes, (status, notes)


def test_settings_of_minihv_that_are_none_are_a_usage_error() -> None:
    status, _, notes = Run("--host", "minihv", "--config", "sctrict=1").end()
    assert status == 2 and "verdict: usage: CONFIG= is" in notes, notes
    assert "sctrict" in notes and "README" in notes, notes


def test_a_guest_that_hangs_on_minihv_ends_with_status_6() -> None:
    status, _, notes = Run("--host", "minihv", "--stay", "--timeout",
                           "4").end()
    assert status == 6 and "verdict: timeout" in notes, (status, notes)
    assert "minihv: count" not in notes, notes


def test_minihv_counts_where_it_is_asked_to() -> None:
    status, _, notes = Run("--host", "minihv", "--config", "counts=1",
                           "--args", "fault=null-read").end()
    assert status == 5 and "minihv: count packets" in notes, (status, notes)


def test_a_crash_without_firmware_has_its_source_lines() -> None:
    image = str(Path(IMAGE).with_name("vmbare-direct.elf"))
    status, out, _ = Run("--host", "tcg", "--args", "fault=null-read",
                         image=image).end()
    assert status == 5 and out.count("CRASH: ") == 1, out
    assert re.search(r"#0 .*\n +null_read at .*fault\.c:\d+", out), out


def test_app_balloon_without_vmbus_ends_as_app_disk_does() -> None:
    for app in ("balloon", "disk"):
        image = str(Path(IMAGE).with_name(f"app-{app}.efi"))
        status, out, _ = Run(*TCG, "--args", "quiet", image=image).end()
        assert status == 3, (status, out)
        assert f"{app}: there is no VMBus here: not running" in out, out


def test_the_option_disk_is_refused_without_minihv() -> None:
    status, _, notes = Run(*TCG, "--disk", IMAGE).end()
    assert status == 2 and "expected HOST=minihv" in notes, (status, notes)


def test_the_option_disk_refuses_what_is_no_file() -> None:
    status, _, notes = Run("--host", "minihv", "--disk", "/dev/null").end()
    assert status == 2 and "found /dev/null" in notes, (status, notes)


def test_a_guest_with_wrong_options_names_them_and_ends_with_status_2() -> None:
    status, out, notes = Run("--host", "minihv", "--args",
                             "quiet fualt=null-read log=loud").end()
    assert status == 2 and "verdict: usage" in notes, (status, notes)
    assert "found the option 'fualt', which this image does not know" in out, out
    assert ("found log=loud, expected one of error, warning, info, debug: "
            "correct") in out, out


def test_help_prints_the_options_and_does_not_run_the_application() -> None:
    image = str(Path(IMAGE).with_name("app-disk.efi"))
    status, out, notes = Run("--host", "minihv", "--args", "help",
                             image=image).end()
    assert status == 0, (status, notes)
    for line in ("system:", "  cpus=N          a number from 1 to 256",
                 "  log=WORD        one of error, warning, info, debug; default: info",
                 "storage:", "  storage.read-only",
                 "disk:", "  cycles=N        a number from 0 to 4294967295; "
                 "default: 1", "  write[=WORD]    no value, or one of keep"):
        assert line in out.splitlines(), (line, out)
    assert "appliance:" not in out and "# disk:" not in out, out


def test_a_driver_has_an_option_of_its_own() -> None:
    image = str(Path(IMAGE).with_name("app-disk.efi"))
    with tempfile.NamedTemporaryFile() as disk:
        disk.write(bytes(1 << 20))
        disk.flush()
        status, out, notes = Run("--host", "minihv", "--disk", disk.name,
                                 "--args", "write storage.read-only",
                                 image=image).end()
    assert status == 1 and "verdict: failed" in notes, (status, notes)
    assert "found the option storage.read-only: leave it out" in out, out


def test_a_program_that_ends_passes_with_stay() -> None:
    """Without claims there is nothing to compare with what the host saw."""
    status, _, notes = Run("--host", "minihv", "--stay", "--args",
                           "quiet exit").end()
    assert status == 0 and "verdict: passed" in notes, (status, notes)


def test_the_option_conf_refuses_what_is_no_file() -> None:
    status, _, notes = Run(*TCG[:2], "--conf", "/no/such").end()
    assert status == 2 and "found no /no/such" in notes, (status, notes)
    status, _, notes = Run(*TCG, "--conf", __file__).end()
    assert status == 2 and "stands on the disk" in notes, (status, notes)


def refused_files(folder: str, *options: str) -> str:
    """What `make run` says of files that it does not take."""
    status, _, notes = Run(*(options or TCG[:2]), "--files", folder).end()
    assert status == 2, (status, notes)
    return notes


def test_folders_whose_files_cannot_be_there_are_refused_with_the_reason(
        ) -> None:
    assert "found no folder /no/such" in refused_files("/no/such")
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        assert "expected files in" in refused_files(name)
        for path, reason in (("f\u00fcr", "other letters"), ("a:b", "letter :"),
                             ("end.", "a dot or a blank"), ("x" * 128, "127")):
            (folder / path).touch()
            assert reason in refused_files(name), reason
            (folder / path).unlink()
        (folder / "link").symlink_to("/dev/null")
        assert "files and folders only" in refused_files(name)
        (folder / "link").unlink()
        (folder / "Sub").mkdir()
        (folder / "sub").touch()
        (folder / "Sub/x").touch()
        assert "one name on FAT" in refused_files(name)
        (folder / "sub").unlink()
        os.truncate(folder / "Sub/x", (16 << 20) + 1)
        assert "found 16777217 bytes" in refused_files(name)


def test_files_are_refused_where_the_machine_has_no_disk() -> None:
    folder = str(Path(__file__).parent)
    assert "expected HOST=" in refused_files(folder, "--host", "minihv")
    assert "both: the files" in refused_files(folder, *TCG)
    status, _, notes = Run("--host", "tcg", "--files", folder, image=str(
        Path(IMAGE).with_name("vmbare-direct.elf"))).end()
    assert status == 2 and "starts without firmware" in notes, notes


def test_app_balloon_fails_where_no_dynamic_memory_is_offered() -> None:
    image = str(Path(IMAGE).with_name("app-balloon.efi"))
    status, out, notes = Run("--host", "minihv", "--args", "quiet",
                             image=image).end()
    assert status == 1 and "found none: give" in out, (status, out, notes)


def test_a_guest_that_powers_off_ends_with_status_8() -> None:
    status, _, notes = Run(*TCG, "--args", "end=off").end()
    assert status == 8 and "guest-shutdown" in notes, (status, notes)


def test_a_guest_that_outlasts_its_timeout_ends_with_status_6() -> None:
    status, _, notes = Run(*TCG, "--stay", "--timeout", "5").end()
    assert status == 6 and "verdict: timeout" in notes, (status, notes)


def test_a_screenshot_is_taken_at_the_timeout_without_its_text() -> None:
    with tempfile.TemporaryDirectory() as folder:
        status, _, notes = Run(*TCG, "--stay", "--timeout", "6", "--screenshot",
                               f"{folder}/x.png", "--when", "nonsense").end()
        assert os.path.getsize(f"{folder}/x.png")
    assert status == 6 and "expected 'nonsense'" in notes, (status, notes)


def test_a_qemu_that_refuses_its_options_ends_with_status_7() -> None:
    status, _, notes = Run(*TCG, "--cpu", "no-such-feature").end()
    assert status == 7 and "no-such-feature" in notes, (status, notes)


def test_a_missing_image_is_a_usage_error() -> None:
    status, _, notes = Run(*TCG, image="/no/such/image").end()
    assert status == 2 and "run make" in notes, (status, notes)


def test_an_unknown_option_is_a_usage_error() -> None:
    status, _, _ = Run("--nonsense").end()
    assert status == 2, status


def test_a_screenshot_is_a_png_with_the_report_on_it() -> None:
    with tempfile.TemporaryDirectory() as folder:
        picture = Path(folder) / "screen.png"
        status, _, notes = Run(*TCG, "--stay", "--screenshot", str(picture),
                               "--when", "end of report").end()
        data = picture.read_bytes()
    assert status == 0, notes
    assert data.startswith(b"\x89PNG") and b"IEND" in data[-12:]
    assert len(data) > 4000, f"{len(data)} bytes: an empty screen"


def rfb_size(port: int) -> tuple[int, int]:
    """Greets a VNC server as a viewer does. Returns the screen's pixels."""
    with socket.create_connection(("127.0.0.1", port), SECONDS) as viewer:
        stream = viewer.makefile("rwb", buffering=0)
        banner = stream.read(12)
        assert banner and re.fullmatch(rb"RFB 003\.00\d\n", banner), banner
        stream.write(b"RFB 003.008\n")
        kinds = stream.read((stream.read(1) or b"\0")[0]) or b""
        assert 1 in kinds, kinds  # no password, on this machine alone
        stream.write(b"\x01")
        assert stream.read(4) == bytes(4)
        stream.write(b"\x01")
        width, height = struct.unpack(">HH", stream.read(4) or b"")
        return width, height


def test_the_screen_is_shown_on_the_vnc_port_that_is_printed() -> None:
    for host in (TCG, ("--host", "minihv")):
        shows_its_screen(host)


def shows_its_screen(host: tuple[str, ...]) -> None:
    run = Run(*host, "--stay", "--screen=vnc")
    assert run.process.stderr
    port = next(int(found[1]) for line in run.process.stderr
                if (found := re.search(r"vnc://127\.0\.0\.1:(\d+)", line)))
    width, height = rfb_size(port)
    assert width >= 640 and height >= 400, (width, height)
    run.process.send_signal(signal.SIGINT)
    assert run.end()[0] == 130


def test_a_screen_that_cannot_be_shown_is_refused() -> None:
    status, _, notes = Run("--host", "nested", "--screen=vnc").end()
    assert status == 2 and "expected HOST=" in notes, notes
    status, _, notes = Run(*TCG, "--screen=film").end()
    assert status == 2 and "'film'" in notes, notes
    status, _, notes = Run("--host", "tcg", "--screen=vnc", image=str(
        Path(IMAGE).with_name("vmbare-direct.elf"))).end()
    assert status == 2 and "starts without firmware" in notes, notes


def interrupt(number: signal.Signals, *options: str) -> None:
    run = Run(*options)
    run.wait_for("-nodefaults")
    time.sleep(1)
    run.process.send_signal(number)
    status, _, notes = run.end()
    assert status == 130, (status, notes)


def test_ctrl_c_leaves_no_file_and_no_process() -> None:
    interrupt(signal.SIGINT, *TCG, "--stay")


def test_termination_leaves_no_file_and_no_process() -> None:
    interrupt(signal.SIGTERM, *TCG, "--stay")


def test_ctrl_c_leaves_no_process_of_a_nested_host() -> None:
    interrupt(signal.SIGINT, "--host", "nested", "--stay")


if __name__ == "__main__":
    # A shell that starts this file in the background lets it ignore Ctrl-C, and
    # the runs below would inherit that and never end.
    signal.signal(signal.SIGINT, signal.default_int_handler)
    sys.exit(tap.run(globals()))

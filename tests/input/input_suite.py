#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-2-Clause
"""Keys on their way from a terminal to a program's standard input.

    input_suite.py BUILD

`make run` has a pseudo-terminal as its terminal, the guest is test-input on
minihv: it reads lines and says what it got.
"""
from __future__ import annotations

import fcntl
import os
import pty
import re
import signal
import subprocess
import sys
import tempfile
import termios
import threading
import time
import zlib
from pathlib import Path
from typing import Any

TESTS = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(TESTS))

import tap  # noqa: E402

BUILD = Path(sys.argv[1] if len(sys.argv) > 1 else "build")
SECONDS = 120      # the deadline of what hangs
LINE_MAX = 511     # arch/console/line.h
FLOOD = 64 * 1024
COMMAND = (sys.executable, str(TESTS / "rig/run.py"), "--image",
           str(BUILD / "test-input.efi"), "--host", "minihv")
ARGS = ("--args", "quiet no-bus")
LEFT, RIGHT, UP, DOWN = "\x1b[D", "\x1b[C", "\x1b[A", "\x1b[B"
HOME, END, DELETE = "\x1b[H", "\x1b[F", "\x1b[3~"


class Terminal:
    """A run with a terminal of its own. What it shows is kept."""

    def __init__(self, *options: str) -> None:
        self.master, slave = pty.openpty()
        self.before = termios.tcgetattr(slave)
        self._folder = tempfile.TemporaryDirectory(prefix="input-")

        def own_terminal() -> None:
            os.setsid()
            fcntl.ioctl(slave, termios.TIOCSCTTY, 0)

        # pylint: disable=subprocess-popen-preexec-fn,consider-using-with
        self.process = subprocess.Popen(
            [*COMMAND, *(options or ARGS)], stdin=slave, stdout=slave,
            stderr=slave, preexec_fn=own_terminal,
            env={**os.environ, "TMPDIR": self._folder.name})
        self.slave = slave  # kept open: its settings are looked at
        self._text = ""
        self._read = 0
        self._changed = threading.Condition()
        threading.Thread(target=self._listen, daemon=True).start()

    def _listen(self) -> None:
        while True:
            try:
                data = os.read(self.master, 65536)
            except OSError:
                return
            with self._changed:
                self._text += data.decode("latin-1").replace("\r\n", "\n")
                self._changed.notify_all()

    def expect(self, pattern: str) -> re.Match[str]:
        """Waits for a text behind the one that was expected last."""
        deadline = time.monotonic() + SECONDS
        with self._changed:
            while True:
                found = re.search(pattern, self._text[self._read:], re.S)
                if found:
                    self._read += found.end()
                    return found
                left = deadline - time.monotonic()
                assert left > 0, (f"expected {pattern}, found "
                                  f"{self._text[self._read:][-2000:]!r}")
                self._changed.wait(left)

    def type(self, keys: str | bytes) -> None:
        data = keys.encode() if isinstance(keys, str) else keys
        while data:
            data = data[os.write(self.master, data[:4096]):]

    def gives(self, keys: str, text: str) -> None:
        """These keys and Enter must be this line for the guest."""
        self.type(keys + "\r")
        found = self.expect(r"line \d+: (\d+) \[([^\n]*)\] crc").groups()
        assert found == (str(len(text)), text), (keys, text, found)

    def end(self) -> int:
        try:
            return self.process.wait(SECONDS)
        finally:
            self.process.kill()
            after = termios.tcgetattr(self.slave)
            os.close(self.slave)
            os.close(self.master)
            self._folder.cleanup()
            assert after == self.before, "the terminal was not set back"


def started(*options: str) -> Terminal:
    terminal = Terminal(*options)
    terminal.expect("Ctrl-A x ends the run")
    terminal.expect("reading, not writing, not ready\n")
    return terminal


def finish(terminal: Terminal) -> None:
    terminal.gives("quit", "quit")
    terminal.expect("verdict: passed")
    assert terminal.end() == 0


def test_typed_keys_are_shown_and_edited() -> None:
    t = started()
    t.type("hello")
    t.expect("hello")
    t.gives("", "hello")
    for keys, text in (
            ("ab" + LEFT + "c", "acb"), ("abc" + LEFT * 9 + "x", "xabc"),
            ("ab" + LEFT + RIGHT * 9 + "c", "abc"), ("bc" + HOME + "a", "abc"),
            ("ab" + HOME + END + "c", "abc"), ("abx\x7fc", "abc"),
            ("\x7f\x08ab\x08", "a"), ("abc" + HOME + DELETE, "bc"),
            ("abc" + LEFT + "\x04", "ab"), ("abc\x15de", "de"),
            ("one two  \x17x", "one x"), ("abcd" + LEFT * 2 + "\x0b", "ab"),
            ("bc\x01\x01a\x05d\x02x\x06y", "abcxdy"), ("a\tb", "a b"),
            ("\x1bOH\x1b[1~\x1b[4~x\x1b[7~y\x1b[8~z", "yxz")):
        t.gives(keys, text)
    finish(t)


def test_lines_before_come_back() -> None:
    t = started()
    for text in ("first", "second", "second", "third"):
        t.gives(text, text)
    t.gives("", "")
    for keys, text in ((UP, "third"), (UP * 2, "second"), (UP * 99, "first"),
                       ("new" + UP * 2 + DOWN * 2, "new"),
                       (UP + DOWN * 9 + "x", "x"), (UP * 2 + "!", "new!"),
                       ("\x10\x10\x0e", "new!")):
        t.gives(keys, text)
    for number in range(20):
        t.gives(f"n{number}", f"n{number}")
    t.gives(UP * 99, "n4")
    finish(t)


def test_wrong_bytes_do_no_harm() -> None:
    t = started()
    for keys, text in (
            ("a\x00\x0c\x1cb", "ab"), ("a\x1b[99xb", "ab"),
            ("a\x1b[1;5Db", "ba"), ("a\x1b[" + "9" * 5000 + "~b", "ab"),
            ("a\x1bxb", "ab"), ("a\x1b\x1b[Db", "ba"), ("a\x1b[", "a"),
            ("a\x1b", "a"), ("a\x1bO", "a")):
        t.gives(keys, text)
    t.type(b"a\xc3\xa4\xff\x80b")
    t.gives("", "ab")
    t.type("one\r\ntwo\nthree\r")
    for text in ("one", "two", "three"):
        t.expect(rf"\[{text}\] crc")
    t.gives("pieces", "pieces")
    t.type("abcdefg\r")
    t.expect("piece of 4 bytes\npiece of 4 bytes\n")
    finish(t)


def test_a_sequence_that_is_cut_in_two_is_one_key() -> None:
    t = started()
    for first, second in (("\x1b", "[D"), ("\x1b[", "D"), ("\x1b[3", "~"),
                          ("\x1bO", "D"), ("\x1b", "OD")):
        t.type("ab")
        t.expect("ab")
        if second == "~":
            t.type(LEFT)
        t.type(first)
        time.sleep(0.3)
        t.type(second)
        t.gives("x", "ax" if second == "~" else "axb")
    finish(t)


def test_a_line_that_is_too_long_is_cut_and_says_so() -> None:
    t = started()
    t.type("y" * (LINE_MAX + 300))
    t.expect("\a")
    t.type("\r")
    t.expect(rf"line 1: {LINE_MAX} \[y+\]")
    t.gives("z" * LINE_MAX, "z" * LINE_MAX)
    finish(t)
    t = started("--args", "no-bus")
    t.type("y" * (LINE_MAX + 1) + "\r")
    t.expect(f"input: found a line of more than {LINE_MAX} characters")
    t.expect(rf"line 1: {LINE_MAX} \[y+\]")
    finish(t)


def test_64_kib_are_pasted_without_loss() -> None:
    t = started()
    lines = [f"{number:06d} {'pasted' * 9}" for number in range(FLOOD // 62)]
    t.type("\r".join(lines) + "\r")
    for number, line in enumerate(lines, 1):
        crc = zlib.crc32(line.encode())
        t.expect(rf"line {number}: {len(line)} \[{line}\] crc {crc:08x}")
    t.type("x" * FLOOD + "\r")
    t.expect(rf"{LINE_MAX} \[x+\]")
    finish(t)


def test_the_guest_sleeps_while_nobody_types() -> None:
    t = started()
    time.sleep(3)
    t.type("x\r")
    slept = int(t.expect(r"slept (\d+)\n")[1])
    assert 10 <= slept <= 1000, slept
    finish(t)


def test_control_d_ends_the_input() -> None:
    t = started()
    t.type("\x04")
    t.expect("end of input\n")
    assert t.end() == 0


def test_the_way_out_ends_the_run() -> None:
    t = started("--stay", *ARGS)
    t.type("\x01\x01")
    t.gives("abc\x01\x01x", "xabc")
    t.type("\x01x")
    t.expect("interrupted; nothing is left running")
    assert t.end() == 130
    t = started("--stay", *ARGS)
    t.type("\x03")
    assert t.end() == 130


def piped(data: bytes | None, *options: str, **more: Any) -> tuple[int, str]:
    """A run whose standard input is no terminal. None: it is closed."""
    with tempfile.TemporaryDirectory(prefix="input-") as folder:
        done = subprocess.run(
            [*COMMAND, *ARGS, *options], input=data, timeout=SECONDS,
            stdout=subprocess.PIPE, stderr=subprocess.STDOUT, check=False,
            env={**os.environ, "TMPDIR": folder}, **more)
        assert not os.listdir(folder)
    return done.returncode, done.stdout.decode("latin-1")


def test_a_pipe_is_input_and_its_end_is_the_end() -> None:
    status, said = piped(b"one\ntwo\n")
    assert status == 0, said
    assert "[one]" in said and "[two]" in said and "end of input" in said, said


def test_a_run_where_nobody_types_waits_until_its_time_is_out() -> None:
    for more in ({"stdin": subprocess.DEVNULL},
                 {"preexec_fn": lambda: os.close(0)}):
        status, said = piped(None, "--timeout", "8", **more)
        assert status == 6 and "verdict: timeout" in said, (status, said)
        assert "reading, not writing, not ready" in said, said
        assert "end of input" not in said, said


if __name__ == "__main__":
    # A shell that starts this file in the background lets it ignore Ctrl-C,
    # and the runs would inherit that.
    signal.signal(signal.SIGINT, signal.default_int_handler)
    sys.exit(tap.run(globals()))

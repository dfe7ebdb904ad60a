#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-2-Clause
"""The client of minihv's control port: what it does when minihv does not hear
at once, answers late, refuses or says nothing."""
from __future__ import annotations

import socket
import sys
import tempfile
import threading
from pathlib import Path
from typing import Callable

TESTS = Path(__file__).resolve().parent.parent
sys.path[:0] = [str(TESTS), str(TESTS / "minihv")]

import tap  # noqa: E402
from control import Control, ControlError  # noqa: E402

AGAIN = 0.05    # seconds; how long a test takes, never what it judges
HANG = 60       # seconds


def answer(line: str) -> str:
    """What minihv says to a line."""
    word, _, rest = line.partition(" ")
    if word == "hello":
        return f"ok {rest}\n"
    if word == "list":
        return "- one\n- two\nok\n"
    return f"error expected a command, found '{word}'\n" if word else ""


def ignoring(count: int) -> Callable[[str], str]:
    """minihv that does not hear the first `count` greetings."""
    heard = 0

    def say(line: str) -> str:
        nonlocal heard
        heard += line.startswith("hello")
        return answer(line) if heard > count else ""
    return say


def late() -> Callable[[str], str]:
    """minihv whose answers to three greetings come together."""
    kept: list[str] = []

    def say(line: str) -> str:
        if not line.startswith("hello"):
            return answer(line)
        kept.append(answer(line))
        return "".join(kept[:3]) if len(kept) == 3 else ""
    return say


class Port:
    """A socket with a minihv behind it, for one client."""

    def __init__(self, folder: str, say: Callable[[str], str]) -> None:
        self.path = Path(folder) / "control"
        self._server = socket.socket(socket.AF_UNIX)
        self._server.bind(str(self.path))
        self._server.listen(1)
        threading.Thread(target=self._serve, args=(say,), daemon=True).start()

    def _serve(self, say: Callable[[str], str]) -> None:
        client, _ = self._server.accept()
        with client, client.makefile("r") as lines:
            for line in lines:
                client.sendall(say(line.rstrip("\n")).encode())


def refusal(say: Callable[[str], str], command: str, seconds: float) -> str:
    with tempfile.TemporaryDirectory() as folder:
        port = Port(folder, say)
        try:
            Control(port.path, seconds, AGAIN).ask(command)
        except ControlError as error:
            return str(error)
    return ""


def answered(say: Callable[[str], str]) -> list[str]:
    with tempfile.TemporaryDirectory() as folder:
        return Control(Port(folder, say).path, HANG, AGAIN).ask("list")


def test_the_lines_of_an_answer_come_without_their_marks() -> None:
    assert answered(answer) == ["one", "two"]


def test_a_machine_that_does_not_hear_yet_is_greeted_again() -> None:
    assert answered(ignoring(3)) == ["one", "two"]


def test_late_answers_to_greetings_are_no_answer_to_a_command() -> None:
    assert answered(late()) == ["one", "two"]


def test_a_machine_that_never_answers_is_named() -> None:
    said = refusal(lambda line: "", "list", 0.3)
    assert said == "minihv has not answered 'hello' for 0.3 s", said


def test_a_command_that_is_none_is_an_error() -> None:
    said = refusal(answer, "dance", HANG)
    assert said == "expected a command, found 'dance'", said


def test_a_socket_that_is_not_there_is_named() -> None:
    try:
        Control(Path("/nonexistent/control"))
    except ControlError as error:
        assert "no minihv listens at /nonexistent/control" in str(error), error
    else:
        raise AssertionError("a connection to nothing")


if __name__ == "__main__":
    sys.exit(tap.run(globals()))

#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-2-Clause
"""The suite `http`: the appliance's pages, asked for from outside.

The default image runs on minihv's network device; a TCP port of this machine is
forwarded to it by QEMU's user network. curl and sockets ask; Debian's Prometheus
client reads the numbers. Memory must be the same before and after a thousand
connections, and slow or broken clients must not keep others from their answer.
"""
from __future__ import annotations

import argparse
import json
import re
import socket
import struct
import sys
import tempfile
import threading
import time
from pathlib import Path
from typing import Any, Callable

HERE = Path(__file__).resolve().parent
sys.path[:0] = [str(HERE.parent), str(HERE.parent / "minihv")]

import tap  # noqa: E402
from guest import WAIT, Guest  # noqa: E402

ROW, AT_ONCE, PLACES = 1000, 64, 30
ROUNDED = 512         # bytes
GET = b"GET /healthz HTTP/1.1\r\nHost: a\r\n\r\n"


def expect(found: Any, expected: Any, words: str) -> None:
    if found != expected:
        raise AssertionError(f"{words}: expected {expected}, found {found}")


# ---- the pages ---------------------------------------------------------------

def page_is_whole(guest: Guest) -> None:
    page = guest.get("/")
    ids = set(re.findall(r'id="(\w+)"', page))
    expect(ids, set(json.loads(guest.get("/status.json"))["live"]),
           "what the script keeps fresh")
    for words in ("<h1>vmbare-0001</h1>", "Everything is in order.",
                  "10.0.2.15/24 by DHCP", "heartbeat", "net.address"):
        expect(words in page, True, f"the page has {words}")
    expect(re.findall(r"(?:https?:)?//[a-z]|(?:src|import)\s*=", page), [],
           "things from elsewhere")
    expect(page.count("<table>"), page.count("</table>"), "tables")


def numbers_move(guest: Guest) -> None:
    first = guest.metrics()
    second = guest.metrics()
    expect(second["vmbare_http_requests_total"],
           first["vmbare_http_requests_total"] + 1, "requests")
    expect(second["vmbare_network_frames_total/received"] >
           first["vmbare_network_frames_total/received"], True, "frames come")
    expect(first["vmbare_channels/network"], 1, "channels of the network")
    expect(first["vmbare_healthy"], 1, "vmbare_healthy")
    expect(first["vmbare_service_ready/heartbeat"], 1, "the heartbeat")
    expect(first["vmbare_service_ready/shutdown"], 0, "what is not offered")


def other_texts(guest: Guest) -> None:
    expect(guest.get("/healthz"), "ok\n", "/healthz")
    expect("---- end of report ----" in guest.get("/log"), True,
           "the log has the report")
    state = json.loads(guest.get("/status.json"))
    expect(state["problem"], "", "problem")
    expect(state["network"][0], "10.0.2.15/24 by DHCP, vmbare-0001.local",
           "the address")


def refusals(guest: Guest) -> None:
    expect(guest.status("/nowhere"), "404", "a page that is not there")
    expect(guest.status("/", "-X", "DELETE"), "405", "another method")
    expect(guest.status("/", "-d", "x" * 5000), "413", "a large body")
    expect(guest.status("/", "-I"), "200", "HEAD")
    expect(guest.curl("-I", guest.url("/healthz")).count("ok"), 0,
           "bytes behind the head")


def connection_is_kept(guest: Guest) -> None:
    made = guest.curl("-w", "%{num_connects} ", "-o", "/dev/null",
                      guest.url("/"), "-o", "/dev/null",
                      guest.url("/healthz"))
    expect(made.split(), ["1", "0"], "connections of two requests")


# ---- many, slow and broken ones ----------------------------------------------

def ask_once(guest: Guest, wrong: list[str]) -> None:
    try:
        expect(guest.get("/healthz"), "ok\n", "/healthz")
    except (OSError, AssertionError) as error:
        wrong.append(str(error))


def at_once(guest: Guest) -> list[str]:
    wrong: list[str] = []
    threads = [threading.Thread(target=ask_once, args=(guest, wrong))
               for _ in range(AT_ONCE)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(WAIT)
    return wrong


def settled(guest: Guest, heap: float | None = None) -> dict[str, float]:
    """The numbers when no other connection is open any more, and when the heap
    has come back to what it was, if that is asked for: the stack gives the last
    memory of a connection back a little later. ROUNDED is what malloc may give
    more for the same blocks, less than a byte for each connection."""
    deadline = time.monotonic() + WAIT
    while True:
        found = guest.metrics()
        if found["vmbare_http_connections"] == 1 and (
                heap is None or
                found["vmbare_heap_growth_bytes"] <= heap + ROUNDED):
            return found
        if time.monotonic() > deadline:
            raise AssertionError(f"expected one connection and {heap} bytes of "
                                 f"the heap: {found}")
        time.sleep(0.5)


def nothing_is_lost(guest: Guest) -> None:
    expect(at_once(guest), [], "64 at once")   # what grows once has grown
    before = settled(guest)
    wrong: list[str] = []
    for _ in range(ROW):
        ask_once(guest, wrong)
    expect(wrong, [], "a thousand in a row")
    expect(at_once(guest), [], "64 at once")
    after = settled(guest, before["vmbare_heap_growth_bytes"])
    expect(after["vmbare_http_connections_total"] -
           before["vmbare_http_connections_total"] >= ROW + AT_ONCE, True,
           "connections were counted")


def slow_clients_end(guest: Guest) -> None:
    before = guest.metrics()["vmbare_http_late_connections_total"]
    slow = [guest.connect() for _ in range(3)]
    slow[1].sendall(b"G")
    slow[2].sendall(GET[:-2])
    expect(guest.get("/healthz"), "ok\n", "another client meanwhile")
    for s in slow:
        expect(s.recv(100), b"", "the end of a slow client")
        s.close()
    expect(guest.metrics()["vmbare_http_late_connections_total"], before + 3,
           "slow clients that were counted")


def quiet_ones_give_way(guest: Guest) -> None:
    quiet = []
    for _ in range(PLACES + 10):
        s = guest.connect()
        s.sendall(GET)
        expect(s.recv(1000).startswith(b"HTTP/1.1 200"), True, "an answer")
        quiet.append(s)
    expect(guest.metrics()["vmbare_http_crowded_connections_total"] >= 10, True,
           "quiet connections that gave way")
    for s in quiet:
        s.close()


def broken_clients_harm_nobody(guest: Guest) -> None:
    for words in (b"\0\1\2\3\r\n\r\n", b"GET / HTTP/9.9\r\n\r\n",
                  b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03",
                  b"A" * 20000):
        with guest.connect() as s:
            s.sendall(words)
            expect(s.recv(1000)[:11] in (b"HTTP/1.1 40", b"HTTP/1.1 50"), True,
                   f"a refusal of {words[:20]!r}")
    for _ in range(20):
        s = guest.connect()
        s.sendall(GET * 3)
        # Closed with a reset, while answers are under way.
        s.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER,
                     struct.pack("ii", 1, 0))
        s.close()
    expect(guest.get("/healthz"), "ok\n", "the next client")
    settled(guest)


PAGES: tuple[tuple[str, Callable[[Guest], None]], ...] = (
    ("the page is whole, needs nothing from elsewhere, and has every value that "
     "its script keeps fresh", page_is_whole),
    ("Prometheus' own parser reads the metrics, and numbers move",
     numbers_move),
    ("/healthz, /log and /status.json say what they should", other_texts),
    ("404, 405, 413 and HEAD", refusals),
    ("two requests go over one connection", connection_is_kept),
    ("1,000 connections in a row and 64 at once leave no memory behind",
     nothing_is_lost),
    ("slow clients are ended, and others are served meanwhile",
     slow_clients_end),
    ("quiet connections give their places to new ones", quiet_ones_give_way),
    ("broken clients harm nobody", broken_clients_harm_nobody),
)


def with_guest(out: tap.Tap, build: Path, cmdline: str, guest_port: int,
               tests: tuple[tuple[str, Callable[[Guest], None]], ...]) -> None:
    with tempfile.TemporaryDirectory(prefix="minihv-") as name:
        guest = Guest(build, Path(name), cmdline, guest_port)
        for words, test in tests:
            problem = ""
            began = time.monotonic()
            try:
                test(guest)
            except Exception as error:  # pylint: disable=broad-except
                problem = f"{error!r}\n{guest.told()[-3000:]}"
            out.result(not problem, words, problem)
            out.note(f"{time.monotonic() - began:.1f} s")
        problem = guest.end()
        out.result(not problem, f"the guest with '{cmdline}' goes on", problem)


def nobody_listens(guest: Guest) -> None:
    with guest.connect() as s:
        s.sendall(GET)
        try:
            answer = s.recv(100)
        except ConnectionResetError:
            answer = b""
        expect(answer, b"", "an answer")
    expect("page        http" in guest.told(), False, "a line about a page")


def listens_there(guest: Guest) -> None:
    expect("page        http://10.0.2.15:8080/" in guest.told(), True,
           "the page's address in the report")
    expect(guest.get("/healthz"), "ok\n", "/healthz")


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("build", type=Path)
    parser.add_argument("--only", default="", help="tests with these words")
    given = parser.parse_args()
    out = tap.Tap()
    with_guest(out, given.build, "", 80, tuple(
        test for test in PAGES if given.only in test[0]))
    with_guest(out, given.build, "http=8080", 8080,
               (("http=8080 serves there", listens_there),))
    with_guest(out, given.build, "http=off", 80,
               (("http=off serves nothing", nobody_listens),))
    return out.end()


if __name__ == "__main__":
    sys.exit(main())

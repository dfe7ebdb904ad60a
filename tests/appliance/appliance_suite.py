#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-2-Clause
"""The suite `appliance`: what the default image says of its network.

It runs on minihv's network device, with QEMU's user network behind it or without
anybody there. Each text must come on COM1 and then stand on the screen, which is
read from QEMU's picture of it; the address, or the reason why there is none, is
the first line of the summary. One machine loses its link, then its adapter, and
gets both back. Runs that end must end with the verdict of the host.
"""
from __future__ import annotations

import argparse
import sys
from dataclasses import dataclass, field
from pathlib import Path

HERE = Path(__file__).resolve().parent
sys.path[:0] = [str(HERE.parent), str(HERE.parent / "minihv")]

import ramdisk  # noqa: E402
import screen  # noqa: E402
import tap  # noqa: E402
from control import Control  # noqa: E402
from machine import (Machine, MinihvError, Result, Run,  # noqa: E402
                     execute)

SECONDS = 300         # until a run hangs
PASSED, USAGE = 33, 49
FIRST = "---- summary ----\nnetwork     "
ADDRESS = "10.0.2.15/24 by DHCP, vmbare-0001.local"
ADAPTER = "adapter 00:15:5d:00:00:01"


@dataclass
class Case:
    """A machine that stays: what it says, in this order."""
    words: str
    says: tuple[str, ...]
    cmdline: str = ""
    config: dict[str, object] = field(default_factory=dict)
    network: bool = True
    unplug: bool = False


CASES = (
    Case("the address is the first line, on COM1 and on the screen",
         (FIRST + ADDRESS, ADAPTER)),
    Case("of two adapters it says that it has taken the first",
         (FIRST + ADDRESS, ADAPTER + ", the first of 2: net.adapter chooses"),
         config={"net.devices": 2}),
    Case("of two adapters it takes the one that net.adapter names",
         (FIRST, "adapter 00:15:5d:00:00:02, one of 2, as net.adapter says"),
         "net.adapter=00:15:5d:00:00:02", {"net.devices": 2}),
    Case("a network without DHCP is named with the seconds of waiting, and then "
         "the address of its own choice",
         (FIRST + "no answer from DHCP for 1", ADAPTER, "network: 169.254.",
          "/16 of its own choice", "no answer from DHCP for"), network=False),
    Case("a link that goes, an adapter that goes and an address that comes back "
         "are told",
         (FIRST + ADDRESS,
          "network: no link: connect the adapter to a virtual switch",
          "network: no link: the host has taken the adapter away",
          "network: " + ADDRESS), unplug=True),
)


@dataclass
class Ending:
    """A run that ends: the first line of its summary and its status."""
    words: str
    says: str
    status: int = PASSED
    cmdline: str = ""
    config: dict[str, object] = field(default_factory=dict)


ENDINGS = (
    Ending("a run that ends waits for the address", FIRST + ADDRESS),
    Ending("a host without an adapter is told, and nobody waits",
           FIRST + "none: the host offers no network adapter; add one to the "
           "virtual", config={"devices": "heartbeat"}),
    Ending("an address that cannot be ends with the verdict usage",
           FIRST + "none: net.address: found 10.0.2.15, expected dhcp or",
           USAGE, "net.address=10.0.2.15"),
    Ending("an adapter that is not there is named",
           FIRST + "none: expected the adapter 00:15:5d:00:00:77",
           cmdline="net.adapter=00:15:5d:00:00:77"),
    Ending("with end=off the network is left alone",
           "---- summary ----\ndate ", 0, "end=off"),
)


def job(build: Path, case: Case | Ending, words: str,
        machine: Machine) -> Run:
    return Run(build / "vmbare.efi", f"{words} {case.cmdline}",
               {"devices": "network", "trace": 0, **case.config}, machine,
               deadline=SECONDS)


def on_screen(session: ramdisk.Session, text: str,
              known: dict[bytes, str]) -> bool:
    """Waits until the screen shows the text, whose first line may stand where
    another one ended."""
    file = session.path("screen.ppm")
    shown: list[str] = []

    def look(_told: str) -> bool:
        nonlocal shown
        session.monitor(f"screendump {file}")
        shown = screen.read(file.read_bytes(), known)
        return text in "\n".join(shown)

    if session.wait(look):
        return True
    print("\n".join(f"# {line}" for line in shown))
    return False


def listen(case: Case, session: ramdisk.Session,
           known: dict[bytes, str]) -> str:
    """Waits for one text after the other; returns what did not come."""
    start = 0
    control: Control | None = None
    for text in case.says:
        def is_there(told: str, text: str = text) -> bool:
            return text in told.replace("\r", "")[start:]
        if not session.wait(is_there):
            return f"COM1 never says '{text}'"
        start = session.serial().replace("\r", "").index(text, start)
        if not on_screen(session, text, known):
            return f"the screen never shows '{text}'"
        if case.unplug and text == case.says[0]:
            control = Control(session.path("control"))
            control.ask("net unplug")
        elif case.unplug and text == case.says[2] and control:
            control.ask("net plug")
    return ""


def stays(case: Case, build: Path) -> str:
    known = screen.glyphs(build / "generated/font_glyphs.h")
    problem = ""

    def during(session: ramdisk.Session) -> None:
        nonlocal problem
        problem = listen(case, session, known)
        session.monitor("quit")

    result = ramdisk.execute(
        job(build, case, "", Machine(2, 512, network=case.network, screen=True,
                                     control=True)),
        build / "minihv.efi", during)
    if not problem and result.status != 0:
        problem = f"QEMU ended with {result.status}"
    return problem and f"{problem}\n{result.console}{result.serial}"


def ends(case: Ending, build: Path) -> str:
    result: Result = execute(
        job(build, case, "exit", Machine(2, 512, network=True)),
        build / "minihv.efi")
    told = result.serial.replace("\r", "")
    problem = ""
    if result.status != case.status:
        problem = f"QEMU ended with {result.status}, expected {case.status}"
    elif case.says not in told:
        problem = f"it does not say '{case.says}'"
    elif result.counts().get("rules-broken"):
        problem = "rules were broken"
    return problem and f"{problem}\n{result.console}{result.serial}"


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("build", type=Path)
    parser.add_argument("--only", default="", help="cases with these words")
    given = parser.parse_args()
    out = tap.Tap()
    for case in (*CASES, *ENDINGS):
        if given.only not in case.words:
            continue
        try:
            problem = stays(case, given.build) if isinstance(case, Case) \
                else ends(case, given.build)
        except MinihvError as error:
            problem = str(error)
        out.result(not problem, case.words, problem)
    return out.end()


if __name__ == "__main__":
    sys.exit(main())

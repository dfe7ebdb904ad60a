#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-2-Clause
"""The suite `netvsc`: drivers/network/ on minihv's network device.

app/network talks with QEMU's network (DHCP, ARP, echoes), or sends frames from
one adapter to another. The host must have counted no broken rule, and what
guest and host say of a run must agree.
"""
from __future__ import annotations

import argparse
import re
import sys
from dataclasses import dataclass, field
from pathlib import Path

HERE = Path(__file__).resolve().parent
sys.path[:0] = [str(HERE.parent), str(HERE.parent / "minihv")]

import tap  # noqa: E402
from machine import (Machine, MinihvError, Result, Run,  # noqa: E402
                     execute)

PASSED, FAILED = 33, 35
SECONDS = 600  # until a run hangs


@dataclass
class Case:
    words: str               # what happens, for the title
    cmdline: str
    oks: int                 # results that the guest prints
    config: dict[str, object] = field(default_factory=dict)
    says: tuple[str, ...] = ()     # patterns in the guest's output
    counted: tuple[str, ...] = ()  # minihv's counters that are not 0
    smp: int = 2
    status: int = PASSED


PAIR = {"net.devices": 2}
WILD = {"net.loss": 20, "net.twice": 20, "net.late": 50, "net.late-us": 3000,
        "net.seed": 7}
EVENTS = {"net.event": "down@30,change@60,replug@100"}
ALL = "offloads f"


def cases() -> list[Case]:
    found = [Case("an address by DHCP, ARP and 200 echoes", "pings=200", 4,
                  {}, ("protocol 60001", ALL, r"200 of 200 echoes"))]
    for name, number, offloads in (("6", "60000", "7"), ("5", "50000", "7"),
                                   ("4", "40000", "7"), ("2", "30002", "7"),
                                   ("1", "2,", "7")):
        found.append(Case(f"the same over NVSP {name}", "pings=50", 4,
                          {"net.version": name},
                          (f"protocol {number}", f"offloads {offloads}")))
    found += [
        Case("frames between two adapters, with all offloads", "pair", 8, PAIR,
             (r"1 coalesced of \d\d segments", ALL), ("net1-coalesced",), 3),
        Case("the same with MTU 9000", "pair mtu=9000", 8, PAIR,
             ("mtu 9000", "1 coalesced"), ("net1-coalesced",)),
        Case("the same without offloads", "pair offloads=0", 8, PAIR,
             ("offloads 0", "0 coalesced")),
        Case("large sends that the host cuts", "pair offloads=7", 8, PAIR,
             ("offloads 7", "0 coalesced", "of 36 has 1054 bytes")),
        Case("the same in a VLAN", "pair vlan=7", 8, PAIR),
        Case("the same over NVSP 1", "pair mtu=9000", 8,
             {**PAIR, "net.version": 1}, ("mtu 1500",)),
        Case("echoes where frames are lost, doubled and overtaken",
             "pings=300", 4, WILD, (),
             ("switch-lost", "switch-doubled", "switch-late")),
        Case("64 flows on two channels and two processors",
             "pair channels=2", 10, {**PAIR, "net.queues": 2, "processors": 2},
             (r"on sub-channels \d+ frames sent.* 0 out of order",
              "second: 2 channels"), ("net1-queue1",), 3),
        Case("a host with fewer channels than processors",
             "pair channels=3", 10, {**PAIR, "net.queues": 3, "processors": 4},
             ("second: 3 channels",), ("net1-queue2",), 5),
        Case("a host with more channels than processors",
             "pair channels=2", 10, {**PAIR, "net.queues": 4, "processors": 2},
             ("second: 2 channels",), ("net1-queue1",), 3),
        Case("no sub-channels where they are switched off",
             "pair offloads=15", 8, {**PAIR, "net.queues": 2, "processors": 2},
             ("second: 1 channels",), (), 3),
        Case("no sub-channels over NVSP 4", "pair", 8,
             {**PAIR, "net.queues": 2, "net.version": 4, "processors": 2},
             ("second: 1 channels",), (), 3),
        Case("an adapter with two channels goes and comes back",
             "pings=20 returns=1 channels=2", 8, {**EVENTS, "net.queues": 2, "processors": 2},
             ("told absent 1, down 2, up 3, changed 1",
              "adapter: 2 channels"), (), 3),
        Case("the link goes, the port moves, the adapter goes and comes back",
             "pings=20 returns=1", 8, EVENTS,
             ("told absent 1, down 2, up 3, changed 1", "2 openings, 4 ind")),
        Case("the second adapter is found by its address",
             "pings=20 mac=00:15:5d:00:00:02", 4, PAIR,
             ("network: 00:15:5d:00:00:02",), ("net1-sent",)),
        Case("an address that no adapter has is refused by name",
             "mac=00:15:5d:00:00:03", 0, PAIR,
             ("expected the adapter 00:15:5d:00:00:03, found "
              "00:15:5d:00:00:02",), status=FAILED),
        Case("a host without an adapter is told", "mac=00:15:5d:00:00:01", 0,
             {"devices": "echo"},
             ("expected a network adapter among the host's offers",),
             status=FAILED),
    ]
    return found


def disagreement(result: Result) -> str:
    """Compares the guest's counters with the host's, in runs that are long
    enough for both to be complete."""
    counts = result.counts()
    names = re.findall(r"^# (\w+): sent (\d+) frames.* (\d+) failed",
                       result.serial, re.M)
    for i, (name, sent, failed) in enumerate(names):
        host = counts.get(f"net{i}-sent")
        if len(names) == 2 and int(sent) != host:
            return f"{name} has sent {sent} frames, the host has {host}"
        if int(failed):
            return f"the host has not taken {failed} packets of {name}"
    if re.search(r"indications, [1-9]\d* refused", result.serial):
        return "the guest refuses what the host says"
    return ""


def wrong(case: Case, result: Result) -> str:
    """Returns why the run failed; empty if it did not."""
    oks = len(re.findall(r"^ok \d+ - ", result.serial, re.M))
    counts = result.counts()
    problem = disagreement(result)
    if result.status != case.status:
        problem = f"QEMU ended with {result.status}, not {case.status}"
    elif oks != case.oks:
        problem = f"{oks} results are good, expected {case.oks}"
    elif counts.get("rules-broken"):
        problem = "rules were broken"
    for pattern in case.says:
        if not problem and not re.search(pattern, result.serial):
            problem = f"the guest does not say '{pattern}'"
    for name in case.counted:
        if not problem and not counts.get(name):
            problem = f"{name} is {counts.get(name)}, expected some"
    return problem and f"{problem}\n{result.console}{result.serial}"


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("build", type=Path)
    parser.add_argument("--only", default="", help="cases with these words")
    given = parser.parse_args()
    out = tap.Tap()
    for case in cases():
        if given.only not in case.words:
            continue
        config = {"devices": "network", "trace": 0, **case.config}
        run = Run(given.build / "app-network.efi", f"exit {case.cmdline}",
                  config, Machine(case.smp, 512, network=True),
                  deadline=SECONDS)
        try:
            result = execute(run, given.build / "minihv.efi")
            problem = wrong(case, result)
            out.result(not problem, case.words, problem)
            out.note(f"{result.seconds:.1f} s")
        except MinihvError as error:
            out.result(False, case.words, str(error))
    return out.end()


if __name__ == "__main__":
    sys.exit(main())

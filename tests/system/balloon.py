# SPDX-License-Identifier: BSD-2-Clause
"""Dynamic memory over KMCL, with QEMU's hv-balloon: image app-balloon."""
from __future__ import annotations

import os
import re
import time

from case import HANG_SECONDS, Case
from host import Result, Session

HOST = "auto"
BOOT = "direct"
IMAGE = "app-balloon"
MIB = 1 << 20
# Deadlines for a guest or a QEMU that hangs.
START_SECONDS = 300
STEP_SECONDS = 300
# `make test` sets this many targets; BALLOON_SECONDS=600 sets targets for ten
# minutes instead.
ROUNDS = 20
SECONDS = int(os.environ.get("BALLOON_SECONDS") or "0")
REPORTING = ("vmbus-bridge", "hv-balloon,id=hv0,status-report=on")
STATE = re.compile(r"^# balloon: running, version (\S+), has (\d+) of (\d+) "
                   r"pages free, host has (\d+), added (\d+), .* (\d+) refused, "
                   r"(\d+) not sent", re.M)
# Targets alternate between more and less memory. QEMU asks in pieces; the
# guest answers in units of 2 MiB.
TARGETS = (384, 256, 448, 300, 512)


def after_a_report(session: Session) -> None:
    """Returns right after one of the guest's reports, a second before the
    next. When a command wakes QEMU 10.0, it looks for packets outside of its
    ring code's bracket. A packet that is there at that moment makes QEMU
    abort (`iter->active')."""
    seen = session.serial().count("# balloon: running")
    deadline = time.monotonic() + START_SECONDS
    while time.monotonic() < deadline:
        if session.serial().count("# balloon: running") > seen:
            return
        time.sleep(0.05)


def set_target(session: Session, size: int) -> str | None:
    after_a_report(session)
    session.qmp.command("balloon", value=size)
    return wait_for_size(session, size)


def wait_for_size(session: Session, size: int) -> str | None:
    """Waits until QEMU itself reports that the guest has this much."""
    deadline = time.monotonic() + STEP_SECONDS
    actual = None
    while time.monotonic() < deadline:
        actual = session.qmp.command("query-balloon")["actual"]
        if actual == size:
            return None
        time.sleep(0.5)
    return f"expected {size} bytes in the guest, QEMU says {actual}"


def let_it_end(session: Session) -> None:
    """Ends the guest after a report that shows the last target's outcome."""
    after_a_report(session)
    after_a_report(session)
    session.type("q")


def up_and_down(session: Session) -> None:
    """Sets ROUNDS targets, or targets for SECONDS after the first request."""
    if not session.wait_serial("# balloon: running", START_SECONDS):
        session.kept["error"] = "expected the balloon to run, it did not"
        return
    end = time.monotonic() + SECONDS
    turn = 0
    problem = None
    while not problem and (time.monotonic() < end or turn < ROUNDS):
        problem = set_target(session, TARGETS[turn % len(TARGETS)] * MIB)
        turn += 1
    session.kept["note"] = f"{turn} targets reached, then all given back"
    problem = problem or set_target(session, 512 * MIB)
    if problem:
        session.kept["error"] = problem
    session.kept["report"] = session.qmp.command(
        "query-hv-balloon-status-report")
    let_it_end(session)


def all_is_back(result: Result) -> str | None:
    """Checks the guest's own counts: no page is lost, no request refused."""
    lines = STATE.findall(result.serial)
    if not lines:
        return "expected the guest to say how it stands"
    last = lines[-1]
    # Compare from the second time on: the first request also takes pages for
    # malloc, which keeps them.
    began = next((n for n, line in enumerate(lines) if line[3] != "0"), 0)
    settled = {line[1] for line in lines[began:] if line[3] == "0"}
    if last[3] != "0":
        return f"expected all pages back, the host still has {last[3]}"
    if len(settled) != 1:
        return f"expected as many free pages each time, found {settled}"
    if last[5] != "0" or last[6] != "0":
        return f"expected nothing refused or unsent, found {last}"
    report = result.kept.get("report")
    if not report or not 0 < report["committed"] < 512 * MIB:
        return f"expected the guest's own numbers in QEMU, found {report}"
    return None


# The added range begins above 4 GiB. QEMU aligns it, so maxmem is generous.
HOT_ADD = {
    "devices": ("vmbus-bridge",
                "hv-balloon,id=hv0,status-report=on,memdev=mem1"),
    "extra": ("-m", "512M,maxmem=68G", "-object",
              "memory-backend-ram,id=mem1,size=512M"),
}


def add_memory(session: Session) -> None:
    """Sets the target to twice the memory: QEMU hot-adds what is missing."""
    if not session.wait_serial("# balloon: running", START_SECONDS):
        session.kept["error"] = "expected the balloon to run, it did not"
        return
    problem = set_target(session, 1024 * MIB)
    if problem:
        session.kept["error"] = problem
    let_it_end(session)


def all_is_added(result: Result) -> str | None:
    lines = STATE.findall(result.serial)
    added = int(lines[-1][4]) if lines else 0
    total = int(lines[-1][2]) if lines else 0
    if added != 512 * MIB // 4096 or total <= added:
        return (f"expected 131072 pages added to the allocator's own, found "
                f"{added} of {total}")
    return None


CASES = [
    Case(f"the guest reaches each balloon target for {SECONDS} seconds"
         if SECONDS else
         f"the guest reaches each of {ROUNDS} balloon targets, up and down",
         "quiet",
         {"devices": REPORTING, "timeout": SECONDS + HANG_SECONDS,
          "trace": ("vmbus_*", "hv_balloon_*")}, check=all_is_back,
         during=up_and_down),
    Case("the guest takes hot-added memory until it has 1 GiB", "quiet",
         HOT_ADD,
         check=all_is_added, during=add_memory),
]

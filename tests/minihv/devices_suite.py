#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-2-Clause
"""The suite `minihv-devices`: one start of an unmodified Linux judges every
device of an appliance for a moment.

It is the short form of the suites minihv-net, minihv-services, minihv-input
and minihv-video: one request of each service, some keys and movements, one
file over the network each way, one picture. The long forms try versions,
settings, errors and more processors.
"""
from __future__ import annotations

import argparse
import hashlib
import random
import re
import sys
import threading
from http.server import ThreadingHTTPServer
from pathlib import Path

HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent))

import input_suite  # noqa: E402
import net_suite  # noqa: E402
import ramdisk  # noqa: E402
import services_suite  # noqa: E402
import tap  # noqa: E402
import video_suite  # noqa: E402
from machine import Machine, MinihvError, Run  # noqa: E402

MODULES = ("hv_vmbus", "hv_utils", "evdev", "hyperv-keyboard", "hid-hyperv",
           "hyperv_fb", "hv_netvsc")
APPLETS = ("sync", "date", "tr", "md5sum", "cut", "ip", "udhcpc", "wget",
           "httpd", "timeout")
DAEMONS = ("hv_kvp_daemon", "hv_fcopy_daemon")
DEVICES = "network,keyboard,mouse,video,heartbeat,shutdown,time,kvp,copy"
TYPED = (*input_suite.KEYS[:3], *input_suite.MOVES[:3], input_suite.MOVES[8])
CHECKS = ("the picture is drawn", "DHCP gives eth0 an address",
          "a file fetched by HTTP has the checksum it was made with",
          "no complaint in the log")
SIZE = 256 << 10
SECONDS = 600   # until the run hangs


def prepare(build: Path, data: bytes) -> ramdisk.Linux:
    programs = {**services_suite.with_libraries(DAEMONS),
                "sbin/poweroff": HERE / "linux/services-poweroff",
                "dhcp": HERE / "linux/net-dhcp"}
    return ramdisk.prepare(
        build, "devices-init", MODULES, ("fbtool", "inputtool"), APPLETS,
        programs, {"www/data": data, "var/lib/none": b"",
                   "pool1": services_suite.RECORD,
                   "etc/os-release": b'NAME="A small guest"\n'})


class Visit:
    """Somebody who uses the running guest's devices, one after the other."""

    def __init__(self, session: ramdisk.Session, out: tap.Tap, port: int,
                 data: bytes) -> None:
        self._session = session
        self._out = out
        self._outside = services_suite.Outside(session, out)
        self._port = port
        self._data = data

    def _result(self, problem: str, name: str) -> None:
        self._out.result(not problem, name,
                         problem and f"{problem}\n{self._session.serial()}")

    def screen(self) -> None:
        problem = "Linux drew nothing"
        if self._session.wait_for("# drawn"):
            problem = video_suite.compare(
                self._session, self._session.path("screen.ppm"))
        self._result(problem, "the screen shows what the guest has drawn")

    def keys(self) -> None:
        case = input_suite.Case("", 2, "", TYPED, 0)
        problem = input_suite.type_all(case, self._session)
        expected = [e for _, wanted in TYPED for e in wanted]
        seen = input_suite.events(self._session.serial())[:len(expected)]
        if not problem and seen != expected:
            problem = f"expected {expected}\nseen     {seen}"
        self._result(problem, "keys and movements become the guest's events")

    def _fetch(self) -> str:
        got = net_suite.curl(self._port, "data")
        return "" if got == self._data else \
            f"curl got {len(got)} bytes, expected {SIZE} others"

    def files(self) -> None:
        problem = "the guest never printed '# serving'"
        if self._session.wait_for("# serving"):
            problem = self._fetch()
        self._result(problem, "curl fetches a file from the guest")

    def unplugged(self) -> None:
        status, said = self._outside.ctl("net", "unplug")
        good = status == 0 and self._session.wait_for("# eth0 gone")
        self._outside.check("the network device goes", good, said)
        status, said = self._outside.ctl("net", "plug")
        good = status == 0 and self._outside.wait_lines("eth0 up", 1)
        self._result(self._fetch() if good else
                     f"the guest never said 'eth0 up' again: {said}",
                     "it comes back, and curl fetches again")

    def all(self) -> None:
        self.screen()
        self.keys()
        self.files()
        self.unplugged()
        for step in (services_suite.kvp, services_suite.clock,
                     services_suite.copy, services_suite.heartbeat):
            step(self._outside)
        status, said = self._outside.ready("shutdown")
        self._outside.check("the guest agrees to shut down", status == 0, said)


def judge(result: ramdisk.Result, out: tap.Tap) -> None:
    told = result.console + result.serial
    out.result(result.status == 0 and "# end" in result.serial,
               "it powers itself off", f"status {result.status}\n{told}")
    good = re.findall(r"^ok - (.*?)\r?$", result.serial, re.M)
    out.result(sorted(good) == sorted(CHECKS)
               and not re.search("^not ok", result.serial, re.M),
               "the guest's own checks pass", f"passed: {good}\n{told}")
    out.result(not result.counts().get("rules-broken", 1),
               "Linux breaks no rule", told)
    out.note(f"{result.seconds:.1f} s, {result.counts()}")


def run(build: Path, minihv: Path, out: tap.Tap) -> None:
    numbers = random.Random(17)
    data = numbers.randbytes(SIZE)
    net_suite.Files.data = numbers.randbytes(SIZE)
    server = ThreadingHTTPServer(("127.0.0.1", 0), net_suite.Files)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    linux, port = prepare(build, data), net_suite.free_port()
    words = (f"{ramdisk.CMDLINE} from={server.server_address[1]} "
             f"sum={hashlib.md5(net_suite.Files.data).hexdigest()}")
    job = Run(linux.kernel, words, {"devices": DEVICES},
              Machine(2, 512, network=True, control=True, screen=True),
              linux.initrd, forward=((port, 80),),
              deadline=SECONDS)
    judge(ramdisk.execute(
        job, minihv, lambda s: Visit(s, out, port, data).all()), out)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("build", type=Path)
    given = parser.parse_args()
    build = given.build.resolve()
    out = tap.Tap()
    try:
        run(build / "minihv-devices", build / "minihv.efi", out)
    except MinihvError as error:
        out.result(False, "Linux 6.1 uses minihv's devices", str(error))
    return out.end()


if __name__ == "__main__":
    sys.exit(main())

# SPDX-License-Identifier: BSD-2-Clause
"""A machine on minihv that stays, and its pages as this machine sees them."""
from __future__ import annotations

import socket
import subprocess
import sys
import time
import urllib.request
from pathlib import Path

sys.path.append("/usr/lib/python3/dist-packages")  # where Debian puts it

from machine import Machine, Run, start  # noqa: E402
from prometheus_client.parser import (  # noqa: E402
    text_string_to_metric_families)

SECONDS = 1800        # until a run hangs
WAIT = 300            # until an answer does


def free_port() -> int:
    with socket.socket() as s:
        s.bind(("127.0.0.1", 0))
        return int(s.getsockname()[1])


class Guest:
    """A machine that stays, and its port 80 (or another) here."""

    def __init__(self, build: Path, work: Path, cmdline: str = "",
                 guest_port: int = 80) -> None:
        self.port = free_port()
        self._serial = work / "serial"
        self._serial.touch()
        self._console = work / "console"
        job = Run(build / "vmbare.efi", cmdline,
                  {"devices": "network,heartbeat", "trace": 0},
                  Machine(2, 512, network=True),
                  forward=((self.port, guest_port),), deadline=SECONDS)
        self._process = start(job, build / "minihv.efi", work,
                              f"file,path={self._console}",
                              f"file,path={self._serial},append=on")
        deadline = time.monotonic() + SECONDS
        while "end of report" not in self.told():
            if self._process.poll() is not None or \
                    time.monotonic() > deadline:
                raise RuntimeError("the guest has not come to its report:\n"
                                   + self.told())
            time.sleep(0.1)

    def told(self) -> str:
        return self._serial.read_text("latin-1")

    def end(self) -> str:
        """Ends it; returns what went wrong before."""
        status = self._process.poll()
        self._process.kill()
        self._process.wait()
        if status is None:
            return ""
        return (f"QEMU ended with {status}\n"
                f"{self._console.read_text('latin-1')}{self.told()}")

    # ---- asking ----

    def url(self, path: str) -> str:
        return f"http://127.0.0.1:{self.port}{path}"

    def get(self, path: str) -> str:
        with urllib.request.urlopen(self.url(path), timeout=WAIT) as answer:
            return str(answer.read().decode())

    def curl(self, *words: str) -> str:
        return subprocess.run(["curl", "-s", "-m", str(WAIT), *words],
                              check=True, text=True,
                              stdout=subprocess.PIPE).stdout

    def status(self, path: str, *words: str) -> str:
        return self.curl("-o", "/dev/null", "-w", "%{http_code}", *words,
                         self.url(path))

    def connect(self) -> socket.socket:
        return socket.create_connection(("127.0.0.1", self.port), WAIT)

    def metrics(self) -> dict[str, float]:
        """Each number by its name, with the values of its labels behind it."""
        found = {}
        for family in text_string_to_metric_families(self.get("/metrics")):
            for sample in family.samples:
                found["/".join((sample.name, *sample.labels.values()))] = \
                    sample.value
        return found

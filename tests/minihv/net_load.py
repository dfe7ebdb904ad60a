#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-2-Clause
"""The suite `minihv-net` under load: an unmodified Linux on a tap device.

QEMU's own network is slow and has one peer. Here the guest's network is a tap
device in a network namespace, where this program fetches from the guest, eight
requests at once, while the guest fetches from it, four at once. It is started
by `unshare -rn`, so it needs no special rights.
"""
from __future__ import annotations

import random
import subprocess
import sys
import threading
from concurrent.futures import ThreadPoolExecutor
from http.server import ThreadingHTTPServer
from pathlib import Path

HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent))
sys.path.insert(0, str(HERE.parent / "rig"))

import fetch  # noqa: E402
import tap  # noqa: E402
from machine import MinihvError  # noqa: E402
from net_suite import (CURL_SECONDS, DATA, FILE, Case, Files,  # noqa: E402
                       Guest, Way, initrd, run, wrong)

DEVICE = "tap0"
HERE_IS, GUEST_IS, BITS = "10.77.0.1", "10.77.0.2", 24
REQUESTS, AT_ONCE = 100, 8

CASES = (
    Case("under load, on 1 processor", 2, "6.1", 5, cmdline="load"),
    Case("under load, on 2 processors with a sub-channel", 3, "6.1", 5,
         {"processors": 2, "net.queues": 2}, "load", ("net0-queue1",)),
)


def ip(*words: str) -> str:
    return subprocess.run(["ip", *words], check=True, text=True,
                          capture_output=True).stdout


def own_namespace() -> bool:
    """Tells whether nobody else uses the network that we see."""
    return all(line.split(": ")[1] == "lo"
               for line in ip("-o", "link").splitlines())


def make_tap() -> None:
    ip("link", "set", "lo", "up")
    ip("tuntap", "add", "dev", DEVICE, "mode", "tap")
    ip("addr", "add", f"{HERE_IS}/{BITS}", "dev", DEVICE)
    ip("link", "set", DEVICE, "up")


def get(path: str) -> bytes:
    """Fetches from the guest. A connection may be refused while the guest's
    server has as many as it takes."""
    return subprocess.run(
        ["curl", "-s", "-S", "-f", "--max-time", str(CURL_SECONDS),
         "--retry", "20", "--retry-connrefused", "--retry-max-time",
         str(CURL_SECONDS), f"http://{GUEST_IS}/{path}"],
        check=True, capture_output=True).stdout


def talk(data: bytes) -> str:
    """Fetches the guest's file many times; returns what was wrong."""
    with ThreadPoolExecutor(AT_ONCE) as pool:
        good = sum(got == data for got in
                   pool.map(lambda _: get("data"), range(REQUESTS)))
    get("cgi-bin/done")
    return "" if good == REQUESTS else \
        f"{good} of {REQUESTS} files had the right bytes"


def main() -> int:
    if len(sys.argv) != 2 or not own_namespace():
        print("net_load.py: expected the folder of builds, and a network of "
              "its own: unshare -rn net_load.py build", file=sys.stderr)
        return 2
    make_tap()
    build = Path(sys.argv[1])
    numbers = random.Random(17)
    data, Files.data = numbers.randbytes(DATA), numbers.randbytes(FILE)
    server = ThreadingHTTPServer((HERE_IS, 0), Files)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    parts, own = fetch.parts(), build / "minihv-net-load"
    own.mkdir(parents=True, exist_ok=True)
    (kernel,) = parts.glob("kernel/boot/vmlinuz-*")
    guest = Guest(kernel, own / "net.cpio", data, Files.data,
                  server.server_address[1])
    guest.initrd.write_bytes(initrd(parts, own, data))
    way = Way(DEVICE, f"address={GUEST_IS}/{BITS} host={HERE_IS}", talk)
    out = tap.Tap()
    for case in CASES:
        name = f"Linux 6.1 uses minihv's network {case.words}"
        try:
            result, problem = run(case, guest, build / "minihv.efi", way)
        except MinihvError as error:
            out.result(False, name, str(error))
            continue
        problem = wrong(case, result, problem)
        out.result(not problem, name, problem)
        out.note(f"{result.seconds:.1f} s, {result.counts()}")
    return out.end()


if __name__ == "__main__":
    sys.exit(main())

#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-2-Clause
"""Runs one guest on minihv and prints the output of both."""
from __future__ import annotations

import argparse
import sys
from pathlib import Path

from machine import Machine, MinihvError, Run, execute, here


def arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    add = parser.add_argument
    add("image", type=Path, help="the guest's EFI program")
    add("--args", default="", help="its command line")
    add("--smp", type=int, default=1)
    add("--mem", type=int, default=256, help="MiB")
    add("--icount", type=int, help="count instructions: shift")
    add("--config", default="", metavar="KEY=VALUE;...",
        help="lines of opt/minihv.conf, see README.md")
    add("--initrd", type=Path)
    add("--disk", type=Path)
    add("--control", type=Path, metavar="SOCKET",
        help="where minihvctl finds this machine")
    add("--sock", type=Path, metavar="SOCKET",
        help="where sock/proxy.py finds this machine's hv_sock")
    add("--deadline", type=int, default=180, help="seconds")
    add("--minihv", type=Path, default=here(), help="another minihv")
    return parser.parse_args()


def main() -> int:
    given = arguments()
    for path in (given.image, given.disk, given.initrd, given.minihv):
        if path is not None and not path.is_file():
            print(f"minihv: expected a file, found no {path}", file=sys.stderr)
            return 2
    config = dict(item.partition("=")[::2]
                  for item in given.config.split(";") if item)
    run = Run(given.image, given.args, config,
              Machine(given.smp, given.mem, given.icount,
                      control=given.control is not None,
                      no_s4="dynamic" in config.get("devices", ""),
                      sock=given.sock is not None), given.initrd,
              given.disk, control=given.control, sock=given.sock,
              deadline=given.deadline)
    try:
        result = execute(run, given.minihv)
    except MinihvError as error:
        print(f"minihv: {error}", file=sys.stderr)
        return 7
    print(result.console, end="")
    if result.serial:
        print(result.serial, end="")
    print(f"QEMU's status {result.status}, {result.seconds:.2f} s")
    return result.status


if __name__ == "__main__":
    sys.exit(main())

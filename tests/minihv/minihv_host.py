# SPDX-License-Identifier: BSD-2-Clause
"""Makes minihv a host of tests/rig: `make run HOST=minihv`."""
from __future__ import annotations

import re
import sys
import time
from dataclasses import replace
from pathlib import Path
from typing import Any, Callable

HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent / "rig"))

from channel import Pipe, Socket  # noqa: E402
from guest import VNC, Guest  # noqa: E402
from host import (CATCH_UP_SECONDS, TERMINAL, HostFailed,  # noqa: E402
                  Lines, Result, Session, decode, end_politely, end_process,
                  remove, supervise, temporary_directory)
from machine import (FAILED, Machine, MinihvError, Run,  # noqa: E402
                     command, files, here, network, sock, start)
from messages import MESSAGE, as_qemu_traces  # noqa: E402
from qmp import Qmp  # noqa: E402

QUIT_SECONDS = 30
# tests/minihv/cpu/msr.c prints it; the next line of minihv's own ends it.
CRASH_MESSAGE = re.compile(r"^minihv: its message: (.*?)\n+(?=minihv: |\Z)",
                           re.M | re.S)
COUNTS = re.compile(r"^minihv: count .*\n?", re.M)
# minihv's own time-out (tests/minihv/report.c); its deadline is the run's.
HANG = "minihv: guest misbehaved: hang: "
PROCESSORS_MAX = 4
MEMORY_MIN = 80   # MiB, measured: with 64 there is none left for minihv
# A guest with a screen has these beside the usual ones.
DEVICES = "echo,heartbeat,storage"
SCREEN_DEVICES = "keyboard,mouse,video"
SOCK = "sock"         # ... who has hv_sock
NETWORK = "network"   # what a guest has for whom ports are forwarded
# What minihv prints when QEMU has broken a rule of SVM (tests/minihv/cpu/exits.c).
QEMU_FAILED = re.compile(r"^minihv: QEMU failed: (.*)$", re.M)
QEMU_RETRIES = 2


def config_of(text: str) -> dict[str, object]:
    """Turns 'version=5.2 trace=1' into the settings of opt/minihv.conf."""
    found: dict[str, object] = {}
    for item in text.split():
        key, _, value = item.partition("=")
        found[key] = value
    return found


def devices_of(guest: Guest) -> dict[str, object]:
    """Returns the setting with the devices that the guest's options need, if
    they need any."""
    more = [SCREEN_DEVICES] * guest.screen + [NETWORK] * guest.networked + \
        [SOCK] * bool(guest.sock)
    return {"devices": ",".join([DEVICES, *more])} if more else {}


def settings(guest: Guest) -> dict[str, object]:
    """Returns the settings of opt/minihv.conf. What CONFIG= says is the last
    word."""
    config = {"processors": guest.smp, "strict": 0, "trace": 1,
              **devices_of(guest), **config_of(guest.config)}
    devices = str(config.get("devices", ""))
    if guest.networked and NETWORK not in devices.split(","):
        raise HostFailed(f"expected {NETWORK} among the devices of CONFIG= with "
                         f"PORT= or TAP=, found devices={devices}")
    return config


class Minihv:
    """The project's own Hyper-V host under plain QEMU. The guest has `smp`
    processors, and the host has one more."""
    name = "minihv"

    def __init__(self, image: Path | None = None) -> None:
        self._image = image or here()
        self.known_aborts = 0  # runs that QEMU broke, and were repeated

    def close(self) -> None:
        """Does nothing: only the snapshot is kept between runs."""

    def _request(self, guest: Guest) -> Run:
        if guest.smp > PROCESSORS_MAX:
            raise HostFailed(f"minihv gives a guest at most {PROCESSORS_MAX} "
                             f"processors, not {guest.smp}")
        if guest.memory < MEMORY_MIN:
            raise HostFailed(f"expected MEM={MEMORY_MIN} or more with HOST=minihv, "
                             f"found MEM={guest.memory}: 24 MiB and minihv "
                             "itself are hidden from the guest")
        if not self._image.is_file():
            raise HostFailed(f"{self._image} is not there: make minihv")
        config = settings(guest)
        loader = str(config.pop("loader", ""))
        config.pop("counts", None)  # for shown()
        # minihv ends a hanging run with a report, just before QEMU is killed.
        machine = Machine(guest.smp + 1, guest.memory, screen=guest.screen,
                          network=guest.networked, tap=bool(guest.tap),
                          sock=bool(guest.sock))
        if guest.qemu:
            machine = replace(machine, qemu=guest.qemu)
        return Run(guest.image, guest.cmdline, config, machine, disk=guest.disk,
                   forward=guest.ports, tap=guest.tap, loader=loader,
                   sock=guest.sock,
                   deadline=max(1, int(min(guest.timeout, 1e9)) - 1))

    def lines(self, guest: Guest, folder: Path) -> Lines:
        """Returns the command line, with its files in a folder that stays. It
        starts the firmware; a run starts from the snapshot behind it."""
        run = self._request(guest)
        line = command(run.machine, self._image, f"file,path={folder}/console",
                       TERMINAL)
        return [("QEMU with minihv, started by its firmware",
                 [*line, *network(run.machine, run.forward, run.tap),
                  *sock(run.machine, run.sock), *files(run, folder),
                  *_more(guest)])]

    def run(self, guest: Guest,
            on_serial: Callable[[bytes], None] | None = None,
            during: Callable[[Session], None] | None = None) -> Result:
        """Runs a guest. If QEMU breaks a rule of SVM, which minihv sees and
        reports, runs the guest again, twice at most."""
        for _ in range(QEMU_RETRIES):
            result = self._run_once(guest, on_serial, during)
            broken = QEMU_FAILED.search(result.log)
            if result.status != FAILED or not broken:
                return result
            self.known_aborts += 1
            print(f"host minihv: QEMU failed: {broken[1]}; running the guest "
                  "again", file=sys.stderr)
        return self._run_once(guest, on_serial, during)

    def _run_once(self, guest: Guest,
                  on_serial: Callable[[bytes], None] | None,
                  during: Callable[[Session], None] | None) -> Result:
        directory = temporary_directory()
        serial = Pipe(directory / "serial", on_serial)
        control = Socket(directory / "qmp")
        try:
            return self._run(guest, directory, serial, control, during)
        except MinihvError as error:
            raise HostFailed(str(error)) from None
        finally:
            serial.close()
            control.close()
            remove(directory)

    def _run(self, guest: Guest, directory: Path, serial: Pipe,
             control: Socket,
             during: Callable[[Session], None] | None) -> Result:
        (directory / "console").touch()  # a QEMU that refuses makes none
        process = start(
            self._request(guest), self._image, directory,
            f"file,path={directory}/console",
            f"pipe,path={directory}/serial",
            ("-chardev", f"socket,path={directory}/qmp,id=qmp",
             "-mon", "chardev=qmp,mode=control", *_more(guest)))

        def wait(timeout: float) -> bool:
            deadline = time.monotonic() + timeout
            while process.poll() is None:
                if time.monotonic() >= deadline:
                    return False
                time.sleep(0.02)
            return True

        began = time.monotonic()
        try:
            qmp = Qmp(control, lambda: wait(0))
            session = Session(qmp, serial, 0, _take(qmp, directory), wait)
            in_time = supervise(guest, session, during)
            if not in_time:
                end_politely(qmp)
                wait(QUIT_SECONDS)
        finally:
            end_process(process)
        # QEMU has ended: what it wrote is in the pipe and in the socket.
        serial.close()
        serial.wait_closed(CATCH_UP_SECONDS)
        if qmp.version:
            control.wait_closed(CATCH_UP_SECONDS)
        console = (directory / "console").read_text("latin-1")
        log = (directory / "errors").read_text("latin-1") + console
        told = decode(serial.since(0))
        return Result(process.returncode, told,
                      as_qemu_traces(console), qmp.drain(),
                      not in_time or HANG in console,
                      shown(guest, without_copy(MESSAGE.sub("", log), told)),
                      time.monotonic() - began, session.kept)


def _more(guest: Guest) -> tuple[str, ...]:
    """Returns what the guest adds to QEMU's command line."""
    gdb = ("-gdb", f"tcp:127.0.0.1:{guest.gdb}") if guest.gdb else ()
    vnc = ("-vnc", VNC) if guest.vnc else ()
    return (*gdb, *vnc, *guest.extra)


def shown(guest: Guest, log: str) -> str:
    """Leaves out the counters that minihv prints at the end, unless the setting
    counts=1 asks for them."""
    wanted = config_of(guest.config).get("counts", "0") == "1"
    return (log if wanted else COUNTS.sub("", log)).strip()


def without_copy(log: str, serial: str) -> str:
    """Leaves out the crash report that the guest gave to its hypervisor where
    COM1 has it already."""
    def shorten(match: re.Match[str]) -> str:
        if match[1].split("\n")[0] not in serial:
            return match[0]
        return f"minihv: its message: {len(match[1])} bytes of that report\n"
    return CRASH_MESSAGE.sub(shorten, log)


def _take(qmp: Qmp,
          directory: Path) -> Callable[[str, dict[str, Any]], bytes]:
    def take(name: str, arguments: dict[str, Any]) -> bytes:
        path = directory / "taken"
        qmp.command(name, filename=str(path), **arguments)
        return path.read_bytes()
    return take

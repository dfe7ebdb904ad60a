# SPDX-License-Identifier: BSD-2-Clause
"""Hosts that run the guest's QEMU on this machine: kvm and tcg."""
from __future__ import annotations

import subprocess
import time
from pathlib import Path
from typing import Any, Callable

from channel import Pipe, Socket
from guest import EXIT_PORT, Guest, Place, command, esp_files
from host import (CATCH_UP_SECONDS, NOTHING, TERMINAL, Lines, Result, Session,
                  decode, end_politely, end_process, remove, spawn, supervise,
                  temporary_directory)
from l1 import Kit
from qmp import Qmp
from verdict import PASSED

ACCEL = {"kvm": ("kvm",), "tcg": ("tcg,thread=multi",)}
QUIT_SECONDS = 30
PROBE_SECONDS = 30  # after that the nested host is used, which is slower
ROM_SIZE = 65536
RESET_VECTOR = 0xFFF0
# mov al, verdict; out 0xf4, al; then halt for good.
PROBE_CODE = bytes((0xB0, PASSED.port or 0, 0xE6, 0xF4, 0xF4, 0xEB, 0xFD))


class Local:
    """kvm: KVM's Hyper-V and QEMU's VMBus. tcg: no hypervisor at all."""

    def __init__(self, kit: Kit, name: str) -> None:
        self.name = name
        self._kit = kit
        self._process: subprocess.Popen[bytes] | None = None
        self._directory: Path | None = None
        self._channels: list[Pipe | Socket] = []

    def close(self) -> None:
        if self._process is not None:
            end_process(self._process)
        for channel in self._channels:
            channel.close()
        if self._directory is not None:
            remove(self._directory)
        self._process = self._directory = None
        self._channels = []

    def run(self, guest: Guest,
            on_serial: Callable[[bytes], None] | None = None,
            during: Callable[[Session], None] | None = None) -> Result:
        try:
            return self._run(guest, on_serial, during)
        finally:
            self.close()

    def lines(self, guest: Guest, folder: Path) -> Lines:
        """Returns the command line, with its files in a folder that stays."""
        place = self._place(guest, folder, TERMINAL, NOTHING)
        return [("QEMU", command(guest, place))]

    def _place(self, guest: Guest, directory: Path, serial: str,
               qmp: str) -> Place:
        for name, data in esp_files(guest).items():
            path = directory / "esp" / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(data.read_bytes() if isinstance(data, Path)
                             else data.encode())
        return Place(qemu=guest.qemu or str(self._kit.qemu),
                     firmware=str(self._kit.firmware),
                     image=str(guest.image), esp=str(directory / "esp"),
                     trace=str(directory / "trace"),
                     serial=serial, qmp=qmp,
                     gdb=f"tcp:127.0.0.1:{guest.gdb}",
                     accel=ACCEL[self.name])

    def _run(self, guest: Guest,
             on_serial: Callable[[bytes], None] | None,
             during: Callable[[Session], None] | None) -> Result:
        directory = self._directory = temporary_directory()
        serial = Pipe(directory / "serial", on_serial)
        control = Socket(directory / "qmp")
        self._channels = [serial, control]
        place = self._place(guest, directory, f"pipe,path={directory}/serial",
                            f"socket,path={directory}/qmp")
        with open(directory / "errors", "wb") as errors:
            process = self._process = spawn(
                command(guest, place),
                stdin=subprocess.DEVNULL, stdout=errors, stderr=errors)

        def ended(timeout: float) -> bool:
            try:
                process.wait(timeout)
            except subprocess.TimeoutExpired:
                return False
            return True

        started = time.monotonic()
        qmp = Qmp(control, lambda: ended(0))
        session = Session(qmp, serial, 0, self._take(qmp, directory), ended)
        in_time = supervise(guest, session, during)
        if not in_time:
            end_politely(qmp)
            if not ended(QUIT_SECONDS):
                end_process(process)
        # QEMU has ended: what it wrote is in the pipe and in the socket.
        serial.close()
        serial.wait_closed(CATCH_UP_SECONDS)
        if qmp.version:
            control.wait_closed(CATCH_UP_SECONDS)
        path = directory / "trace"
        trace = path.read_text().splitlines() if path.exists() else []
        return Result(process.returncode, decode(serial.since(0)),
                      trace[-guest.trace_lines:], qmp.drain(), not in_time,
                      (directory / "errors").read_text("latin-1"),
                      time.monotonic() - started, session.kept)

    def _take(self, qmp: Qmp,
              directory: Path) -> Callable[[str, dict[str, Any]], bytes]:
        def take(name: str, arguments: dict[str, Any]) -> bytes:
            path = directory / "taken"
            qmp.command(name, filename=str(path), **arguments)
            return path.read_bytes()
        return take


def probe_kvm(kit: Kit) -> str | None:
    """Returns None if KVM here runs a guest with Hyper-V's SynIC, else why not.

    /dev/kvm may open and still be of no use, so a guest of one instruction
    runs: a ROM that writes the verdict to the exit port.
    """
    if not Path("/dev/kvm").exists():
        return "there is no /dev/kvm"
    directory = temporary_directory()
    try:
        rom = bytearray(b"\xf4" * ROM_SIZE)
        rom[RESET_VECTOR:RESET_VECTOR + len(PROBE_CODE)] = PROBE_CODE
        (directory / "rom").write_bytes(rom)
        process = spawn(
            [str(kit.qemu), "-L", str(kit.firmware), "-M", "pc",
             "-accel", "kvm", "-cpu", "host,hv-vpindex,hv-synic",
             "-m", "16M", "-nodefaults", "-display", "none",
             "-bios", str(directory / "rom"), "-device", EXIT_PORT,
             "-no-reboot"],
            stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE)
        try:
            _, errors = process.communicate(timeout=PROBE_SECONDS)
        except subprocess.TimeoutExpired:
            return "KVM opens but does not run a guest"
        finally:
            end_process(process, 0.5)
        if process.returncode == PASSED.qemu:
            return None
        lines = [line for line in errors.decode("latin-1").splitlines()
                 if "warning" not in line]
        return lines[-1] if lines else f"QEMU ended with {process.returncode}"
    finally:
        remove(directory)



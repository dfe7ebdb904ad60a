#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-2-Clause
"""`make run`: starts one guest, shows its console, ends with a verdict.

The exit status is the verdict's, see docs/exit-statuses.md.
"""
from __future__ import annotations

import argparse
import shlex
import shutil
import signal
import subprocess
import sys
from pathlib import Path
from typing import Callable, NoReturn

import debugger
import hosts
import l1
import ports
from console import Console
from debugger import Watch, symbols_of
from fetch import FetchError
from guest import HV_FLAGS, Guest
from host import Host, HostFailed, Session
from keyboard import HELP, Keyboard
from outcome import outcome
from patch import PatchError
from verdict import NO_HOST, PASSED, TIMEOUT, USAGE

# With less memory the firmware finds nothing to boot.
MEMORY_MIN = 64     # MiB
DISK_MIN = 4096     # bytes: app/disk reads whole pages
# Options that only some hosts support, and those hosts.
FULL = ("auto", "kvm", "nested")
ONLY = {"devices": FULL, "hv": FULL, "cpu": (*FULL, "tcg"),
        "machine": (*FULL, "tcg"), "firmware": (*FULL, "tcg"),
        "screen": (*FULL, "tcg", "minihv"),
        "screenshot": (*FULL, "tcg", "minihv"),
        "without_disk": (*FULL, "tcg"), "conf": (*FULL, "tcg"),
        "files": (*FULL, "tcg"),
        "config": ("minihv",), "port": ("minihv",),
        "tap": ("minihv",), "sock": ("minihv",)}
ONLY_VNC = ("kvm", "tcg", "minihv")
NO_VNC = ("the guest's QEMU runs in a machine without a network there; make "
          "screenshot takes a picture")
CONF_PATH = "EFI/BOOT/vmbare.conf"
FILES_PATH = "EFI/vmbare"
CHECK_FILES = Path(__file__).resolve().parents[2] / "tools/images/check-files"
FOREVER = 10 * 365 * 86400.0
DEFAULT_TIMEOUT = 300.0
INTERRUPTED = 130


class Parser(argparse.ArgumentParser):
    """Reports an error in the terms of `make run`, and where the manual is."""

    def error(self, message: str) -> NoReturn:
        print(f"run: {message}\nrun: make run gives --host as HOST=, --smp as "
              "SMP= and so on: docs/testing.md, or run.py --help",
              file=sys.stderr)
        sys.exit(USAGE.runner)


def arguments() -> argparse.Namespace:
    parser = Parser(description=__doc__, allow_abbrev=False)
    add = parser.add_argument
    add("--image", type=Path, required=True,
        help="the EFI program, or an ELF file to start without firmware")
    add("--host", choices=hosts.NAMES, default="auto")
    add("--smp", type=int, default=1, help="processors")
    add("--mem", type=int, default=512, help="memory in MiB")
    add("--machine", choices=("q35", "pc"), help="q35 unless told")
    add("--firmware", choices=l1.FIRMWARE_VERSIONS,
        help="OVMF of which Debian, 13 unless told")
    add("--args", default="", help="the guest's command line")
    add("--stay", action="store_true", help="do not tell the guest to exit")
    add("--timeout", type=float, help="seconds; with --stay none")
    add("--hv", help="Hyper-V's -cpu flags: " + ",".join(HV_FLAGS))
    add("--cpu", help="more -cpu flags")
    add("--devices", help="VMBus devices, separated by commas: "
        "vmbus-bridge,hv-balloon")
    add("--config", help="HOST=minihv: what it shows, KEY=VALUE")
    add("--disk", type=Path, help="HOST=minihv: file with its disk's contents")
    add("--port", metavar="HERE:GUEST,...", help="HOST=minihv: a network, and "
        "TCP ports of this machine that are the guest's")
    add("--tap", metavar="NAME", help="HOST=minihv: a network, which is a tap "
        "device of this machine")
    add("--sock", type=Path, help="HOST=minihv: hv_sock, and the socket that "
        "tests/minihv/sockproxy.py connects to")
    add("--conf", type=Path, help="file that becomes vmbare.conf beside the "
        "image")
    add("--files", type=Path, help="folder whose files the guest can open")
    add("--without-disk", action="store_true",
        help="let the firmware load the image without a disk (quicker)")
    add("--screen", nargs="?", const="plain", choices=("plain", "vnc"),
        help="a graphics adapter (GOP); vnc: QEMU shows it by VNC")
    add("--screenshot", type=Path, metavar="FILE",
        help="write the screen to FILE (PNG) when --when is on the console")
    add("--when", default="", help="text to wait for before the screenshot")
    add("--qemu", help="the QEMU that runs the guest, instead of the host's")
    add("--qemu-args", default="", help="more arguments of that QEMU, as a "
        "shell splits them")
    add("--gdb", help="wait for gdb: 1 (port 1234) or a port")
    add("--folder", type=Path, help="where gdbinit and the files of --dry go; "
        "the image's unless told")
    add("--dry", action="store_true",
        help="print QEMU's command line and start nothing")
    add("--show-trace", action="store_true", help="print QEMU's VMBus trace")
    return parser.parse_args()


def misuse(given: argparse.Namespace) -> str | None:
    if not given.image.is_file():
        return f"{given.image} is not there: run make"
    if given.smp < 1:
        return f"expected SMP=1 or more processors, found SMP={given.smp}"
    if given.mem < MEMORY_MIN:
        return (f"expected MEM={MEMORY_MIN} MiB or more, found MEM="
                f"{given.mem}: the firmware boots nothing in that")
    if given.timeout is not None and given.timeout <= 0:
        return (f"expected TIMEOUT= above 0 seconds, found {given.timeout:g}; "
                "STAY=1 has no limit")
    for name, takers in ONLY.items():
        if getattr(given, name) not in (None, False) and given.host not in takers:
            return (f"expected HOST={' or '.join(takers)} with "
                    f"--{name.replace('_', '-')}, found "
                    f"HOST={given.host}, which does not look at it")
    return (wrong_door(given) or wrong_disk(given) or wrong_conf(given) or
            wrong_files(given) or
            wrong_port(given) or wrong_sock(given) or wrong_qemu(given) or
            wrong_gdb(given))


def wrong_door(given: argparse.Namespace) -> str | None:
    """Returns what only firmware understands, of a start without it."""
    if given.image.suffix != ".elf":
        return None
    for name in ("firmware", "without_disk", "screen", "screenshot", "conf",
                 "files"):
        if getattr(given, name) not in (None, False):
            return (f"expected BOOT=uefi with --{name.replace('_', '-')}, found "
                    f"{given.image}, which starts without firmware")
    return None


def wrong_disk(given: argparse.Namespace) -> str | None:
    if given.disk and given.host != "minihv":
        return (f"expected HOST=minihv with DISK=, found HOST={given.host}: "
                "no other host here has a VMBus disk")
    if given.disk and (not given.disk.is_file() or
                       given.disk.stat().st_size < DISK_MIN):
        return (f"expected a file of at least {DISK_MIN} bytes as DISK=, found "
                f"{given.disk}: make one with truncate -s 6M FILE")
    return None


def wrong_conf(given: argparse.Namespace) -> str | None:
    if given.conf and not given.conf.is_file():
        return (f"expected a file as CONF=, found no {given.conf}: docs/"
                "options.md shows what stands in one")
    if given.conf and given.without_disk:
        return ("expected CONF= without --without-disk, found both: the file "
                "stands on the disk")
    return None


def wrong_files(given: argparse.Namespace) -> str | None:
    if not given.files:
        return None
    if given.without_disk:
        return ("expected FILES= without --without-disk, found both: the files "
                "stand on the disk")
    done = subprocess.run([CHECK_FILES, given.files], text=True, check=False,
                          capture_output=True)
    return done.stderr.strip() if done.returncode else None


def on_disk(given: argparse.Namespace) -> tuple[tuple[str, Path], ...]:
    """Returns what stands on the disk beside the image: path, and file."""
    files = [] if not given.files else subprocess.run(
        [CHECK_FILES, given.files], text=True, check=True,
        capture_output=True).stdout.splitlines()
    conf = ((CONF_PATH, given.conf),) if given.conf else ()
    return (*conf, *((f"{FILES_PATH}/{path}", given.files / path)
                     for path in files))


def wrong_sock(given: argparse.Namespace) -> str | None:
    return None if given.sock is None else ports.sock_misuse(given.sock)


def wrong_port(given: argparse.Namespace) -> str | None:
    if given.tap is not None:
        return ports.tap_misuse(given.tap, given.port)
    return None if given.port is None else \
        ports.misuse(given.port, not given.dry)


def wrong_qemu(given: argparse.Namespace) -> str | None:
    try:
        shlex.split(given.qemu_args)
    except ValueError as error:
        return (f"expected words of a shell as QEMU_ARGS=, found "
                f"{given.qemu_args}: {error}")
    if given.qemu and not shutil.which(given.qemu):
        return (f"expected a program as QEMU=, found {given.qemu}: name a file "
                "that can be run, or a command like qemu-system-x86_64")
    return None


def wrong_gdb(given: argparse.Namespace) -> str | None:
    if given.gdb is None:
        return None
    port = debugger.port_of(given.gdb)
    if port is None:
        return ("expected GDB=1 for port 1234, or a port from "
                f"{debugger.PORTS[0]} to {debugger.PORTS[-1]}, found "
                f"GDB={given.gdb}")
    if not given.dry and not debugger.is_free(port):
        return (f"expected a free port for gdb, found that {port} is in use: "
                "name another one, GDB=PORT")
    symbols = symbols_of(given.image)
    if not symbols.is_file():
        return (f"expected symbols for gdb in {symbols}, found no such file: "
                "an image of this tree has them beside it, after make")
    return None


def words(text: str) -> tuple[str, ...]:
    return tuple(word for word in text.split(",") if word)


def to_guest(given: argparse.Namespace) -> Guest:
    # `claims`: the guest prints for the judge what it agreed with the host.
    line = given.args if given.stay else f"exit claims {given.args}".strip()
    if given.gdb:
        line = f"{debugger.OPTION} {line}".strip()
    timeout = given.timeout or (FOREVER if given.stay or given.gdb
                                else DEFAULT_TIMEOUT)
    usual = Guest(given.image)
    return Guest(image=given.image, cmdline=line, smp=given.smp,
                 memory=given.mem, machine=given.machine or usual.machine,
                 firmware=given.firmware or usual.firmware,
                 hv=usual.hv if given.hv is None else words(given.hv),
                 cpu=given.cpu or "",
                 devices=(usual.devices if given.devices is None
                          else words(given.devices)),
                 from_disk=not given.without_disk,
                 beside=on_disk(given),
                 config=given.config or "", disk=given.disk,
                 screen=bool(given.screen or given.screenshot),
                 vnc=given.screen == "vnc",
                 ports=ports.pairs(given.port or "") or (),
                 tap=given.tap or "", sock=given.sock,
                 extra=tuple(shlex.split(given.qemu_args)),
                 qemu=shutil.which(given.qemu or "") or "",
                 gdb=debugger.port_of(given.gdb or "") or 0,
                 timeout=timeout)


def stop(_number: int, _frame: object) -> None:
    raise KeyboardInterrupt


def print_lines(guest: Guest, host: Host, folder: Path,
                console: Console) -> int:
    """Prints the command lines of a run, and starts nothing."""
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    for title, line in host.lines(guest, folder.absolute()):
        console.note(f"{title}:")
        print(shlex.join(line), flush=True)
    console.note(f"nothing was started; the files are in {folder}")
    return PASSED.runner


def vnc_address(session: Session) -> str:
    """Returns where QEMU shows the guest's screen."""
    told = session.qmp.command("query-vnc")
    return f"vnc://{told['host']}:{told['service']}"


def typing(guest: Guest, console: Console,
           keyboards: list[Keyboard]) -> Callable[[Session], None]:
    """Returns what passes keys to the guest. It appends the keyboard to the
    list; the caller leaves it."""
    def begin(session: Session) -> None:
        for old in keyboards:  # of an attempt that the host has given up
            old.leave()
        if guest.vnc:
            console.note(f"the screen is at {vnc_address(session)}, for a VNC "
                         "viewer of this machine")
        keyboard = Keyboard(session.send, console.spoken)
        keyboards.append(keyboard)
        if keyboard.is_terminal:
            console.note(HELP)
        keyboard.enter()
    return begin


def run(given: argparse.Namespace, console: Console) -> int:
    guest = to_guest(given)
    folder = given.folder or given.image.parent
    console.alive()
    name, why = hosts.choose(given.host, l1.kit)
    console.note(f"host {name}: {hosts.WORDS[name]} ({why})")
    if guest.vnc and name not in ONLY_VNC:
        console.end()
        console.note(f"expected HOST={' or '.join(ONLY_VNC)} with SCREEN=vnc, "
                     f"found HOST={name}: {NO_VNC}")
        return USAGE.runner
    host = hosts.make(name, l1.kit, [guest], console.note)
    if given.dry:
        console.end()
        return print_lines(guest, host, folder / "dry", console)
    if guest.gdb:
        console.watch(Watch(guest.image, guest.gdb, folder / "gdbinit",
                            console.note))
    keyboards: list[Keyboard] = []
    during = (console.screenshot(given.screenshot, given.when, given.timeout or
                                 DEFAULT_TIMEOUT)
              if given.screenshot else typing(guest, console, keyboards))
    try:
        result = host.run(guest, console.feed, during)
    finally:
        for keyboard in keyboards:
            keyboard.leave()
        host.close()
        console.end()
    if given.show_trace:
        console.note("trace:\n" + "\n".join(result.trace))
    if "screenshot" in result.kept:
        console.note(f"wrote {result.kept['screenshot']}")
        if "missed" not in result.kept:
            return PASSED.runner
        console.note(f"expected '{given.when}' (--when, WHEN=) on the console, "
                     "found it not; TIMEOUT= gives it more seconds")
        return TIMEOUT.runner
    verdict, text = outcome(guest, name, result)
    if verdict is not PASSED and result.log.strip():
        console.note("QEMU says: " + result.log.strip())
    if verdict is TIMEOUT:
        text += f": {guest.timeout:.0f} s, TIMEOUT= gives it more"
    console.note(f"verdict: {verdict.name}: {text} "
                 f"({name}, {result.seconds:.1f} s)")
    return verdict.runner


def main() -> int:
    given = arguments()
    for number in (signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, stop)
    problem = misuse(given)
    if problem:
        print(f"run: {problem}", file=sys.stderr)
        return USAGE.runner
    console = Console(elf=symbols_of(given.image))
    try:
        return run(given, console)
    except FetchError as error:
        console.note(f"verdict: {NO_HOST.name}: {error}\nrun: this host's "
                     "parts are downloaded on first use, so that needs the "
                     "network; HOST=minihv needs none")
        return NO_HOST.runner
    except (PatchError, HostFailed, hosts.NoHost) as error:
        console.note(f"verdict: {NO_HOST.name}: {error}")
        return NO_HOST.runner
    except KeyboardInterrupt:
        console.note("interrupted; nothing is left running")
        return INTERRUPTED


if __name__ == "__main__":
    sys.exit(main())

# SPDX-License-Identifier: BSD-2-Clause
"""Runs minihv's QEMU: its command line, its snapshot, one run.

The firmware boots once per machine (processors, memory, way of counting
time) up to the point where minihv starts; QEMU's state at that point is a
file, and every run starts from it. fw_cfg is not part of that state, so each
run brings its own guest, configuration and disk.
"""
from __future__ import annotations

import contextlib
import hashlib
import json
import os
import socket
import subprocess
import tempfile
import time
from dataclasses import dataclass, field
from pathlib import Path

FLASH = Path("/usr/share/OVMF")
READY = b"minihv: ready for a snapshot"
# Deadlines are for a hang: they are far longer than a busy machine needs.
SNAPSHOT_SECONDS = 300
# minihv ends a run by itself. QEMU is killed only if minihv does not, which is
# a failure of minihv.
GRACE_SECONDS = 120
VERDICT = "minihv: the guest ends with verdict 0x"  # cpu/exits.c
MISBEHAVED, FAILED = 45, 47  # QEMU's exit statuses for 0x16 and 0x17


class MinihvError(Exception):
    """minihv or its QEMU failed, and not the guest."""


@dataclass(frozen=True)
class Machine:
    """The machine, on which the snapshot depends."""
    smp: int = 1
    memory: int = 256
    icount: int | None = None  # -icount shift=
    network: bool = False      # an e1000, on QEMU's own network
    tap: bool = False          # on a tap device or Run.netdev instead
    control: bool = False      # a second serial port, minihv's own
    screen: bool = False       # a VGA card, for the synthetic video
    no_s4: bool = False        # no hibernation: Linux gives memory only then
    sock: bool = False         # a port to the outside, for hv_sock
    qemu: str = field(default_factory=lambda: os.environ.get(
        "MINIHV_QEMU", "qemu-system-x86_64"))


@dataclass(frozen=True)
class Run:
    """One guest on a machine."""
    image: Path
    cmdline: str = ""
    config: dict[str, object] = field(default_factory=dict)
    machine: Machine = Machine()
    initrd: Path | None = None
    disk: Path | None = None
    # TCP ports of this machine, and the guest's that they are
    forward: tuple[tuple[int, int], ...] = ()
    tap: str = ""              # the machine's tap device
    netdev: str = ""           # -netdev for Machine.tap, with id=net0
    control: Path | None = None  # the control port's socket, else in the folder
    sock: Path | None = None   # hv_sock's socket, else in the folder
    loader: str = ""           # how the loader of an ELF file misbehaves
    deadline: int = 180        # seconds after which the guest hangs
    qemu: tuple[str, ...] = ()  # more options of QEMU, for this run only


@dataclass
class Result:
    status: int       # QEMU's exit status
    console: str      # the output of minihv
    serial: str       # the guest's COM1
    seconds: float

    def counts(self) -> dict[str, int]:
        """Returns minihv's counters of this run."""
        found = {}
        for line in self.console.splitlines():
            word = line.split()
            if word[:2] == ["minihv:", "count"]:
                found[word[2]] = int(word[3])
        return found


def command(machine: Machine, image: Path, console: str,
            serial: str) -> list[str]:
    """Returns the options that are the same when saving and when restoring."""
    flash = "if=pflash,format=raw,readonly=on,file="
    accel = "tcg,thread=multi" if machine.icount is None else "tcg"
    # readback: the port is minihv's own, so a guest finds no debug port there.
    line = [machine.qemu, "-machine", "q35", "-accel", accel, "-cpu", "max,+svm",
            "-smp", str(machine.smp), "-m", str(machine.memory),
            "-nodefaults", "-display", "none", "-no-reboot", "-net", "none",
            "-global", "hpet.msi=on",
            "-drive", f"{flash}{FLASH}/OVMF_CODE_4M.fd",
            "-drive", f"{flash}{FLASH}/OVMF_VARS_4M.fd",
            "-chardev", f"{console},id=console",
            "-device", "isa-debugcon,iobase=0xe9,chardev=console,readback=255",
            "-chardev", f"{serial},id=com1", "-serial", "chardev:com1",
            "-device", "isa-debug-exit,iobase=0xf4,iosize=4",
            "-kernel", str(image)]
    if machine.no_s4:
        line += ["-global", "ICH9-LPC.disable_s4=1"]
    if machine.screen:
        line += ["-device", "VGA,romfile=,addr=0x11"]
    if machine.icount is not None:
        line += ["-icount", f"shift={machine.icount},sleep=off"]
    return line


def network(machine: Machine, forward: tuple[tuple[int, int], ...],
            tap: str = "", netdev: str = "") -> list[str]:
    """Returns the options of the card, and of what is behind it: QEMU's own
    network, which is a part of the machine's state, or a tap device or another
    netdev, which are none; without a name nothing."""
    if not machine.network:
        return []
    forwards = "".join(f",hostfwd=tcp:127.0.0.1:{here}-:{guest}"
                       for here, guest in forward)
    behind = f"user,id=net0{forwards}"
    if machine.tap:
        behind = (f"tap,id=net0,ifname={tap},script=no,downscript=no" if tap
                  else netdev or "hubport,id=net0,hubid=0")
    return ["-netdev", behind,
            "-device", "e1000,netdev=net0,romfile=,addr=0x10"]


def control(machine: Machine, path: Path | None) -> list[str]:
    """Returns the options of the control port, on a socket at `path`."""
    if not machine.control:
        return []
    way = f"socket,path={path},server=on,wait=off" if path else "null"
    return ["-chardev", f"{way},id=control", "-serial", "chardev:control"]


def sock(machine: Machine, path: Path | None) -> list[str]:
    """Returns the options of hv_sock's port, on a socket at `path`."""
    if not machine.sock:
        return []
    way = f"socket,path={path},server=on,wait=off" if path else "null"
    return ["-chardev", f"{way},id=sock",
            "-device", "virtio-serial-pci,max_ports=1,addr=0x12",
            "-device", "virtconsole,chardev=sock"]


def spawn(line: list[str], **options: object) -> subprocess.Popen[bytes]:
    """Starts a process that dies with us, however we end."""
    return subprocess.Popen(["setpriv", "--pdeathsig", "KILL", *line],
                            stdin=subprocess.DEVNULL,
                            **options)  # type: ignore[call-overload]


class Monitor:
    """The part of QMP that saving a machine needs."""

    def __init__(self, path: Path) -> None:
        self._socket = socket.socket(socket.AF_UNIX)
        self._socket.settimeout(SNAPSHOT_SECONDS)
        deadline = time.monotonic() + SNAPSHOT_SECONDS
        while True:
            try:
                self._socket.connect(str(path))
                break
            except OSError:
                if time.monotonic() > deadline:
                    raise MinihvError("QEMU opens no monitor") from None
                time.sleep(0.02)
        self._file = self._socket.makefile("rw")
        self._file.readline()
        self.command("qmp_capabilities")

    def command(self, name: str, **arguments: object) -> dict[str, object]:
        text = json.dumps({"execute": name, "arguments": arguments})
        self._file.write(text + "\n")
        self._file.flush()
        try:
            for line in self._file:
                answer = json.loads(line)
                if "error" in answer:
                    raise MinihvError(f"{name}: {answer['error']['desc']}")
                if "return" in answer:
                    return answer["return"]
        except TimeoutError:
            raise MinihvError(f"{name}: QEMU has not answered for "
                              f"{SNAPSHOT_SECONDS} s") from None
        raise MinihvError(f"{name}: QEMU has gone")


def _wait_ready(process: subprocess.Popen[bytes], machine: Machine,
                work: Path) -> None:
    deadline = time.monotonic() + SNAPSHOT_SECONDS
    while READY not in (work / "console").read_bytes():
        if process.poll() is not None or time.monotonic() > deadline:
            said = " | ".join((work / name).read_text("latin-1").strip()
                              for name in ("console", "errors"))
            raise MinihvError(f"minihv does not start with {machine.memory} "
                              f"MiB and {machine.smp} processors: {said}")
        time.sleep(0.05)


def _save(machine: Machine, image: Path, target: Path, work: Path) -> None:
    console = work / "console"
    console.touch()
    # Another run may make the same snapshot now: each has its own file.
    saved = target.with_name(f"{target.name}.{os.getpid()}-{work.name}")
    line = command(machine, image, f"file,path={console}", "null")
    line += network(machine, ()) + control(machine, None)
    line += sock(machine, None)
    line += ["-fw_cfg", "name=opt/hold,string=1",
             "-qmp", f"unix:{work}/qmp,server=on,wait=off"]
    with open(work / "errors", "wb") as errors:
        process = spawn(line, stdout=errors, stderr=errors)
    try:
        _wait_ready(process, machine, work)
        monitor = Monitor(work / "qmp")
        monitor.command("migrate-set-parameters",
                        **{"max-bandwidth": 10 << 30})
        monitor.command("migrate", uri=f"exec:cat >{saved}")
        deadline = time.monotonic() + SNAPSHOT_SECONDS
        while (state := monitor.command("query-migrate")["status"]) != \
                "completed":
            if state == "failed" or time.monotonic() > deadline:
                raise MinihvError(f"QEMU cannot save the machine: {state}")
            time.sleep(0.02)
    finally:
        process.kill()
        process.wait()
    os.rename(saved, target)


def _forget_unused(directory: Path) -> None:
    """Removes all but the six newest states that nobody has used for an hour:
    runs beside this one may be about to read the others."""
    used = {}
    for path in directory.iterdir():
        with contextlib.suppress(FileNotFoundError):
            used[path] = path.stat().st_mtime
    for path in sorted(used, key=used.__getitem__)[:-6]:
        if used[path] < time.time() - 3600:
            path.unlink(missing_ok=True)


def snapshot(machine: Machine, image: Path) -> Path:
    """Returns the machine's saved state, which the first use makes. It belongs
    to one minihv, one QEMU and one firmware, and lies in $VMBARE_SNAPSHOTS,
    without that beside minihv."""
    version = subprocess.run([machine.qemu, "--version"], capture_output=True,
                             check=True).stdout
    firmware = (FLASH / "OVMF_CODE_4M.fd").stat()
    key = hashlib.sha256(repr((machine, version, firmware.st_mtime)).encode()
                         + image.read_bytes()).hexdigest()[:16]
    directory = Path(os.environ.get("VMBARE_SNAPSHOTS")
                     or image.parent / "minihv-snapshots")
    target = directory / key
    if target.exists():
        os.utime(target)
        return target
    directory.mkdir(parents=True, exist_ok=True)
    _forget_unused(directory)
    with tempfile.TemporaryDirectory(prefix="minihv-") as work:
        _save(machine, image, target, Path(work))
    return target


def files(run: Run, work: Path) -> list[str]:
    """Writes this run's files, and returns QEMU's options for them."""
    config = {"deadline": run.deadline, **run.config}
    if run.machine.control:
        config["control"] = 1
    text = "".join(f"{key}={value}\n" for key, value in config.items())
    (work / "conf").write_text(text)
    (work / "cmdline").write_text(run.cmdline)
    (work / "loader").write_text(run.loader)
    named = {"opt/guest": run.image, "opt/minihv.conf": work / "conf",
             "opt/cmdline": work / "cmdline", "opt/initrd": run.initrd,
             "opt/loader": work / "loader",
             "opt/disk": run.disk}
    line = []
    for name, path in named.items():
        if path is not None and path.stat().st_size:
            line += ["-fw_cfg", f"name={name},file={path}"]
    return line


def start(run: Run, image: Path, work: Path, console: str, serial: str,
          extra: tuple[str, ...] = ()) -> subprocess.Popen[bytes]:
    """Starts a QEMU that continues from the snapshot with this run's files."""
    state = snapshot(run.machine, image)
    line = command(run.machine, image, console, serial)
    line += [*network(run.machine, run.forward, run.tap, run.netdev),
             *control(run.machine, run.control or work / "control"),
             *sock(run.machine, run.sock or work / "sock"),
             *files(run, work), "-incoming", f"exec:cat {state}", *run.qemu,
             *extra]
    with open(work / "errors", "wb") as errors:
        return spawn(line, stdout=errors, stderr=errors)


def is_refusal(status: int, console: str) -> bool:
    """Tells QEMU's own exit status 1 from a guest's, which is verdict 0: then
    minihv has named the verdict."""
    return status == 1 and VERDICT not in console


def execute(run: Run, image: Path) -> Result:
    """Does one run, from the snapshot to QEMU's end."""
    with tempfile.TemporaryDirectory(prefix="minihv-") as name:
        work = Path(name)
        begin = time.monotonic()
        process = start(run, image, work, f"file,path={work}/console",
                        f"file,path={work}/serial")
        try:
            status = process.wait(run.deadline + GRACE_SECONDS)
        except subprocess.TimeoutExpired:
            raise MinihvError("minihv did not end its run: "
                              + (work / "console").read_text("latin-1")
                              ) from None
        finally:
            process.kill()
            process.wait()
        seconds = time.monotonic() - begin
        errors = (work / "errors").read_text("latin-1").strip()
        path = work / "console"  # a QEMU that refuses makes none
        console = path.read_text("latin-1") if path.exists() else ""
        if is_refusal(status, console):
            raise MinihvError(f"QEMU refused: {errors}")
        return Result(status, console,
                      (work / "serial").read_text("latin-1"), seconds)


def here() -> Path:
    """Returns build/minihv.efi of this tree."""
    return Path(__file__).resolve().parents[2] / "build/minihv.efi"



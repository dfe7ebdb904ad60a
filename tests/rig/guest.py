# SPDX-License-Identifier: BSD-2-Clause
"""Describes a guest's machine: the QEMU command line, for any host."""
from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path

# Hyper-V features of KVM: all that an ordinary Windows guest would get.
HV_FLAGS = ("hv-relaxed", "hv-vapic", "hv-time", "hv-vpindex", "hv-runtime",
            "hv-synic", "hv-stimer", "hv-reset", "hv-frequencies",
            "hv-tlbflush", "hv-ipi")
# The two signal events are left out: they come for every packet and belong to
# no claim, and thousands of lines over an emulated serial port take seconds.
TRACES = ("vmbus_*", "-vmbus_signal_event", "-vmbus_channel_notify_guest")
# The first of these ports that is free: 5900 to 5999.
VNC = "127.0.0.1:0,to=99"
EXIT_PORT = "isa-debug-exit,iobase=0xf4,iosize=4"


@dataclass(frozen=True)
class Guest:
    """One machine. The defaults are what `make run` starts. An image that is an
    ELF file is started without firmware."""
    image: Path
    cmdline: str = ""
    smp: int = 1
    memory: int = 512            # MiB
    machine: str = "q35"         # or "pc"
    hv: tuple[str, ...] = HV_FLAGS
    cpu: str = ""                # more for -cpu, like "-x2apic"
    devices: tuple[str, ...] = ("vmbus-bridge", "hv-balloon")
    firmware: str = "13"         # OVMF of this Debian version
    # True: the firmware boots from flash and an EFI system partition, as on a
    # real machine. False: OVMF in RAM loads the image directly, which takes
    # 4 s less on the nested host.
    from_disk: bool = False
    # More files of that partition: path, and text or a file.
    beside: tuple[tuple[str, Path | str], ...] = ()
    serial: bool = True
    screen: bool = False
    vnc: bool = False            # QEMU shows the screen on a VNC port
    reboots: bool = False        # a reset boots again instead of ending
    trace: tuple[str, ...] = TRACES
    trace_lines: int = 20000     # the last lines, at most this many
    config: str = ""             # minihv: KEY=VALUE words, see its README
    disk: Path | None = None     # minihv: the contents of its disk
    # minihv: TCP ports of this machine, and the guest's that they are
    ports: tuple[tuple[int, int], ...] = ()
    tap: str = ""                # minihv: a tap device that is its network
    sock: Path | None = None     # minihv: the socket of its hv_sock
    extra: tuple[str, ...] = ()  # more arguments of QEMU
    qemu: str = ""               # the QEMU that runs it, not the host's own
    gdb: int = 0                 # TCP port where QEMU waits for gdb; 0: none
    timeout: float = 300         # seconds from QEMU's start, for a hang

    @property
    def networked(self) -> bool:
        """Told what stands behind its network adapter."""
        return bool(self.ports or self.tap)

    @property
    def direct(self) -> bool:
        """Started without firmware, by PVH."""
        return self.image.suffix == ".elf"


@dataclass(frozen=True)
class Place:
    """File names on the machine that runs the guest's QEMU."""
    qemu: str
    firmware: str
    image: str                   # the EFI program, or the ELF file
    esp: str                     # folder that becomes the system partition
    trace: str                   # file that QEMU writes its trace to
    serial: str                  # chardev back end
    qmp: str
    gdb: str                     # device of -gdb, if the guest wants it
    accel: tuple[str, ...] = field(default=("kvm",))


def esp_files(guest: Guest) -> dict[str, Path | str]:
    """Returns the files of the EFI system partition, the image first. Firmware
    gives a program that it starts from there no load options, so the guest reads
    a file. Without firmware there is no partition."""
    if guest.direct:
        return {"image.elf": guest.image}
    return {"EFI/BOOT/BOOTX64.EFI": guest.image,
            "EFI/BOOT/vmbare.cmd": guest.cmdline + "\n", **dict(guest.beside)}


def _cpu(guest: Guest, accel: tuple[str, ...]) -> str:
    if accel[0].startswith("tcg"):
        return ",".join(filter(None, ("max", guest.cpu)))
    # Without kvm=off a guest would also find KVM's own CPUID leaves.
    return ",".join(filter(None, ("host,kvm=off", *guest.hv, guest.cpu)))


def _boot(guest: Guest, place: Place) -> list[str]:
    if guest.direct:
        # What stands before the dashes is for Linux.
        return ["-kernel", place.image, "-append",
                f"console=ttyS0 -- {guest.cmdline}"]
    ovmf = f"{place.firmware}/ovmf{guest.firmware}"
    if not guest.from_disk:
        return ["-bios", f"{ovmf}/OVMF.fd", "-kernel", place.image,
                "-append", guest.cmdline]
    flash = "if=pflash,format=raw"
    return ["-drive", f"{flash},unit=0,readonly=on,"
                      f"file={ovmf}/OVMF_CODE_4M.fd",
            "-drive", f"{flash},unit=1,snapshot=on,"
                      f"file={ovmf}/OVMF_VARS_4M.fd",
            "-drive", f"format=raw,file=fat:rw:{place.esp}"]


def command(guest: Guest, place: Place) -> list[str]:
    """Returns the command that starts the guest with these file names."""
    machine = "q35,smm=off" if guest.machine == "q35" else guest.machine
    line = [place.qemu, "-L", place.firmware, "-M", machine,
            "-cpu", _cpu(guest, place.accel),
            "-smp", str(guest.smp), "-m", f"{guest.memory}M",
            "-nodefaults", "-display", "none",
            "-monitor", "none", "-device", EXIT_PORT]
    if not guest.reboots:
        line += ["-no-reboot"]
    for accel in place.accel:
        line += ["-accel", accel]
    line += ["-chardev", f"{place.qmp},id=qmp",
             "-mon", "chardev=qmp,mode=control"]
    if guest.serial:
        line += ["-chardev", f"{place.serial},id=com1",
                 "-serial", "chardev:com1"]
    if guest.screen:
        line += ["-vga", "std"]
    if guest.vnc:
        line += ["-vnc", VNC]
    if guest.gdb:
        line += ["-gdb", place.gdb]
    if not place.accel[0].startswith("tcg"):
        for device in guest.devices:
            line += ["-device", device]
    if guest.trace:
        line += ["-D", place.trace]
        for pattern in guest.trace:
            line += ["-trace", pattern]
    return line + _boot(guest, place) + list(guest.extra)

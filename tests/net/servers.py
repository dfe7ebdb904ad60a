# SPDX-License-Identifier: BSD-2-Clause
"""Servers of a usual network, from Debian's packages, for the guest to use:
dnsmasq for addresses and names, chrony for the time, zeroconf for mDNS."""
from __future__ import annotations

import subprocess
from pathlib import Path

from outside import NAME, OURS, OURS6

HERE = Path(__file__).resolve().parent
LEASED = "10.9.0.100"
ZONE = "fd09::"
# Names that dnsmasq knows: its answers of IPv4, IPv6 and both.
HOSTS = {"four.test": "10.9.0.44", "six.test": "fd09::66"}
DEBIAN_PYTHON = "/usr/bin/python3"   # whose packages are Debian's
MDNS_NAME = "judge.local"


def _start(line: list[str], log: Path, **more: object) -> "subprocess.Popen[str]":
    with open(log, "wb") as out:
        return subprocess.Popen(["setpriv", "--pdeathsig", "KILL", *line],
                                stdout=more.pop("stdout", out), stderr=out,
                                text=True, **more)  # type: ignore[call-overload]


class Servers:
    """dnsmasq and chrony, as long as a case lasts."""

    def __init__(self, work: Path) -> None:
        self._work = work
        self.log = work / "dnsmasq.log"
        records = [f"--host-record={name},{address}"
                   for name, address in HOSTS.items()]
        (work / "leases").touch()
        self._running = [
            _start(["dnsmasq", "--keep-in-foreground", "--conf-file=/dev/null",
                    f"--interface={NAME}", "--bind-interfaces", "--no-resolv",
                    "--no-hosts", "--user=root", "--group=root",
                    "--log-dhcp", "--log-facility=-", "--no-ping",
                    f"--dhcp-range={LEASED},{LEASED},1h",
                    f"--dhcp-option=option:ntp-server,{OURS}",
                    "--enable-ra", f"--dhcp-range={ZONE},ra-stateless,64",
                    f"--dhcp-option=option6:dns-server,[{OURS6}]",
                    f"--dhcp-leasefile={work}/leases",
                    f"--pid-file={work}/dnsmasq.pid", *records], self.log)]
        (work / "chrony.conf").write_text(
            f"local stratum 1\nallow all\ncmdport 0\nbindaddress {OURS}\n"
            f"pidfile {work}/chrony.pid\n")
        self._running.append(
            _start(["chronyd", "-x", "-d", "-U", "-u", "root", "-f",
                    f"{work}/chrony.conf"], work / "chrony.log"))

    def lease(self) -> list[str]:
        """Returns the words of the one lease: time, MAC, address, name, id."""
        lines = (self._work / "leases").read_text().splitlines()
        return next((line.split() for line in lines
                     if line.count(" ") == 4 and LEASED in line), [])

    def close(self) -> None:
        for process in self._running:
            process.kill()
            process.wait()


def mdns(name: str, work: Path) -> "subprocess.Popen[str]":
    """Starts zeroconf: it answers for MDNS_NAME, prints the address of `name`
    that it finds, and ends with its input."""
    return _start([DEBIAN_PYTHON, str(HERE / "mdns_judge.py"), OURS,
                   MDNS_NAME, name], work / "mdns.log",
                  stdin=subprocess.PIPE, stdout=subprocess.PIPE)

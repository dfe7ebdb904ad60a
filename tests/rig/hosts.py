# SPDX-License-Identifier: BSD-2-Clause
"""Chooses the host that runs the guest, and gives the reason."""
from __future__ import annotations

import sys
from pathlib import Path
from typing import Callable

from guest import Guest
from host import Host
from l1 import Kit
from local import Local, probe_kvm
from nested import Nested

NAMES = ("auto", "kvm", "nested", "minihv", "tcg")
WORDS = {
    "kvm": "KVM's Hyper-V and QEMU's VMBus, on this machine's processor",
    "nested": "KVM's Hyper-V and QEMU's VMBus in an emulated machine",
    "minihv": "a Hyper-V of our own under plain QEMU",
    "tcg": "QEMU without a hypervisor's interface",
}


class NoHost(Exception):
    """The requested host cannot run here."""


# Only hosts that use the kit ask for it, because it may have to be downloaded.
Asked = Callable[[], Kit]


def choose(name: str, kit: Asked) -> tuple[str, str]:
    """Returns the host's name and the reason, for `auto` or for a name."""
    if name in ("nested", "minihv", "tcg"):
        return name, "as asked"
    problem = probe_kvm(kit())
    if problem is None:
        return "kvm", "a guest with Hyper-V's SynIC ran on /dev/kvm"
    if name == "kvm":
        raise NoHost(f"HOST=kvm: {problem}. HOST=nested needs no KVM")
    return "nested", f"no use of KVM: {problem}"


def make(name: str, kit: Asked, guests: list[Guest],
         progress: Callable[[str], None]) -> Host:
    """Returns a host that can run these guests. The caller closes it."""
    if name == "nested":
        return Nested(kit(), guests, progress)
    if name == "minihv":
        sys.path.append(str(Path(__file__).resolve().parents[1] / "minihv"))
        # pylint: disable=import-outside-toplevel
        from minihv_host import Minihv
        return Minihv()
    return Local(kit(), name)

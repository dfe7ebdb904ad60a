# SPDX-License-Identifier: BSD-2-Clause
"""The ways in which a run can end: one table for guest, QEMU and runner.

docs/exit-statuses.md shows it to the reader, arch/crash/exit_status.h has the
guest's column.
"""
from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Verdict:
    name: str
    runner: int          # exit status of tests/rig/run.py
    words: str
    port: int | None = None  # the value that the guest writes to port 0xf4

    @property
    def qemu(self) -> int | None:
        """Returns QEMU's exit status after isa-debug-exit."""
        return None if self.port is None else 2 * self.port + 1


PASSED = Verdict("passed", 0, "the guest says that all went well", 0x10)
FAILED = Verdict("failed", 1, "a test failed", 0x11)
USAGE = Verdict("usage", 2, "the command line, or an option of the guest, is "
                "wrong", 0x18)
NO_HYPERVISOR = Verdict("no-hypervisor", 3, "not on Hyper-V", 0x12)
UNSUPPORTED = Verdict("unsupported", 4, "a host that the guest cannot use",
                      0x13)
CRASH = Verdict("crash", 5, "a fault or a failed assertion", 0x14)
TIMEOUT = Verdict("timeout", 6, "time ran out", 0x15)
NO_HOST = Verdict("no-host", 7, "the host did not start")
NO_VERDICT = Verdict("no-verdict", 8, "the machine ended without a verdict")
# These two are minihv's own, never the guest's.
MISBEHAVED = Verdict("misbehaved", 9, "the guest broke a rule of the host's",
                     0x16)
HOST_BROKE = Verdict("host-broke", 10, "minihv went wrong, or was started "
                     "wrongly", 0x17)

ALL = (PASSED, FAILED, USAGE, NO_HYPERVISOR, UNSUPPORTED, CRASH, TIMEOUT,
       NO_HOST, NO_VERDICT, MISBEHAVED, HOST_BROKE)
HOSTS_OWN = (MISBEHAVED, HOST_BROKE)
BY_NAME = {verdict.name: verdict for verdict in ALL}
_BY_QEMU = {verdict.qemu: verdict for verdict in ALL if verdict.qemu}


def from_qemu(status: int) -> Verdict:
    """Returns the verdict for QEMU's exit status. 0 is no success: a power-off,
    a reset and a triple fault end with it as well."""
    return _BY_QEMU.get(status, NO_VERDICT)

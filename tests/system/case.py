# SPDX-License-Identifier: BSD-2-Clause
"""One run of the image and the result that it must have."""
from __future__ import annotations

import re
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Callable

from guest import Guest
from host import Result, Session
from outcome import outcome
from verdict import PASSED, Verdict

# A run that takes longer counts as hung. An idle build machine needs 15 s at
# most; a busy one has needed a minute.
HANG_SECONDS = 600.0

# Fields of a Guest that mean nothing without firmware.
NEEDS_FIRMWARE = ("from_disk", "firmware", "screen")
# The ending of an image, by the door that it is for.
ENDINGS = {"uefi": ".efi", "direct": "-direct.elf"}


@dataclass(frozen=True)
class Case:
    """A row of a suite's table."""
    name: str
    options: str = ""                        # beside `exit claims`
    machine: dict[str, Any] = field(default_factory=dict)  # Guest's fields
    verdict: Verdict | None = PASSED         # None: it ends without one
    console: tuple[str, ...] = ()            # patterns that COM1 must show
    during: Callable[[Session], None] | None = None
    # More to check: returns what is wrong, or None.
    check: Callable[[Result], str | None] | None = None
    # Run the image that can lie: the case must FAIL, and the reason must match
    # this pattern.
    must_fail: str | None = None

    def door(self, usual: str) -> str:
        """Returns how the guest starts. A disk to boot from, and a screen (GOP)
        need firmware."""
        if any(self.machine.get(name) for name in NEEDS_FIRMWARE):
            return "uefi"
        return usual

    def guest(self, image: Path, lying_image: Path) -> Guest:
        fields: dict[str, Any] = {"timeout": HANG_SECONDS}
        fields.update(self.machine)
        return Guest(image=lying_image if self.must_fail else image,
                     cmdline=f"exit claims {self.options}".strip(), **fields)

    def problem(self, guest: Guest, host: str, result: Result) -> str | None:
        """What is wrong with this run; None if nothing is."""
        found = self._problem(guest, host, result)
        if self.must_fail is None:
            return found
        if found is None:
            return "the suite accepted the broken image"
        if not re.search(self.must_fail, found):
            return f"the broken image failed for another reason: {found}"
        return None

    def _problem(self, guest: Guest, host: str,
                 result: Result) -> str | None:
        verdict, why = outcome(guest, host, result)
        if self.verdict is not None and verdict is not self.verdict:
            return f"expected {self.verdict.name}, found {verdict.name}: {why}"
        if self.verdict is None and (result.timed_out or result.status):
            return f"expected no verdict, found {verdict.name}: {why}"
        for pattern in self.console:
            if not re.search(pattern, result.serial, re.M):
                return f"expected on the console: {pattern}"
        if "error" in result.kept:
            return result.kept["error"]
        return self.check(result) if self.check else None

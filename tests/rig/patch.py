# SPDX-License-Identifier: BSD-2-Clause
"""Three small changes to private copies of Debian's QEMU binary.

Each looks for exactly one place and refuses a binary where it does not find
it, so a new QEMU version fails loudly instead of running unpatched.
"""
from __future__ import annotations

import re
import subprocess
from pathlib import Path

JNE_AFTER_TEST = b"\x84\xc0\x75"  # test al,al; jne
JMP_SHORT = 0xEB
# In raise_interrupt2: xor edx,edx; mov esi,SVM_EXIT_SWINT; call the check.
SWINT_CHECK = b"\x31\xd2\xbe\x75\0\0\0\xe8"
SWINT_AT = 3
EXIT_BREAKPOINT = 0x43  # SVM_EXIT_EXCP_BASE + 3
BALLOON_WAIT_MS = 50_000
BALLOON_WAIT_MS_HERE = 500


class PatchError(Exception):
    """The binary does not look as expected."""


def _file_offset(binary: Path, symbol: str) -> int:
    """Returns the file offset of an exported function's code."""
    names = subprocess.check_output(["nm", "-D", binary], text=True)
    found = re.search(rf"^([0-9a-f]+) T {symbol}$", names, re.M)
    if not found:
        raise PatchError(f"{binary}: no exported {symbol}")
    address = int(found.group(1), 16)
    headers = subprocess.check_output(["readelf", "-lW", binary], text=True)
    loads = re.findall(r"^\s*LOAD\s+(0x\S+)\s+(0x\S+)\s+\S+\s+(0x\S+)",
                       headers, re.M)
    for offset, start, size in ((int(x, 16) for x in row) for row in loads):
        if start <= address < start + size:
            return address - start + offset
    raise PatchError(f"{binary}: {symbol} lies in no segment")


def without_lock_assertion(binary: Path) -> bytes:
    """Returns the outer QEMU without the assertion that nested SVM triggers.

    TCG's write to CR8 calls cpu_interrupt() without the big lock. Of eight
    loaded runs three aborted in tcg_handle_interrupt(); with its conditional
    jump made unconditional none of thirteen did.
    """
    code = bytearray(binary.read_bytes())
    start = _file_offset(binary, "tcg_handle_interrupt")
    window = bytes(code[start:start + 48])
    if window.count(JNE_AFTER_TEST) != 1:
        raise PatchError(f"{binary}: tcg_handle_interrupt has another shape: "
                         f"{window.hex()}")
    code[start + window.index(JNE_AFTER_TEST) + 2] = JMP_SHORT
    return bytes(code)


def with_seen_breakpoints(code: bytes) -> bytes:
    """Returns the outer QEMU with breakpoints that the inner one sees.

    TCG asks for an INT3 in a nested guest only whether software interrupts
    are intercepted, never whether #BP is. So KVM does not get to know of gdb's
    breakpoints, and the guest crashes on them. With the other number it asks
    for #BP; KVM intercepts no software interrupts, so nothing is lost.
    """
    if code.count(SWINT_CHECK) != 1:
        raise PatchError(f"check of software interrupts found "
                         f"{code.count(SWINT_CHECK)} times, not once")
    changed = bytearray(code)
    changed[code.index(SWINT_CHECK) + SWINT_AT] = EXIT_BREAKPOINT
    return bytes(changed)


def _adds_immediate(code: bytes, at: int) -> bool:
    """Returns true if the four bytes at `at` are the immediate of a 64-bit add
    or lea."""
    rex, opcode, operand = code[at - 3], code[at - 2], code[at - 1]
    if opcode == 0x81 and rex in (0x48, 0x49):
        return 0xC0 <= operand <= 0xC7
    if opcode == 0x8D and rex in (0x48, 0x49, 0x4C, 0x4D):
        return 0x80 <= operand <= 0xBF
    return opcode in (0x48, 0x49) and operand == 0x05


def with_quick_balloon(code: bytes) -> bytes:
    """Returns the inner QEMU with a balloon that acts after 0.5 s, not 50 s.

    hv-balloon ignores targets for 50 s after the capabilities exchange;
    a test cannot wait that long.
    """
    wanted = BALLOON_WAIT_MS.to_bytes(4, "little")
    places = [m.start() for m in re.finditer(re.escape(wanted), code)
              if _adds_immediate(code, m.start())]
    if len(places) != 1:
        raise PatchError(f"balloon's wait found {len(places)} times, not once")
    changed = bytearray(code)
    changed[places[0]:places[0] + 4] = \
        BALLOON_WAIT_MS_HERE.to_bytes(4, "little")
    return bytes(changed)

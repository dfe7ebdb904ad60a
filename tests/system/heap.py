# SPDX-License-Identifier: BSD-2-Clause
"""Mistakes in the use of the heap (tests/guest/heap): heap=check finds each,
says what it was, and ends the run; without it nothing is said."""
from __future__ import annotations

import re

from case import Case
from host import Result
from verdict import CRASH, FAILED, PASSED, USAGE

HOST = "tcg"
BOOT = "direct"
IMAGE = "test-heap"

CALLER = r"heap: #1 image\+0x"
FREED = r"heap: freed by free called from"


def _block(size: int, function: str) -> tuple[str, ...]:
    return (rf"heap: block: {size} bytes at 0x\w+, allocation \d+, by "
            rf"{function} called from", CALLER)


def nothing_said(result: Result) -> str | None:
    said = re.findall(r"\] heap: .*", result.serial)
    return f"expected no word of the heap, found {said[0]}" if said else None


def _found(mistake: str, what: str, *more: str) -> Case:
    return Case(f"heap=check finds the mistake {mistake}",
                f"test={mistake} heap=check", verdict=CRASH,
                console=(f"heap: {what}", *more,
                         r"CRASH: wrong use of the heap, processor 0",
                         r"crash: #1 image\+0x"))


CASES = [
    Case("right use of each function of the heap is not reported, and nothing "
         "is left", "test=none heap=check", verdict=PASSED, check=nothing_said),
    Case("without heap=check an image with the checks says nothing, whatever "
         "is wrong", "test=leak", verdict=PASSED, check=nothing_said),
    _found("behind", "free: written behind a block",
           r"heap: found 0x41 4 bytes behind the block's last byte, expected "
           r"0xfa", *_block(100, "malloc")),
    _found("before", "free: written before a block",
           r"heap: found 0x42 2 bytes before the block, expected 0xfa",
           *_block(100, "calloc")),
    _found("twice", "free: freed twice", *_block(40, "malloc"), FREED),
    _found("foreign", "free: freed, but never allocated",
           r"heap: found the pointer 0x\w+, expected one that malloc or new"),
    _found("inside", "free: freed by a pointer into a block",
           r"heap: found .*: it points to byte 24 of a block",
           *_block(64, "malloc")),
    _found("after", "free: written after it was freed",
           r"heap: found 0x43 at byte 17 of the block, expected 0xdf",
           *_block(200, "malloc"), FREED),
    _found("end", "end of the application: written after it was freed",
           r"heap: found 0x44 at byte 0 of the block, expected 0xdf",
           *_block(200, "malloc"), FREED),
    _found("resize", "realloc: freed twice", *_block(30, "malloc"), FREED),
    _found("delete", "free: freed twice", *_block(24, "malloc"), FREED),
    _found("dispatch", "free: written behind a block",
           r"heap: found 0x45 1 bytes behind", *_block(10, "memalign")),
    Case("heap=check counts what was not freed, names the largest, and fails "
         "the run", "test=leak heap=check", verdict=FAILED,
         console=(r"heap: found 12 blocks of 1060 bytes in all that were not "
                  r"freed, expected none; the largest:",
                  *_block(1000, "memalign"), *_block(10, "malloc"),
                  *_block(9, "malloc"), r"heap: the verdict is failed")),
    Case("a word that the option heap does not have is a usage error",
         "heap=all", verdict=USAGE,
         console=(r"found heap=all, expected one of off, check",)),
    Case("the suite rejects a run in which nothing was found",
         "test=twice heap=off", verdict=CRASH,
         must_fail="expected crash, found passed"),
]

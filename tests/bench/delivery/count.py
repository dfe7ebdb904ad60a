# SPDX-License-Identifier: BSD-2-Clause
"""Prints the figures of one lone packet's delivery from delivery.c's record.

    delivery | count.py PROGRAM          lines of bench.tsv
    delivery | count.py PROGRAM --trace  the record with names, in order

Locks, calls, drains and ring reads are counted from the interrupt until the
channel is at rest; `to_routine` is the part before the application's routine.
A drain begins by asking for the reader's position (ring_reader_start); a ring
read is a call that looks for a packet, found or not.
"""
import bisect
import collections
import subprocess
import sys

RING_READS = ("ring_read", "ring_peek", "ring_reader_at_end")
DRAINS = ("ring_reader_start",)


def functions(program):
    """Returns ([start address], [name]) of the program's functions, in order."""
    listed = subprocess.run(["nm", "--defined-only", program], check=True,
                            capture_output=True, text=True).stdout
    found = sorted((int(address, 16), name) for address, kind, name in
                   (line.split() for line in listed.splitlines())
                   if kind in "tTwW")
    return [f[0] for f in found], [f[1] for f in found]


def entries(program):
    """Returns (event, 'before' or 'after', function's name or 'lock')."""
    starts, names = functions(program)
    for line in sys.stdin:
        event, when, what = line.rstrip("\n").split("\t")
        if what != "lock":
            at = bisect.bisect_right(starts, int(what, 16)) - 1
            # gcc names copies NAME.part.0 and the like.
            what = names[at].split(".")[0]
        yield event, when, what


def count(names):
    kinds = collections.Counter()
    for name in names:
        if name == "lock":
            kinds["locks"] += 1
            continue
        kinds["calls"] += 1
        kinds["drains"] += name in DRAINS
        kinds["ring_reads"] += name in RING_READS
    return kinds


def main():
    if len(sys.argv) not in (2, 3) or sys.argv[2:] not in ([], ["--trace"]):
        sys.exit("usage: delivery | count.py PROGRAM [--trace]")
    record = list(entries(sys.argv[1]))
    if not record:
        sys.exit("count.py: standard input has no record: run delivery first")
    if sys.argv[2:]:
        for entry in record:
            print(*entry, sep="\t")
        return
    for event in dict.fromkeys(entry[0] for entry in record):
        whole = count(name for e, _, name in record if e == event)
        before = count(name for e, when, name in record
                       if e == event and when == "before")
        for kind in ("locks", "drains", "ring_reads", "calls"):
            name = f"delivery.{event}.{kind}"
            print(f"{name}\t{whole[kind]}\t{kind}")
            print(f"{name}.to_routine\t{before[kind]}\t{kind}")


main()

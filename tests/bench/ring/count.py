# SPDX-License-Identifier: BSD-2-Clause
"""Prints what callgrind counted for each scenario of bench.c.

A scenario is a function count_NAME; its figure is the cost, with everything
below, of the calls it makes to the ring (not of the loop around them).
"""
import collections
import re
import sys


def calls_below(path):
    """{calling function: {called function: [calls, instructions]}}"""
    names = {}
    result = collections.defaultdict(lambda: collections.defaultdict(
        lambda: [0, 0]))
    caller = called = None
    calls = 0

    def name(text):
        match = re.match(r"\((\d+)\)(?: (.*))?", text)
        number, given = match.groups()
        if given:
            names[number] = given.split("'")[0]
        return names[number]

    for line in open(path, encoding="ascii", errors="replace"):
        if line.startswith("fn="):
            caller = name(line[3:].strip())
        elif line.startswith("cfn="):
            called = name(line[4:].strip())
        elif line.startswith("calls="):
            calls = int(line[6:].split()[0])
        elif calls:
            entry = result[caller][called]
            entry[0] += calls
            entry[1] += int(line.split()[1])
            calls = 0
    return result


def figures(path):
    """{NAME: [calls of count_NAME, instructions of the calls it made to the
    ring]}"""
    below = calls_below(path)
    found = {}
    for caller, called in below.items():
        if caller.startswith("count_"):
            calls = sum(known[caller][0] for known in below.values()
                        if caller in known)
            found[caller[len("count_"):]] = [calls, sum(
                cost for name, (_, cost) in called.items()
                if name.startswith("ring_"))]
    return found


BURST = 32     # as in bench.c

SIZES = (60, 64, 100, 500, 1472, 1500, 9000, 16384)

# figure: scenario, packets per call. recv: a packet that came alone, so that the
# reader must read the write index again; waiting: packets that wait in the ring,
# each committed alone.
FIGURES = {f"ring.{figure}.{size}": (f"{way}_{size}", 1)
           for figure, way in (("send", "send"), ("recv", "alone"))
           for size in SIZES}
FIGURES |= {
    "ring.recv.64.waiting": ("recv_64", 1),
    "ring.send.64.batch32": ("send_batch32", BURST),
    "ring.recv.64.batch32": ("recv_batch32", BURST),
}


def main(path):
    counted = figures(path)
    for name, (scenario, packets) in FIGURES.items():
        calls, instructions = counted[scenario]
        cost = instructions / (calls * packets)
        print(f"{name}.instructions\t{cost:.1f}\tinstructions")


if __name__ == "__main__":
    main(sys.argv[1])

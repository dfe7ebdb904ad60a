# SPDX-License-Identifier: BSD-2-Clause
"""count.py OUT: what each half of the bus spent in the scenarios of bench.c.

Reads the parts OUT.1, OUT.2 ... that the program made callgrind write. A
function belongs to the folder of its .c file. A half's cost is what the
functions of its folders execute, with what they call of the C library and of
the folders that both halves share (the ring, the wire). The platform is the
test's own and is left out.
"""
import collections
import pathlib
import re
import sys

MORE = 20  # as in bench.c
# The tree in which it was compiled: another one, if a compiler cache says so.
TREE = re.compile(r"^.*?/(?=(?:vmbus|kmcl|tests)/)")
OWN = ("vmbus/guest/", "vmbus/host/", "vmbus/loopback/", "vmbus/pump/",
       "kmcl/", "tests/")
GUEST = ("vmbus/guest/", "vmbus/pump/", "kmcl/")

# figure: the part of the file, the folders that count
FIGURES = {
    "vmbus.offer.900.guest": ("offer.900", GUEST),
    "vmbus.offer.900.host": ("offer.900", ("vmbus/host/",)),
    "vmbus.open.300.guest": ("open.300", GUEST),
}


class Part:
    """One part of callgrind's file: what functions executed and called."""

    def __init__(self, path):
        self.names = {}
        self.label = ""
        self.files = {}     # function: its .c file, if one was seen
        self.self_cost = collections.Counter()
        self.calls = collections.Counter()    # (caller, called): instructions
        self.read(path)

    def name(self, kind, text):
        number, given = re.match(r"\((\d+)\)(?: (.*))?", text).groups()
        if given:
            self.names[kind, number] = given.split("'")[0]
        return self.names[kind, number]

    def belongs(self, function, path):
        if path.endswith(".c"):
            self.files[function] = TREE.sub("", path)

    def read(self, path):
        file = function = called = called_file = None
        for line in path.read_text("ascii", "replace").splitlines():
            word, _, rest = line.partition("=")
            if line.startswith("desc: Trigger: Client Request: "):
                self.label = line.rsplit(" ", 1)[1]
            elif word in ("fl", "fi", "fe"):
                file = self.name("file", rest)
            elif word == "fn":
                function = self.name("function", rest)
                self.belongs(function, file)
            elif word in ("cfi", "cfl"):
                called_file = self.name("file", rest)
            elif word == "cfn":
                called = self.name("function", rest)
                self.belongs(called, called_file or file)
                called_file = None
            elif called and re.match(r"[+*\d-]", line):
                self.calls[function, called] += int(line.split()[1])
                called = None
            elif function and re.match(r"[+*\d-]", line):
                self.self_cost[function] += int(line.split()[1])
                self.belongs(function, file)

    def under(self, folders):
        """Instructions of the functions in these folders, see above."""
        def inside(function, where):
            return self.files.get(function, "").startswith(where)

        return sum(cost for function, cost in self.self_cost.items()
                   if inside(function, folders)) + \
            sum(cost for (caller, called), cost in self.calls.items()
                if inside(caller, folders) and not inside(called, OWN))


def main(out):
    parts = [Part(path) for path in sorted(out.parent.glob(out.name + ".*"))]
    labelled = {part.label: part for part in parts}
    for name, (label, folders) in FIGURES.items():
        cost = labelled[label].under(folders) / MORE
        print(f"{name}.instructions\t{cost:.0f}\tinstructions")


main(pathlib.Path(sys.argv[1]))

# SPDX-License-Identifier: BSD-2-Clause
"""What the guest's objects define and use, from nm."""
import pathlib
import re
import subprocess

import tree

# Defined by each application and called by what starts it: an arrow to none
# of them in particular.
ANYBODYS = {"main"}
# Of app/include: what the platform implements for drivers.
FOR_DRIVERS = {"vmbare.h", "vmbare_events.h", "vmbare_log.h"}

class Objects:
    """The objects that a build left in `folder`, as FOLDER/SOURCE.o; those
    whose source is not in the tree any more are left out."""

    def __init__(self, folder, sources):
        self.defined, self.used = {}, {}
        self.sources = {s.path: s for s in sources}
        files = [p for p in sorted(pathlib.Path(folder).rglob("*.o"))
                 if self._source(folder, p) in self.sources]
        if not files:
            raise SystemExit(f"house: {folder}: found no object of a source "
                             "of this tree; build the image first (make)")
        for path in files:
            self._read(self._source(folder, path), path)
        self.owners = {}
        for source in sorted(self.defined):
            for name in self.defined[source] - ANYBODYS:
                self.owners.setdefault(name, []).append(source)

    @staticmethod
    def _source(folder, path):
        return path.relative_to(folder).as_posix()[:-len(".o")]

    def _read(self, source, path):
        listed = subprocess.run(["nm", "--extern-only", path], check=True,
                                capture_output=True, text=True).stdout
        self.defined[source], self.used[source] = set(), set()
        for line in listed.splitlines():
            fields = line.split()  # what is only used has no address
            kind = self.defined if len(fields) == 3 else self.used
            kind[source].add(fields[-1])

    def owner(self, name, user):
        """The object that defines what `user` uses, or None. Two applications
        may define one name: each means the one in its own folder."""
        owners = self.owners.get(name, [None])
        near = [o for o in owners if o and folder_of(o) == folder_of(user)]
        return (near or owners)[0]

    def graph(self, inside):
        """{object: objects that it uses} among those that `inside` accepts."""
        nodes = {s for s in self.defined if inside(s)}
        return {s: {self.owner(n, s) for n in self.used[s]} & nodes - {s}
                for s in nodes}

    def room_graph(self, top):
        """{folder: folders that it uses} in one layer."""
        found = {}
        for source, used in self.graph(
                lambda s: s.startswith(top + "/")).items():
            found.setdefault(folder_of(source), set()).update(
                map(folder_of, used))
        return {room: used - {room} for room, used in found.items()}

    def layer_arrows(self):
        """Symbols that an object takes from a higher layer, as 'NAME of FILE
        by FILE'. Not counted: what a header at the user's level or below
        declares, for that is a seam which the higher layer implements; and
        the headers that the platform implements for drivers, too."""
        seams = {top: " ".join(s.text for s in self.sources.values()
                               if s.suffix == ".h" and
                               (rank(s.top) <= rank(top) or
                                top == "drivers" and s.name in FOR_DRIVERS))
                 for top in tree.TOPS}
        words = {top: set(re.findall(r"\w+", text))
                 for top, text in seams.items()}
        found = {}
        for source, used in sorted(self.used.items()):
            top = source.split("/", 1)[0]
            for name in sorted(used & self.owners.keys() - words[top]):
                owner = self.owner(name, source)
                if rank(owner.split("/", 1)[0]) > rank(top):
                    found.setdefault(name, f"{name} of {owner} by {source}")
        return sorted(found.values())


def folder_of(source):
    return source.rsplit("/", 1)[0]


def rank(top):
    """boot may call arch and is called by nobody."""
    return tree.LAYERS.index(top) if top in tree.LAYERS else 0.5

# SPDX-License-Identifier: BSD-2-Clause
"""The source tree: its layers, its folders, and their files.

Nothing here knows where a file should be: a folder below a layer is a room
because files are in it, so the same script measures trees of any age.
"""
import pathlib

# From the lowest to the highest; `boot` stands beside them and may call arch.
LAYERS = ("arch", "hv", "vmbus", "kmcl", "drivers", "wdk", "app")
TOPS = LAYERS + ("boot",)

# What the whole image and its protocol files are called in tables.
IMAGE = "image"
PROTOCOL = "protocol"
# Files that speak a protocol with the other side of the machine's border.
PROTOCOL_TOPS = ("vmbus", "drivers")


class Source:
    """One file: `path` from the root of the tree, and its text."""

    def __init__(self, root, path):
        self.path = path.relative_to(root).as_posix()
        self.text = path.read_text(encoding="utf-8")
        self.lines = self.text.splitlines()
        self.top = self.path.split("/", 1)[0]
        self.room = self.path.rsplit("/", 1)[0]
        self.name = path.name
        self.suffix = path.suffix


def read(root):
    """Every C and assembly file of the image in the tree at `root`."""
    root = pathlib.Path(root)
    found = [Source(root, path) for top in TOPS
             for path in sorted((root / top).rglob("*.[chS]"))]
    if not found:
        raise SystemExit(f"house: {root}: found no C file below any of "
                         f"{' '.join(TOPS)}; name the root of the tree")
    return found


def rooms(sources):
    """{room: its files}: every layer with all that is below it, every folder
    below a layer, the protocol files, and the image."""
    found = {}
    for top in TOPS:
        mine = [s for s in sources if s.top == top]
        if mine:
            found[top] = mine
    found[PROTOCOL] = [s for s in sources if s.top in PROTOCOL_TOPS]
    found[IMAGE] = list(sources)
    for source in sources:
        if source.room != source.top:
            for room in parents(source.room):
                found.setdefault(room, []).append(source)
    return {room: found[room] for room in sorted(found, key=place)}


def parents(room):
    """'app/system/root' -> 'app/system', 'app/system/root'; what is below a
    folder `include` belongs to it."""
    parts = room.split("/")
    if "include" in parts:
        parts = parts[:parts.index("include") + 1]
    return ["/".join(parts[:n]) for n in range(2, len(parts) + 1)]


def place(room):
    """Sorts layers first, from below, then the whole, then folders."""
    order = list(TOPS) + [PROTOCOL, IMAGE]
    if room in order:
        return (0, order.index(room), room)
    return (1, TOPS.index(room.split("/", 1)[0]), room)

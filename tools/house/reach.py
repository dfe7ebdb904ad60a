# SPDX-License-Identifier: BSD-2-Clause
"""Which external symbols nobody reaches.

A symbol is reached when an application's image holds it, for the linker drops
what no call reaches; when a program of docs/examples, which stands for every
user of the hosted library, names it; when the file `exported` names it or the
header that declares it; and when a symbol that is reached uses it. Only tests
are no reason for a function to be in the tree.
"""
import pathlib
import re
import subprocess
import tempfile

import headers
import text

EXPORTED = "tools/lint/exported"
EXAMPLES = "docs/examples"
LIBRARY = ("vmbus", "kmcl")  # what a hosted program can link
LIBC = "<libc>"


def words(root, folder, suffixes=(".c", ".h", ".S", ".py")):
    """Every word in the files of a folder, comments left out."""
    found = set()
    for path in sorted((pathlib.Path(root) / folder).rglob("*")):
        if path.suffix in suffixes and path.is_file():
            source = path.read_text(encoding="utf-8", errors="replace")
            found.update(re.findall(r"\w+", text.without_comments(source)))
    return found


def in_image(image):
    """Names of everything that the linker kept in an image."""
    listed = subprocess.run(["nm", "--defined-only", image], check=True,
                            capture_output=True, text=True).stdout
    return {line.split()[-1] for line in listed.splitlines()}


def below(objects_folder, objects, roots):
    """`roots` and everything that they use: what the linker keeps of all
    objects when it must keep the roots."""
    roots = sorted(set(roots) & objects.owners.keys())
    if not roots:
        return set()
    files = [str(pathlib.Path(objects_folder) / (source + ".o"))
             for source in sorted(objects.defined)]
    with tempfile.TemporaryDirectory() as folder:
        kept = pathlib.Path(folder) / "kept.o"
        arguments = pathlib.Path(folder) / "arguments"
        arguments.write_text("\n".join(
            ["-r", "--gc-sections", "-z", "muldefs", "-o", str(kept)] +
            [f"-u {name}" for name in roots] + files), encoding="utf-8")
        subprocess.run(["ld", f"@{arguments}"], check=True)
        return in_image(kept)


class Exported:
    """The file of names that are external for a reason: lines 'NAME, tab,
    reason'; NAME is a symbol, a header (every function that it declares; its
    folder may be left out), or <libc> (what newlib's headers declare)."""

    def __init__(self, path, sources, libc):
        self.lines, self.errors, self.declared = {}, [], set()
        path = pathlib.Path(path)
        content = path.read_text(encoding="utf-8") if path.exists() else ""
        for number, line in enumerate(content.splitlines(), 1):
            if not line or line.startswith("#"):
                continue
            name, _, reason = line.partition("\t")
            if not reason.strip():
                self.errors.append(f"{path}:{number}: expected a name, a tab "
                                   f"and a reason, found '{line}'")
            self.lines[name] = f"{path}:{number}"
        for name, where in self.lines.items():
            if name == LIBC:
                self.declared |= words(libc, ".", (".h",))
            elif name.endswith(".h"):
                self.add_header(name, where, sources)
        self.symbols = {name for name in self.lines
                        if name != LIBC and not name.endswith(".h")}

    def add_header(self, name, where, sources):
        found = [s for s in sources if ("/" + s.path).endswith("/" + name)]
        if not found:
            self.errors.append(f"{where}: there is no header {name}: correct "
                               "the name, or remove the line")
        for source in found:
            self.declared |= {n for n, _ in headers.declarations(source)}

    def stale(self, objects, reached):
        """Lines about symbols that are `reached` without them."""
        for name in sorted(self.symbols):
            if name not in objects.owners:
                yield (f"{self.lines[name]}: no file of the image defines "
                       f"{name}: remove the line")
            elif name in reached:
                yield (f"{self.lines[name]}: {name} is reached without this "
                       "line: remove the line")


def unreached(root, folder, objects, images, exported):
    """(symbol, file, 'tests' or 'nobody') for each that nobody reaches, and
    all symbols that are reached without those that `exported` names."""
    reached = set().union(*map(in_image, images))
    examples = words(root, EXAMPLES)
    reached |= below(folder, objects, exported.declared | {
        name for name, owners in objects.owners.items()
        if name in examples and owners[0].split("/")[0] in LIBRARY})
    with_names = reached | below(folder, objects, exported.symbols)
    tests = words(root, "tests")
    found = [(name, owners[0], "tests" if name in tests else "nobody")
             for name, owners in sorted(objects.owners.items(),
                                        key=lambda item: item[::-1])
             if name not in with_names]
    return found, reached


def errors(found, reached, objects, exported):
    """What is wrong, a line each."""
    yield from exported.errors
    yield from exported.stale(objects, reached)
    for name, owner, whose in found:
        by = "by tests only" if whose == "tests" else "by nobody"
        yield (f"{owner}: {name} is reached {by}: remove it, make it static, "
               f"or name it with a reason in {EXPORTED}")

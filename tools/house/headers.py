# SPDX-License-Identifier: BSD-2-Clause
"""What headers say: includes, floors of includes, declarations."""
import functools
import re

INCLUDE = re.compile(r'^[ \t]*#[ \t]*include[ \t]*"([^"]+)"', re.MULTILINE)

# A prototype at the start of a line; KMCL's way, a function type and then the
# function, is matched as one declaration.
PROTOTYPE = re.compile(
    r"^(?:extern )?(?!typedef\b|static\b|return\b|extern \")"
    r"[A-Za-z_][\w \*]*?[ \*](\w+)\((?:[^;{}])*\)[^;{}]*;", re.MULTILINE)
BY_TYPE = re.compile(r"^typedef [^;{}]*?\bFN_\w+\([^;{}]*\)[^;{}]*;\n"
                     r"FN_\w+ (\w+);", re.MULTILINE)


def includes(source):
    """Names in quotes that a file includes."""
    return INCLUDE.findall(source.text)


def bare(sources):
    """Includes in quotes that name no folder, although there is one to name.
    There is none for a header at the top of a folder `include`, for one that
    the build makes, and for one that an application has beside its sources."""
    for source in sources:
        for name in includes(source):
            homes = [s.room for s in sources if s.name == name]
            beside = source.top == "app" and source.room in homes
            public = any(room.endswith("/include") for room in homes)
            if "/" not in name and homes and not beside and not public:
                yield f"{source.path}: {name}"


def find(by_name, name):
    """The file that an include means: the one whose path ends like it."""
    candidates = by_name.get(name.rsplit("/", 1)[-1], [])
    for source in candidates:
        if ("/" + source.path).endswith("/" + name):
            return source
    return None


def floors(sources):
    """The longest chain of includes among these files; 1: no file includes
    another one. A circle of includes is walked once."""
    by_name, inside = {}, set()
    for source in sources:
        by_name.setdefault(source.name, []).append(source)

    @functools.lru_cache(maxsize=None)
    def floor(source):
        inside.add(source)
        below = [find(by_name, name) for name in includes(source)]
        highest = max((floor(other) for other in below
                       if other and other not in inside), default=0)
        inside.discard(source)
        return highest + 1

    return max(map(floor, sources), default=0)


def has_comment(text, start, end):
    """Is there a comment in the line before, or behind the declaration? A
    heading of a section (/* ---- so ---- */) is none."""
    before = text[:start].rstrip("\n").rsplit("\n", 1)[-1].strip()
    behind = text[end:].split("\n", 1)[0]
    adjacent = text[:start].endswith("\n") and not text[:start].endswith("\n\n")
    if "/*" in behind or "//" in behind:
        return True
    heading = before.startswith("/* --")
    return adjacent and not heading and (before.endswith("*/") or
                                         before.startswith("//"))


def declarations(source):
    """(name, has a contract) for each function that a header declares."""
    if source.suffix != ".h":
        return
    for pattern in (PROTOTYPE, BY_TYPE):
        for match in pattern.finditer(source.text):
            yield match.group(1), has_comment(source.text, match.start(),
                                              match.end())


def without_contract(sources):
    return [f"{s.path}: {name}" for s in sources
            for name, has in declarations(s) if not has]

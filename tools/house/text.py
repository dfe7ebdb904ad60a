# SPDX-License-Identifier: BSD-2-Clause
"""What the text of files says: lengths, comments, duplicates, booleans."""
import re

FUNCTION_LINES = 60
COLUMNS = 80
DUPLICATE_LINES = 5

# A string is no comment, although it may hold what looks like one.
TOKEN = re.compile(r'"(?:\\.|[^"\\\n])*"|\'(?:\\.|[^\'\\\n])*\''
                   r"|/\*.*?\*/|//[^\n]*", re.DOTALL)
STRUCT = re.compile(r"^struct (\w+) \{\n(.*?)^\}", re.MULTILINE | re.DOTALL)
BOOLEAN = re.compile(r"^\s+(?:bool|BOOLEAN)\s+([^;(]+);", re.MULTILINE)


def without_comments(text):
    """The text with every comment replaced by its line ends."""
    def keep(match):
        token = match.group(0)
        return "\n" * token.count("\n") if token[0] == "/" else token
    return TOKEN.sub(keep, text)


def comment_lines(text):
    """Numbers of the lines, from 0, in which a comment or a part of one is."""
    found = set()
    for match in TOKEN.finditer(text):
        if match.group(0)[0] == "/":
            first = text.count("\n", 0, match.start())
            found.update(range(first, first + match.group(0).count("\n") + 1))
    return found


def comment_share(sources):
    """Lines with a comment in them, divided by all that are not blank."""
    commented = filled = 0
    for source in sources:
        lines = {n for n, line in enumerate(source.lines) if line.strip()}
        filled += len(lines)
        commented += len(lines & comment_lines(source.text))
    return commented / filled if filled else None


def function_lengths(source):
    """(line, length) of each function body. Relies on clang-format: a
    function's braces are alone in column 1."""
    start = None
    for number, line in enumerate(source.lines, 1):
        if line == "{":
            start = number
        elif line == "}" and start:
            yield start, number - start + 1
            start = None


def long_functions(sources):
    return [f"{s.path}:{line}" for s in sources
            for line, length in function_lengths(s) if length > FUNCTION_LINES]


def long_lines(sources):
    return [f"{s.path}:{number}" for s in sources
            for number, line in enumerate(s.lines, 1) if len(line) > COLUMNS]


def code_lines(source):
    """(line number, line without indent) of what is compiled, without
    includes and lone brackets."""
    for number, line in enumerate(
            without_comments(source.text).splitlines(), 1):
        line = " ".join(line.split())
        if line.strip("{}();") and not line.startswith("#include"):
            yield number, line


def duplicates(sources):
    """Places where at least DUPLICATE_LINES lines of code in a row stood
    before, in the same or in another file. A longer stretch counts once.
    Headers are left out: a function repeats its declaration."""
    seen, found = {}, []
    for source in (s for s in sources if s.suffix != ".h"):
        lines = list(code_lines(source))
        inside = False
        for at in range(len(lines) - DUPLICATE_LINES + 1):
            window = tuple(line for _, line in lines[at:at + DUPLICATE_LINES])
            here = f"{source.path}:{lines[at][0]}"
            first = seen.setdefault(window, here)
            if first != here and not inside:
                found.append(f"{here} as {first}")
            inside = first != here
    return found


def booleans(sources):
    """(number, 'struct name of file') for each struct with booleans; members
    of members in the same body count, other structs that it holds do not."""
    for source in sources:
        for name, body in STRUCT.findall(without_comments(source.text)):
            members = sum(len(names.split(","))
                          for names in BOOLEAN.findall(body))
            if members:
                yield members, f"struct {name} of {source.path}"

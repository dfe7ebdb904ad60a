# SPDX-License-Identifier: BSD-2-Clause
"""Turns a public header of ours into what doxygen understands.

Our headers are written for people: a plain comment before a declaration is its
contract, '@name  text' explains a parameter, and KMCL declares each function by
a function type, as Windows does. Here

- each comment before a declaration becomes a documentation comment, and one
  after a member the member's;
- a line of a table of statuses becomes @retval;
- a parameter that has no line of its own gets the sentence that names it, or,
  for the handles in HANDLES, what such a handle always is;
- 'typedef RESULT FN_X(...); FN_X Name;' becomes the function Name.

A parameter that no text names stays without a text: tools/docs/check finds it.
"""
import re

# Parameters whose type says all that there is to say.
HANDLES = {
    "VMBCHANNEL": "the channel",
    "VMBPACKET": "the packet object",
    "VMBPACKETCOMPLETION": "the packet that was delivered",
    "PMDL": "the MDL",
    "const MDL *": "the MDL",
    "struct vmbus_bus *": "the connection to the host",
    "const struct vmbus_bus *": "the connection to the host",
    "struct vmbus_channel *": "the channel",
    "const struct vmbus_channel *": "the channel",
    "struct vmbus_host *": "the host half",
    "const struct vmbus_host *": "the host half",
    "struct vmbus_host_channel *": "the channel that the server offers",
    "const struct vmbus_host_channel *": "the channel that the server offers",
    "struct ring_reader *": "the reading side of the ring",
    "const struct ring_reader *": "the reading side of the ring",
    "struct ring_writer *": "the writing side of the ring",
    "const struct ring_writer *": "the writing side of the ring",
    "struct seam *": "the platform's context",
    "struct kmcl *": "the instance of KMCL",
    "const struct kmcl *": "the instance of KMCL",
    "struct loopback *": "the loopback",
}
# In our comments '@' also begins these, which are doxygen's own words.
COMMANDS = {"return", "retval", "param", "file", "see", "ref", "brief", "note",
            "par", "code", "endcode"}

# A sentence that says what a result means: '0: done', 'True: it was armed'.
VALUE = re.compile(r"(?:0|1|-E[A-Z0-9]+|NULL|[Tt]rue|[Ff]alse)(?:, -E\w+)*:"
                   r"|Returns |(?:True|False) (?:if|when|from|once)")

# A first sentence that is nothing but what the result is: 'The time.'
VALUE_PHRASE = re.compile(r"(?:The (?!guest|host|other)|Bytes |"
                          r"How (?:many|often)|"
                          r"Whether )")

COMMENT = re.compile(r"/\*(.*?)\*/", re.S)
STATUS = re.compile(r"^\s*(STATUS_[A-Z0-9_]+(?:\.\.\d|/_\d)?|any other|others)"
                    r"(?:\s{2,}(.*)|\s*)$")
ITEM = re.compile(r"^@(\w+)\s+(.*)$")
INDENTED = re.compile(r"^\s{2,}(\w+)((?:, \w+)*)\s{2,}(.*)$")
IRQL = re.compile(r"IRQL: ([^.]*?)(?: \[\w+\])?\.(?!\.)|(?:^|[.:)] )"
                  r"((?:PASSIVE|<= DISPATCH|DISPATCH|Any IRQL|Any level|"
                  r"PASSIVE only))\.")
FUNCTION_TYPE = re.compile(
    r"typedef\s+(?P<result>[\w *]+?)\s*\b(?P<type>FN_\w+)\s*\("
    r"(?P<args>[^;]*)\);\s*(?P=type)\s+(?P<name>\w+)\s*;", re.S)
CALLBACK = re.compile(r"typedef\s+(?P<result>\w+(?:\s\w+)*?\s*\**)\s*"
                      r"\b(?P<name>EVT_\w+)\s*\((?P<args>[^;]*)\);", re.S)
PROTOTYPE = re.compile(
    r"(?:static inline )?(?P<result>[\w][\w ]*?[ *]+)(?P<name>\w+)\s*"
    r"\((?P<args>[^;{]*?)\)\s*(?:__attribute__\(\(.*?\)\)\s*)?[;{]", re.S)


def lines_of(body):
    """The lines of a comment without its frame."""
    body = body.lstrip("*")
    return [re.sub(r"^\s*\*? ?", "", line, count=1).rstrip() if number else
            line.strip() for number, line in enumerate(body.split("\n"))]


def split_args(text):
    """'struct a *x, void (*f)(int)' -> [(type, name), ...]"""
    parts, depth, start = [], 0, 0
    for at, sign in enumerate(text):
        depth += (sign == "(") - (sign == ")")
        if sign == "," and depth == 0:
            parts.append(text[start:at])
            start = at + 1
    parts.append(text[start:])
    found = []
    for part in parts:
        part = " ".join(part.split())
        pointer = re.match(r"(.*\(\*)(\w+)(\).*)$", part)
        plain = re.match(r"(.*?[ *])(\w+)(?:\[\w*\])?$", part)
        if pointer:
            found.append((pointer.group(1) + pointer.group(3),
                          pointer.group(2)))
        elif plain:
            found.append((plain.group(1).strip(), plain.group(2)))
    return found


def sentence_naming(text, name):
    """The sentence of the text in which the parameter's name stands."""
    for sentence in re.split(r"(?<=[.;])\s+(?=[`*A-Z0-9-])", text):
        if re.search(rf"(?<![\w>]){re.escape(name)}(?!\w)", sentence):
            return sentence.strip()
    return None


class Contract:
    """One comment, taken apart."""

    def __init__(self, lines):
        self.text, self.items, self.statuses = [], [], []
        into = self.text
        for line in lines:
            item, status, row = (ITEM.match(line), STATUS.match(line),
                                 INDENTED.match(line))
            if item:
                into = [item.group(2)]
                self.items.append((item.group(1), into))
            elif status and (status.group(2) or
                             re.match(r" {1,4}\S", line)):
                into = [status.group(2) or ""]
                self.statuses.append((status.group(1), into))
            elif row and not line.lstrip().startswith("STATUS"):
                into = [row.group(3)]
                self.items.append((row.group(1) + row.group(2), into))
            elif into is not self.text and line.startswith(" "):
                into.append(line.strip())
            else:
                if into is not self.text:
                    self.text.append("")
                into = self.text
                into.append(line)

    def __str__(self):
        return "\n".join(self.text)


def described(contract, args, is_void):
    """doxygen's commands for the parameters and the result."""
    out, named = [], set()
    names = [name for _, name in args]
    text = " ".join(str(contract).split())
    for word, lines in contract.items:
        said = " ".join(" ".join(lines).split())
        if word in COMMANDS:
            out.append(f"@{word} {said}")
            continue
        if word == "differs":
            out.append(f"@par Differs from Windows\n{said}")
            continue
        for one in word.split(", "):
            if one in names:
                named.add(one)
                out.append(f"@param {one} {said}")
            else:
                out.append(f"@par {one}\n{said}")
    everything = " ".join([text, *(" ".join(t) for _, t in contract.items)])
    like = re.match(r"As (\w+)\(\)", text)
    for kind, name in args:
        if name in named:
            continue
        said = sentence_naming(everything, name) or HANDLES.get(kind)
        if not said and name == "arg" and "done" in names:
            said = "handed to `done`"
        if not said and like:
            said = f"as with {like.group(1)}()"
        if said:
            out.append(f"@param {name} {said}")
    for status, lines in contract.statuses:
        out.append(f"@retval {status} {' '.join(' '.join(lines).split())}")
    if not contract.statuses and not any(w == "return"
                                         for w, _ in contract.items):
        values = [s.strip() for s in re.split(r"(?<=[.;])\s+", text)
                  if VALUE.match(s)]
        if not values and VALUE_PHRASE.match(text):
            values = [re.split(r"(?<=[.;?])\s", text)[0]]
        if values and not is_void:
            out.append("@return " + " ".join(values))
    return out


def safe(text):
    """The text without what doxygen would take for a command or for HTML."""
    text = re.sub(r"(?<![\w])\*(?=\w)", r"\\*", text)
    return re.sub(r"<(?=[\w/!])", "&lt;", text)


def documentation(lines, args, is_void):
    contract = Contract(lines)
    irql = IRQL.search(" ".join(str(contract).split()))
    body = [safe(line) for line in contract.text]
    body += [safe(line) for line in described(contract, args, is_void)]
    if irql:
        body.append(f"@par IRQL\n{safe(irql.group(1) or irql.group(2))}")
    return "/** " + "\n".join(body).strip() + " */"


def functions_plain(code):
    """Function types and callbacks as plain prototypes."""
    code = FUNCTION_TYPE.sub(
        lambda m: f"{m['result']} {m['name']}({m['args']});", code)
    return CALLBACK.sub(
        lambda m: f"{m['result']} {m['name']}({m['args']});", code)


def convert(source):
    source = functions_plain(source)
    source = re.sub(r"^DECLARE_HANDLE\((\w+)\);", r"typedef struct \1__ *\1;",
                    source, flags=re.M)
    # Nothing for readers: they confuse doxygen.
    source = re.sub(r"^(?:_Static_assert|\w*_?ASSERT)\("
                    r"(?:[^;\"]|\"[^\"]*\")*\);", "", source, flags=re.M)
    out, at, is_first = [], 0, True
    for found in COMMENT.finditer(source):
        before, after = source[at:found.start()], source[found.end():]
        out.append(before)
        at = found.end()
        line = before.rsplit("\n", 1)[-1]
        body = lines_of(found.group(1))
        if body[0].startswith(("SPDX", "----")):
            continue
        if line.strip():
            out.append("/**< " + safe(" ".join(" ".join(body).split())) +
                       " */")
        elif is_first:
            is_first = False
            out.append("/** @file\n" + safe("\n".join(body)) + "\n */")
        elif re.match(r"\n\s*(#\s*(?!define)|\n|$)", after):
            continue  # before a directive or nothing: of no declaration
        else:
            prototype = PROTOTYPE.match(after.lstrip("\n"))
            args = split_args(prototype["args"]) if prototype else []
            is_void = not prototype or bool(re.fullmatch(
                r"(?:_Noreturn |VMBARE_NORETURN |typedef )?(?:void|VOID)",
                prototype["result"].strip()))
            out.append(documentation(body, args, is_void))
    out.append(source[at:])
    return "".join(out)

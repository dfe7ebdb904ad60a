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
INDENTED = re.compile(r"^\s{2,}\*?(\w+)((?:, \w+)*)\s{2,}(.*)$")
IRQL = re.compile(r"IRQL: ([^.]*?)(?: \[\w+\])?\.(?!\.)|(?:^|[.:)] )"
                  r"((?:PASSIVE|<= DISPATCH|DISPATCH|Any IRQL|Any level|"
                  r"PASSIVE only))\.")
# 'Items: 1, 2..4. [D]': acceptance items, and whence the contract is known.
ITEMS = re.compile(r"(?<=[\s.])Items: (\d[\d., \n]*?)\.(?=\s|$)")
SOURCE = re.compile(r"\s*\[(D18|D|H|W|I|P)\]\s*$")
SOURCES = {
    "D": "Microsoft's documentation",
    "D18": "Microsoft's documentation of 2018",
    "H": "Microsoft's public header",
    "W": "Microsoft's documentation of WDM",
    "I": "inferred from what Microsoft documents",
    "P": "a choice of this project",
}
MICROSOFT = ("https://learn.microsoft.com/en-us/windows-hardware/drivers/ddi/"
             "vmbuskernelmodeclientlibapi/"
             "nc-vmbuskernelmodeclientlibapi-")
# Windows' annotations (SAL): 'In', 'Must inspect result', with one bracket or
# two. kmcl/sal.h defines them, and keeps them.
ANNOTATION = re.compile(r"(?<!define )\b(?:__drv_\w+|_[A-Z][A-Za-z_]*_)"
                        r"(?:\((?:[^()]|\([^()]*\))*\))?\s+")

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
    """doxygen's commands for the parameters, the result and what differs."""
    said_of, before, after = {}, [], []
    names = [name for _, name in args]
    for word, lines in contract.items:
        said = " ".join(" ".join(lines).split())
        if word in COMMANDS:
            before.append(f"@{word} {said}")
            continue
        if word == "differs":
            after.append(f"@par Differs from Windows\n{said}")
            continue
        for one in word.split(", "):
            if one in names:
                said_of[one] = said
            else:
                before.append(f"@par {one}\n{said}")
    # In the order of the prototype, whatever the order in the comment.
    out = before + parameters(contract, args, said_of)
    for status, lines in contract.statuses:
        out.append(f"@retval {status} {' '.join(' '.join(lines).split())}")
    if not is_void and not contract.statuses:
        out += result_of(contract)
    return out + after


def parameters(contract, args, said_of):
    """Each parameter with its own line, or with the sentence that names it."""
    text = " ".join(str(contract).split())
    everything = " ".join([text, *(" ".join(t) for _, t in contract.items)])
    like = re.match(r"As (\w+)\(\)", text)
    names = [name for _, name in args]
    out = []
    for kind, name in args:
        said = (said_of.get(name) or sentence_naming(everything, name) or
                HANDLES.get(kind))
        if not said and name == "arg" and "done" in names:
            said = "handed to `done`"
        if not said and like:
            said = f"as with {like.group(1)}()"
        if said:
            out.append(f"@param {name} {said}")
    return out


def result_of(contract):
    """What the text says of the result, unless a line of its own does."""
    if any(word == "return" for word, _ in contract.items):
        return []
    text = " ".join(str(contract).split())
    values = [s.strip() for s in re.split(r"(?<=[.;])\s+", text)
              if VALUE.match(s)]
    if not values and VALUE_PHRASE.match(text):
        values = [re.split(r"(?<=[.;?])\s", text)[0]]
    return ["@return " + " ".join(values)] if values else []


def safe(text):
    """The text without what doxygen would take for a command or for HTML."""
    text = re.sub(r"(?<![\w])\*(?=\w)", r"\\*", text)
    return re.sub(r"<(?=[\w/!])", "&lt;", text)


def documentation(contract, args, is_void, kind):
    """The comment for doxygen; `kind`: the FN_ or EVT_ type, or ''."""
    text = "\n".join(contract.text)
    irql = IRQL.search(" ".join(text.split()))
    more = [f"@par IRQL\n{safe(irql.group(1) or irql.group(2))}"] if irql else []
    items = ITEMS.search(text)
    if items:
        text = text[:items.start()] + text[items.end():]
        more.append("@par Tests\nItems " + " ".join(items.group(1).split()) +
                    " of docs/kmcl-acceptance.md")
    source = SOURCE.search(text) if kind else None
    if source:
        text = text[:source.start()]
        more.append(f"@par Source\n{SOURCES[source.group(1)]}")
    if kind:
        # Said above, or in a paragraph of its own.
        text = re.sub(r"IRQL: [^.]*?(?: \[\w+\])?\.(?!\.)\s*", "", text)
        more.append(f"@see {MICROSOFT}{kind.lower()}")
    body = [safe(line) for line in text.split("\n")]
    body += [safe(line) for line in described(contract, args, is_void)]
    return "/** " + "\n".join(body + more).strip() + " */"


def with_others(contract, contracts):
    """'others  as NAME': the statuses of NAME that have no line of their own."""
    statuses = []
    for status, lines in contract.statuses:
        name = re.fullmatch(r"as (\w+)", " ".join(lines).strip())
        if status == "others" and name and name.group(1) in contracts:
            known = {one for one, _ in contract.statuses}
            statuses += [one for one in contracts[name.group(1)].statuses
                         if one[0] not in known]
        else:
            statuses.append((status, lines))
    if len(statuses) > len(contract.statuses):  # success, parameters, others
        statuses.sort(key=lambda one: (
            (1, one[0]) if "PARAMETER" in one[0] else
            (2 * (one[0] != "STATUS_SUCCESS"), "")))
    contract.statuses = statuses
    return contract


def functions_plain(code):
    """Function types and callbacks as plain prototypes."""
    code = FUNCTION_TYPE.sub(
        lambda m: f"{m['result']} {m['name']}({m['args']});", code)
    return CALLBACK.sub(
        lambda m: f"{m['result']} {m['name']}({m['args']});", code)


def convert(source):
    source = ANNOTATION.sub("", source)
    kinds = {m["name"]: m["type"] for m in FUNCTION_TYPE.finditer(source)
             if m["type"].startswith("FN_VMB")}
    kinds |= {m["name"]: m["name"] for m in CALLBACK.finditer(source)
              if m["name"].startswith("EVT_VMB")}
    contracts = {}
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
            name = prototype["name"] if prototype else ""
            contract = with_others(Contract(body), contracts)
            contracts[name] = contract
            out.append(documentation(contract, args, is_void,
                                     kinds.get(name, "")))
    out.append(source[at:])
    return "".join(out)

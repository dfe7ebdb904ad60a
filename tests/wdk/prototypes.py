#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-2-Clause
"""Holds KMCL's headers to the documented prototypes.

    prototypes.py           the tests, as TAP
    prototypes.py show FILE...   what the script reads in these headers

tests/wdk/prototypes.tsv has the facts, typed by hand. They are compared with
the project's headers, with the header that stands for Windows' own in the
compile test (tests/wdk/windows/), and, by the compiler, with the types that the
names really have. Copies of a header that are wrong in one place show that each
kind of difference is found.
"""
import pathlib
import re
import subprocess
import sys
import tempfile

HERE = pathlib.Path(__file__).resolve().parent
ROOT = HERE.parents[1]
sys.path.insert(0, str(ROOT / "tests"))

import tap  # noqa: E402

TABLE = HERE / "prototypes.tsv"
OURS = sorted((ROOT / "kmcl/include/kmcl").glob("*_api.h"))
WINDOWS = [HERE / "windows/vmbuskernelmodeclientlibapi.h"]

# typedef ANNOTATION TYPE FN_NAME(PARAMETERS); FN_NAME Name;
DECLARATION = re.compile(
    r"typedef\s+((?:_\w+_(?:\(\w+\))?\s+)*)(\w+)\s+(FN_\w+)\(([^;{}]*)\);\s*"
    r"\3\s+(\w+);")
COMMENT = re.compile(r"/\*.*?\*/|//[^\n]*", re.DOTALL)
ANNOTATION = re.compile(r"__drv_\w+|_[A-Z][A-Za-z_]*_\b")


class Parameter:
    """One parameter: its annotations, its type with '*', its name."""

    def __init__(self, text):
        text = " ".join(text.split())
        self.annotations = []
        while match := ANNOTATION.match(text):
            end = match.end()
            if text[end:end + 1] == "(":
                end = closing(text, end) + 1
            self.annotations.append(text[:end].replace(" ", ""))
            text = text[end:].strip()
        self.type, self.name = re.fullmatch(r"(.*?[ *])(\w+)", text).groups()
        self.type = self.type.replace(" ", "")


class Prototype:
    """One function, from the table or from a header."""

    def __init__(self, name, annotation, result, parameters):
        self.name, self.result = name, result
        self.annotation = annotation.replace(" ", "")
        self.parameters = [Parameter(text) for text in parameters]


def closing(text, at):
    """The index of the bracket that closes the one at `at`."""
    depth = 0
    for index in range(at, len(text)):
        depth += {"(": 1, ")": -1}.get(text[index], 0)
        if not depth:
            return index
    raise ValueError(f"an open bracket: {text}")


def split(text):
    """A list of parameters, at the commas outside of brackets."""
    parts, depth, start = [], 0, 0
    for index, letter in enumerate(text):
        depth += {"(": 1, ")": -1}.get(letter, 0)
        if letter == "," and not depth:
            parts.append(text[start:index])
            start = index + 1
    return parts + [text[start:]]


def read_table():
    """{name: prototype}."""
    table = {}
    for line in TABLE.read_text().splitlines():
        if line.startswith("#"):
            continue
        name, annotation, result, *parameters = line.split("\t")
        table[name] = Prototype(name, "" if annotation == "-" else annotation,
                                result, parameters)
    return table


def read_header(text):
    """{name: prototype}, of all declarations in the text of a header."""
    found = {}
    for match in DECLARATION.finditer(COMMENT.sub(" ", text)):
        annotation, result, _, parameters, name = match.groups()
        found[name] = Prototype(name, annotation.strip(), result,
                                split(parameters))
    return found


def read_headers(files):
    return read_header("\n".join(path.read_text() for path in files))


def compare(fact, found):
    """What is different; a sentence for each."""
    if found.result != fact.result:
        yield f"returns {found.result}, documented is {fact.result}"
    if found.annotation != fact.annotation:
        yield (f"its result is annotated '{found.annotation}', documented is "
               f"'{fact.annotation}'")
    if len(found.parameters) != len(fact.parameters):
        yield (f"has {len(found.parameters)} parameters, documented are "
               f"{len(fact.parameters)}")
        return
    for number, (ours, theirs) in enumerate(zip(found.parameters,
                                                fact.parameters), 1):
        for what in ("name", "type", "annotations"):
            if getattr(ours, what) != getattr(theirs, what):
                yield (f"parameter {number}: {what} {getattr(ours, what)}, "
                       f"documented is {getattr(theirs, what)}")


def differences(table, found):
    """Every difference between the table and a header; empty: none."""
    lines = [f"{name}: is not declared" for name in table if name not in found]
    lines += [f"{name}: is declared, but not documented"
              for name in found if name not in table]
    for name in table:
        if name in found:
            lines += [f"{name}: {line}"
                      for line in compare(table[name], found[name])]
    return lines


# ---- the compiler's word -----------------------------------------------------

def redeclarations(table):
    """The table as C: a compiler refuses what has another type."""
    lines = ['#include "vmbuskernelmodeclientlibapi.h"']
    for fact in table.values():
        types = ", ".join(p.type for p in fact.parameters)
        lines.append(f"{fact.result} {fact.name}({types});")
    return "\n".join(lines) + "\n"


def compile_errors(source):
    with tempfile.NamedTemporaryFile("w", suffix=".c") as file:
        file.write(source)
        file.flush()
        run = subprocess.run(
            ["gcc", "-std=gnu11", "-fsyntax-only", "-Wall", "-Werror",
             f"-I{ROOT / 'kmcl/include'}", file.name],
            capture_output=True, text=True, check=False)
    return run.stderr


# ---- tests -------------------------------------------------------------------

def broken(change, to):
    """What is said of our headers with one text of theirs changed."""
    text = "\n".join(path.read_text() for path in OURS)
    text = " ".join(COMMENT.sub(" ", text).split())
    assert change in text, f"no longer in the headers: {change}"
    return differences(read_table(), read_header(text.replace(change, to, 1)))


def test_the_table_has_the_55_documented_functions():
    assert len(read_table()) == 55, len(read_table())


def test_the_headers_declare_the_documented_prototypes():
    lines = differences(read_table(), read_headers(OURS))
    assert not lines, "\n" + "\n".join(lines)


def test_the_header_that_stands_for_Windows_declares_them_too():
    lines = differences(read_table(), read_headers(WINDOWS))
    assert not lines, "\n" + "\n".join(lines)


def test_the_compiler_finds_the_documented_types():
    errors = compile_errors(redeclarations(read_table()))
    assert not errors, errors


def test_the_compiler_finds_a_changed_type():
    source = redeclarations(read_table())
    wrong = source.replace("VmbChannelPause(VMBCHANNEL)",
                           "VmbChannelPause(VMBPACKET)")
    assert wrong != source
    assert "VmbChannelPause" in compile_errors(wrong)


def test_parameters_in_another_order_are_found():
    lines = broken("_In_ UINT32 IncomingPageCount, "
                   "_In_ UINT32 OutgoingPageCount",
                   "_In_ UINT32 OutgoingPageCount, "
                   "_In_ UINT32 IncomingPageCount")
    assert len(lines) == 2, lines


def test_another_type_is_found():
    assert broken("_In_ UINT8 TargetVtl", "_In_ UINT16 TargetVtl") == [
        "VmbServerChannelInitSetTargetVtl: parameter 2: type UINT16, "
        "documented is UINT8"]


def test_another_annotation_is_found():
    assert len(broken("_In_opt_ PVOID Pointer", "_In_ PVOID Pointer")) == 1


def test_a_missing_annotation_is_found():
    assert len(broken("_In_ BOOLEAN RequirePassive",
                      "BOOLEAN RequirePassive")) == 1


def test_a_lost_result_annotation_is_found():
    assert len(broken("typedef _Must_inspect_result_ NTSTATUS",
                      "typedef NTSTATUS")) == 1


def test_a_missing_parameter_is_found():
    assert broken(", _In_ UINT32 Quota", "") == [
        "VmbChannelSetTransactionQuota: has 1 parameters, documented are 2"]


def test_another_name_of_a_parameter_is_found():
    assert len(broken("_In_ UINT32 Quota", "_In_ UINT32 Limit")) == 1


def test_a_missing_function_is_found():
    lines = broken("FN_VMB_PACKET_FREE VmbPacketFree;", "")
    assert lines == ["VmbPacketFree: is not declared"], lines


def test_a_function_too_many_is_found():
    lines = broken("FN_VMB_PACKET_FREE VmbPacketFree;",
                   "FN_VMB_PACKET_FREE VmbPacketFree; "
                   "typedef VOID FN_VMB_OTHER(_In_ VMBPACKET Packet); "
                   "FN_VMB_OTHER VmbOther;")
    assert lines == ["VmbOther: is declared, but not documented"], lines


def show(files):
    for name, found in read_headers(map(pathlib.Path, files)).items():
        print(name, found.annotation or "-", found.result,
              *(f"{' '.join(p.annotations)} {p.type} {p.name}"
                for p in found.parameters), sep="\t")


if __name__ == "__main__":
    if sys.argv[1:2] == ["show"]:
        show(sys.argv[2:])
    else:
        sys.exit(tap.run(globals()))

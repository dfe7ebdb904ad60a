#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-2-Clause
"""What comments and pages refer to is written down in docs/.

Three kinds of reference are looked up: a source tag like [linux channel.c]
in docs/references.md, a section like D.4 in docs/wire/, and an item of
KMCL's acceptance list in docs/kmcl-acceptance.md.
"""
from __future__ import annotations

import io
import re
import sys
import tokenize
from pathlib import Path

TESTS = Path(__file__).resolve().parent.parent
ROOT = TESTS.parent
sys.path.insert(0, str(TESTS))

import tap  # noqa: E402

REFERENCES = ROOT / "docs/references.md"
WIRE = ROOT / "docs/wire"
ITEMS = ROOT / "docs/kmcl-acceptance.md"
ITEM_COUNT = 150

# Words in brackets that are neither an index (a word stands before it) nor a
# link (a parenthesis follows). Those with a comma name files or sections.
TAG = re.compile(r"(?<![\w\])`.])\[([A-Za-z][\w-]*(?: [\w./+-]+)*"
                 r"(?:, (?:[\w -]*[.\d][\w.]*|\w*Dxe))*)\](?![(\w])")
SECTION = re.compile(r"(?<![\w.])((?:[A-GI-N]|A2|H\d{1,2})\.\d{1,2}a?|"
                     r"H\d{1,2})(?!\w|\.\d)")
NUMBERS = r"\d+(?:\.\.\d+)?(?:(?:,| and|, and| to) \d+(?:\.\.\d+)?)*"
ITEM = re.compile(rf"\b[Ii]tems? (?:[A-K][^(]{{0,30}}\()?({NUMBERS})")


def comments_of_c(text: str) -> str:
    """The comments of a C or assembler file."""
    return "\n".join(re.findall(r"/\*.*?\*/|//[^\n]*", text, re.S))


def comments_of_python(text: str) -> str:
    """The comments and docstrings, without what is written as in Python:
    [name, size] is a list there."""
    words = tokenize.generate_tokens(io.StringIO(text).readline)
    comments = "\n".join(token.string for token in words
                         if token.type == tokenize.COMMENT
                         or token.type == tokenize.STRING
                         and token.string.startswith('"""'))
    return re.sub(r"\[[a-z_]+(?:[ ,][^\].]*)?\]", "", comments)


def prose_of_page(text: str) -> str:
    """A page without its code, and without headings that name a version."""
    text = re.sub(r"^```.*?^```", "", text, flags=re.M | re.S)
    return re.sub(r"^    .*$|`[^`\n]+`|^## \[.*$", "", text, flags=re.M)


READERS = {".c": comments_of_c, ".h": comments_of_c, ".S": comments_of_c,
           ".py": comments_of_python, ".md": prose_of_page}


def prose() -> list[tuple[Path, str]]:
    """Each file of the tree that has prose, with its prose on one line."""
    folders = [path for path in sorted(ROOT.iterdir())
               if path.is_dir() and not path.name.startswith((".", "build"))]
    files = [*sorted(ROOT.glob("*.md")),
             *(path for folder in folders for path in sorted(folder.rglob("*"))
               if path.suffix in READERS and path.is_file())]
    return [(path, unbroken(READERS[path.suffix](path.read_text())))
            for path in files]


def unbroken(text: str) -> str:
    """Lines joined, so that a tag may be broken over two of them."""
    return re.sub(r"\s*\n[ \t]*(?:\*(?!/)|//|#)?[ \t]*", " ", text)


def rows(heading: str) -> list[list[str]]:
    """The cells of the tables below a heading of docs/references.md."""
    text = REFERENCES.read_text().split(f"\n## {heading}\n")[1]
    lines = text.split("\n## ")[0].splitlines()
    return [[cell.strip() for cell in line.strip("|").split("|")]
            for line in lines if line.startswith("| `[")]


def known_tags() -> set[str]:
    headings = re.findall(r"^## (.*)$", REFERENCES.read_text(), re.M)
    return {tag for heading in headings for row in rows(heading)
            for tag in re.findall(r"`\[([^\]]+)\]`", row[0])}


def has_entry(tag: str, known: set[str]) -> bool:
    """A tag may end in section numbers, and may name several files."""
    if tag in known:
        return True
    parts = tag.split(", ")
    source = parts[0].split(" ")[0]
    if len(parts) > 1 and all(
            name in known for name in
            [parts[0], *(f"{source} {part}" for part in parts[1:])]):
        return True
    shorter = re.sub(r"(?:, chapter|,)? \d+[\dA-Z]*(?:\.\d+)*$", "", tag)
    return shorter != tag and has_entry(shorter, known)


def known_sections() -> set[str]:
    """Headings of the wire reference, and K's numbered mishaps."""
    text = {page: page.read_text() for page in sorted(WIRE.glob("*.md"))}
    found = {label for page in text.values() for label in
             re.findall(r"^#+ ([A-N]\d{0,2}(?:\.\d+)?[a-z]?)\b", page, re.M)}
    mishaps = re.findall(r"^(\d+)\. ", text[WIRE / "k-robustness.md"], re.M)
    return found | {f"K.{number}" for number in mishaps}


def items_in(text: str) -> list[int]:
    return [int(number) for match in ITEM.finditer(text)
            for number in re.findall(r"\d+", match[1])]


def lost_tags(text: str) -> list[str]:
    known = known_tags()
    return [tag for tag in TAG.findall(text) if not has_entry(tag, known)]


def lost_sections(text: str) -> list[str]:
    known = known_sections()
    return [name for name in SECTION.findall(text) if name not in known]


def lost_items(text: str) -> list[int]:
    return [item for item in items_in(text) if not 1 <= item <= ITEM_COUNT]


def test_every_source_tag_has_an_entry_in_references() -> None:
    lost = [(str(path.relative_to(ROOT)), lost_tags(text))
            for path, text in prose() if lost_tags(text)]
    assert not lost, f"add to docs/references.md, or spell as there: {lost}"


def test_every_source_has_title_author_address_and_version() -> None:
    sources = rows("Sources") + rows("What a statement about KMCL rests on")
    poor = [row for row in sources if len(row) != 5 or not all(row)]
    assert len(sources) > 20 and not poor, poor
    poor = [row for row in rows("Files of a source")
            if len(row) != 2 or not all(row)]
    assert not poor, poor


def test_every_file_tag_belongs_to_a_source() -> None:
    sources = {tag for row in rows("Sources")
               for tag in re.findall(r"`\[([^\]]+)\]`", row[0])}
    lost = [row[0] for row in rows("Files of a source")
            if row[0].strip("`[]").split(" ")[0] not in sources]
    assert not lost, lost


def test_every_section_named_is_in_the_wire_reference() -> None:
    lost = [(str(path.relative_to(ROOT)), lost_sections(text))
            for path, text in prose() if lost_sections(text)]
    assert not lost, f"docs/wire/ has no such section: {lost}"


def test_every_item_named_is_in_the_acceptance_list() -> None:
    listed = [int(number) for number in
              re.findall(r"^(\d+)\. \*\*", ITEMS.read_text(), re.M)]
    assert listed == list(range(1, ITEM_COUNT + 1)), listed
    named = sum(len(items_in(text)) for _, text in prose())
    lost = [(str(path.relative_to(ROOT)), lost_items(text))
            for path, text in prose() if lost_items(text)]
    assert named > 50 and not lost, lost


def test_every_kmcl_name_leads_to_its_page_at_microsoft() -> None:
    headers = "".join(path.read_text() for path in
                      sorted(ROOT.glob("kmcl/include/**/*.h")))
    names = set(re.findall(r"^\s*(?:FN|EVT)_VMB_\w+\s+(Vmb\w+);", headers,
                           re.M))
    types = set(re.findall(r"\b((?:FN|EVT)_VMB_\w+)\(", headers))
    page = (ROOT / "docs/kmcl-contradictions.md").read_text()
    linked = dict(re.findall(r"^\* \[(\w+)\]\(https://\S+-(\w+)\)$", page,
                             re.M))
    assert len(names) == 55 and names <= set(linked), names - set(linked)
    lost = {name for name in types if name.lower() not in linked.values()}
    assert len(types) == 66 and not lost, (len(types), lost)


def test_references_to_nothing_are_found() -> None:
    assert lost_tags("as [linux nowhere.c] and [TLFS] say") == \
        ["linux nowhere.c"]
    assert lost_tags("[ACPI 6.5, 20.2] [SDM 3A 8.4] [nobody]") == ["nobody"]
    assert lost_tags("[linux channel.c, nowhere.c]") == \
        ["linux channel.c, nowhere.c"]
    assert not lost_tags("list[int], a[i], [a link](README.md), [0x88]")
    assert not lost_tags("{name: [calls, instructions]}, cpu.[ch]")
    assert lost_sections("see D.4, then D.44 and H9.6") == ["D.44"]
    assert not lost_sections("version 5.2, C.2.1 of another book, x.H8")
    assert lost_items("item 46, items 149..151 and 152") == [151, 152]


def test_comments_are_told_from_code() -> None:
    assert "[b]" not in comments_of_c("a[b]; /* [TLFS] */")
    assert "[TLFS]" in comments_of_python("a = b[c]  # [TLFS]\n")
    assert "c" not in comments_of_python("a = b[c]\n")
    assert "name" not in comments_of_python('"""A list of [name, size]."""\n')
    assert "[linux a.c]" in comments_of_python("# [linux a.c]\n")
    assert unbroken("/* see [linux\n * channel.c] */") == \
        "/* see [linux channel.c] */"


if __name__ == "__main__":
    sys.exit(tap.run(globals()))

#!/usr/bin/env python3
"""What the README files and docs/ name is there: files, suites, targets."""
from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path
from xml.etree import ElementTree

TESTS = Path(__file__).resolve().parent.parent
ROOT = TESTS.parent
sys.path.insert(0, str(TESTS))

import tap  # noqa: E402

# build/ may hold copies of the tree, of another age.
PAGES = [page for page in sorted({
    page for pattern in ("*.md", ".github/**/*.md", "docs/**/*.md",
                         "*/README.md", "*/*/README.md")
    for page in ROOT.glob(pattern)})
         if not page.relative_to(ROOT).parts[0].startswith("build")]
PICTURES = sorted(ROOT.glob("docs/**/*.svg"))
SVG = "{http://www.w3.org/2000/svg}"
LINK = re.compile(r"\]\((?!https?:)([^)#]+)[^)]*\)")
ANCHOR = re.compile(r"\]\((?!https?:)([^)]*#[^)]+)\)")
# A path from the root, with a folder and an ending, as prose names files.
FILE = re.compile(r"(?<![\w/.,{-])((?:app|arch|boot|docs|drivers|hv|kmcl|"
                  r"linker|tests|tools|vmbus)/[\w./-]*"
                  r"\.(?:c|h|S|py|md|svg|tsv|txt|ps1))\b")
SUITE = re.compile(r'SUITES=(?:"([\w -]+)"|([\w-]+))')
# In code: behind a back quote, or an indented line.
TARGET = re.compile(r"(?:`|^    (?:\$ )?)make (?:-s )?([a-z][a-z0-9-]*)"
                    r"(?![\w=/-])", re.M)


def ask_make(*words: str) -> str:
    clean = {name: value for name, value in os.environ.items()
             if not name.startswith(("MAKE", "MFLAGS"))}
    return subprocess.run(["make", *words], cwd=ROOT, env=clean, text=True,
                          capture_output=True, check=False).stdout


def named(pattern: re.Pattern[str]) -> list[tuple[Path, str]]:
    """Each page with each thing of that kind that it names."""
    return [(page, next(filter(None, match.groups())))
            for page in PAGES for match in pattern.finditer(page.read_text())]


def test_links_lead_somewhere() -> None:
    lost = [(page, link) for page, link in named(LINK)
            if not (page.parent / link).exists()]
    assert named(LINK) and not lost, lost


def anchors(page: Path) -> set[str]:
    """The names by which GitHub reaches a page's headings."""
    headings = re.findall(r"^#+ (.*)$", page.read_text(), re.M)
    return {re.sub(r"[^\w -]", "", heading.lower()).strip().replace(" ", "-")
            for heading in headings}


def test_anchors_are_headings() -> None:
    lost = []
    for page, link in named(ANCHOR):
        name, anchor = link.split("#")
        target = page.parent / name if name else page
        if not target.exists() or anchor not in anchors(target):
            lost.append((page, link))
    assert not lost, lost


def is_there(page: Path, name: str) -> bool:
    """From the root, from the page, or as an include names a header."""
    top = name.split("/")[0]
    return any((folder / name).exists()
               for folder in (ROOT, page.parent, ROOT / top / "include"))


def test_files_are_there() -> None:
    """docs/references.md names files of other programs."""
    lost = [(page, name) for page, name in named(FILE)
            if page.name != "references.md" and not is_there(page, name)]
    assert named(FILE) and not lost, lost


def test_suites_are_there() -> None:
    known = set(ask_make("-s", "suites").split())
    lost = [(page, name) for page, names in named(SUITE)
            for name in names.split() if name not in known]
    assert known and named(SUITE) and not lost, lost


def test_targets_are_there() -> None:
    known = set(re.findall(r"^([\w-]+):", ask_make("-pnq"), re.M))
    lost = [(page, name) for page, name in named(TARGET)
            if name not in known]
    assert known and named(TARGET) and not lost, lost


def test_public_ci_runs_what_every_ci_runs() -> None:
    steps = re.findall(r"^ +run: (.*)$", (
        ROOT / ".github/workflows/ci.yml").read_text(), re.M)
    assert ".ci/run" in steps and os.access(ROOT / ".ci/run", os.X_OK), steps


def sources() -> str:
    folders = [path for path in ROOT.iterdir() if path.is_dir()
               and not path.name.startswith((".", "build"))]
    return "\n".join(
        path.read_text(errors="replace") for folder in folders
        for path in sorted(folder.rglob("*")) if path.is_file()
        and path.suffix in (".c", ".h", ".S", ".lds", ".py", ".mk"))


def test_names_in_back_quotes_are_in_the_sources() -> None:
    """Those with an underscore; wchar_t is C's own. The names of docs/libc.md
    are newlib's; the suite docs links them."""
    known = set(re.findall(r"\w+", sources())) | {"wchar_t"}
    found = named(re.compile(r"`([A-Za-z]\w*_\w+)(?:\(\))?`"))
    lost = [(str(page.relative_to(ROOT)), name) for page, name in found
            if name not in known and page != ROOT / "docs/libc.md"]
    assert len(found) > 50 and not lost, lost


def test_index_leads_to_every_page_of_docs() -> None:
    """docs/README.md, or the README of a folder that it leads to."""
    index = ROOT / "docs/README.md"
    seen, ahead = set(), [index]
    while ahead:
        page = ahead.pop()
        seen.add(page)
        if page.name == "README.md":
            links = re.findall(LINK, page.read_text())
            ahead += [target for link in links
                      if (target := (page.parent / link).resolve())
                      not in seen and target.suffix == ".md"]
    lost = set(ROOT.glob("docs/**/*.md")) - seen
    assert not lost, f"add to docs/README.md: {sorted(lost)}"


def test_glossary_is_sorted_and_explains_its_own_words() -> None:
    text = (ROOT / "docs/glossary.md").read_text()
    headings = re.findall(r"^### (.*)$", text, re.M)
    keys = [re.sub("[^a-z]", "", heading.lower()) for heading in headings]
    assert len(keys) > 50 and keys == sorted(keys)
    words = {word.lower() for heading in headings
             for word in heading.split(", ")}
    lost = [word for word in re.findall(r"\*([\w -]+)\*",
                                        " ".join(text.split("###")[1:]))
            if not {word.lower(), word.lower().removesuffix("s")} & words]
    assert not lost, lost


def test_pictures_are_white_and_hold_their_text() -> None:
    """By an estimate of the width: 0.56 of the font's height a letter."""
    bad = []
    for picture in PICTURES:
        root = ElementTree.parse(picture).getroot()
        width, height = (float(root.get(name, 0)) for name in
                         ("width", "height"))
        first = root.find(f"{SVG}rect")
        if first is None or first.attrib != {
                "width": f"{width:g}", "height": f"{height:g}",
                "fill": "#ffffff"}:
            bad.append((picture.name, "no white ground of the whole size"))
        bad += [(picture.name, text.text) for text in root.iter(f"{SVG}text")
                if float(text.get("y", 0)) > height - 4
                or float(text.get("x", 0)) + 0.56 * float(text.get(
                    "font-size", root.get("font-size", 0)))
                * len(" ".join((text.text or "").split())) > width]
    assert len(PICTURES) > 4 and not bad, bad


if __name__ == "__main__":
    sys.exit(tap.run(globals()))

#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-2-Clause
"""The suite `docs`: the reference is complete, a contract that is missing is
found, and docs/libc.md says what the linker says.

    docs_test.py BUILD VERSION 'LINKER AND FLAGS' 'LIBRARIES' FILE...
"""
from __future__ import annotations

import os
import re
import subprocess
import sys
import tempfile
from pathlib import Path

HERE = Path(__file__).resolve().parent
ROOT = HERE.parent.parent
sys.path[:0] = [str(HERE.parent)]

import tap  # noqa: E402

GOOD = """/* A header for the test. */
#include <stdint.h>

/* What the function fills. */
struct thing {
    int member;
};

/**
 * Does something.
 *
 * @number  at most 7
 * @return  0: done
 */
int plain(int number);

/**
 * Sends something.
 *
 * @Flags    none is known
 * @differs  nothing that is known
 *
 *   STATUS_SUCCESS              sent
 *   STATUS_INVALID_PARAMETER_1  bad handle
 * IRQL: PASSIVE.
 */
typedef NTSTATUS FN_VMB_TEST(VMBCHANNEL Channel, UINT32 Flags);
FN_VMB_TEST VmbTest;
"""
# (what is taken away, what must be said of it)
LACKS = (
    (r"/\* What the function fills. \*/\n", "thing has no description"),
    (r"/\*\*\n \* Does.*?\*/\n", "plain has no contract"),
    (r" \* @number.*?\n", "plain does not say what 'number' is"),
    (r" \* @return.*?\n", "plain does not say what the result (int) means"),
    (r" \* @Flags.*?\n", "VmbTest does not say what 'Flags' is"),
    (r" \* @differs.*?\n", "VmbTest does not say what differs from Windows"),
    (r" \* IRQL.*?\n", "VmbTest does not say at which IRQL it is called"),
    (r"(?<=STATUS_SUCCESS) +sent",
     "VmbTest does not say when it returns STATUS_SUCCESS"),
    (r" \*   STATUS_S.*?_1[^\n]*\n", "VmbTest does not list its statuses"),
)


def run(*command: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(command, text=True, check=False, cwd=ROOT,
                          stdout=subprocess.PIPE, stderr=subprocess.STDOUT)


def make(out: Path, version: str, *files: str) -> tuple[int, str]:
    done = run("tools/docs/make-docs", str(out), version, *files)
    return done.returncode, done.stdout


def check_reference(out: tap.Tap, build: Path, version: str,
                    files: list[str]) -> None:
    status, text = make(build / "docs", version, *files)
    out.result(status == 0, "the reference is made without a warning", text)
    page = build / "docs/html/index.html"
    out.result(page.is_file() and version in page.read_text(),
               "its first page names the version")
    made = "".join(p.read_text() for p in
                   (build / "docs/html").glob("*_8h.html"))
    for name in ("VmbChannelAllocate", "EVT_VMB_CHANNEL_OPENED",
                 "vmbare_facts", "vmbus_bus_connect", "ring_write"):
        out.result(f">{name}()" in made or f"{name}</" in made,
                   f"the reference describes {name}")
    check_pages(out, build / "docs/html")


def pages_of(html: Path) -> dict[str, list[str]]:
    """The pages of single functions, by their titles."""
    found: dict[str, list[str]] = {}
    for page in html.glob("*_8h_*.html"):
        text = page.read_text()
        title = re.search(r"<title>[^:<]*: (\w+)</title>", text)
        if title:
            found.setdefault(title.group(1), []).append(text)
    return found


def lacks(name: str, pages: list[str]) -> str:
    """What the page of a KMCL function lacks; '' when it is complete."""
    if len(pages) != 1:
        return f"{name}: {len(pages)} pages, expected 1"
    wanted = ["<dt>Parameters</dt>", "<dt>IRQL</dt>"]
    if name.startswith("Vmb"):
        wanted += ["<dt>Differs from Windows</dt>", "learn.microsoft.com"]
    if re.search(r'"memname">(?:<a[^>]*>)?NTSTATUS\b', pages[0]):
        wanted += ["<dt>Return values</dt>", "STATUS_SUCCESS"]
    return " ".join(f"{name}: no {w}" for w in wanted if w not in pages[0])


def check_pages(out: tap.Tap, html: Path) -> None:
    headers = "".join(p.read_text() for p in
                      sorted((ROOT / "kmcl/include/kmcl").glob("*.h")))
    names = {*re.findall(r"^\s*FN_VMB_\w+\s+(Vmb\w+);", headers, re.M),
             "VMB_CHANNEL_STATE_CHANGE_CALLBACKS_INIT"}
    pages = pages_of(html)
    bad = [lacks(name, pages.get(name, [])) for name in sorted(names)]
    out.result(len(names) == 56 and not any(bad), "each of KMCL's 56 functions "
               "has a page with arguments, IRQL, statuses and what differs",
               "\n".join([f"{len(names)} functions", *filter(None, bad)]))


def check_lacks(out: tap.Tap, work: Path) -> None:
    header = work / "sample.h"
    header.write_text(GOOD)
    status, text = make(work / "out", "1", str(header))
    out.result(status == 0, "a header whose contracts are complete passes",
               text)
    for pattern, said in LACKS:
        spoilt = re.sub(pattern, "", GOOD, flags=re.S)
        header.write_text(spoilt)
        status, text = make(work / "out", "1", str(header))
        out.result(spoilt != GOOD and status != 0 and said in text,
                   f"found: {said}", text)


def check_guides(out: tap.Tap, work: Path) -> None:
    guide = work / "guide.md"
    for target, is_good in (("#there", True), ("#not-there", False)):
        guide.write_text(f"# A guide\n\nSee [this]({target}).\n\n## There\n")
        done = subprocess.run(
            ["tools/docs/make-docs", str(work / "out"), "1", str(guide)],
            check=False, cwd=ROOT, text=True, stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT, env={"DOCS_PAGES": page_path(guide),
                                           "PATH": "/usr/bin:/bin"})
        warned = "unable to resolve" in done.stdout
        out.result(warned != is_good, f"a link to {target} of a guide is "
                   f"{'taken' if is_good else 'found to lead nowhere'}",
                   done.stdout)


def page_path(path: Path) -> str:
    """A page's name as the filter has it: from the root of the tree."""
    return os.path.relpath(path, ROOT).replace("../", "")


def named(section: str, column: int) -> list[str]:
    """Functions in backticks in a column of a section's table."""
    text = (ROOT / "docs/libc.md").read_text(encoding="utf-8")
    part = re.search(rf"^## {section}$(.*?)(?=^## |\Z)", text,
                     flags=re.M | re.S)
    rows = [] if part is None else [
        line.split("|") for line in part.group(1).splitlines()
        if line.startswith("| ")][1:]
    return [name for row in rows
            for name in re.findall(r"`([a-z_][a-z0-9_]*)`", row[column])]


def check_libc(out: tap.Tap, build: Path, linker: str, libraries: str) -> None:
    """Each function is linked into the image as the tables say."""
    objects = (build / "vmbare.objects").read_text().split()

    def missing(names: list[str]) -> set[str]:
        done = run(*linker.split(), "-o", "/dev/null", *objects,
                   *(f"-Wl,--require-defined={n}" for n in names),
                   "-Wl,--noinhibit-exec", *libraries.split(),
                   libraries.split()[0])
        return set(re.findall(r"(?:required symbol|undefined reference to) "
                              r"`(\w+)'", done.stdout))

    works = named("Works", 2) + named("Refused when called", 1)
    lost = missing(works)
    out.result(len(works) > 80 and not lost, f"the {len(works)} functions "
               "that docs/libc.md says exist can be linked",
               f"missing: {sorted(lost)}")
    absent = [n for n in named("Does not link", 2) if n != "memalign"]
    there = [n for n in absent if not missing([n])]
    out.result(len(absent) > 30 and not there, f"the {len(absent)} functions "
               "that it says do not link do not", f"linked: {there}")


def main() -> int:
    if len(sys.argv) < 6:
        sys.exit("usage: docs_test.py BUILD VERSION LINKER LIBRARIES FILE...")
    build, version, linker, libraries = sys.argv[1:5]
    out = tap.Tap()
    with tempfile.TemporaryDirectory(prefix="vmbare-docs-") as folder:
        check_reference(out, Path(build).resolve(), version, sys.argv[5:])
        check_lacks(out, Path(folder))
        check_guides(out, Path(folder))
        check_libc(out, Path(build), linker, libraries)
    return out.end()


if __name__ == "__main__":
    sys.exit(main())

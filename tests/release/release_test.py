#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-2-Clause
"""The suite `release`: the version's name, the notes, the bill of materials
and the folder that `make release` fills.

    release_test.py BUILD NAME COMPILER FONT SDK
"""
from __future__ import annotations

import copy
import hashlib
import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any, Callable

HERE = Path(__file__).resolve().parent
ROOT = HERE.parent.parent
sys.path[:0] = [str(HERE.parent), str(HERE)]

import spdx  # noqa: E402
import tap  # noqa: E402

TOOLS = ROOT / "tools/release"
ENDINGS = (".efi", ".elf", ".vhdx", ".vhd", ".iso", ".spdx.json", ".md")
COMPONENTS = {"vmbare", "newlib", "libgcc", "gnu-efi-headers",
              "console-font-Lat15-VGA16", "qr-code-generator", "lwip",
              "llhttp"}


def run(*command: Any, **more: Any) -> subprocess.CompletedProcess[str]:
    return subprocess.run([str(c) for c in command], text=True, check=False,
                          stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                          **more)


class Tree:
    """A small tree with a VERSION and a copy of tools/release/version."""

    def __init__(self, folder: Path) -> None:
        self.root = folder
        (folder / "tools/release").mkdir(parents=True)
        shutil.copy(TOOLS / "version", folder / "tools/release")
        self.write("1.2.3\n")

    def write(self, text: str) -> None:
        (self.root / "VERSION").write_text(text)

    def git(self, *words: str) -> str:
        # No configuration of the machine's or the user's.
        done = run("git", "-C", self.root, "-c", "user.name=t", "-c",
                   "user.email=t@example.invalid", *words,
                   env={**os.environ, "GIT_CONFIG_GLOBAL": os.devnull,
                        "GIT_CONFIG_NOSYSTEM": "1"})
        if done.returncode:
            raise RuntimeError(f"git {words}: {done.stderr}")
        return done.stdout.strip()

    def commit(self, what: str) -> str:
        self.git("add", "-A")
        self.git("commit", "-q", "--allow-empty", "-m", what)
        return self.git("rev-parse", "--short=12", "HEAD")

    def version(self, *words: Any) -> subprocess.CompletedProcess[str]:
        return run(self.root / "tools/release/version", *words)


def check_names(out: tap.Tap, work: Path) -> None:
    """The name in each state of a checkout."""
    def named(expected: str, title: str) -> None:
        done = tree.version()
        found = done.stdout.strip() or done.stderr
        out.result(found == expected, title,
                   f"expected {expected}, found {found}")

    tree = Tree(work / "tree")
    named("1.2.3", "without git the version is the number in VERSION")
    tree.git("init", "-q")
    first = tree.commit("one")
    named(f"1.2.3+g{first}", "a checkout without the tag adds the commit")
    tree.git("tag", "v1.2.3")
    named("1.2.3", "a clean checkout of the tag has the bare number")
    second = tree.commit("two")
    named(f"1.2.3+1.g{second}", "a commit after the tag adds how many")
    tree.write("1.2.4\n")
    named(f"1.2.4+g{second}.modified", "a modified tree is called modified")
    inner = Tree(tree.root / "inner")
    named_inner = inner.version().stdout.strip()
    out.result(named_inner == "1.2.3",
               "the checkout of another project adds nothing", named_inner)


def check_refusals(out: tap.Tap, work: Path) -> None:
    tree = Tree(work / "refused")
    for text in ("", "1.2", "1.2.3.4", "01.2.3", "1.2.x", "1.2.3\n1.2.3",
                 "1.2.256", "v1.2.3"):
        tree.write(text)
        done = tree.version()
        out.result(done.returncode != 0 and "expected" in done.stderr,
                   f"VERSION {text!r} is refused, with what is expected",
                   done.stdout + done.stderr)


def check_headers(out: tap.Tap, work: Path) -> None:
    tree = Tree(work / "headers")
    made = work / "made"

    def make(name: str) -> tuple[int, int]:
        tree.version("headers", made, name)
        return tuple((made / h).stat().st_mtime_ns  # type: ignore
                     for h in ("number.h", "name.h"))

    before = make("1.2.3")
    out.result("0x010203u" in (made / "number.h").read_text(),
               "the header has the number as 0x00MMmmpp")
    out.result(make("1.2.3") == before,
               "headers that are right stay as they are")
    after = make("1.2.3+gabc")
    out.result(after[0] == before[0] and after[1] != before[1],
               "another commit changes the name's header alone")


def check_users(out: tap.Tap, build: Path) -> None:
    """Which objects of the image follow the version."""
    expected = {
        "number.h": {"hv/partition.c", "kmcl/save/chunk.c",
                     "vmbus/host/save.c"},
        "name.h": {"app/system/platform/version.c", "boot/efi/version.c"},
    }
    for header, sources in expected.items():
        wanted = f"generated/version/{header}"
        found = {str(p.relative_to(build / "guest"))[:-len(".d")]
                 for p in (build / "guest").rglob("*.d")
                 if wanted in p.read_text() and "tests" not in p.parts}
        # What was moved leaves its old dependencies in the build folder.
        found = {source for source in found if (ROOT / source).exists()}
        out.result(found == sources, "the image's sources that are compiled "
                   f"again for another {header}: {', '.join(sorted(sources))}",
                   f"found {sorted(found)}")
    flags = (build / "guest/flags").read_text()
    number = (ROOT / "VERSION").read_text().strip()
    out.result(number not in flags, "no compiler's flag names the version")


def check_notes(out: tap.Tap, work: Path) -> None:
    log = work / "CHANGELOG.md"
    log.write_text("# Changelog\n\n## [Unreleased]\n\n- new\n\n"
                   "## [1.2.3] - 2026-01-01\n\n- old\n\n## [1.2.2]\n\n- older\n")
    for name, text in (
            ("1.2.3", "# vmbare 1.2.3\n\n- old\n"),
            ("1.2.4+gabc", "# vmbare 1.2.4+gabc, changes that are not "
                           "released yet\n\n- new\n")):
        done = run(TOOLS / "notes", log, name)
        out.result(done.stdout == text, f"the notes of {name} are its section",
                   done.stdout + done.stderr)
    log.write_text("# Changelog\n\n## [1.2.2]\n\n- older\n")
    done = run(TOOLS / "notes", log, "1.2.3")
    out.result(done.returncode != 0 and "expected a section" in done.stderr,
               "a version that CHANGELOG.md lacks is refused",
               done.stdout + done.stderr)


def spoilt(doc: dict[str, Any]) -> list[tuple[str, dict[str, Any]]]:
    """Documents that the validator must refuse, and why."""
    def change(edit: Callable[[dict[str, Any]], None]) -> dict[str, Any]:
        other = copy.deepcopy(doc)
        edit(other)
        return other

    return [
        ("another version of SPDX",
         change(lambda d: d.update(spdxVersion="SPDX-2.1"))),
        ("a package without version",
         change(lambda d: d["packages"][1].pop("versionInfo"))),
        ("a licence that nobody knows",
         change(lambda d: d["packages"][2].update(licenseDeclared="Mine"))),
        ("a licence's text that is missing",
         change(lambda d: d["hasExtractedLicensingInfos"].pop())),
        ("a checksum cut short",
         change(lambda d: d["files"][0]["checksums"][0].update(
             checksumValue="12"))),
        ("a relation to nothing",
         change(lambda d: d["packages"].pop())),
    ]


def check_bill(out: tap.Tap, dist: Path) -> None:
    doc = json.loads(next(dist.glob("*.spdx.json")).read_text())
    found = list(spdx.problems(doc))
    out.result(not found, "the bill of materials is valid SPDX 2.3",
               "\n".join(found))
    for why, other in spoilt(doc):
        out.result(any(spdx.problems(other)), f"{why} is found invalid")
    names = {p["name"] for p in doc["packages"]}
    out.result(names == COMPONENTS, "the bill names every component",
               f"found {sorted(names)}")
    wrong = [f["fileName"] for f in doc["files"] for s in f["checksums"]
             if hashlib.new(s["algorithm"].lower(),
                            (dist / f["fileName"]).read_bytes()).hexdigest()
             != s["checksumValue"]]
    out.result(len(doc["files"]) == 6 and not wrong,
               "the bill's checksums are those of the five images and the SDK",
               "\n".join(wrong))


def check_sdk(out: tap.Tap, dist: Path, name: str, sdk: Path) -> None:
    """The packed SDK is the one that was built, and builds an application."""
    there = dist.parent / "unpacked"
    there.mkdir()
    run("tar", "-C", there, "-xf", dist / f"vmbare-sdk-{name}.tar.xz")
    same = run("diff", "-r", sdk, there / f"vmbare-sdk-{name}")
    out.result(same.returncode == 0, "the packed SDK has every file of the SDK",
               same.stdout + same.stderr)
    shutil.copytree(there / f"vmbare-sdk-{name}/examples/hello", there / "hello")
    done = run("make", "-C", there / "hello",
               f"VMBARE=../vmbare-sdk-{name}",
               env={key: value for key, value in os.environ.items()
                    if not key.startswith(("MAKE", "MFLAGS"))})
    out.result(done.returncode == 0 and
               (there / "hello/build/hello.efi").is_file(),
               "the unpacked SDK builds an application",
               done.stdout + done.stderr)


def check_dist(out: tap.Tap, given: list[str], work: Path) -> None:
    build, name = Path(given[0]), given[1]
    dist = work / "dist"
    command = [TOOLS / "make-dist", dist, "vmbare", *given[1:],
               *(build / f"vmbare{'-direct' * (e == '.elf')}{e}"
                 for e in ENDINGS[:5])]
    done = run(*command)
    out.result(done.returncode == 0, "a release is made", done.stderr)
    if done.returncode:
        return
    files = {p.name for p in dist.iterdir()}
    wanted = {f"vmbare-{name}{e}" for e in ENDINGS}
    wanted |= {"LICENSE", "NOTICES", "SHA256SUMS", f"vmbare-sdk-{name}.tar.xz"}
    out.result(files == wanted, "the release has its files, named by version",
               f"found {sorted(files ^ wanted)}")
    sums = run("sha256sum", "-c", "SHA256SUMS", cwd=dist)
    out.result(sums.returncode == 0 and
               len(sums.stdout.splitlines()) == len(wanted) - 1,
               "SHA256SUMS is right for every other file",
               sums.stdout + sums.stderr)
    out.result(name.encode() in (build / "vmbare.efi").read_bytes(),
               "the image holds the version that its file name tells")
    first = (dist / "SHA256SUMS").read_bytes()
    run(*command)
    out.result((dist / "SHA256SUMS").read_bytes() == first,
               "a second run gives the same bytes")
    check_bill(out, dist)
    check_sdk(out, dist, name, Path(given[4]))
    other = work / "mine"
    other.mkdir()
    (other / "letter").write_text("mine")
    command[1] = other
    done = run(*command)
    out.result(done.returncode != 0 and (other / "letter").exists() and
               bool(re.search("expected an empty folder", done.stderr)),
               "a folder with other files is refused and kept", done.stderr)


def main() -> int:
    if len(sys.argv) != 6:
        sys.exit("usage: release_test.py BUILD NAME COMPILER FONT SDK")
    given = sys.argv[1:]
    out = tap.Tap()
    with tempfile.TemporaryDirectory(prefix="vmbare-release-") as folder:
        work = Path(folder)
        check_names(out, work)
        check_refusals(out, work)
        check_headers(out, work)
        check_users(out, Path(given[0]))
        check_notes(out, work)
        check_dist(out, given, work)
    return out.end()


if __name__ == "__main__":
    sys.exit(main())

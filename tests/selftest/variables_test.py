#!/usr/bin/env python3
"""make refuses variables that nothing reads, and knows those that something
reads."""
from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

TESTS = Path(__file__).resolve().parent.parent
ROOT = TESTS.parent
sys.path.insert(0, str(TESTS))

import tap  # noqa: E402

TABLE = {line.split()[0] for line in
         (ROOT / "tools/mk/variables").read_text().splitlines()
         if line and line[0] != "#"}
FILES = [ROOT / "Makefile", *ROOT.glob("*/rules.mk"),
         *ROOT.glob("tests/*/*.mk"), *ROOT.glob("tools/*/rules.mk"),
         *ROOT.glob("tools/mk/*.mk")]
TEXT = re.sub(r"^\s*#.*$", "", "\n".join(file.read_text() for file in FILES),
              flags=re.M)
# Read by scripts, or make's own.
ELSEWHERE = {"NO_INSTALL", "SHELL", "VMBARE_CACHE"}
# Read by make and set by it, or by the person's system.
GIVEN = {"CURDIR", "HOME", "MAKE", "MAKECMDGOALS", "MAKEFILE_LIST"}


def make(*words: str) -> subprocess.CompletedProcess[str]:
    clean = {name: value for name, value in os.environ.items()
             if not name.startswith(("MAKE", "MFLAGS"))}
    return subprocess.run(["make", "-s", *words], cwd=ROOT, env=clean,
                          capture_output=True, text=True, check=False)


def refused(wrong: str, nearest: str) -> None:
    done = make("help", f"{wrong}=x")
    assert done.returncode == 2 and not done.stdout, done
    assert f"found {wrong}=" in done.stderr, done.stderr
    assert f"did you mean {nearest}=?" in done.stderr, done.stderr
    assert "expected one or more of: ALL APP ARGS" in done.stderr, done.stderr


def test_a_misspelt_variable_is_refused_with_the_nearest_name() -> None:
    refused("HOTS", "HOST")
    refused("SUITE", "SUITES")
    refused("STYA", "STAY")
    refused("args", "ARGS")
    refused("QEMUARGS", "QEMU_ARGS")
    refused("CC_GUST", "CC_GUEST")


def test_a_known_variable_passes_and_so_does_the_environment() -> None:
    assert make("help", "HOST=tcg", "GUEST_OPT=-Og").returncode == 0
    os.environ["HOTS"] = "x"
    try:
        assert make("help").returncode == 0
    finally:
        del os.environ["HOTS"]


def test_every_variable_of_the_table_is_read() -> None:
    lost = [name for name in TABLE - ELSEWHERE
            if not re.search(rf"\b{name}\b", TEXT)]
    assert len(TABLE) > 40 and not lost, lost


def test_every_variable_that_may_be_given_is_in_the_table() -> None:
    # A name behind two dollars is for another makefile.
    used = set(re.findall(r"(?<!\$)\$[({]([A-Z][A-Z_]+)[):]", TEXT))
    used |= set(re.findall(r"\b([A-Z_]+):[a-z-]+(?=[ ,\\)])", TEXT))
    used |= set(re.findall(r"origin ([A-Z_]+)", TEXT))
    fixed = set(re.findall(r"^(?:export |define )?([A-Z][A-Z_]+)\s*"
                           r"(?:\+|:|::)?=", TEXT, re.M))
    soft = set(re.findall(r"^([A-Z][A-Z_]+)\s*\?=", TEXT, re.M))
    missing = soft | used - fixed - GIVEN
    missing = {name for name in missing - TABLE
               if not re.search(rf"define {name}\b|foreach {name},", TEXT)}
    assert len(soft) > 20 and not missing, sorted(missing)


def test_every_variable_that_a_script_gives_to_make_is_in_the_table() -> None:
    given: set[str] = set()
    for file in [*ROOT.glob("tests/**/*.py"), *ROOT.glob("tools/**/*.py")]:
        if file.parent != Path(__file__).resolve().parent:
            for call in re.findall(r'\["make",[^\]]*', file.read_text()):
                given |= set(re.findall(r'"([A-Z][A-Z_]+)=', call))
    assert {"MUTANT", "TEST_SECONDS"} <= given, given
    assert given <= TABLE, sorted(given - TABLE)


def test_every_variable_that_a_makefile_gives_to_make_is_in_the_table() -> None:
    given: set[str] = set()
    for call in re.findall(r"\$\((?:LINT_)?MAKE\)[^|;>]*",
                           TEXT.replace("\\\n", " ")):
        words = call.split("\n")[0]
        given |= set(re.findall(r"(?<=\s)([A-Z][A-Z_]+)=", words))
    assert {"BUILD", "TEST_CFLAGS"} <= given, given
    assert given <= TABLE, sorted(given - TABLE)


if __name__ == "__main__":
    sys.exit(tap.run(globals()))

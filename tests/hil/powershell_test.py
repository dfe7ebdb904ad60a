#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-2-Clause
"""PowerShell that nobody here can run: its syntax, and the cmdlets it uses.

    powershell_test.py FOLDER-OF-NODE-MODULES

Looks at all scripts of the tree, and at the commands on docs/hyper-v.md. A
cmdlet, and each of its parameters, must stand in cmdlets.tsv.
"""
from __future__ import annotations

import json
import re
import subprocess
import sys
from pathlib import Path

HERE = Path(__file__).resolve().parent
ROOT = HERE.parent.parent
sys.path.insert(0, str(HERE.parent))

import tap  # noqa: E402

MODULES = sys.argv[1] if len(sys.argv) > 1 else ""
PAGE = ROOT / "docs/hyper-v.md"
SCRIPTS = sorted(path for top in ("tests", "tools", "docs", "app")
                 for path in (ROOT / top).rglob("*.ps1"))
# On the page: what stands in back quotes, or indented, and begins as a cmdlet.
SNIPPET = re.compile(r"`([A-Z][a-z]+-[A-Z]\w+(?: [^`]*)?)`"
                     r"|^ {4,}([A-Z][a-z]+-[A-Z]\w+ .*)$", re.M)


Parsed = dict[str, list]
# Texts, and what the check has to say about them.
MISTAKES = {
    "if ($x) { Get-VM": "mistake: line 1",
    "Get-VM | Where-Object { $_.Name -eq 'x'": "mistake: line 1",
    "Get-VirtualMachine x": "Get-VirtualMachine is not in",
    "Set-VM x -Processors 2": "Set-VM has no -Processors",
    "try { Get-VM } catch { Remove-Vmm x }": "Remove-Vmm is not in",
}
SIZES = "$a = 512MB\nNew-VM -MemoryStartupBytes 1gb"


def parse(texts: dict[str, str]) -> dict[str, Parsed]:
    """Starts node: call it once. Its optimizing compiler would spend half a
    minute on the grammar."""
    run = subprocess.run(["node", "--liftoff-only", str(HERE / "parse.mjs"),
                          MODULES],
                         input=json.dumps(texts), text=True,
                         capture_output=True, check=False)
    assert run.returncode == 0, run.stderr
    return json.loads(run.stdout)


def known() -> dict[str, set[str]]:
    """Each cmdlet with its parameters, in small letters, as names are equal."""
    rows = [line.lower().split("\t")
            for line in (HERE / "cmdlets.tsv").read_text().splitlines()
            if line and not line.startswith("#")]
    return {row[0]: set(row[2].split() if len(row) > 2 else ()) for row in rows}


def wrong(parsed: dict[str, Parsed]) -> list[str]:
    """What is no PowerShell, and what is in no list."""
    lines, cmdlets = [], known()
    for name, found in parsed.items():
        lines += [f"{name}: {error}" for error in found["errors"]]
        for command in found["commands"]:
            at = f"{name}: line {command['line']}: {command['name']}"
            if command["name"].lower() not in cmdlets:
                lines.append(f"{at} is not in tests/hil/cmdlets.tsv")
                continue
            lines += [f"{at} has no {parameter} in tests/hil/cmdlets.tsv"
                      for parameter in command["parameters"]
                      if parameter.lower() not in cmdlets[command["name"].lower()]]
    return lines


def snippets() -> dict[str, str]:
    """The page's commands. The grammar does not know lists of bare words, so
    one word stands for such a list."""
    found = [re.sub(r"\s+", " ", match[1] or match[2])
             for match in SNIPPET.finditer(PAGE.read_text())]
    return {f"{PAGE.name}: {text}": re.sub(r"(\w), ?(?=[A-Z])", r"\1", text)
            for text in found}


NAMES = {str(path.relative_to(ROOT)): path.read_text() for path in SCRIPTS}
PAGE_NAMES = snippets()
PARSED = parse(NAMES | PAGE_NAMES | {SIZES: SIZES}
               | {text: text for text in MISTAKES})


def some(names: dict[str, str]) -> dict[str, Parsed]:
    return {name: PARSED[name] for name in names}


def test_each_script_is_powershell_of_known_cmdlets() -> None:
    found = wrong(some(NAMES))
    assert len(SCRIPTS) >= 2 and not found, "\n".join(found)


def test_each_command_on_the_page_is_too() -> None:
    found = wrong(some(PAGE_NAMES))
    assert len(PAGE_NAMES) > 10 and not found, "\n".join(found)


def test_each_cmdlet_of_the_list_is_used() -> None:
    used = {command["name"].lower() for found in some(NAMES | PAGE_NAMES).values()
            for command in found["commands"]}
    assert not known().keys() - used, known().keys() - used


def test_mistakes_are_found() -> None:
    for text, says in MISTAKES.items():
        found = wrong({"mistake": PARSED[text]})
        assert any(says in line for line in found), (text, found)


def test_sizes_with_a_unit_are_no_mistake() -> None:
    assert not wrong({"sizes": PARSED[SIZES]})


def test_a_script_keeps_what_the_vm_says_as_it_is() -> None:
    """Lines would lose the carriage returns that are no ends of lines."""
    text = (HERE / "Read-VmbareCom1.ps1").read_text()
    assert "ReadLine" not in text and "StreamReader" not in text
    assert "ReadAsync" in text and "KeyAvailable" in text and "$pipe.Write(" in text


def test_a_name_that_is_taken_is_found_before_anything_is_made() -> None:
    text = (HERE / "New-VmbareVM.ps1").read_text()
    assert text.index("Where-Object { $_.Name -eq $Name }") < text.index("New-VM ")
    assert text.index("throw") < text.index("New-VM ")
    for advice in ("Start-VM", "Remove-VM", "-Name OTHER"):
        assert advice in text, advice


if __name__ == "__main__":
    sys.exit(tap.run(globals()))

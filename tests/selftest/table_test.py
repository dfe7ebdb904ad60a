#!/usr/bin/env python3
"""What is told in several places is the same in all: the exit statuses, the
guest's options."""
from __future__ import annotations

import re
import sys
from pathlib import Path

TESTS = Path(__file__).resolve().parent.parent
ROOT = TESTS.parent
sys.path[:0] = [str(TESTS), str(TESTS / "rig")]

import tap  # noqa: E402
import verdict  # noqa: E402

ROW = re.compile(r"^\| ([\w-]+) \| (\S+) \| (\S+) \| (\d+) \|", re.M)
ENUM = re.compile(r"EXIT_STATUS_(\w+) = (0x\w+)")


def test_docs_and_runner_agree() -> None:
    rows = {name: (port, qemu, runner) for name, port, qemu, runner in
            ROW.findall((ROOT / "docs/exit-statuses.md").read_text())}
    rows.pop("interrupted")
    for known in verdict.ALL:
        port, qemu, runner = rows.pop(known.name)
        assert runner == str(known.runner), known
        assert port == ("-" if known.port is None else hex(known.port)), known
        if known.qemu:
            assert qemu == str(known.qemu), known
    assert not rows, rows


def test_guest_and_runner_agree() -> None:
    text = (ROOT / "arch/crash/exit_status.h").read_text()
    guest = {name.lower().replace("_", "-"): int(value, 16)
             for name, value in ENUM.findall(text)}
    assert guest == {known.name: known.port for known in verdict.ALL
                     if known.port is not None
                     and known not in verdict.HOSTS_OWN}, guest


def test_the_last_line_of_the_log_is_told() -> None:
    """A machine without isa-debug-exit has no other verdict."""
    text = (ROOT / "app/system/root/finish.c").read_text()
    docs = (ROOT / "docs/exit-statuses.md").read_text()
    line = re.search(r'"(vmbare: end, verdict: )%s"', text)
    words = re.findall(r'\{EXIT_STATUS_\w+, "([\w ]+)"\}', text)
    assert line and len(words) == 5, (line, words)
    assert f"`{line[1]}{words[0]}`" in docs
    assert all(f"`{word}`" in docs for word in words[1:]), words


def test_every_status_is_another() -> None:
    assert len({known.runner for known in verdict.ALL}) == len(verdict.ALL)
    for known in verdict.ALL:
        if known.qemu:
            assert verdict.from_qemu(known.qemu) is known


def test_every_option_of_an_application_is_documented() -> None:
    """Options are declared as vmbare_options.h says, in any folder."""
    docs = (ROOT / "docs/options.md").read_text()
    names = set()
    for folder in ("app", "drivers", "tests/guest", "tests/system"):
        for path in (ROOT / folder).rglob("*.c"):
            declared = re.findall(r"^(?:static )?VMBARE_OPTION \w+ = \{(.*?)^\};",
                                  path.read_text(), re.M | re.S)
            names |= {re.search(r'\.name = "([^"]+)"', text)[1]
                      for text in declared}
    missing = sorted(name for name in names
                     if not re.search(rf"`{re.escape(name)}[`=]", docs))
    assert len(names) > 15 and not missing, missing


def test_every_folder_of_tests_is_in_the_list() -> None:
    listed = set(re.findall(r"^    ([\w-]+)/ ", (TESTS / "README.md").read_text(),
                            re.M))
    folders = {path.name for path in TESTS.iterdir() if path.is_dir()
               and path.name != "__pycache__"}
    assert listed == folders, listed ^ folders


if __name__ == "__main__":
    sys.exit(tap.run(globals()))

#!/usr/bin/env python3
"""docs/timeouts.md says of each wait what the code says."""
from __future__ import annotations

import re
import sys
from pathlib import Path

TESTS = Path(__file__).resolve().parent.parent
ROOT = TESTS.parent
sys.path.insert(0, str(TESTS))

import tap  # noqa: E402

LAYERS = ("boot", "arch", "hv", "vmbus", "kmcl", "drivers", "wdk",
          "app")
ROW = re.compile(r"^\| `(\w+)` \| (\S+) \| ([\d,.]+) (s|ms|us|reads) \| "
                 r"([^|]+) \| ([^|]+) \| (\d{4}-\d\d-\d\d) \|$", re.M)
DEFINE = re.compile(r"^#define[ \t]+(\w+)[ \t]+([^\n]+)$", re.M)
# The names of a second, and what is a time by its name where it is a number.
UNITS = {"SEAM_S": 1.0, "SEAM_MS": 1e-3, "CLOCK_UNITS_PER_S": 1.0}
UNIT = re.compile(rf"\b({'|'.join(UNITS)})\b")
TIME = re.compile(r"(_|^)(SECONDS|TIMEOUT|DEADLINE|DELAY|READS|POLLS|SPINS)$"
                  r"|^SHARE_(LEAST|MOST)$|_(WAIT|TIME)$")
# Numbers in the clock's own unit.
IN_100_NS = re.compile(r"^SHARE_(LEAST|MOST)$")
# A wait whose length stands in the middle of the code has no name to look up.
NAMELESS = re.compile(rf"\d+ ?\* ?{UNIT.pattern}|[+] ?{UNIT.pattern}\s*[,;)]"
                      r"|vmbare_sleep\((?=[\d.])")
STAYS = "app/"  # an application's own sleep is no wait for anybody
SCALE = {"s": 1.0, "ms": 1e-3, "us": 1e-6, "reads": 1.0}


def sources(root: Path) -> list[Path]:
    return sorted(path for layer in LAYERS
                  for path in (root / layer).rglob("*.[ch]"))


def evaluate(name: str, text: str) -> float:
    """The value in seconds, or the count."""
    words = re.sub(r"/\*.*", "", text)
    words = re.sub(r"UINT64_C|INT64_C", "", words)
    words = UNIT.sub(lambda match: repr(UNITS[match[1]]), words)
    words = re.sub(r"(?<=\d)[uUlL]+\b", "", words).strip()
    assert re.fullmatch(r"[\d.e()+*/ -]+", words), f"{name}: {text}"
    value = eval(words, {"__builtins__": {}})  # pylint: disable=eval-used
    return value * 1e-7 if IN_100_NS.search(name) else value


def in_code(root: Path) -> dict[tuple[str, str], float]:
    """Each constant that is a time: (name, file) and its value."""
    found: dict[tuple[str, str], float] = {}
    for path in sources(root):
        for name, text in DEFINE.findall(path.read_text()):
            bare = re.sub(r"/\*.*", "", text).strip()
            if name in UNITS or not (UNIT.search(bare) or TIME.search(name)
                                     and re.match(r"\(?[\d.]", bare)):
                continue
            found[name, str(path.relative_to(root))] = evaluate(name, text)
    return found


def in_table(text: str) -> dict[tuple[str, str], float]:
    return {(name, file): float(number.replace(",", "")) * SCALE[unit]
            for name, file, number, unit, *_ in ROW.findall(text)}


def compare(root: Path, text: str) -> list[str]:
    """What differs, in words."""
    code, table = in_code(root), in_table(text)
    wrong = [f"{file}: {name} is not in docs/timeouts.md: add a row with its "
             "source" for name, file in code.keys() - table.keys()]
    wrong += [f"docs/timeouts.md: {file} has no {name} any more"
              for name, file in table.keys() - code.keys()]
    wrong += [f"{file}: {name} is {code[name, file]:g}, in docs/timeouts.md "
              f"{table[name, file]:g}" for name, file in code.keys() & table.keys()
              if abs(code[name, file] - table[name, file]) > 1e-9]
    return sorted(wrong)


def nameless(root: Path) -> list[str]:
    return [f"{path.relative_to(root)}:{number}: a wait without a name: {line.strip()}"
            for path in sources(root)
            if not str(path.relative_to(root)).startswith(STAYS)
            for number, line in enumerate(path.read_text().splitlines(), 1)
            if NAMELESS.search(line) and not line.startswith("#define")]


def test_the_table_is_what_the_code_says() -> None:
    wrong = compare(ROOT, (ROOT / "docs/timeouts.md").read_text())
    assert not wrong, wrong


def test_every_row_of_the_table_is_read() -> None:
    text = (ROOT / "docs/timeouts.md").read_text()
    rows = [line for line in text.splitlines()
            if line.startswith("| `")]
    assert len(rows) == len(ROW.findall(text)) == len(in_table(text)) > 30, [
        row for row in rows if not ROW.match(row)]


def test_every_wait_has_a_name() -> None:
    assert not nameless(ROOT), nameless(ROOT)


def test_differences_are_found() -> None:
    text = (ROOT / "docs/timeouts.md").read_text()
    for old, new, says in (
            ("| vmbus/guest/bus.c | 60 s |", "| vmbus/guest/bus.c | 61 s |",
             "CONTACT_TIMEOUT is 60, in docs/timeouts.md 61"),
            ("| `REMIND` ", "| `REMIND_US` ", "has no REMIND_US any more"),
            ("| `END_READS` ", "| `OTHER_READS` ", "END_READS is not in"),
            ("| 100 us | PASSIVE", "| 1 ms | PASSIVE", "SHARE_LEAST is 0.0001")):
        assert old in text, old
        wrong = compare(ROOT, text.replace(old, new, 1))
        assert any(says in line for line in wrong), (old, wrong)


def test_nameless_waits_are_found() -> None:
    for line in ("    if (seam_wait(s, done, x, seam_now(s) + 10 * SEAM_S, t))",
                 "    until = clock_now() + CLOCK_UNITS_PER_S;",
                 "    vmbare_sleep(0.05);"):
        assert NAMELESS.search(line), line
    assert not NAMELESS.search("    x = seconds * CLOCK_UNITS_PER_S +")


if __name__ == "__main__":
    sys.exit(tap.run(globals()))

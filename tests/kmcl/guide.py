"""Does the guide quote the samples as they are, and say of every function what
its header says?"""
import re
import sys
from pathlib import Path

guide = Path("docs/kmcl-guide.md").read_text()
headers = "".join(p.read_text() for p in sorted(
    Path("kmcl/include/kmcl").glob("*.h")))
functions = sorted(set(re.findall(r"^\s*FN_VMB_\w+\s+(Vmb\w+);", headers,
                                  re.M)))
SAMPLES = {str(p.relative_to("tests/kmcl/samples")): p.read_text()
           for p in Path("tests/kmcl/samples").rglob("*.c")}
QUOTED = ("client81.c", "server81.c", "app/main.c")  # as a whole
wrong = [f"{name} is not quoted as it is" for name in QUOTED
         if SAMPLES[name].rstrip() not in guide]
# Each piece of C is whole lines of a file that is compiled and run.
pieces = re.findall(r"^```c\n(.*?)\n```$", guide, re.M | re.S)
wrong += [f"a piece of C is in no sample: it begins with '{piece[:60]}'"
          for piece in pieces
          if not any(f"\n{piece}\n" in f"\n{text}" for text in
                     SAMPLES.values())]
wrong += [f"{name} is a sample that the guide neither quotes nor names"
          for name, text in SAMPLES.items()
          if name not in guide and not any(piece in text for piece in pieces)]
wrong += [f"{name} is missing in the table" for name in functions
          if f"| {name} |" not in guide]

# A function's comment, its prototype's type and its declaration.
COMMENT = re.compile(
    r"/\*((?:(?!\*/).)*)\*/\s*typedef[^;]*?FN_VMB_\w+\([^;]*;"
    r"\s*FN_VMB_\w+\s+(\w+);", re.S)
ROW = re.compile(r"^\| (\w+) \| \w+ \| [^|]+ \| (\S+) \| (\d+) \|", re.M)
LEVELS = {"PASSIVE": "P", "<= DISPATCH": "D",
          "PASSIVE, but with *Timeout 0": "P/D"}


def numbers(text: str) -> set[int]:
    """'26, 28..32' as the numbers that it means."""
    found: set[int] = set()
    for first, last in re.findall(r"(\d+)(?:\.\.(\d+))?", text):
        found.update(range(int(first), int(last or first) + 1))
    return found


def level_of(comment: str) -> str:
    words = re.search(r"IRQL:\s*(<= DISPATCH|PASSIVE, but with \*Timeout 0|"
                      "PASSIVE)", comment)
    # What the head of kmcl/include/kmcl/config_api.h says of all of them.
    return LEVELS[words.group(1)] if words else "P"


rows = {name: (level, int(item)) for name, level, item in ROW.findall(guide)}
said = {name: comment for comment, name in COMMENT.findall(headers)}
for name in functions:
    if name not in said:
        wrong.append(f"{name} has no comment in its header")
        continue
    items = re.search(r"Items: ([\d., ]+)", said[name])
    if not items or rows[name][1] not in numbers(items.group(1)):
        wrong.append(f"{name}: item {rows[name][1]} is not in its header")
    if rows[name][0] != level_of(said[name]):
        wrong.append(f"{name}: level {rows[name][0]}, its header says "
                     f"{level_of(said[name])}")
    if not re.search(r"\[(?:D|D18|H)\]", said[name]):
        wrong.append(f"{name}: its header names no source")
if len(functions) != 55:
    wrong.append(f"55 functions expected in the headers, {len(functions)} "
                 "found")
print("1..1")
print(f"{'not ok' if wrong else 'ok'} 1 - the guide quotes the samples and "
      "says of all functions what their headers say")
for line in wrong:
    print(f"# {line}")
sys.exit(bool(wrong))

"""Does the guide quote the samples as they are, and name every function?"""
import re
import sys
from pathlib import Path

guide = Path("docs/kmcl-guide.md").read_text()
headers = "".join(p.read_text() for p in sorted(Path("kmcl").glob("kmcl_*.h")))
functions = sorted(set(re.findall(r"^\s*FN_VMB_\w+\s+(Vmb\w+);", headers,
                                  re.M)))
wrong = [f"{name} is not quoted as it is" for name in
         ("client81.c", "server81.c")
         if Path("tests/kmcl/samples", name).read_text().rstrip() not in guide]
wrong += [f"{name} is missing in the table" for name in functions
          if f"| {name} |" not in guide]
if len(functions) != 55:
    wrong.append(f"55 functions expected in the headers, {len(functions)} "
                 "found")
print("1..1")
print(f"{'not ok' if wrong else 'ok'} 1 - the guide quotes the samples and "
      "lists all functions")
for line in wrong:
    print(f"# {line}")
sys.exit(bool(wrong))

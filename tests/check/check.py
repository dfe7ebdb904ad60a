#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-2-Clause
"""`make check`: the suites of the changed files, lint of those files, and one
boot, in less than three minutes on two processors.

    check.py --build DIR [--since COMMIT] [--list]

Changed is what is not committed and what was committed since COMMIT. Unless it
is given, that is where this branch left its upstream, origin/main or main;
without commits of its own and without changes it is the last commit.
"""
from __future__ import annotations

import argparse
import os
import subprocess
import sys
import time
from pathlib import Path

HERE = Path(__file__).resolve().parent
ROOT = HERE.parent.parent
sys.path[:0] = [str(HERE), str(HERE.parent), str(HERE.parent / "mutants")]

import budget  # noqa: E402
from choose import (LINT_FILES, Choice, choose, files_to_lint,  # noqa: E402
                    read, share_of)
from history import git  # noqa: E402

UPSTREAMS = ("@{upstream}", "origin/main", "origin/HEAD", "main")
# Names that are shown of the files that chose a suite.
SHOWN = 3
LINT, BOOT = "check-lint", "check-boot"
LINT_SECONDS, BOOT_SECONDS = 60, 20
MINUTES = 10    # for what hangs


def words(text: str | None) -> list[str]:
    return [word for word in (text or "").split("\0") if word]


def pending(root: Path) -> list[str]:
    """What is not committed."""
    return sorted({*words(git(root, "diff", "--name-only", "-z", "HEAD")),
                   *words(git(root, "ls-files", "-o", "-z",
                              "--exclude-standard"))})


def base_of(root: Path, since: str) -> tuple[str, str]:
    """The commit to compare with, and why that one."""
    head = (git(root, "rev-parse", "HEAD") or "").strip()
    if not head:
        sys.exit("check: expected a git checkout with a commit, found none; "
                 "`make test` runs everything")
    if since:
        found = git(root, "rev-parse", "--verify", "--quiet",
                    f"{since}^{{commit}}")
        if not found:
            sys.exit(f"check: expected a commit as SINCE=, found '{since}'")
        return found.strip(), "as asked"
    for name in UPSTREAMS:
        base = (git(root, "merge-base", "HEAD", name) or "").strip()
        if base and base != head:
            return base, f"where this branch left {name}"
    if pending(root):
        return head, "there are no commits beside main's"
    before = (git(root, "rev-parse", "--verify", "--quiet", "HEAD~1")
              or "").strip()
    return before or head, "the last commit, since nothing else has changed"


def changed_files(root: Path, base: str) -> list[str]:
    between = words(git(root, "diff", "--name-only", "-z", base, "HEAD"))
    return sorted({*between, *pending(root)})


def say(text: str) -> None:
    print(f"check: {text}", flush=True)


def shown(files: list[str]) -> str:
    more = len(files) - SHOWN
    return ", ".join(files[:SHOWN]) + (f" and {more} more" if more > 0 else "")


def explain(choice: Choice, lint: list[str]) -> None:
    """What runs and why; what does not, and how to run it."""
    for suite, files in choice.reasons.items():
        say(f"suite {suite}: for {shown(files)}")
    for suite, files in choice.left_out.items():
        say(f"left out, it would take too long: make suite-{suite} (for "
            f"{shown(files)})")
    for file in choice.unknown:
        say(f"no row of tests/check/suites.tsv fits {file}: lint and boot "
            "only")
    if lint:
        say(f"lint: {shown(lint[:LINT_FILES])}")
    for file in lint[LINT_FILES:]:
        say(f"left out of lint, `make lint` looks at it: {file}")
    say("boot: the appliance on minihv")


def write_budget(path: Path, suites: list[str],
                 shares: dict[str, budget.Share]) -> None:
    """The budget of this run: lint beside the hosted suites."""
    lines = [f"{LINT} 2 {LINT_SECONDS}", f"{BOOT} 1 {BOOT_SECONDS}"]
    for suite in suites:
        share = share_of(suite, shares)
        lines.append(f"{suite} {share.lane} {share.seconds:.0f}")
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("\n".join(lines) + "\n")


def build(suites: list[str], given: argparse.Namespace) -> bool:
    """Build the images before suites of both lanes ask for them at once."""
    if not set(suites) & set(given.image_suites.split()):
        return True
    return subprocess.run(["make", "-s", "-j2", "test-builds"], cwd=ROOT,
                          check=False).returncode == 0


def run(given: argparse.Namespace, choice: Choice, lint: list[str],
        shares: dict[str, budget.Share]) -> int:
    """Run all of it by the driver."""
    if not build(choice.suites, given):
        say("the images of the suites cannot be built")
        return 1
    logs = given.build / "check"
    write_budget(logs / "budget", choice.suites, shares)
    names = [BOOT, *([LINT] if lint else []), *choice.suites]
    return subprocess.run(
        [sys.executable, str(HERE.parent / "driver.py"), "--logs", str(logs),
         "--budget", str(logs / "budget"), "--minutes", str(MINUTES), *names],
        env={**os.environ, "CHECK_FILES": " ".join(lint[:LINT_FILES])},
        check=False).returncode


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--build", type=Path, required=True)
    parser.add_argument("--since", default="")
    parser.add_argument("--image-suites", default="",
                        help="suites that need the images of test-builds")
    parser.add_argument("--list", action="store_true",
                        help="say what would run, run nothing")
    given = parser.parse_args()
    began = time.monotonic()
    base, why = base_of(ROOT, given.since)
    files = changed_files(ROOT, base)
    say(f"{len(files)} files differ from {base[:9]} ({why})")
    shares = budget.read(HERE.parent / "budget")
    choice = choose(files, read(HERE / "suites.tsv"), shares)
    lint = files_to_lint(files, ROOT)
    explain(choice, lint)
    if given.list:
        return 0
    status = run(given, choice, lint, shares)
    omitted = len(choice.left_out) + max(0, len(lint) - LINT_FILES)
    say(f"{'FAILED' if status else 'PASSED'} in {time.monotonic() - began:.0f}"
        f" s: {len(choice.suites)} suites, lint of "
        f"{min(len(lint), LINT_FILES)} files, one boot"
        + (f"; {omitted} left out, see above" if omitted else ""))
    return status


if __name__ == "__main__":
    try:
        sys.exit(main())
    except KeyboardInterrupt:
        sys.exit("check: interrupted")

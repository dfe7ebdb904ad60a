"""What changed in the last commits, as git tells it."""
from __future__ import annotations

import re
import subprocess
from dataclasses import dataclass
from pathlib import Path

LAST_COMMITS = 3
# A comment, or a literal, which is kept: it may look like a comment inside.
COMMENT = re.compile(r"/\*.*?\*/|//[^\n]*"
                     r"|(\"(?:\\.|[^\"\\\n])*\"|'(?:\\.|[^'\\\n])*')", re.S)
INCLUDE = re.compile(r"^[ \t]*#[ \t]*include\b.*$", re.M)


def code_of(text: str) -> str:
    """A C source without what no test can notice: comments, white space and
    the names of headers, which change when files move."""
    text = COMMENT.sub(lambda match: match[1] or " ", text)
    return " ".join(INCLUDE.sub("", text).split())


@dataclass(frozen=True)
class History:
    """The tree at `root` and its last commits."""
    root: Path
    commit: str | None      # checked out now; None: no git here
    base: str | None        # what the tree is compared with
    commits: int | None = None  # as many lead to the one checked out

    @classmethod
    def of(cls, root: Path, commits: int = LAST_COMMITS) -> History:
        """Compared with the state before the last `commits` commits, or with
        the oldest of them that there is."""
        found = [git(root, "rev-parse", "--verify", "--quiet",
                      f"HEAD~{number}^{{commit}}")
                 for number in range(commits + 1)]
        there = [text.strip() for text in found if text]
        count = git(root, "rev-list", "--count", "HEAD")
        return cls(root, there[0] if there else None,
                   there[-1] if there else None, int(count) if count else None)

    def changed(self) -> list[str]:
        """Files whose code differs from the base's: those of the commits
        since then, and those that are not committed yet."""
        if self.base is None:
            return []
        listed = git(self.root, "diff", "-M", "--name-status", "-z",
                      "--diff-filter=AMR", self.base) or ""
        files = [new for old, new in _pairs(listed.split("\0"))
                 if old is None or self._differs(old, new)]
        new = git(self.root, "ls-files", "-o", "-z", "--exclude-standard")
        return sorted({*files, *filter(None, (new or "").split("\0"))})

    def at_base(self, file: str) -> str:
        """A file as it was then; empty when it was not there."""
        if self.base is None:
            return ""
        return git(self.root, "show", f"{self.base}:{file}") or ""

    def _differs(self, old: str, new: str) -> bool:
        try:
            now = (self.root / new).read_text(errors="replace")
        except OSError:
            return True
        return code_of(self.at_base(old)) != code_of(now)


def _pairs(words: list[str]) -> list[tuple[str | None, str]]:
    """Old and new name of each file in `git diff --name-status -z`."""
    pairs: list[tuple[str | None, str]] = []
    at = 0
    while at < len(words) and words[at]:
        status = words[at][0]
        if status == "R":
            pairs.append((words[at + 1], words[at + 2]))
            at += 3
        else:
            pairs.append((words[at + 1] if status == "M" else None,
                          words[at + 1]))
            at += 2
    return pairs


def git(root: Path, *words: str) -> str | None:
    """What git prints; None when it fails or is not there."""
    try:
        done = subprocess.run(
            ["git", "-C", str(root), *words], capture_output=True, text=True,
            errors="replace", check=False)
    except FileNotFoundError:
        return None
    return done.stdout if done.returncode == 0 else None

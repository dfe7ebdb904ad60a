"""A copy of the tree in which the sources can be broken and suites run.

The sources are links, only the mutated file is a copy, and objects stay from
one mutant to the next.
"""
from __future__ import annotations

import os
import shutil
import signal
import subprocess
import threading
from pathlib import Path

UNBROKEN_SECONDS = 1800     # what a suite may take when nothing is known of it
PATIENCE = 5                # seconds that a suite gets to end by itself
FAILURE = "not ok"


def tree_files(root: Path) -> list[str]:
    """The tree's own files; without git all but those in build folders."""
    try:
        listed = subprocess.run(
            ["git", "-C", str(root), "ls-files", "-co", "--exclude-standard"],
            capture_output=True, text=True, check=True)
        return listed.stdout.splitlines()
    except (OSError, subprocess.CalledProcessError):
        return [str(path.relative_to(root)) for path in root.rglob("*")
                if path.is_file() and not path.is_symlink()
                and path.relative_to(root).parts[0] not in ("build", ".git")]


class Shadow:
    """The tree in links, with a build directory of its own."""

    def __init__(self, root: Path, place: Path) -> None:
        self.root, self.place = root, place
        shutil.rmtree(place, ignore_errors=True)
        for name in tree_files(root):
            if (root / name).exists():
                link = place / name
                link.parent.mkdir(parents=True, exist_ok=True)
                link.symlink_to(root / name)

    def put(self, file: str, text: str | None) -> None:
        """Mutates a file, or (None) makes it new as it was."""
        copy = self.place / file
        copy.unlink()
        copy.write_text((self.root / file).read_text()
                        if text is None else text)

    def run(self, suite: str, seconds: int,
            limit: float = UNBROKEN_SECONDS) -> tuple[str, bool]:
        """What the suite printed, and whether it ended in time. A timed
        suite gets `seconds`, which come on top of the limit."""
        command = ["make", "-s", "-C", str(self.place), "BUILD=build",
                   "MUTANT=1", f"TEST_SECONDS={seconds}", f"suite-{suite}"]
        environment = {name: value for name, value in os.environ.items()
                       if not name.startswith(("MAKE", "MFLAGS"))}
        # ccache: what was compiled outside, where warnings are errors, serves
        # here, too.
        environment["CCACHE_IGNOREOPTIONS"] = "-w"
        process = subprocess.Popen(
            command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
            text=True, errors="replace", env=environment,
            start_new_session=True)
        return read_to_failure(process, limit + seconds)


def end_group(process: subprocess.Popen[str]) -> None:
    """Ends the suite and all that it started. SIGKILL comes last, so that
    make can remove what is half made."""
    for number in (signal.SIGTERM, signal.SIGKILL):
        try:
            os.killpg(process.pid, number)
            process.wait(PATIENCE)
        except subprocess.TimeoutExpired:
            continue
        except ProcessLookupError:
            return


def read_to_failure(process: subprocess.Popen[str],
                    limit: float) -> tuple[str, bool]:
    """What it prints, up to its first failure, which is all that a mutant
    needs; and whether it came to that or to its end within the limit."""
    late = threading.Event()

    def stop() -> None:
        late.set()
        end_group(process)

    timer = threading.Timer(limit, stop)
    timer.start()
    lines = []
    assert process.stdout is not None
    with process.stdout as output:
        for line in output:
            lines.append(line)
            if line.startswith(FAILURE):
                break
    timer.cancel()
    end_group(process)
    process.wait()
    return "".join(lines), not late.is_set()

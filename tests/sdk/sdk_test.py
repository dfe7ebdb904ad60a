#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-2-Clause
"""The suite `sdk`: applications are built and run with the installed SDK alone.

    sdk_test.py MAKE BUILD

`make install` puts the SDK into an empty folder; everything after that happens
in a name space of its own in which the folder of the sources is empty.
"""
from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

HERE = Path(__file__).resolve().parent
ROOT = HERE.parent.parent
sys.path.insert(0, str(HERE.parent))

import tap  # noqa: E402

SECONDS = 300.0
EXAMPLES = ("hello", "echo")
# An empty file system over the sources, then the command that follows.
HIDE = ("unshare", "--map-root-user", "--mount", "sh", "-c",
        'mount -t tmpfs -o mode=755 none "$0" && exec "$@"', str(ROOT))


class Bench:
    """The installed SDK, and folders in which applications are made."""

    def __init__(self, out: tap.Tap, work: Path) -> None:
        self.out = out
        self.work = work
        self.sdk = work / "prefix/lib/vmbare"
        self.hide: tuple[str, ...] = HIDE

    def make(self, folder: Path, *words: str,
             **more: str) -> subprocess.CompletedProcess[str]:
        """make as somebody calls it who has the SDK and no sources."""
        given = {name: value for name, value in os.environ.items()
                 if not name.startswith(("MAKE", "MFLAGS", "CCACHE"))}
        return subprocess.run(
            [*self.hide, "make", "-C", str(folder), f"VMBARE={self.sdk}", *words],
            env={**given, **more}, text=True, check=False, timeout=SECONDS,
            stdout=subprocess.PIPE, stderr=subprocess.STDOUT)

    def folder(self, name: str, source: Path | None = None) -> Path:
        """An application's folder: a copy, or the example hello's Makefile."""
        folder = self.work / name
        if source:
            shutil.copytree(source, folder)
        else:
            folder.mkdir()
            shutil.copy(self.sdk / "examples/hello/Makefile", folder)
        return folder

    def passes(self, folder: Path, words: tuple[str, ...], expected: str,
               title: str) -> str:
        """make must succeed and say what the pattern expects."""
        done = self.make(folder, *words)
        good = done.returncode == 0 and re.search(expected, done.stdout)
        self.out.result(bool(good), title, f"status {done.returncode}, "
                        f"expected '{expected}' in:\n{done.stdout}")
        return done.stdout

    def refuses(self, folder: Path, words: tuple[str, ...], expected: str,
                title: str, **more: str) -> str:
        """make must fail and say what the pattern expects."""
        done = self.make(folder, *words, **more)
        good = done.returncode != 0 and re.search(expected, done.stdout)
        self.out.result(bool(good), title, f"status {done.returncode}, "
                        f"expected '{expected}' in:\n{done.stdout}")
        return done.stdout


def install(bench: Bench, make: str, build: str) -> bool:
    done = subprocess.run(
        [make, "-s", "-C", str(ROOT), "install", f"BUILD={build}",
         f"PREFIX={bench.work}/prefix"], text=True, check=False,
        stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
    bench.out.result(done.returncode == 0, "make install puts the SDK into an "
                     "empty folder", done.stdout)
    return done.returncode == 0


def check_hidden(bench: Bench) -> None:
    """Where nobody may make a name space, what was read must do as a proof."""
    probe = subprocess.run([*HIDE[:3], "true"], text=True, check=False,
                           stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
    if probe.returncode:
        bench.hide = ()
        bench.out.note(f"the sources stay visible: {probe.stdout.strip()}")
        return
    done = subprocess.run([*HIDE, "ls", str(ROOT)], text=True, check=False,
                          stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
    bench.out.result(done.returncode == 0 and done.stdout == "",
                     "the applications are built where the sources cannot be "
                     "seen", done.stdout)


def check_names(bench: Bench) -> None:
    """Texts, libraries and programs: none has a path of the sources."""
    found = [str(path) for path in bench.sdk.rglob("*")
             if path.is_file() and bytes(ROOT) in path.read_bytes()]
    bench.out.result(not found, "no file of the SDK names the folder of the "
                     "sources", "\n".join(found))


def check_reads(bench: Bench, folder: Path) -> None:
    """Every header and library that compiler and linker have read."""
    allowed = (str(bench.work), "/usr/", "/lib/", "/lib64/", "build/", "main.c")
    lists = list(folder.rglob("build/**/*.d"))
    words = {word for path in lists
             for word in path.read_text().replace(":", " ").split()
             if word != "\\"}
    shutil.rmtree(folder / "build")
    traced = bench.make(folder, "LDFLAGS=-Wl,--trace").stdout
    log = (folder / "build/link.log").read_text() + traced
    words |= {line.strip("()") for line in log.splitlines()
              if line.startswith(("/", "("))}
    wrong = sorted(w for w in words if not w.startswith(allowed))
    bench.out.result(bool(lists) and len(words) > 5 and not wrong,
                     "compiler and linker read the SDK, the application and "
                     "the compiler's own files", "\n".join(wrong or words))


def check_examples(bench: Bench) -> None:
    for name, words, expected in (
            ("hello", (), "hello from .* 1 processor"),
            ("hello", ("BOOT=direct", "SMP=2"), "hello from .* 2 processors"),
            ("echo", ("SMP=2",), "100 of 100 numbers came back"),
            ("compute", ("SMP=2",), "processor 1 has counted 50 of 100 requests"
             "(?s:.*)9592 primes below 100000, expected 9592")):
        folder = bench.work / name
        if not folder.exists():
            bench.folder(name, bench.sdk / "examples" / name)
        bench.passes(folder, ("run", "HOST=minihv", *words), expected,
                     " ".join(("the example", name, "runs on minihv", *words)))
    bench.refuses(bench.work / "echo",
                  ("run", "HOST=minihv", "CONFIG=devices=heartbeat"),
                  "this host offers no echo device",
                  "the example echo says that the host offers no such device")
    bench.passes(bench.work / "hello", ("run", "HOST=minihv", "DRY=1"),
                 r"qemu-system-x86_64 .*-fw_cfg",
                 "DRY=1 prints the QEMU command line of an application")
    check_reads(bench, bench.work / "hello")


def check_mixed(bench: Bench) -> None:
    """tests/sdk/app has every kind of source, data and flags of its own."""
    folder = bench.folder("mixed-folder", HERE / "app")
    text = bench.passes(folder, ("run", "HOST=minihv"), "verdict: passed",
                        "an application of C, C++ and assembly in folders "
                        "with data and flags of its own runs")
    good = re.findall(r"^good: (.*)$", text, re.M)
    bench.out.result(len(good) == 12 and "BAD" not in text,
                     "each of its twelve checks is good", text)
    said = re.findall(r"\] (mixed: .*line \d)", text)
    bench.out.result(said == ["mixed: error: line 1", "mixed: warning: line 2",
                              "mixed: line 3"],
                     "log lines have the application's name, and debug is not "
                     "shown", text)
    text = bench.passes(folder, ("run", "HOST=minihv",
                                 "ARGS=log=error app.log=debug"),
                        r"\] mixed: debug: line 4",
                        "app.log=debug shows all lines of the application")
    bench.out.result("] system: " not in text, "log=error beside it shows "
                     "none of the system's", text)
    bench.refuses(folder, ("run", "HOST=minihv", "ARGS=app.log=loud"),
                  "(?s)found app.log=loud, expected one of error, warning, "
                  "info, debug.*verdict: usage",
                  "a level that there is not is a usage error")
    bench.passes(folder, ("run", "HOST=minihv", "ARGS=help"),
                 r"sum.*\n?.*what the sum of 2 and 40 should be",
                 "the option help prints the application's own option")
    bench.refuses(folder, ("run", "HOST=minihv", "ARGS=sum=41"),
                  "BAD: assembly is called",
                  "the application gets its option's value")
    bench.refuses(folder, ("run", "HOST=minihv", "ARGS=sum=101"),
                  "verdict: usage",
                  "a value that the declaration does not allow is a usage "
                  "error")
    bench.make(folder)
    text = bench.make(folder).stdout
    bench.out.result("CC " not in text and "LD " not in text,
                     "a second make builds nothing", text)
    (folder / "words/list.txt").write_text("one\n")
    text = bench.refuses(folder, ("run", "HOST=minihv"),
                         "BAD: a data file is there",
                         "another content of a data file is in the next image")
    bench.out.result("CC " not in text and "DATA   words/list.txt" in text,
                     "nothing else is built for it", text)
    bench.refuses(folder, ("run", "HOST=minihv", "CPPFLAGS=-Iinclude "
                           "-DOF_ALL=11 -DGREEDY"),
                  r"(?s)operator new.*objects\.cc:\d+.*verdict: crash",
                  "new without memory ends in a crash report with the "
                  "application's source line")


def check_heap(bench: Bench) -> None:
    """The checks of the heap, linked by HEAP=check, with C++."""
    folder = bench.folder("heap-folder", HERE / "app")
    bench.refuses(folder, ("HEAP=all",), "HEAP: +found 'all', expected check",
                  "another word for HEAP is refused")
    bench.refuses(folder, ("run", "HOST=minihv", "ARGS=heap=check"),
                  "(?s)which this image was not built with.*make HEAP=check"
                  ".*verdict: usage",
                  "an image without the checks says how to build one that has "
                  "them")
    bench.passes(folder, ("run", "HOST=minihv", "HEAP=check",
                          "ARGS=heap=check"), "verdict: passed",
                 "with HEAP=check the same application passes the checks of "
                 "the heap")
    text = bench.refuses(folder, ("run", "HOST=minihv", "HEAP=check",
                                  "ARGS=heap=check", "CPPFLAGS=-Iinclude "
                                  "-DOF_ALL=11 -DTWICE"),
                         "(?s)heap: free: freed twice.*block: 12 bytes.*"
                         "verdict: crash",
                         "a second delete[] is found")
    where = re.findall(r"heap: #\d image.*\n(?:        .*\n)*?"
                       r"        .*cxx/objects\.cc:\d+\n", text)
    bench.out.result(len(where) >= 2, "both the new[] and the first delete[] "
                     "are named by their source lines", text)


def check_wdk(bench: Bench) -> None:
    """Source of the Windows Driver Kit, by WDK := 1."""
    folder = bench.folder("driver", bench.sdk / "examples/driver")
    bench.passes(folder, ("run", "HOST=minihv"),
                 "example: the timer has come 3 times",
                 "the example driver, with <ntddk.h> and DriverEntry, runs")
    bench.refuses(folder, ("WDK=",), r"ntddk\.h: No such file",
                  "without WDK the headers are not seen")
    bench.refuses(folder, ("WDK=yes",), "WDK: +found 'yes', expected 1",
                  "another value of WDK is refused")
    two = bench.folder("two-drivers", HERE / "driver")
    shutil.copytree(ROOT / "tests/wdk/driver", two / "samples")
    for name in ("Vsc", "Vsp"):
        # Two drivers in one image: each entry gets a name of its own.
        (two / f"{name}.c").write_text(
            f"#define DriverEntry {name}DriverEntry\n"
            f'#include "samples/{name.lower()}.c"\n')
    bench.passes(two, ("run", "HOST=minihv", "SMP=2", "ARGS=no-bus"),
                 "two drivers: 0x00000000, STATUS_SUCCESS",
                 "the VSC and the VSP of tests/wdk build unchanged, and run on "
                 "the loopback")


def check_same(bench: Bench) -> None:
    """The folder's name is in no image."""
    images = []
    for name in ("here", "there"):
        folder = bench.folder(name, bench.sdk / "examples/echo")
        bench.make(folder, "APP=echo")
        images.append((folder / "build/echo.efi").read_bytes())
    bench.out.result(images[0] == images[1], "the same sources give the same "
                     "image in another folder")


def check_media(bench: Bench) -> None:
    folder = bench.work / "hello"
    bench.passes(folder, ("images", "ARGS=quiet"), "IMAGE",
                 "make images packs the application")
    sizes = [(folder / f"build/hello.{ending}").stat().st_size
             for ending in ("vhdx", "vhd", "iso")]
    bench.out.result(all(sizes), "its disks and its disc are there", str(sizes))


FILE_READER = """#include <stdio.h>
#include <string.h>
#include "vmbare.h"
int main(void)
{
    char line[16] = "";
    FILE *file = fopen("Texts/a.txt", "r");
    return file && fgets(line, sizeof(line), file) && !strcmp(line, "a line") ?
        VMBARE_PASSED : VMBARE_FAILED;
}
"""


def check_files(bench: Bench) -> None:
    folder = bench.folder("reader")
    (folder / "main.c").write_text(FILE_READER)
    (folder / "data/texts").mkdir(parents=True)
    (folder / "data/texts/a.txt").write_text("a line")
    bench.passes(folder, ("run", "HOST=tcg", "FILES=data"), "verdict: passed",
                 "make run FILES= gives an application files to open")
    for target in ("run", "images"):
        bench.refuses(folder, (target, "HOST=tcg", "FILES=absent"),
                      "expected a folder, found no folder absent",
                      f"make {target} names a folder of files that is not there")


def check_refusals(bench: Bench) -> None:
    """What is wrong is said with what was expected, and what to do."""
    bad = bench.folder("bad")
    main = bad / "main.c"
    bench.refuses(bad, (), "SOURCES: found none in .*/bad",
                  "a folder without sources is refused")
    main.write_text("int main(void) { return 0; }\n")
    bench.refuses(bad, ("VMBARE=/nowhere/vmbare",),
                  "VMBARE: found no vmbare.mk in '/nowhere/vmbare'; expected "
                  "the SDK that .make install.",
                  "a wrong path of the SDK is refused by name")
    bench.refuses(bad, ("CC=no-such-gcc",),
                  r"CC: found 'no-such-gcc'.*apt-get install gcc",
                  "a compiler that is missing is named, with its package")
    bench.refuses(bad, (), r"CC: found 'no-such-gcc -O'",
                  "so is one that the environment names", CC="no-such-gcc -O")
    bench.refuses(bad, ("SOURCES=main.c other.c",),
                  "there is no file 'other.c' in .*/bad",
                  "a source that is missing is named")
    bench.refuses(bad, ("SOURCES=main.c notes.rs",),
                  r"found notes\.rs, expected files that end in",
                  "a source of another language is named")
    bench.refuses(bad, ("DATA=list.txt",), "there is no file 'list.txt'",
                  "a data file that is missing is named")
    bench.refuses(bad, ("run", "BOOT=floppy"),
                  "BOOT: found floppy, expected uefi or direct",
                  "a way to start that there is not is refused")
    bench.refuses(bad, ("run", "SMP=0"), "expected SMP=1 or more",
                  "make run refuses what the tree's own does")
    main.write_text("int more(void);\nint main(void) { return more(); }\n")
    bench.refuses(bad, (), r"(?s)main\.c:2.*vmbare: more: none of the sources",
                  "a symbol that nothing defines is named, with its line")
    main.write_text("int other(void) { return 0; }\n")
    bench.refuses(bad, (), "vmbare: no source defines main: an application has "
                  r"one function 'int main\(void\)'",
                  "an application without main is told what main is")
    main.unlink()
    (bad / "main.cc").write_text("int main(void) { throw 1; }\n")
    bench.refuses(bad, (), "exception handling disabled",
                  "exceptions of C++ are refused by the compiler")
    (bad / "main.cc").write_text(
        "#include <vector>\nint main(void) { std::vector<int> v; "
        "v.push_back(1); return v.at(2); }\n")
    bench.refuses(bad, (), "vmbare: .*the C\\+\\+ library",
                  "what needs the code of the C++ library is told so")
    (bad / "main.cc").write_text("int main(void) { return 1; }\n")
    bench.refuses(bad, ("run", "HOST=minihv"), "verdict: failed",
                  "an application that fails makes make run fail",
                  CFLAGS="--no-such-flag", APP="a b")


def check_broken(bench: Bench) -> None:
    """Last, because it takes a part of the SDK away."""
    (bench.sdk / "lib/libsystem.a").unlink()
    bench.refuses(bench.work / "hello", (), "expected a whole SDK",
                  "an SDK of which a part is missing is refused")


def main() -> int:
    if len(sys.argv) != 3:
        sys.exit("usage: sdk_test.py MAKE BUILD")
    out = tap.Tap()
    with tempfile.TemporaryDirectory(prefix="vmbare-sdk-") as folder:
        bench = Bench(out, Path(folder))
        if install(bench, *sys.argv[1:]):
            check_hidden(bench)
            check_names(bench)
            check_examples(bench)
            check_mixed(bench)
            check_heap(bench)
            check_wdk(bench)
            check_same(bench)
            check_media(bench)
            check_files(bench)
            check_refusals(bench)
            check_broken(bench)
    return out.end()


if __name__ == "__main__":
    sys.exit(main())

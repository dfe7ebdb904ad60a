#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-2-Clause
"""Does tools/lint/verdict keep a verdict for the same bytes alone? The tool
here counts its runs, and refuses a source that says 'bad'."""
import pathlib
import subprocess
import sys
import tempfile
import unittest

TOP = pathlib.Path(__file__).resolve().parents[2]
TOOL = """#!/bin/sh
echo run >>runs
! grep -n bad source.c
"""


class Verdict(unittest.TestCase):
    """A source with a header, and the compiler's list of both."""

    def setUp(self):
        self.folder = tempfile.TemporaryDirectory()
        self.root = pathlib.Path(self.folder.name) / "tree"
        self.root.mkdir()
        self.write("source.c", "int x;\n")
        self.write("header.h", "int y;\n")
        self.write("config", "all\n")
        self.write("x.d", "x.ok: source.c \\\n  header.h\n\nheader.h:\n")
        self.write("tool", TOOL)

    def tearDown(self):
        self.folder.cleanup()

    def write(self, name, text):
        (self.root / name).write_text(text)
        (self.root / name).chmod(0o755)

    def ask(self, *words):
        """Exit status and output of a run with these arguments."""
        done = subprocess.run(
            [TOP / "tools/lint/verdict", "../passed", "x.d", "config", "--",
             "./tool", *words], cwd=self.root, text=True, check=False,
            stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
        return done.returncode, done.stdout

    def runs(self):
        return (self.root / "runs").read_text().count("run")

    def expect_another_run(self, *words):
        before = self.runs()
        self.assertEqual(self.ask(*words), (0, ""))
        self.assertEqual(self.runs(), before + 1)

    def test_what_passed_is_not_looked_at_again(self):
        self.assertEqual(self.ask(), (0, ""))
        self.assertEqual(self.ask(), (0, ""))
        self.assertEqual(self.runs(), 1)

    def test_each_file_and_word_counts(self):
        self.assertEqual(self.ask(), (0, ""))
        for name in ("source.c", "header.h", "config"):
            self.write(name, (self.root / name).read_text() + "\n")
            self.expect_another_run()
        self.expect_another_run("--more")
        self.expect_another_run("--mo", "re")

    def test_a_name_counts(self):
        self.assertEqual(self.ask(), (0, ""))
        (self.root / "header.h").rename(self.root / "other.h")
        self.write("x.d", "x.ok: source.c other.h\n")
        self.expect_another_run()

    def test_a_refusal_is_not_kept(self):
        self.write("source.c", "int bad;\n")
        for number in (1, 2):
            self.assertEqual(self.ask(), (1, "1:int bad;\n"))
            self.assertEqual(self.runs(), number)
        self.write("source.c", "int x;\n")
        self.assertEqual(self.ask(), (0, ""))

    def test_another_copy_of_the_tree_has_the_same_verdicts(self):
        self.assertEqual(self.ask(f"-I{self.root}"), (0, ""))
        self.root = self.root.rename(self.root.parent / "copy")
        self.assertEqual(self.ask(f"-I{self.root}"), (0, ""))
        self.assertEqual(self.runs(), 1)

    def test_a_file_that_is_gone_is_no_verdict(self):
        (self.root / "header.h").unlink()
        status, output = self.ask()
        self.assertNotEqual(status, 0)
        self.assertIn("header.h", output)
        self.assertFalse((self.root / "runs").exists())


if __name__ == "__main__":
    sys.exit(not unittest.main(exit=False).result.wasSuccessful())

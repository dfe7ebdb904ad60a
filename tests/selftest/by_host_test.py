"""The table of suites by host says what ran, and what failed."""
from __future__ import annotations

import sys
import unittest
from pathlib import Path

TESTS = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(TESTS))

import by_host  # noqa: E402
from suite import Outcome  # noqa: E402

ENTRIES = [("boot", "one", "a"), ("boot", "two", "b"), ("faults", "one", "c")]


class ByHostTest(unittest.TestCase):
    def test_nothing_ran(self) -> None:
        self.assertEqual(by_host.table(ENTRIES, {}), [])

    def test_passed_failed_and_not_run(self) -> None:
        good, bad = Outcome("a"), Outcome("c")
        good.passed = 3
        bad.fail("c: something")
        lines = by_host.table(ENTRIES, {"a": good, "c": bad})
        self.assertIn("3 passed", lines[1])
        self.assertTrue(lines[1].endswith("-"))
        self.assertIn("1 FAILED", lines[2])

    def test_the_table_names_suites_that_exist(self) -> None:
        made = (TESTS / "system" / "rules.mk").read_text()
        for _, _, suite in by_host.read(TESTS / "by_host.tsv"):
            if suite not in ("minihv", "linux", "kmcl-minihv"):
                self.assertIn(suite, made)


if __name__ == "__main__":
    unittest.main()

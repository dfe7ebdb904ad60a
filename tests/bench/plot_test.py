#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-2-Clause
"""The plots of `make bench`: bars are as long as the values say."""
from __future__ import annotations

import sys
from pathlib import Path

import plot
from history import Entry

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

import tap  # noqa: E402


def history_of(*values: float) -> dict[str, list[Entry]]:
    return {"a.b": [Entry("a.b", f"2026-11-{day:02}", value, "bytes", f"why{day}")
                    for day, value in enumerate(values, 1)]}


def test_half_the_value_is_half_the_bar() -> None:
    name, first, second, _ = plot.plots(history_of(200, 100), {}).split("\n")
    assert name == "a.b (bytes)"
    assert first.split() == ["2026-11-01", "200", "#" * 40, "why1"], first
    assert second.split() == ["2026-11-02", "100", "#" * 20, "-50.0", "%",
                              "why2"], second


def test_a_rise_makes_the_last_bar_the_longest() -> None:
    lines = plot.plots(history_of(100, 125), {}).split("\n")
    assert [line.count("#") for line in lines[1:3]] == [32, 40]
    assert "+25.0 %" in lines[2]


def test_a_measured_value_that_differs_is_drawn_as_now() -> None:
    lines = plot.plots(history_of(100), {"a.b": (50, "bytes")}).split("\n")
    assert lines[2].split()[:3] == ["now", "50", "#" * 20], lines


def test_a_figure_that_never_changed_is_counted_and_not_drawn() -> None:
    for measured in ({}, {"a.b": (100, "bytes")}):
        assert plot.plots(history_of(100), measured) == \
            "1 of 1 stored figures never changed."


def test_nothing_has_no_bar_and_the_least_has_one_column() -> None:
    lines = plot.plots(history_of(0, 1, 1000), {}).split("\n")
    assert [line.count("#") for line in lines[1:4]] == [0, 1, 40]
    assert "from 0" in lines[2]
    assert "#" not in plot.plots(history_of(0), {"a.b": (0, "bytes")})


if __name__ == "__main__":
    sys.exit(tap.run(globals()))

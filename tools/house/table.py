# SPDX-License-Identifier: BSD-2-Clause
"""Measured values as a file, as tables, and beside their limits.

A file of values has lines 'room, measure, value' with tabs between. The file
of limits has lines 'room, measure, limit, goal': a value that is worse than
the limit is an error; the goal is only shown.
"""
import math

import measures
import tree

DELIVERY = "delivery"  # the room of the figures of tests/bench/delivery


def rows(path, columns):
    with open(path, encoding="utf-8") as lines:
        for number, line in enumerate(lines, 1):
            if line.startswith("#") or not line.strip():
                continue
            fields = line.rstrip("\n").split("\t")
            if len(fields) != columns:
                raise SystemExit(f"{path}:{number}: expected {columns} fields "
                                 f"with tabs between, found {len(fields)}")
            yield fields


def read(path):
    """{(room, measure): value}"""
    return {(room, measure): float(value)
            for room, measure, value in rows(path, 3)}


def read_limits(path):
    """{(room, measure): (limit, goal)}"""
    return {(room, measure): (float(limit), float(goal))
            for room, measure, limit, goal in rows(path, 4)}


def show(value):
    if value is None:
        return "-"
    return f"{value:.0f}" if value == int(value) else f"{value:.2f}"


def is_worse(measure, value, limit):
    known = measures.BY_NAME.get(measure)
    if known and known.better == ">=":
        # As shown: a share is held to two digits.
        return math.floor(value * 100 + 0.5) < math.floor(limit * 100 + 0.5)
    return value > limit


def cure_of(measure):
    known = measures.BY_NAME.get(measure)
    return known.cure if known else (
        "see make trace-delivery for what takes the locks and reads the ring")


def failures(values, limits):
    for (room, measure), (limit, _) in sorted(limits.items()):
        value = values.get((room, measure))
        if value is None:
            yield (f"{room}: {measure}: there is a limit, but nothing was "
                   "measured: correct the room in tools/house/limits")
        elif is_worse(measure, value, limit):
            yield (f"{room}: {measure}: found {show(value)}, the limit is "
                   f"{show(limit)}: {cure_of(measure)}; "
                   f'`make house-places PLACES="{room} {measure}"` shows '
                   "where")


def line(cells, widths):
    text = "  ".join(str(cell).rjust(width) if at else str(cell).ljust(width)
                     for at, (cell, width) in enumerate(zip(cells, widths)))
    return text.rstrip()


def grid(head, body):
    widths = [max(len(str(row[at])) for row in [head] + body)
              for at in range(len(head))]
    return [line(head, widths), line(["-" * w for w in widths], widths)] + \
        [line(row, widths) for row in body]


def layer_tables(before, after, limits):
    """For each measure its values by layer, before and after."""
    rooms = [r for r in tree.TOPS + (tree.PROTOCOL, tree.IMAGE)
             if any(key[0] == r for key in {**before, **after})]
    body = []
    for measure in measures.MEASURES:
        name = measure.name
        for title, values in (("before", before), ("now", after), (
                "limit", {k: v[0] for k, v in limits.items()}), (
                "goal", {k: v[1] for k, v in limits.items()})):
            cells = [values.get((r, measure.name)) for r in rooms]
            if any(cell is not None for cell in cells):
                body.append([name, title] + list(map(show, cells)))
                name = ""
    return grid(["measure", ""] + rooms, body)


FOLDER_COLUMNS = ("files", "lines", "floors", "arrows_up", "in_circles",
                  "comments_c", "no_contract", "booleans", "unreached")


def folder_table(values):
    rooms = sorted({room for room, _ in values if "/" in room},
                   key=tree.place)
    return grid(["folder"] + list(FOLDER_COLUMNS),
                [[room] + [show(values.get((room, c))) for c in FOLDER_COLUMNS]
                 for room in rooms])


def delivery_table(before, after, limits):
    names = sorted(m for room, m in {**before, **after} if room == DELIVERY)
    body = []
    for name in dict.fromkeys(names):
        key = (DELIVERY, name)
        limit, goal = limits.get(key, (None, None))
        body.append([name] + [show(v) for v in (
            before.get(key), after.get(key), limit, goal)])
    return grid(["one lone packet", "before", "now", "limit", "goal"], body)

# SPDX-License-Identifier: BSD-2-Clause
"""Prints what callgrind counted for each scenario of KMCL's benchmark.

A figure is the inclusive cost of the functions count_NAME of inside.c, for each
of their calls.
"""
import sys

sys.path.insert(0, "tests/bench/ring")
from count import calls_below  # noqa: E402

FIGURES = {
    "send.64": ["count_send"],
    "event.64": ["count_event"],
    "send_complete.64": ["count_send", "count_event"],
    "receive_answer.64": ["count_receive"],
    "in_flight.10000.send": ["count_send_crowded"],
    "in_flight.10000.complete": ["count_event_crowded"],
}


def costs(path):
    """{count_NAME: instructions of one call}"""
    below = calls_below(path)
    return {caller: sum(spent for _, spent in called.values()) /
            sum(known[caller][0] for known in below.values()
                if caller in known)
            for caller, called in below.items() if caller.startswith("count_")}


def main(path):
    cost = costs(path)
    for name, counted in FIGURES.items():
        print(f"kmcl.{name}.instructions\t"
              f"{sum(cost[part] for part in counted):.0f}\tinstructions")


main(sys.argv[1])

# SPDX-License-Identifier: BSD-2-Clause
"""Prints the instructions of one VmbPacketSend and of its completing event.

They are the inclusive costs of count_send and count_event in callgrind's file.
"""
import sys

sys.path.insert(0, "tests/bench/ring")
from count import calls_below  # noqa: E402

rounds = int(sys.argv[2])
cost = {}
for caller, below in calls_below(sys.argv[1]).items():
    if caller.startswith("count_"):
        cost[caller] = sum(spent for _, spent in below.values()) / rounds
for name, counted in (("send.64", "count_send"), ("event.64", "count_event")):
    print(f"kmcl.{name}.instructions\t{cost[counted]:.0f}\tinstructions")
print("kmcl.send_complete.64.instructions\t"
      f"{sum(cost.values()):.0f}\tinstructions")

# SPDX-License-Identifier: BSD-2-Clause
"""TAP that the guest prints itself, folded into one result of the run."""
from __future__ import annotations

import re

from host import Result

RESULT = re.compile(r"^(not ok|ok) \d+ - (.*?)\r?$", re.M)
PLAN = re.compile(r"^1\.\.(\d+)\r?$", re.M)


def inner_tap(result: Result) -> str | None:
    """All results of the guest's own TAP are ok, and none is missing."""
    found = RESULT.findall(result.serial)
    bad = [name for verdict, name in found if verdict == "not ok"]
    if bad:
        return f"expected all checks in the guest to hold, failed: {bad}"
    plan = PLAN.search(result.serial)
    if plan is None or int(plan[1]) != len(found) or not found:
        return (f"expected as many results as planned, found {len(found)}, "
                f"planned {plan[1] if plan else 'nothing'}")
    return None

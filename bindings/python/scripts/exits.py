"""Runs many processes that end with calls in flight: none may abort, hang or end with another status than 0.

python scripts/exits.py [how many, 1000 where it is not said]
python scripts/exits.py daemons [how many of each kind, 3000 where it is not said]

The second prints a table about processes that end while daemon threads are at work, beside a control without
payglot.
"""

from __future__ import annotations

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1] / "tests"))

from exits import CONTROL_KIND, DAEMONS, Result, run_daemons, run_exits


def show(result: Result) -> None:
    """Print what went wrong."""
    for problem in result.failures:
        print(problem, file=sys.stderr)


def exits(count: int) -> bool:
    """Whether all processes ended well that ended with calls in flight."""
    result = run_exits(count)
    show(result)
    print(
        f"exits: {result.runs} processes ended with calls in flight, {len(result.failures)} failed, "
        f"slowest {result.slowest * 1000:.0f} ms"
    )
    return not result.failures


def daemons(count: int) -> bool:
    """Whether all processes ended well that ended with daemon threads at work, except for the control's."""
    print("| daemon threads at work | processes | failed | failed, memory perturbed | slowest |")
    print("| --- | ---: | ---: | ---: | ---: |")
    failed = 0
    for kind in (*DAEMONS, CONTROL_KIND):
        usual, perturbed = (run_daemons(kind, count, perturbed=perturbed) for perturbed in (False, True))
        if kind != CONTROL_KIND:
            show(usual)
            show(perturbed)
            failed += len(usual.failures) + len(perturbed.failures)
        slowest = max(usual.slowest, perturbed.slowest) * 1000
        print(
            f"| {kind} | {usual.runs} + {perturbed.runs} | {len(usual.failures)} | "
            f"{len(perturbed.failures)} | {slowest:.0f} ms |",
            flush=True,
        )
    return not failed


if sys.argv[1:2] == ["daemons"]:
    is_well = daemons(int(sys.argv[2]) if len(sys.argv) > 2 else 3000)
else:
    is_well = exits(int(sys.argv[1]) if len(sys.argv) > 1 else 1000)
sys.exit(not is_well)

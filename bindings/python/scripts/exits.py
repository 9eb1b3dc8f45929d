"""Runs many processes that end with calls in flight: none may abort, hang or end with another status than 0.

python scripts/exits.py [how many, 1000 where it is not said]
"""

from __future__ import annotations

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1] / "tests"))

from exits import run_exits

result = run_exits(int(sys.argv[1]) if len(sys.argv) > 1 else 1000)
for problem in result.failures:
    print(problem, file=sys.stderr)
print(
    f"exits: {result.runs} processes ended with calls in flight, {len(result.failures)} failed, "
    f"slowest {result.slowest * 1000:.0f} ms"
)
sys.exit(bool(result.failures))

"""Memory after a first call, in KB over a bare interpreter: `budget.py URL`."""

from __future__ import annotations

import sys

from common import ID, PLATFORM_ID, SECRET


def resident() -> int:
    with open("/proc/self/status") as status:
        return next(int(line.split()[1]) for line in status if line.startswith("VmRSS:"))


if __name__ == "__main__":
    before = resident()

    from payglot import PaywintPlatform

    client = PaywintPlatform(platform_id=PLATFORM_ID, secret_key=SECRET, base_url=sys.argv[1])
    card = client.cards.get(ID)
    assert card is not None
    assert card.card_number
    print(resident() - before)

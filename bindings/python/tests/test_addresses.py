"""Issue 12.16: a name with two addresses, of which the first is silent."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

WORLD = Path(__file__).parents[3] / "tests/addresses/world.py"
NO_WORLD = 77
"""The exit status of a world that cannot be made."""

PROGRAM = """
import asyncio, os, time
from decimal import Decimal
import payglot

given = {"platform_id": "i", "secret_key": "k", "base_url": os.environ["VENDOR_URL"], "max_retries": 0}
given |= {"connect_timeout": 5, "proxy": False}
user = "f47ac10b-58cc-4372-a567-0e02b2c3d479"

def is_quick(began):
    took = time.monotonic() - began
    assert took < 2, f"it took {took} s"

began = time.monotonic()
assert payglot.PaywintPlatform(**given).wallets.get(user).current_balance == Decimal("1.5")
is_quick(began)

async def main():
    async with payglot.AsyncPaywintPlatform(**given) as client:
        assert (await client.wallets.get(user)).current_balance == Decimal("1.5")

began = time.monotonic()
asyncio.run(main())
is_quick(began)
"""


def test_the_second_address_is_tried_while_the_first_is_silent() -> None:
    command = [sys.executable, WORLD, sys.executable, "-c", PROGRAM]
    ran = subprocess.run(command, capture_output=True, text=True, check=False)
    if ran.returncode == NO_WORLD:
        pytest.skip("names cannot be given addresses here")
    assert ran.returncode == 0, ran.stderr

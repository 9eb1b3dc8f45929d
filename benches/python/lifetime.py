"""Whether anything grows over many clients and many calls: `lifetime.py clients|calls URL COUNT`.

Prints a line for each tenth: how many, KB of memory, open files. Calls are made 32 at a time on one loop;
clients are used once each, in turns with and without a loop.
"""

from __future__ import annotations

import asyncio
import gc
import os
import sys

from payglot import AsyncPaywintPlatform, PaywintPlatform

from budget import resident
from common import ID, PLATFORM_ID, SECRET

AT_ONCE = 32


def report(done: int) -> None:
    gc.collect()
    print(done, resident(), len(os.listdir("/proc/self/fd")), flush=True)


async def calls(url: str, count: int) -> None:
    async with AsyncPaywintPlatform(platform_id=PLATFORM_ID, secret_key=SECRET, base_url=url) as client:
        for tenth in range(1, 11):
            left = iter(range(count // 10))

            async def work(left: object = left) -> None:
                for _ in left:  # type: ignore[attr-defined]
                    await client.cards.get(ID)

            await asyncio.gather(*[work() for _ in range(AT_ONCE)])
            report(count * tenth // 10)


async def clients(url: str, count: int) -> None:
    for number in range(1, count + 1):
        if number % 2:
            PaywintPlatform(platform_id=PLATFORM_ID, secret_key=SECRET, base_url=url).cards.get(ID)
        else:
            await AsyncPaywintPlatform(platform_id=PLATFORM_ID, secret_key=SECRET, base_url=url).cards.get(ID)
        if number % (count // 10) == 0:
            report(number)


if __name__ == "__main__":
    _, what, host, how_many = sys.argv
    asyncio.run({"calls": calls, "clients": clients}[what](host, int(how_many)))

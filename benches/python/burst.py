"""Calls begun at once: `burst.py payglot|pyreqwest|aiohttp|httpx URL SECONDS CALLS`, all under uvloop.

Prints calls, seconds until the last has ended, seconds of processor time, latency at 50 and 99 per cent in
microseconds, and bytes of memory for each call above what a hundred before took. SECONDS is not used.
"""

from __future__ import annotations

import asyncio
import sys
import time
from collections.abc import Awaitable, Callable
from datetime import timedelta

import uvloop

from common import CARD, ID, PLATFORM_ID, SECRET, check, memory, percentiles, signed

CONNECTIONS = 100
"""As many as payglot has unless it is told otherwise."""
TIMEOUT = 300


async def burst(call: Callable[[], Awaitable[None]], count: int) -> None:
    latencies: list[float] = []

    async def one() -> None:
        started = time.perf_counter()
        await call()
        latencies.append(time.perf_counter() - started)

    await asyncio.gather(*(one() for _ in range(CONNECTIONS)))
    latencies.clear()
    before = memory("VmRSS")
    started, processor = time.perf_counter(), time.process_time()
    await asyncio.gather(*(one() for _ in range(count)))
    seconds, processor = time.perf_counter() - started, time.process_time() - processor
    each = (memory("VmHWM") - before) * 1024 // count
    print(count, seconds, processor, percentiles(latencies), each, flush=True)


async def payglot(url: str, count: int) -> None:
    from payglot import AsyncPaywintPlatform

    async with AsyncPaywintPlatform(
        platform_id=PLATFORM_ID, secret_key=SECRET, base_url=url, timeout=TIMEOUT
    ) as client:

        async def call() -> None:
            card = await client.cards.get(ID)
            if card.card_id is None or card.is_blocked is not False:
                raise ValueError("a response without its fields")

        await burst(call, count)


async def pyreqwest(url: str, count: int) -> None:
    from pyreqwest.client import ClientBuilder

    builder = ClientBuilder().base_url(url).error_for_status().max_connections(CONNECTIONS)
    async with builder.timeout(timedelta(seconds=TIMEOUT)).build() as client:

        async def call() -> None:
            response = await client.get(CARD).headers(signed("GET", CARD)).build().send()
            check((await response.json())["data"])

        await burst(call, count)


async def aiohttp(url: str, count: int) -> None:
    import aiohttp

    connector = aiohttp.TCPConnector(limit=CONNECTIONS)
    async with aiohttp.ClientSession(url, raise_for_status=True, connector=connector) as session:

        async def call() -> None:
            async with session.get(CARD, headers=signed("GET", CARD)) as response:
                check((await response.json())["data"])

        await burst(call, count)


async def httpx(url: str, count: int) -> None:
    import httpx

    limits = httpx.Limits(max_connections=CONNECTIONS)
    async with httpx.AsyncClient(base_url=url, limits=limits, timeout=TIMEOUT) as client:

        async def call() -> None:
            response = await client.get(CARD, headers=signed("GET", CARD))
            check(response.raise_for_status().json()["data"])

        await burst(call, count)


if __name__ == "__main__":
    main = {"payglot": payglot, "pyreqwest": pyreqwest, "aiohttp": aiohttp, "httpx": httpx}[sys.argv[1]]
    uvloop.run(main(sys.argv[2], int(sys.argv[4])))

"""Small calls beside large ones: `beside.py payglot|aiohttp URL SECONDS`, 8 small ones in flight.

Prints small calls, seconds, seconds of processor time, and latency of small calls at 50 and 99 per cent in
microseconds, all under uvloop. Of a large response the first record is read.
"""

from __future__ import annotations

import asyncio
import sys
import time
from collections.abc import Awaitable, Callable

import uvloop

from common import CARD, ID, PAYMENTS, PLATFORM_ID, SECRET, Meter, check, percentiles, signed

IN_FLIGHT = 8


async def beside(
    small: Callable[[], Awaitable[None]], large: Callable[[], Awaitable[None]], seconds: float
) -> None:
    latencies: list[float] = []

    async def smalls(until: float) -> None:
        while (started := time.perf_counter()) < until:
            await small()
            latencies.append(time.perf_counter() - started)

    async def larges(until: float) -> None:
        while time.perf_counter() < until:
            await large()

    await asyncio.gather(small(), large())
    meter, until = Meter(), time.perf_counter() + seconds
    await asyncio.gather(larges(until), *(smalls(until) for _ in range(IN_FLIGHT)))
    meter.report(len(latencies), percentiles(latencies))


async def payglot(url: str, seconds: float) -> None:
    from payglot import AsyncPaywintPlatform

    async with AsyncPaywintPlatform(
        platform_id=PLATFORM_ID, secret_key=SECRET, base_url=url, max_response_bytes=1 << 26
    ) as client:

        async def small() -> None:
            card = await client.cards.get(ID)
            if card.card_id is None or card.is_blocked is not False:
                raise ValueError("a response without its fields")

        async def large() -> None:
            page = await client.payments.list_received(ID)
            if page.records[0].payment_id is None:
                raise ValueError("a page without payments")

        await beside(small, large, seconds)


async def aiohttp(url: str, seconds: float) -> None:
    import aiohttp

    async with aiohttp.ClientSession(url, raise_for_status=True) as session:

        async def small() -> None:
            async with session.get(CARD, headers=signed("GET", CARD)) as response:
                check((await response.json())["data"])

        async def large() -> None:
            body = b'{"page_no":1,"rows_per_page":100}'
            headers = {**signed("POST", PAYMENTS, body), "Content-Type": "application/json"}
            async with session.post(PAYMENTS, data=body, headers=headers) as response:
                if not (await response.json())["records"][0]["payment_id"]:
                    raise ValueError("a page without payments")

        await beside(small, large, seconds)


if __name__ == "__main__":
    uvloop.run({"payglot": payglot, "aiohttp": aiohttp}[sys.argv[1]](sys.argv[2], float(sys.argv[3])))

"""Asynchronous calls, 32 in flight: `calls_async.py payglot|pyreqwest|aiohttp|httpx URL SECONDS [IN_FLIGHT]`.

All of them run under uvloop, which is faster for each.
"""

from __future__ import annotations

import os
import sys

import uvloop

from common import CARD, HTTP2, ID, PLATFORM_ID, SECRET, check, rate_async, signed, trusting

IN_FLIGHT = int(sys.argv[4]) if len(sys.argv) > 4 else 32


async def payglot(url: str, seconds: float) -> None:
    from payglot import AsyncPaywintPlatform

    async with AsyncPaywintPlatform(platform_id=PLATFORM_ID, secret_key=SECRET, base_url=url) as client:
        cards = client.cards

        async def call() -> int:
            card = await cards.get(ID)
            fields = (card.card_id, card.card_number, card.card_exp, card.first_name)
            if not all(fields) or card.is_blocked is not False:
                raise ValueError("a response without its fields")
            return 1

        await rate_async(call, seconds, IN_FLIGHT)


async def pyreqwest(url: str, seconds: float) -> None:
    from pyreqwest.client import ClientBuilder

    async with trusting(ClientBuilder()).base_url(url).error_for_status().build() as client:

        async def call() -> int:
            response = await client.get(CARD).headers(signed("GET", CARD)).build().send()
            check((await response.json())["data"])
            return 1

        await rate_async(call, seconds, IN_FLIGHT)


async def aiohttp(url: str, seconds: float) -> None:
    import aiohttp

    async with aiohttp.ClientSession(url, raise_for_status=True) as session:

        async def call() -> int:
            async with session.get(CARD, headers=signed("GET", CARD)) as response:
                check((await response.json())["data"])
            return 1

        await rate_async(call, seconds, IN_FLIGHT)


async def httpx(url: str, seconds: float) -> None:
    import httpx

    async with httpx.AsyncClient(base_url=url, http2=HTTP2) as client:

        async def call() -> int:
            response = await client.get(CARD, headers=signed("GET", CARD))
            check(response.raise_for_status().json()["data"])
            return 1

        await rate_async(call, seconds, IN_FLIGHT)


if __name__ == "__main__":
    main = {"payglot": payglot, "pyreqwest": pyreqwest, "aiohttp": aiohttp, "httpx": httpx}[sys.argv[1]]
    if os.environ.get("BENCH_LOOP") == "asyncio":
        import asyncio

        asyncio.run(main(sys.argv[2], float(sys.argv[3])))
    else:
        uvloop.run(main(sys.argv[2], float(sys.argv[3])))

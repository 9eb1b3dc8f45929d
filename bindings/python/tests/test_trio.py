"""Issue 12.32: under trio an awaited call says what to do instead, and that works."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from functools import partial

import payglot
import pytest
import trio
from conftest import USER
from scripted import Server, data

Make = Callable[..., payglot.AsyncPaywintPlatform]
Call = Callable[[payglot.AsyncPaywintPlatform], Awaitable[None]]

WHAT_TO_DO = (
    r"no asyncio event loop is running here; nothing was sent\. Under trio, .*trio\.to_thread\.run_sync"
)


async def wallet(client: payglot.AsyncPaywintPlatform) -> None:
    await client.wallets.get(USER)


async def raw(client: payglot.AsyncPaywintPlatform) -> None:
    await client.with_raw_response.wallets.get(USER)


async def request(client: payglot.AsyncPaywintPlatform) -> None:
    await client.request("GET", "/api/x")


async def first_page(client: payglot.AsyncPaywintPlatform) -> None:
    await client.users.list()


async def all_users(client: payglot.AsyncPaywintPlatform) -> None:
    async for _ in client.users.list():
        pass


@pytest.mark.parametrize("call", [wallet, raw, request, first_page, all_users])
def test_an_awaited_call_says_what_to_do(server: Server, async_platform: Make, call: Call) -> None:
    with pytest.raises(RuntimeError, match=WHAT_TO_DO):
        trio.run(call, async_platform())
    assert server.requests == []


def test_what_it_says_works(server: Server, platform: payglot.PaywintPlatform) -> None:
    server.play(data({"user_id": "u"}))

    async def main() -> list[str | None]:
        found: list[str | None] = []

        async def one() -> None:
            got = await trio.to_thread.run_sync(partial(platform.wallets.get, USER))
            found.append(got.user_id if got else None)

        async with trio.open_nursery() as nursery:
            for _ in range(3):
                nursery.start_soon(one)
        return found

    assert trio.run(main) == ["u", "u", "u"]

"""The asyncio clients on uvloop: many calls, cancelling, pages, and Ctrl-C."""

from __future__ import annotations

import asyncio
import signal
import subprocess
import time
from collections.abc import Callable
from typing import Any

import payglot
import pytest
import uvloop
from conftest import USER
from scripted import Hang, Reply, Server, data, records

Make = Callable[..., payglot.AsyncPaywintPlatform]


def test_many_calls_at_once(server: Server, async_platform: Make) -> None:
    server.play(data({"user_id": "u"}))

    async def many() -> None:
        assert type(asyncio.get_running_loop()).__module__.startswith("uvloop")
        async with async_platform() as client:
            for _ in range(5):
                wallets = await asyncio.gather(*[client.wallets.get(USER) for _ in range(50)])
                assert all(wallet and wallet.user_id == "u" for wallet in wallets)

    uvloop.run(many())
    assert len(server.requests) == 250


def test_cancelling_and_timeouts(server: Server, async_platform: Make) -> None:
    server.play(Hang())

    async def cancelled() -> None:
        async with async_platform() as client:
            with pytest.raises(asyncio.TimeoutError):
                await asyncio.wait_for(client.wallets.get(USER), 0.1)
            with pytest.raises(payglot.APITimeoutError):
                await client.wallets.get(USER, timeout=0.1)

    uvloop.run(cancelled())


def test_pages(server: Server, async_platform: Make) -> None:
    def page(request: Any) -> Reply:
        first = 10 * request.json["page_no"] - 10
        return records([{"user_id": str(number)} for number in range(first, first + 10)], 30)

    server.play(page)

    async def all_users() -> int:
        async with async_platform() as client:
            return len([user async for user in client.users.list(rows_per_page=10)])

    assert uvloop.run(all_users()) == 30


def test_ctrl_c(server: Server, start_python: Callable[[str], subprocess.Popen[str]]) -> None:
    server.play(Hang())
    process = start_python("import uvloop; uvloop.run(AsyncClient().wallets.get(USER))")
    while not server.requests:
        time.sleep(0.005)
    process.send_signal(signal.SIGINT)
    _, err = process.communicate(timeout=10)
    assert "KeyboardInterrupt" in err


def test_loops_one_after_the_other(server: Server, async_platform: Make) -> None:
    server.play(data({"user_id": "u"}))
    client = async_platform()
    for run in (uvloop.run, asyncio.run, uvloop.run):
        wallet = run(client.wallets.get(USER))
        assert wallet is not None and wallet.user_id == "u"

"""The asyncio clients: concurrency, cancelling, loops that come and go, loops without readers."""

from __future__ import annotations

import asyncio
import gc
import time
from collections.abc import Callable
from typing import Any

import payglot
import pytest
from conftest import USER
from scripted import Drop, Hang, Reply, Server, data

AsyncPlatform = Callable[..., payglot.AsyncPaywintPlatform]
Run = Callable[[str], str]


class LoopWithoutReaders(asyncio.SelectorEventLoop):
    """Like the loops of Windows: no `add_reader`. Only what asyncio itself needs gets one."""

    def add_reader(self, *args: Any) -> None:  # type: ignore[override]
        raise NotImplementedError


LOOPS = [asyncio.SelectorEventLoop, LoopWithoutReaders]


def run(make: Callable[[], asyncio.AbstractEventLoop], main: Any) -> Any:
    loop = make()
    try:
        return loop.run_until_complete(main)
    finally:
        loop.close()


@pytest.mark.parametrize("loop", LOOPS)
def test_many_at_once(server: Server, async_platform: AsyncPlatform, loop: Any) -> None:
    server.play(lambda request: data({"user_id": request.path.rpartition("/")[2]}))
    users = [f"f47ac10b-58cc-4372-a567-{number:012}" for number in range(100)]

    async def main() -> list[str | None]:
        async with async_platform() as client:
            wallets = await asyncio.gather(*[client.wallets.get(user) for user in users])
            return [wallet.user_id for wallet in wallets if wallet is not None]

    assert run(loop, main()) == users


@pytest.mark.parametrize("loop", LOOPS)
def test_errors(server: Server, async_platform: AsyncPlatform, loop: Any) -> None:
    async def main() -> None:
        client = async_platform()
        server.play(Reply(404, '{"message": "none"}'))
        with pytest.raises(payglot.NotFoundError, match="none"):
            await client.wallets.get(USER)
        with pytest.raises(payglot.InvalidRequestError):
            await client.wallets.get("x")
        server.play(Drop())
        with pytest.raises(payglot.OutcomeUnknownError):
            await client.wallets.fund(USER, amount=1, bank_id=USER)
        assert len(server.requests) == 1

    run(loop, main())


@pytest.mark.parametrize("loop", LOOPS)
def test_cancelling_stops_the_request(server: Server, async_platform: AsyncPlatform, loop: Any) -> None:
    async def main() -> None:
        client = async_platform()
        server.play(Hang())
        started = time.monotonic()
        with pytest.raises(asyncio.TimeoutError):
            await asyncio.wait_for(client.wallets.get(USER), 0.05)
        call = asyncio.ensure_future(client.wallets.get(USER))
        await asyncio.sleep(0.05)
        call.cancel()
        with pytest.raises(asyncio.CancelledError):
            await call
        assert time.monotonic() - started < 2
        server.play(data({"user_id": USER}))
        assert await client.wallets.get(USER)
        assert len(server.requests) == 1

    run(loop, main())


def test_one_client_two_loops(server: Server, async_platform: AsyncPlatform) -> None:
    server.play(data({"user_id": USER}))
    client = async_platform()

    async def main() -> int:
        wallets = await asyncio.gather(*[client.wallets.get(USER) for _ in range(10)])
        return len([wallet for wallet in wallets if wallet])

    assert asyncio.run(main()) == 10
    assert asyncio.run(main()) == 10


def test_raw_and_any_request(server: Server, async_platform: AsyncPlatform) -> None:
    async def main() -> None:
        client = async_platform()
        server.play(data({"user_id": USER}))
        raw = await client.with_raw_response.wallets.get(USER)
        wallet = raw.parse()
        assert raw.status == 200 and wallet is not None and wallet.user_id == USER
        response = await client.request("GET", "/x", replay="read")
        assert response.parse()["data"] == {"user_id": USER}

    asyncio.run(main())


def test_without_a_loop(server: Server, async_platform: AsyncPlatform) -> None:
    call = async_platform().wallets.get(USER)
    with pytest.raises(RuntimeError, match="no asyncio event loop is running here; nothing was sent"):
        call.send(None)
    assert server.requests == []


@pytest.mark.parametrize("loop", LOOPS)
@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")
def test_a_loop_closed_over_calls_in_flight(server: Server, async_platform: AsyncPlatform, loop: Any) -> None:
    def answer_late(_: object) -> Reply:
        time.sleep(0.1)
        return data({})

    server.play(answer_late)

    async def main() -> None:
        client = async_platform()
        left = [asyncio.ensure_future(client.wallets.get(USER)) for _ in range(5)]
        await asyncio.sleep(0.03)
        for call in left:
            # They are meant to be left behind.
            call._log_destroy_pending = False  # type: ignore[attr-defined]

    run(loop, main())
    time.sleep(0.2)
    gc.collect()


def test_queues_go_with_their_loops(server: Server, async_platform: AsyncPlatform) -> None:
    import os

    server.play(data({}))
    client = async_platform()

    async def main() -> None:
        await client.wallets.get(USER)

    asyncio.run(main())
    gc.collect()
    before = len(os.listdir("/proc/self/fd"))
    for _ in range(10):
        asyncio.run(main())
    gc.collect()
    assert len(os.listdir("/proc/self/fd")) <= before + 2


def test_sync_and_async_side_by_side(
    server: Server, platform: payglot.PaywintPlatform, async_platform: AsyncPlatform
) -> None:
    server.play(data({"user_id": USER}))

    async def main() -> None:
        client = async_platform()
        both = await asyncio.gather(client.wallets.get(USER), asyncio.to_thread(platform.wallets.get, USER))
        assert both[0] == both[1]

    asyncio.run(main())

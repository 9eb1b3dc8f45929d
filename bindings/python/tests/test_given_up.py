"""Issue 12.5: a payment that its caller gives up says whether it may have taken effect."""

from __future__ import annotations

import asyncio
import logging
import signal
import socket
import time
from collections.abc import Callable, Iterator
from typing import Any

import payglot
import pytest
from conftest import USER
from scripted import Hang, Server

SAID = "wallets.fund: the call was given up by its caller, and may have taken effect"


def pay(client: Any, **options: Any) -> Any:
    return client.wallets.fund(USER, amount="1.00", bank_id=USER, **options)


def notes(error: BaseException | None) -> list[str]:
    return getattr(error, "__notes__", [])


def warnings(caplog: pytest.LogCaptureFixture) -> list[str]:
    records = [record for record in caplog.records if record.levelno == logging.WARNING]
    assert all(record.name == "payglot" for record in records)
    return [record.getMessage() for record in records]


def is_told(error: BaseException | None, caplog: pytest.LogCaptureFixture) -> bool:
    told = warnings(caplog)
    assert notes(error) == told
    assert all("Before you try again" in text for text in told)
    return len(told) == 1 and told[0].startswith(SAID)


@pytest.fixture
def mute() -> Iterator[str]:
    """A host that accepts connections and never says a word of TLS."""
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        listener.listen()
        yield f"https://127.0.0.1:{listener.getsockname()[1]}"


@pytest.mark.parametrize("is_logged", [False, True])
def test_a_cancelled_payment_has_a_note(
    server: Server, async_platform: Callable[[], Any], caplog: pytest.LogCaptureFixture, is_logged: bool
) -> None:
    caplog.set_level(logging.DEBUG if is_logged else logging.WARNING, "payglot")
    server.play(Hang())

    async def main() -> None:
        client = async_platform()
        for call in (pay(client), pay(client.with_raw_response)):
            task = asyncio.ensure_future(call)
            await asyncio.sleep(0.1)
            task.cancel()
            with pytest.raises(asyncio.CancelledError) as raised:
                await task
            assert is_told(raised.value, caplog)
            caplog.clear()
        with pytest.raises(asyncio.TimeoutError) as timed_out:
            await asyncio.wait_for(pay(client), 0.1)
        assert is_told(timed_out.value.__cause__, caplog)
        caplog.clear()
        request = client.request("POST", "/api/x", json={})
        with pytest.raises(asyncio.TimeoutError):
            await asyncio.wait_for(request, 0.1)
        assert [text.split(":")[0] for text in warnings(caplog)] == ["request"]

    asyncio.run(main())


def test_what_cannot_have_happened_has_none(
    server: Server, async_platform: Callable[[], Any], mute: str, caplog: pytest.LogCaptureFixture
) -> None:
    server.play(Hang())

    async def main() -> None:
        client = async_platform()
        unconnected = payglot.AsyncPaywintPlatform(platform_id="id", secret_key="key", base_url=mute)
        reads = [client.wallets.get(USER), client.request("GET", "/api/x", replay="read")]
        for call in (*reads, pay(unconnected)):
            task = asyncio.ensure_future(call)
            await asyncio.sleep(0.1)
            task.cancel()
            with pytest.raises(asyncio.CancelledError) as raised:
                await task
            assert notes(raised.value) == [] == warnings(caplog)
        # Cancelled before it began.
        task = asyncio.ensure_future(pay(client))
        task.cancel()
        with pytest.raises(asyncio.CancelledError) as raised:
            await task
        assert notes(raised.value) == [] == warnings(caplog)
        # An error of its own is told by its class.
        with pytest.raises(payglot.OutcomeUnknownError) as unknown:
            await pay(client, timeout=0.1)
        assert notes(unknown.value) == [] == warnings(caplog)

    asyncio.run(main())


class Interrupt(BaseException):
    pass


@pytest.mark.parametrize("is_logged", [False, True])
def test_an_interrupted_payment_has_a_note(
    server: Server,
    platform: payglot.PaywintPlatform,
    mute: str,
    caplog: pytest.LogCaptureFixture,
    is_logged: bool,
) -> None:
    caplog.set_level(logging.DEBUG if is_logged else logging.WARNING, "payglot")
    server.play(Hang())

    def interrupt(*_: object) -> None:
        raise Interrupt

    unconnected = payglot.PaywintPlatform(platform_id="id", secret_key="key", base_url=mute)
    previous = signal.signal(signal.SIGALRM, interrupt)
    try:
        for call, may_have_happened in [
            (lambda: pay(platform), True),
            (lambda: pay(platform.with_raw_response), True),
            (lambda: platform.wallets.get(USER), False),
            (lambda: pay(unconnected), False),
            (lambda: pay(unconnected.with_raw_response), False),
        ]:
            started = time.monotonic()
            signal.setitimer(signal.ITIMER_REAL, 0.1)
            with pytest.raises(Interrupt) as raised:
                call()
            assert time.monotonic() - started < 2
            assert is_told(raised.value, caplog) == may_have_happened
            caplog.clear()
    finally:
        signal.signal(signal.SIGALRM, previous)

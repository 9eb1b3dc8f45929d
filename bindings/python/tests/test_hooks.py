"""Hooks of clients, and the request id of results (issues 15.2 and 15.6)."""

from __future__ import annotations

import asyncio
import gc
import logging
import weakref
from collections.abc import Callable
from typing import Any

import payglot
import pytest
from conftest import USER
from scripted import Drop, Reply, Server, data, records

MakeAsync = Callable[..., payglot.AsyncPaywintPlatform]
RETRIED = (
    Reply(503, "{}", {"retry-after": "0", "x-request-id": "first"}),
    Reply(200, '{"success": true, "data": {"wallet_id": "1"}}', {"x-request-id": "second"}),
)
HEARD = [
    ("wallets.get", "GET", 1),
    ("wallets.get", "GET", 1, 503, "first"),
    ("wallets.get", "GET", 2),
    ("wallets.get", "GET", 2, 200, "second"),
]


def heard_by(client: Any) -> list[tuple[Any, ...]]:
    """What the hooks of a client were told."""
    heard: list[tuple[Any, ...]] = []

    def began(event: payglot.RequestEvent) -> None:
        heard.append((event.operation, event.method, event.attempt))

    def ended(event: payglot.ResponseEvent) -> None:
        assert 0 < event.duration < 30
        heard.append((event.operation, event.method, event.attempt, event.status, event.request_id))

    assert client.on_request(began) is began
    assert client.on_response(ended) is ended
    return heard


def test_hooks_hear_each_attempt_of_a_call(server: Server, platform: payglot.PaywintPlatform) -> None:
    heard = heard_by(platform)
    server.play(*RETRIED)
    platform.wallets.get(USER)
    assert heard == HEARD


def test_hooks_hear_each_attempt_of_a_call_on_a_loop(server: Server, async_platform: MakeAsync) -> None:
    client = async_platform()
    heard = heard_by(client)
    server.play(*RETRIED)
    asyncio.run(client.wallets.get(USER))
    assert heard == HEARD


def test_hooks_hear_every_kind_of_call(
    server: Server, platform: payglot.PaywintPlatform, async_platform: MakeAsync
) -> None:
    def listed(request: Any) -> Reply:
        return records([{"user_id": str(request.json["page_no"])}], 2)

    names = ["wallets.get", "request", "users.list", "users.list", "users.list"]
    heard = heard_by(platform)
    server.play(data({}))
    platform.with_raw_response.wallets.get(USER)
    platform.request("GET", "/own/path", query={"a": "hidden"})
    server.play(listed)
    assert len(list(platform.users.list(rows_per_page=10))) == 2
    platform.with_raw_response.users.list()
    assert [event[0] for event in heard if len(event) == 5] == names

    async def on_a_loop() -> None:
        client = async_platform()
        heard = heard_by(client)
        server.play(data({}))
        await client.with_raw_response.wallets.get(USER)
        await client.request("GET", "/own/path")
        server.play(listed)
        assert len([user async for user in client.users.list(rows_per_page=10)]) == 2
        await client.with_raw_response.users.list()
        assert [event[0] for event in heard if len(event) == 5] == names

    asyncio.run(on_a_loop())


def test_where_no_response_came_there_is_no_status(server: Server, platform: payglot.PaywintPlatform) -> None:
    heard = heard_by(platform)
    server.play(Drop())
    with pytest.raises(payglot.OutcomeUnknownError):
        platform.wallets.fund(USER, amount=1, bank_id=USER)
    assert heard == [("wallets.fund", "POST", 1), ("wallets.fund", "POST", 1, None, None)]


def test_a_hook_that_raises_neither_breaks_nor_repeats_a_payment(
    server: Server,
    platform: payglot.PaywintPlatform,
    async_platform: MakeAsync,
    caplog: pytest.LogCaptureFixture,
) -> None:
    def fails(event: object) -> None:
        raise ValueError("of a hook")

    client = async_platform()
    for hooked in (platform, client):
        hooked.on_request(fails)
        hooked.on_response(fails)
    server.play(data({"is_first_payment": True}))
    with caplog.at_level(logging.WARNING, "payglot"):
        platform.wallets.fund(USER, amount=1, bank_id=USER)
        asyncio.run(client.wallets.fund(USER, amount=1, bank_id=USER))
    assert len(server.requests) == 2
    assert [record.getMessage() for record in caplog.records] == ["a hook raised"] * 4


def test_clients_made_of_a_client_later_have_its_hooks(
    server: Server, platform: payglot.PaywintPlatform
) -> None:
    server.play(data({}))
    before = platform.with_options(max_retries=0)
    heard = heard_by(platform)
    after = platform.with_options(max_retries=0)
    before.wallets.get(USER)
    assert heard == []
    after.wallets.get(USER)
    assert len(heard) == 2
    heard_by(after)
    platform.wallets.get(USER)
    assert len(heard) == 4


def test_what_cannot_be_a_hook_is_refused(platform: payglot.PaywintPlatform) -> None:
    async def awaited(event: object) -> None: ...

    for wrong in ("log", awaited):
        with pytest.raises(TypeError, match="must be a function"):
            platform.on_request(wrong)  # type: ignore[type-var]


def test_a_client_with_a_hook_that_holds_it_is_collected() -> None:
    client = payglot.PaywintPlatform(platform_id="p", secret_key="s", base_url="http://127.0.0.1:1")
    client.on_request(lambda event, client=client: None)
    gone = weakref.ref(client)
    del client
    gc.collect()
    assert gone() is None


def test_a_model_has_the_request_id_of_its_call(server: Server, platform: payglot.PaywintPlatform) -> None:
    server.play(*RETRIED)
    wallet = platform.wallets.get(USER)
    assert wallet is not None
    assert wallet.request_id == "second"
    copy = type(wallet).from_json(wallet.to_json())
    assert copy == wallet
    assert copy.request_id is None
    assert "second" not in repr(wallet)
    assert "request_id" not in wallet.to_dict()
    server.play(data({"wallet_id": "1"}))
    without = platform.wallets.get(USER)
    assert without is not None
    assert without.request_id is None


def test_each_page_has_its_own_request_id(
    server: Server, platform: payglot.PaywintPlatform, async_platform: MakeAsync
) -> None:
    def listed(request: Any) -> Reply:
        number = request.json["page_no"]
        page = records([{"user_id": str(number)}], 2)
        return Reply(200, page.body, {"x-request-id": f"page-{number}"})

    server.play(listed)
    assert [page.request_id for page in platform.users.list(rows_per_page=10).pages()] == ["page-1", "page-2"]

    async def on_a_loop() -> list[str | None]:
        pages = async_platform().users.list(rows_per_page=10).pages()
        return [page.request_id async for page in pages]

    assert asyncio.run(on_a_loop()) == ["page-1", "page-2"]

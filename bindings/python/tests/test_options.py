"""Defaults of clients: `with_options`, `default_headers`, `app_info`, `extra_query` (issue 15.2)."""

from __future__ import annotations

import asyncio
from typing import Any

import payglot
import pytest
from conftest import USER
from scripted import Server, data

PAYMENT = data('{"payment_id": "p-1"}')


def client(server: Server, **options: Any) -> payglot.PaywintPlatform:
    return payglot.PaywintPlatform(
        platform_id="platform", secret_key="secret", base_url=server.url, **options
    )


def test_issue_15_2_a_derived_client_shares_the_connection(server: Server) -> None:
    server.play(PAYMENT, PAYMENT, PAYMENT)
    first = client(server)
    second = first.with_options(headers={"x-tenant": "blue"})
    third = second.with_options(timeout=5)
    for each in (first, second, third):
        assert each.payments.get(USER) is not None
    assert [request.headers.get("x-tenant") for request in server.requests] == [None, "blue", "blue"]
    assert len({request.peer for request in server.requests}) == 1
    assert type(second) is payglot.PaywintPlatform


def test_issue_15_2_each_is_closed_by_itself(server: Server) -> None:
    server.play(PAYMENT)
    first = client(server)
    with first.with_options(max_retries=0) as second:
        pass
    with pytest.raises(payglot.InvalidRequestError, match="closed"):
        second.payments.get(USER)
    with pytest.raises(payglot.InvalidRequestError, match="closed"):
        second.with_options(timeout=1)
    assert first.payments.get(USER) is not None


def test_issue_15_2_raw_requests_and_asyncio_have_the_defaults(server: Server) -> None:
    server.play(PAYMENT, PAYMENT)
    derived = client(server).with_options(headers={"x-tenant": "blue"})
    derived.request("GET", "/x", replay="read")

    async def call() -> None:
        made = payglot.AsyncPaywintPlatform(platform_id="p", secret_key="s", base_url=server.url)
        async with made, made.with_options(headers={"x-tenant": "red"}) as other:
            await other.payments.get(USER)

    asyncio.run(call())
    assert [request.headers["x-tenant"] for request in server.requests] == ["blue", "red"]


@pytest.mark.parametrize(
    ("options", "says"),
    [
        ({"headers": {"authorization": "mine"}}, "must not set authorization"),
        ({"headers": {"X-Signature": "mine"}}, "must not set x-signature"),
        ({"headers": {"Idempotency-Key": "k"}}, "a key is of one call"),
        ({"headers": {"x": "a\nb"}}, "cannot hold"),
        ({"headers": "x"}, "must be a mapping"),
        ({"timeout": 0}, "more than 0"),
        ({"max_retries": -1}, "whole number"),
        ({"raise_on_failed": 1}, "True or False"),
    ],
)
def test_issue_15_2_wrong_defaults_are_refused(server: Server, options: dict[str, Any], says: str) -> None:
    with pytest.raises(payglot.ConfigurationError, match=says):
        client(server).with_options(**options)
    if "headers" in options:
        with pytest.raises(payglot.ConfigurationError, match=says):
            client(server, default_headers=options["headers"])


@pytest.mark.parametrize("info", ["a b", ("shop", "2 1"), ("", "1"), ("a\n", "1"), 5, ("a", "b", "c")])
def test_issue_15_2_a_wrong_app_info_is_refused(server: Server, info: Any) -> None:
    with pytest.raises(payglot.ConfigurationError, match="app_info"):
        client(server, app_info=info)


def test_issue_15_2_app_info_is_in_the_user_agent(server: Server) -> None:
    server.play(PAYMENT, PAYMENT)
    client(server, app_info=("shop", "2.1")).payments.get(USER)
    client(server, app_info="shop").payments.get(USER)
    agents = [request.headers["user-agent"] for request in server.requests]
    assert agents[0].startswith("payglot/") and agents[0].endswith(" shop/2.1")
    assert agents[1].endswith(" shop")


def test_issue_15_2_extra_query_must_not_be_the_calls_own(server: Server) -> None:
    linora = payglot.Linora(api_key="k", base_url=server.url)
    params: Any = {"from_amount": 1, "from_currency": "a", "to_currency": "b"}
    with pytest.raises(payglot.InvalidRequestError, match="fromCurrency, which the call has") as raised:
        linora.exchange.estimate(**params, extra_query={"fromCurrency": "c"})
    assert raised.value.argument == "extra_query"
    with pytest.raises(payglot.InvalidRequestError, match="extra_query.x"):
        linora.exchange.estimate(**params, extra_query={"x": {"y": 1}})
    assert not server.requests

"""Clients: how they are built, per-call options, raw responses, the escape hatch, and closing."""

from __future__ import annotations

import asyncio
import subprocess
import sys
from decimal import Decimal
from typing import Any

import payglot
import pytest
from conftest import USER
from payglot._payglot import Core  # pyright: ignore[reportPrivateUsage]
from scripted import Drop, Hang, Reply, Server, data


def test_credentials_from_the_environment(server: Server, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PAYWINT_PLATFORM_ID", "env-id")
    monkeypatch.setenv("PAYWINT_SECRET_KEY", "env-key")
    monkeypatch.setenv("PAYWINT_BASE_URL", server.url)
    server.play(data({}))
    payglot.PaywintPlatform().wallets.get(USER)
    payglot.PaywintPlatform(platform_id="given").wallets.get(USER)
    assert [request.headers["x-platform-id"] for request in server.requests] == ["env-id", "given"]
    path = f"/api/platform/wallet/get/{USER}"
    assert server.requests[0].headers["x-signature"] == payglot.sign("env-key", "GET", path)


def test_headers_of_the_developer_api(server: Server, developer: payglot.PaywintDeveloper) -> None:
    server.play(data({}))
    developer.wallets.get()
    assert server.requests[0].headers["x-api-key"] == "key"
    assert server.requests[0].headers["x-api-secret"] == "secret"


def test_empty_body_can_be_omitted(server: Server) -> None:
    client = payglot.PaywintPlatform(platform_id="i", secret_key="k", base_url=server.url, empty_body="omit")
    server.play(data({}))
    client.wallets.get(USER)
    (request,) = server.requests
    assert request.headers["x-signature"] == payglot.sign("k", "GET", request.path, empty_body="omit")


@pytest.mark.parametrize("client", [payglot.Linora, payglot.AsyncLinora, payglot.PaywintDeveloper])
def test_an_api_whose_requests_are_not_signed_has_no_option_for_it(client: Any) -> None:
    with pytest.raises(TypeError, match="empty_body"):
        client(api_key="k", base_url="https://api.example.com", empty_body="omit")


def test_the_native_half_refuses_that_option_too() -> None:
    given: dict[str, object] = {
        "api_key": "k",
        "base_url": "https://api.example.com",
        "empty_body": "omit",
    }
    with pytest.raises(payglot.ConfigurationError, match="`empty_body` is not an option of this client"):
        Core("linora", given)


@pytest.mark.parametrize(
    ("given", "problem"),
    [
        ({"platform_id": "i"}, "`secret_key` is missing; pass it or set PAYWINT_SECRET_KEY"),
        ({"platform_id": "i", "secret_key": 5}, "`secret_key` must be text"),
        ({"platform_id": "i", "secret_key": "canary "}, "white space"),
        ({"platform_id": "i", "secret_key": "k", "environment": "moon"}, "known are sandbox, production"),
        ({"platform_id": "i", "secret_key": "k", "base_url": "ftp://x"}, "must begin with https://"),
        ({"platform_id": "i", "secret_key": "k", "base_url": "https://u:canary@x"}, "no password"),
        ({"platform_id": "i", "secret_key": "k", "timeout": 0}, "`timeout` must be a number of seconds"),
        ({"platform_id": "i", "secret_key": "k", "connect_timeout": "5"}, "`connect_timeout` must be"),
        ({"platform_id": "i", "secret_key": "k", "max_retries": -1}, "`max_retries` must be"),
        ({"platform_id": "i", "secret_key": "k", "max_response_bytes": 0}, "`max_response_bytes` must be"),
        ({"platform_id": "i", "secret_key": "k", "max_connections": 0}, "`max_connections` must be"),
        ({"platform_id": "i", "secret_key": "k", "max_connections": True}, "`max_connections` must be"),
        ({"platform_id": "i", "secret_key": "k", "max_connections": 70_000}, "must be 1 to 65535"),
        ({"platform_id": "i", "secret_key": "k", "empty_body": "x"}, "`empty_body` must be"),
        ({"platform_id": "i", "secret_key": "k", "proxy": 5}, "`proxy` must be text"),
        ({"platform_id": "i", "secret_key": "k", "ca_certificates": 5}, "`ca_certificates` must be PEM"),
    ],
)
def test_configuration_is_checked(given: dict[str, Any], problem: str) -> None:
    with pytest.raises(payglot.ConfigurationError) as raised:
        payglot.PaywintPlatform(**given)
    assert problem in str(raised.value)
    assert "canary" not in str(raised.value)


def test_proxy(server: Server) -> None:
    client = payglot.PaywintPlatform(
        platform_id="i",
        secret_key="k",
        base_url="http://api.invalid",
        allow_insecure_http=True,
        proxy=server.url.replace("//", "//user:canary@"),
    )
    server.play(data({}))
    client.wallets.get(USER)
    (request,) = server.requests
    assert request.target == f"http://api.invalid/api/platform/wallet/get/{USER}"
    assert request.headers["proxy-authorization"].startswith("Basic ")
    assert "canary" not in repr(client)


def test_linora_needs_a_host() -> None:
    with pytest.raises(payglot.ConfigurationError, match="LINORA_BASE_URL"):
        payglot.Linora(api_key="key")


def test_repr_shows_no_secret(server: Server) -> None:
    client = payglot.PaywintPlatform(platform_id="canary", secret_key="canary", environment="sandbox")
    assert repr(client) == "PaywintPlatform(environment='sandbox')"
    linora = payglot.AsyncLinora(api_key="canary", base_url="https://x")
    assert repr(linora) == "AsyncLinora(base_url='https://x')"
    assert "canary" not in repr(vars(client))


def test_options_of_a_call(server: Server, platform: payglot.PaywintPlatform) -> None:
    server.play(data({}))
    platform.wallets.get(USER, headers={"X-Trace": "t"}, timeout=5, max_retries=0)
    assert server.requests[0].headers["x-trace"] == "t"
    assert "idempotency-key" not in server.requests[0].headers
    platform.bank_accounts.add(
        user_id=USER, account_holder_name="Ann", bank_name="Bank", account_number="1", idempotency_key="once"
    )
    assert server.requests[1].headers["idempotency-key"] == "once"
    with pytest.raises(payglot.InvalidRequestError, match="idempotency_key"):
        platform.wallets.get(USER, idempotency_key="once")
    assert len(server.requests) == 2
    server.play(Reply(500, "{}"))
    with pytest.raises(payglot.InternalServerError):
        platform.wallets.get(USER, max_retries=0)
    assert len(server.requests) == 1


def test_a_keyed_call_keeps_its_key(server: Server, platform: payglot.PaywintPlatform) -> None:
    server.play(Reply(503, "{}", {"retry-after": "0"}), Drop(), data({}))
    platform.bank_accounts.add(
        user_id=USER,
        account_holder_name="Ann",
        bank_name="Bank",
        nick_name="Mine",
        account_number="1234567",
        routing_number="123456789",
        bank_address="Street 1",
        city="Austin",
        state="TX",
        zip="78701",
        country="US",
        account_type="PERSONAL_SAVINGS",
    )
    assert len(server.requests) == 3
    assert len({request.headers["idempotency-key"] for request in server.requests}) == 1


@pytest.mark.parametrize(
    ("options", "argument"),
    [
        ({"timeout": 0}, "timeout"),
        ({"timeout": float("nan")}, "timeout"),
        ({"timeout": "5"}, "timeout"),
        ({"timeout": True}, "timeout"),
        ({"max_retries": -1}, "max_retries"),
        ({"max_retries": 1.5}, "max_retries"),
        ({"headers": ["x"]}, "headers"),
        ({"headers": {"a": 1}}, "headers"),
        ({"headers": {"Authorization": "x"}}, "headers"),
        ({"headers": {"a": "b\nc"}}, "headers"),
        ({"idempotency_key": 5}, "idempotency_key"),
        ({"idempotency_key": ""}, "idempotency_key"),
    ],
)
def test_options_are_checked(
    server: Server, platform: payglot.PaywintPlatform, options: dict[str, Any], argument: str
) -> None:
    with pytest.raises(payglot.InvalidRequestError) as raised:
        platform.wallets.get(USER, **options)
    assert raised.value.argument == argument
    assert raised.value.operation == "wallets.get"
    assert server.requests == []


def test_raw_response(server: Server, platform: payglot.PaywintPlatform) -> None:
    reply = data({"user_id": USER, "current_balance": 10.5}, message="Here you are")
    server.play(Reply(200, reply.body, {"X-Request-Id": "r-1"}))
    raw = platform.with_raw_response.wallets.get(USER)
    assert (raw.status, raw.message, raw.request_id, raw.text) == (200, "Here you are", "r-1", reply.body)
    assert raw.headers["x-request-id"] == "r-1"
    assert raw.parse() == platform.wallets.get(USER)
    assert repr(raw) == "RawResponse(status=200, request_id='r-1')"


def test_any_request(server: Server, platform: payglot.PaywintPlatform) -> None:
    server.play(Reply(201, '{"a": [1, 2.50]}'))
    raw = platform.request(
        "post",
        "/new/thing",
        query={"q": "a b", "n": [1, 2], "no": None},
        json={"sum": Decimal("10.10"), "x": [None]},
    )
    assert (raw.status, raw.parse()) == (201, {"a": [1, Decimal("2.50")]})
    (request,) = server.requests
    assert (request.method, request.target) == ("POST", "/new/thing?q=a+b&n=1&n=2")
    assert request.body == b'{"sum":10.10,"x":[null]}'
    query = "?" + request.target.partition("?")[2]
    assert request.headers["x-signature"] == payglot.sign("key", "POST", "/new/thing", query, request.body)

    server.play(Reply(200, "plain"))
    assert platform.request("GET", "/x").parse() is None
    # Issue 12.23.
    server.play(Reply(200, b'\xef\xbb\xbf{"a": 1}'))
    assert platform.request("GET", "/x").parse() == {"a": 1}

    server.play(Drop())
    with pytest.raises(payglot.OutcomeUnknownError):
        platform.request("POST", "/x")
    assert len(server.requests) == 1
    server.play(Drop(), Reply(200, "{}"))
    assert platform.request("GET", "/x", replay="read").parse() == {}


@pytest.mark.parametrize(
    ("arguments", "argument"),
    [
        (("GET", "x"), "path"),
        (("GET", "/x?a=1"), "path"),
        (("G T", "/x"), "method"),
        (("GET", "/x", {"query": {"a": {"b": 1}}}), "query.a"),
        (("GET", "/x", {"query": "a=1"}), "query"),
        (("GET", "/x", {"json": {"a": float("inf")}}), "json.a"),
        (("GET", "/x", {"replay": "often"}), "replay"),
    ],
)
def test_any_request_is_checked(
    server: Server, platform: payglot.PaywintPlatform, arguments: tuple[Any, ...], argument: str
) -> None:
    method, path, *more = arguments
    with pytest.raises(payglot.InvalidRequestError) as raised:
        platform.request(method, path, **(more[0] if more else {}))
    assert raised.value.argument == argument
    assert server.requests == []


def test_closing(server: Server) -> None:
    with payglot.Linora(api_key="k", base_url=server.url) as client:
        client.users.get("1")
    client.close()
    with pytest.raises(payglot.InvalidRequestError, match="closed"):
        client.users.get("1")

    async def use() -> None:
        async with payglot.AsyncLinora(api_key="k", base_url=server.url) as client:
            await client.users.get("1")
        with pytest.raises(payglot.InvalidRequestError, match="closed"):
            await client.users.get("1")

    asyncio.run(use())


def test_threads_share_a_client(server: Server, platform: payglot.PaywintPlatform) -> None:
    from concurrent.futures import ThreadPoolExecutor

    server.play(data({"user_id": USER}))
    with ThreadPoolExecutor(16) as threads:
        wallets = list(threads.map(lambda _: platform.wallets.get(USER), range(200)))
    assert all(wallet is not None and wallet.user_id == USER for wallet in wallets)


def test_other_threads_run_while_a_call_waits(server: Server, platform: payglot.PaywintPlatform) -> None:
    import threading
    import time

    server.play(Hang())
    waiting = threading.Thread(
        target=lambda: pytest.raises(payglot.APITimeoutError, platform.wallets.get, USER, timeout=0.3)
    )
    started = time.monotonic()
    waiting.start()
    turns = 0
    while waiting.is_alive():
        time.sleep(0.001)
        turns += 1
    assert turns > 50
    assert time.monotonic() - started < 2


@pytest.mark.parametrize("name", ["payglot", "payglot.types"])
def test_import_is_lazy(name: str) -> None:
    program = (
        f"import sys; before = set(sys.modules); import {name}; print(*sorted(set(sys.modules) - before))"
    )
    loaded = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=True
    ).stdout.split()
    assert not [
        module for module in loaded if module in ("asyncio", "decimal", "typing", "uuid", "json", "datetime")
    ]


def test_names_of_the_package() -> None:
    for name in payglot.__all__:
        assert getattr(payglot, name) is not None
        assert name in dir(payglot)
    with pytest.raises(AttributeError, match="nothing"):
        payglot.nothing  # noqa: B018
    with pytest.raises(AttributeError, match="nothing"):
        payglot.types.nothing  # noqa: B018
    assert payglot.types.linora.Card.__name__ == "Card"


def test_docs() -> None:
    doc = payglot.PaywintPlatform(platform_id="i", secret_key="k").payments.create.__doc__
    assert doc is not None
    for part in (
        "Args:",
        "Returns:",
        "Raises:",
        "amount:",
        "US dollars",
        "OutcomeUnknownError",
        "Upstream: https://",
    ):
        assert part in doc


def test_usage_type_checks(tmp_path: Any) -> None:
    pytest.importorskip("mypy")
    from pathlib import Path

    usage = Path(__file__).with_name("_generated_usage.py")
    command = [sys.executable, "-m", "mypy", "--strict", "--cache-dir", str(tmp_path), str(usage)]
    checked = subprocess.run(command, capture_output=True, text=True, cwd=tmp_path)
    assert checked.returncode == 0, checked.stdout


def test_a_client_of_another_account_shares_the_connections(server: Server) -> None:
    one = payglot.PaywintPlatform(
        platform_id="one", secret_key="canary-1", base_url=server.url, empty_body="omit"
    )
    other = one.with_credentials(platform_id="two", secret_key="canary-2")
    server.play(data({}))
    for client in (one, other, one):
        client.wallets.get(USER)
    assert [request.headers["x-platform-id"] for request in server.requests] == ["one", "two", "one"]
    assert len({request.peer for request in server.requests}) == 1
    path = f"/api/platform/wallet/get/{USER}"
    for request, key in zip(server.requests, ("canary-1", "canary-2", "canary-1"), strict=True):
        assert request.headers["x-signature"] == payglot.sign(key, "GET", path, empty_body="omit")
    assert other.with_raw_response.wallets.get(USER).status == 200
    assert "canary" not in repr(other)
    # Each is closed for itself.
    one.close()
    other.wallets.get(USER)
    with pytest.raises(payglot.ConfigurationError, match="`secret_key` is missing"):
        other.with_credentials(platform_id="three")
    with pytest.raises(payglot.InvalidRequestError, match="`api_key` is no credential"):
        other.with_credentials(platform_id="three", secret_key="k", api_key="k")
    with pytest.raises(payglot.InvalidRequestError, match="`secret_key` must be text"):
        other.with_credentials(platform_id="three", secret_key=None)  # type: ignore[arg-type]


async def other_accounts_of_asyncio(server: Server) -> None:
    one = payglot.AsyncPaywintPlatform(platform_id="one", secret_key="k", base_url=server.url)
    other = one.with_credentials(platform_id="two", secret_key="k")
    for client in (one, other):
        await client.wallets.get(USER)


def test_so_does_one_of_asyncio(server: Server) -> None:
    server.play(data({}))
    asyncio.run(other_accounts_of_asyncio(server))
    assert [request.headers["x-platform-id"] for request in server.requests] == ["one", "two"]
    assert len({request.peer for request in server.requests}) == 1

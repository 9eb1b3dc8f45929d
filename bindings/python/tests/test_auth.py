"""Signing for HTTP clients of others: httpx, in both its forms, and requests."""

from __future__ import annotations

import asyncio
import base64
import hashlib
import hmac
import io
import json
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import httpx
import payglot
import pytest
import requests
from payglot.auth import HttpxAuth, RequestsAuth
from scripted import Reply, Server

VECTORS = Path(__file__).parents[3] / "tests" / "contract" / "signing.json"
CASES: list[dict[str, Any]] = json.loads(VECTORS.read_text(encoding="utf-8"))["cases"]
KEYS: dict[str, Any] = {"platform_id": "canary-id", "secret_key": "canary-kéy"}
PAGE = {"rows_per_page": 10, "page_no": 1}

# One request of each HTTP client, with what it takes as `auth` and what else it is told; gives the status.
Send = Callable[..., int]


# Without certificates, which nobody needs here and which take a while to be read.
PLAIN: dict[str, Any] = {"trust_env": False, "verify": False}


def by_httpx(method: str, url: str, auth: Any, *, body: Any = None, trust: bool = False, **given: Any) -> int:
    with httpx.Client(**PLAIN | {"trust_env": trust}) as http:
        return http.request(method, url, auth=auth, content=body, **given).status_code


def by_async_httpx(
    method: str, url: str, auth: Any, *, body: Any = None, trust: bool = False, **given: Any
) -> int:
    async def send() -> int:
        async with httpx.AsyncClient(**PLAIN | {"trust_env": trust}) as http:
            return (await http.request(method, url, auth=auth, content=body, **given)).status_code

    return asyncio.run(send())


def by_requests(
    method: str, url: str, auth: Any, *, body: Any = None, trust: bool = False, **given: Any
) -> int:
    with requests.Session() as http:
        http.trust_env = trust
        return http.request(method, url, auth=auth, data=body, timeout=10, **given).status_code


CLIENTS = pytest.mark.parametrize(
    ("send", "make"),
    [(by_httpx, HttpxAuth), (by_async_httpx, HttpxAuth), (by_requests, RequestsAuth)],
    ids=["httpx", "async httpx", "requests"],
)


def signature(key: bytes, canonical: str) -> str:
    return hmac.new(key, canonical.encode(), hashlib.sha256).hexdigest()


@pytest.mark.parametrize(("send", "make"), [(by_httpx, HttpxAuth), (by_requests, RequestsAuth)])
def test_every_vector_is_signed_as_it_leaves(send: Send, make: Any, server: Server) -> None:
    for case in CASES:
        name, target, body = case["name"], case["path"] + case["query"], base64.b64decode(case["body_base64"])
        # Most keys of the vectors are bytes that no credential can be: then another signs the same.
        key, expected = base64.b64decode(case["key_base64"]), case["signature"]
        if not key.isascii() or not key.decode().isprintable():
            key, expected = b"a key", signature(b"a key", case["canonical"])
        auth = make(
            payglot.PaywintPlatform,
            platform_id="id",
            secret_key=key.decode(),
            empty_body=case["empty_body"],
        )
        server.play(Reply())
        assert send(case["method"], server.url + target, auth, body=body) == 200
        (arrived,) = server.requests
        assert (arrived.method, arrived.body) == (case["method"], body), name
        assert arrived.headers["x-platform-id"] == "id"
        assert arrived.target == target
        assert arrived.headers["x-signature"] == expected, name


@CLIENTS
def test_the_sandbox_takes_them(send: Send, make: Any, sandbox: dict[str, str]) -> None:
    host = sandbox["base_url"]
    credentials = {name: sandbox[name] for name in ("platform_id", "secret_key")}
    auth = make(payglot.AsyncPaywintPlatform, **credentials)
    assert send("POST", f"{host}/api/platform/users/list", auth, json=PAGE) == 200
    assert send("GET", f"{host}/api/platform/wallet/get/{sandbox['user_id']}", auth) == 200
    wrong = make(payglot.PaywintPlatform, **{**credentials, "secret_key": "wrong"})
    assert send("POST", f"{host}/api/platform/users/list", wrong, json=PAGE) == 401

    linora = make(payglot.Linora, api_key=sandbox["linora_api_key"])
    assert send("GET", f"{host}/api/giftcards/products", linora) == 200
    developer = make(payglot.PaywintDeveloper, api_key=sandbox["api_key"], api_secret=sandbox["api_secret"])
    assert send("GET", f"{host}/api/user-api/wallet/get", developer) == 200


@CLIENTS
def test_headers_that_authenticate_are_not_the_callers(send: Send, make: Any, server: Server) -> None:
    auth = make(payglot.PaywintPlatform, **KEYS)
    forged = {"X-Signature": "forged", "x-platform-id": "another", "X-Mine": "kept"}
    assert send("POST", f"{server.url}/p?a=1", auth, body="zoë", headers=forged) == 200
    (arrived,) = server.requests
    expected = payglot.sign(KEYS["secret_key"], "POST", "/p", "?a=1", arrived.body)
    assert arrived.body == "zoë".encode()
    assert arrived.headers["x-signature"] == expected
    assert arrived.headers["x-platform-id"] == KEYS["platform_id"]
    assert arrived.headers["x-mine"] == "kept"


ELSEWHERE = ["http://example.com/p", "http://127.0.0.1.example.com/p", "http://10.0.0.1:8080/p"]


@CLIENTS
def test_issue_12_14_plain_http_to_another_machine_is_refused(
    send: Send, make: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    for url in ELSEWHERE:
        with pytest.raises(payglot.InvalidRequestError, match="begins with http://") as raised:
            send("GET", url, make(payglot.PaywintPlatform, **KEYS))
        assert (raised.value.argument, raised.value.may_have_happened) == ("url", False)
    # Whoever allows it gets as far as the proxy, which nobody listens at.
    monkeypatch.setenv("http_proxy", "http://127.0.0.1:9")
    nobody = (httpx.ConnectError, requests.ConnectionError)
    with pytest.raises(nobody):
        send("GET", ELSEWHERE[0], make(payglot.PaywintPlatform, allow_insecure_http=True, **KEYS), trust=True)
    monkeypatch.setenv("PAYGLOT_ALLOW_INSECURE_HTTP", "1")
    with pytest.raises(nobody):
        send("GET", ELSEWHERE[0], make(payglot.PaywintPlatform, **KEYS), trust=True)


def chunks() -> Iterator[bytes]:
    raise AssertionError("a stream was read")
    yield b""


@CLIENTS
def test_a_stream_is_refused_before_anything_is_sent(send: Send, make: Any, server: Server) -> None:
    auth = make(payglot.PaywintPlatform, **KEYS)
    for stream in (chunks(), io.BytesIO(b"{}")):
        with pytest.raises(
            payglot.InvalidRequestError, match="is a stream, which cannot be signed"
        ) as refused:
            send("POST", server.url, auth, body=stream)
        assert refused.value.argument in ("content", "data")
        assert "canary" not in str(refused.value)
    assert server.requests == []


def test_a_form_with_files_is_a_stream_to_httpx_until_it_is_read(server: Server) -> None:
    auth = HttpxAuth(payglot.PaywintPlatform, **KEYS)
    with httpx.Client(**PLAIN) as http:
        request = http.build_request("POST", f"{server.url}/p", files={"file": b"text"})
        with pytest.raises(payglot.InvalidRequestError):
            http.send(request, auth=auth)
        request.read()
        assert http.send(request, auth=auth).status_code == 200
    (arrived,) = server.requests
    assert arrived.headers["x-signature"] == payglot.sign(KEYS["secret_key"], "POST", "/p", "", arrived.body)


def test_requests_takes_bytes_of_every_kind(server: Server) -> None:
    auth = RequestsAuth(payglot.PaywintPlatform, **KEYS)
    for body in (b"{}", bytearray(b"{}"), "{}", {"a": "1"}, None):
        assert by_requests("POST", f"{server.url}/p", auth, body=body) == 200
    assert by_requests("POST", f"{server.url}/p", auth, files={"file": b"text"}) == 200
    bodies = [arrived.body for arrived in server.requests]
    assert bodies[:5] == [b"{}", b"{}", b"{}", b"a=1", b""]
    for arrived in server.requests:
        expected = payglot.sign(KEYS["secret_key"], "POST", "/p", "", arrived.body)
        assert arrived.headers["x-signature"] == expected


@pytest.mark.parametrize("status", [302, 307])
def test_requests_follows_a_redirect_without_credentials(status: int, server: Server) -> None:
    elsewhere = Reply(status, b"", {"location": "/elsewhere"})
    server.play(elsewhere, Reply())
    auth = RequestsAuth(payglot.PaywintDeveloper, api_key="canary-key", api_secret="canary-secret")
    assert by_requests("POST", f"{server.url}/p", auth, body=b"{}") == 200
    first, second = server.requests
    assert first.headers["x-api-secret"] == "canary-secret"
    assert second.target == "/elsewhere"
    assert not any("canary" in value for value in second.headers.values())


@pytest.mark.parametrize("make", [HttpxAuth, RequestsAuth])
def test_credentials_come_from_the_environment_too(make: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(
        payglot.ConfigurationError, match="`secret_key` is missing; pass it or set PAYWINT_SEC"
    ):
        make(payglot.PaywintPlatform, platform_id="id")
    monkeypatch.setenv("PAYWINT_SECRET_KEY", "from the environment")
    assert make(payglot.PaywintPlatform, platform_id="id", secret_key=None)
    monkeypatch.setenv("PAYWINT_PLATFORM_ID", "canary\n")
    with pytest.raises(payglot.ConfigurationError, match="control character") as refused:
        make(payglot.PaywintPlatform)
    assert "canary" not in str(refused.value)


@pytest.mark.parametrize("make", [HttpxAuth, RequestsAuth])
def test_wrong_arguments(make: Any) -> None:
    with pytest.raises(TypeError, match="takes platform_id, secret_key, not 'api_key'"):
        make(payglot.PaywintPlatform, api_key="canary")
    for no_client in (object, payglot.Page, "paywint-platform", None):
        with pytest.raises(TypeError, match="takes the class of a client first"):
            make(no_client)
    with pytest.raises(payglot.ConfigurationError, match="`secret_key` must be text"):
        make(payglot.PaywintPlatform, platform_id="id", secret_key=b"canary")
    with pytest.raises(payglot.ConfigurationError, match="empty_body"):
        make(payglot.PaywintPlatform, **KEYS, empty_body="maybe")


@pytest.mark.parametrize("make", [HttpxAuth, RequestsAuth])
def test_nothing_secret_is_shown(make: Any) -> None:
    class Mine(payglot.PaywintPlatform):
        pass

    auth = make(Mine, **KEYS)
    assert repr(auth) == f"{make.__name__}(Mine)"
    shown = [str(auth), repr(vars(auth)), repr(auth._authenticator)]
    assert not any("canary" in text for text in shown)
    with pytest.raises(TypeError, match="pickle"):
        __import__("pickle").dumps(auth)


def test_httpx_is_asked_for_where_it_is_missing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delitem(sys.modules, "payglot._auth_httpx")
    monkeypatch.setitem(sys.modules, "httpx", None)
    with pytest.raises(ModuleNotFoundError, match="needs httpx, which is not installed: pip install httpx"):
        _ = payglot.auth.HttpxAuth
    with pytest.raises(AttributeError, match="AiohttpAuth"):
        _ = payglot.auth.AiohttpAuth

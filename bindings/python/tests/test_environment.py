"""What a client takes from its environment, and where it may lead: hosts, proxies, certificates."""

from __future__ import annotations

import os
import traceback
from collections.abc import Callable
from pathlib import Path
from typing import Any
from unittest import mock

import payglot
import payglot.auth
import pytest
from conftest import USER
from payglot.testing import Sandbox
from scripted import Server, data

TLS = Path(__file__).parents[3] / "tests/contract/tls"
KEYS = {"platform_id": "i", "secret_key": "k"}
NAMES = {"platform_id": "PAYWINT_PLATFORM_ID", "secret_key": "PAYWINT_SECRET_KEY"}


def platform(base_url: str, **given: Any) -> payglot.PaywintPlatform:
    return payglot.PaywintPlatform(platform_id="i", secret_key="k", base_url=base_url, max_retries=0, **given)


def test_issue_12_11_variables_are_read_through_os_environ(server: Server) -> None:
    """`os.environ` may be replaced, and C code may change what Python does not see."""
    server.play(data({"user_id": "u"}))
    replaced = {"PAYWINT_PLATFORM_ID": "replaced", "PAYWINT_SECRET_KEY": "k", "PAYWINT_BASE_URL": server.url}
    with mock.patch("os.environ", replaced), payglot.PaywintPlatform() as client:
        assert repr(client) == f"PaywintPlatform(base_url='{server.url}')"
        client.wallets.get(USER)
    assert server.requests[0].headers["x-platform-id"] == "replaced"


def test_issue_12_11_variables_that_python_does_not_see_are_not_read() -> None:
    unseen = {"PAYWINT_PLATFORM_ID": "i", "PAYWINT_SECRET_KEY": "k", "PAYWINT_BASE_URL": "http://127.0.0.1:1"}
    named = {"http_proxy": "nonsense at all", "PAYGLOT_ALLOW_INSECURE_HTTP": "1"}
    for name, value in {**unseen, **named}.items():
        os.putenv(name, value)
    try:
        with pytest.raises(payglot.ConfigurationError, match="`platform_id` is missing"):
            payglot.PaywintPlatform()
        with pytest.raises(payglot.ConfigurationError, match="`platform_id` is missing"):
            payglot.auth.RequestsAuth(payglot.PaywintPlatform)
        with pytest.raises(payglot.ConfigurationError, match="another machine"):
            platform("http://api.example.com")
        platform("http://127.0.0.1:1")
    finally:
        for name in {**unseen, **named}:
            os.unsetenv(name)


PLAIN = ["http://api.example.com", "http://10.0.0.1:8080", "http://localhost.example.com", "http://[::2]/v1"]
HERE = [
    "http://localhost:1",
    "http://LOCALHOST.:1",
    "http://sandbox.localhost",
    "http://127.9.9.9",
    "http://[::1]:1",
]


@pytest.mark.parametrize("base_url", PLAIN)
def test_issue_12_14_plain_http_to_another_machine_is_refused(
    monkeypatch: pytest.MonkeyPatch, base_url: str
) -> None:
    refused = pytest.raises(payglot.ConfigurationError, match=r"`allow_insecure_http` or PAYGLOT_ALLOW_")
    with refused as raised:
        platform(base_url)
    assert base_url not in str(raised.value)
    monkeypatch.setenv("PAYWINT_BASE_URL", base_url)
    with refused:
        payglot.AsyncPaywintPlatform(**KEYS)
    platform(base_url, allow_insecure_http=True)
    payglot.AsyncPaywintPlatform(**KEYS, allow_insecure_http=True)
    for value in ("0", "", "no"):
        monkeypatch.setenv("PAYGLOT_ALLOW_INSECURE_HTTP", value)
        with refused:
            platform(base_url)
    monkeypatch.setenv("PAYGLOT_ALLOW_INSECURE_HTTP", "1")
    payglot.PaywintPlatform(**KEYS)


@pytest.mark.parametrize("base_url", HERE)
def test_issue_12_14_plain_http_to_this_machine_is_allowed(base_url: str) -> None:
    platform(base_url)
    with pytest.raises(payglot.ConfigurationError, match="must be True or False"):
        platform(base_url, allow_insecure_http="yes")


def test_issue_12_15_no_proxy_is_honoured(monkeypatch: pytest.MonkeyPatch, server: Server) -> None:
    server.play(data({"user_id": "u"}))
    port = server.url.rsplit(":", 1)[1]
    monkeypatch.setenv("http_proxy", "http://127.0.0.1:1")
    for listed in ("*", "127.0.0.1", f"127.0.0.1:{port}", "127.0.0.0/8", "a.test, 127.0.0.1 "):
        monkeypatch.setenv("NO_PROXY", listed)
        assert platform(server.url).wallets.get(USER) is not None, listed
    for listed in ("", "127.0.0.1:1", "0.0.1", "[::1]"):
        monkeypatch.setenv("NO_PROXY", listed)
        with pytest.raises(payglot.APIConnectionError):
            platform(server.url).wallets.get(USER)
    assert platform(server.url, proxy=False).wallets.get(USER) is not None


def test_issue_12_15_a_proxy_with_a_space_is_used(monkeypatch: pytest.MonkeyPatch, server: Server) -> None:
    server.play(data({"user_id": "u"}))
    monkeypatch.setenv("http_proxy", f"{server.url} ")
    assert platform("http://api.invalid", allow_insecure_http=True).wallets.get(USER) is not None
    assert server.requests[0].target.startswith("http://api.invalid/")


@pytest.mark.parametrize(
    "proxy", ["not a url", "http://", "socks5://localhost:1080", "http://p:port", "http//p:1"]
)
def test_issue_12_15_nonsense_is_refused(monkeypatch: pytest.MonkeyPatch, proxy: str) -> None:
    with pytest.raises(payglot.ConfigurationError, match="`proxy` is not a URL such as"):
        platform("https://api.example.com", proxy=proxy)
    monkeypatch.setenv("HTTPS_PROXY", proxy)
    with pytest.raises(payglot.ConfigurationError, match="variable HTTPS_PROXY is not a URL such as"):
        platform("https://api.example.com")
    platform("https://api.example.com", proxy=False)
    with pytest.raises(payglot.ConfigurationError, match="`proxy` must be text, or False"):
        platform("https://api.example.com", proxy=True)


def test_issue_12_15_a_client_of_the_sandbox_goes_through_no_proxy(monkeypatch: pytest.MonkeyPatch) -> None:
    with Sandbox() as sandbox:
        for name in ("http_proxy", "HTTP_PROXY", "all_proxy", "ALL_PROXY"):
            monkeypatch.setenv(name, "http://127.0.0.1:1")
        with sandbox.client(payglot.PaywintPlatform) as client:
            assert client.wallets.get(sandbox.user_id) is not None
        assert sandbox.info()["user_id"] == sandbox.user_id


def test_issue_12_25_a_client_that_could_not_be_made_has_a_repr() -> None:
    """Tracebacks with locals show it, and an exception in a `repr` would end those."""

    def fails(make: Callable[[], object]) -> list[str]:
        try:
            make()
        except Exception as error:
            shown = traceback.TracebackException.from_exception(error, capture_locals=True)
            return [line for frame in shown.stack for line in (frame.locals or {}).values()]
        raise AssertionError("it was made")

    for make, wanted in (
        (lambda: payglot.PaywintPlatform(platform_id="i", secret_key=""), "PaywintPlatform(not made)"),
        (lambda: payglot.AsyncLinora(api_key="k"), "AsyncLinora(not made)"),
        (lambda: payglot.auth.RequestsAuth(payglot.Linora, api_key=""), "RequestsAuth(not made)"),
        (lambda: payglot.auth.RequestsAuth(dict), "RequestsAuth(not made)"),  # type: ignore[arg-type]
        (lambda: payglot.auth.HttpxAuth(payglot.Linora, api_key=""), "HttpxAuth(not made)"),
        (lambda: Sandbox(binary="/no/such/binary"), "Sandbox(not made)"),
    ):
        shown = fails(make)
        assert wanted in shown, shown
        assert not any("AttributeError" in text or "repr() failed" in text for text in shown), shown


def test_issue_12_31_a_bundle_with_one_bad_certificate_says_which() -> None:
    good = (TLS / "test-only-ca.pem").read_text()
    bad = good.replace("MII", "AII")
    cut = good[:200] + "\n-----END CERTIFICATE-----\n"
    for bundle, number in ((good + bad, 2), (bad + good, 1), (good + good + cut + good, 3)):
        with pytest.raises(payglot.ConfigurationError, match=f"certificate {number} of `ca_certificates`"):
            platform("https://localhost", ca_certificates=bundle)
    with pytest.raises(payglot.ConfigurationError, match="`ca_certificates` holds no certificate"):
        platform("https://localhost", ca_certificates="no certificate")
    platform("https://localhost", ca_certificates=good + good)

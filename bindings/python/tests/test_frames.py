"""Issue 12.33: tools that record local variables find no secret in payglot's own frames."""

from __future__ import annotations

import asyncio
import os
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from types import TracebackType
from typing import Any

import payglot
import pytest
from conftest import USER
from payglot.auth import RequestsAuth
from payglot.testing import Sandbox, SandboxError, crash_lab
from payglot.webhooks import Scheme, paywint_developer, paywint_platform, sign, verify
from scripted import Drop, Reply, Server

CANARY = "canary-of-this-test"
PACKAGE = str(Path(payglot.__file__).parent)


def frames(error: BaseException | None) -> Iterator[tuple[str, dict[str, Any]]]:
    """Local variables of payglot's frames, in the error and in what it came from."""
    seen: set[int] = set()
    while error is not None and id(error) not in seen:
        seen.add(id(error))
        step: TracebackType | None = error.__traceback__
        while step is not None:
            if step.tb_frame.f_code.co_filename.startswith(PACKAGE):
                yield (
                    step.tb_frame.f_code.co_qualname
                    if hasattr(step.tb_frame.f_code, "co_qualname")
                    else step.tb_frame.f_code.co_name,
                    step.tb_frame.f_locals,
                )
            step = step.tb_next
        error = error.__cause__ or error.__context__


def shown(value: object, depth: int = 0) -> str:
    """What a tool may record of a value: containers are walked, and objects that have fields."""
    text = repr(value)
    if depth < 4:
        if isinstance(value, dict):
            text += "".join(shown(item, depth + 1) for item in value.values())
        elif isinstance(value, (list, tuple, set)):
            text += "".join(shown(item, depth + 1) for item in value)
        elif hasattr(value, "__dict__") and not isinstance(value, type):
            text += shown(vars(value), depth + 1)
    return text


def check(call: Callable[[], object], *errors: type[BaseException]) -> None:
    with pytest.raises(errors) as raised:
        call()
    found = list(frames(raised.value))
    assert found, "no frame of payglot's"
    for name, variables in found:
        for variable, value in variables.items():
            if isinstance(value, BaseException):
                # The error itself, which has fields for those who read them.
                continue
            assert CANARY not in shown(value), f"{name}: {variable}"


CLIENTS = [payglot.PaywintPlatform, payglot.AsyncPaywintPlatform]


@pytest.mark.parametrize("client", CLIENTS)
def test_a_client_that_cannot_be_made(client: Any) -> None:
    for given in (
        {"secret_key": CANARY},
        {"platform_id": "id", "secret_key": CANARY, "base_url": "no url"},
        {"platform_id": "id", "secret_key": f"{CANARY}\n"},
        {"platform_id": "id", "secret_key": CANARY, "timeout": -1},
        {"platform_id": "id", "secret_key": "key", "proxy": f"nonsense://user:{CANARY}@host"},
        {"platform_id": "id", "secret_key": CANARY, "environment": "nowhere"},
    ):
        check(lambda given=given: client(**given), payglot.ConfigurationError)  # type: ignore[misc]
    check(lambda: payglot.Linora(api_key=CANARY), payglot.ConfigurationError)
    developer = {"api_key": CANARY, "api_secret": f"{CANARY}\t"}
    check(lambda: payglot.PaywintDeveloper(**developer), payglot.ConfigurationError)  # type: ignore[arg-type]


def test_keys_for_other_http_clients() -> None:
    check(
        lambda: RequestsAuth(payglot.PaywintPlatform, secret_key=CANARY, platform_id=""),
        payglot.ConfigurationError,
    )
    check(lambda: RequestsAuth(payglot.PaywintPlatform, secret=CANARY), TypeError)
    check(lambda: RequestsAuth(str, secret_key=CANARY), TypeError)  # type: ignore[type-var,arg-type]


def test_a_delivery_that_is_refused() -> None:
    """Any stranger can cause this with one request."""
    delivery = paywint_platform.sample_delivery("payment.success", "another secret")
    refused = payglot.WebhookVerificationError
    for secret in (CANARY, CANARY.encode(), [CANARY, CANARY]):
        for headers in (delivery.headers, {}, {"X-Webhook-Signature": "x"}):
            check(lambda s=secret, h=headers: verify(delivery.body, h, s), refused)  # type: ignore[misc]
            for module in (paywint_platform, paywint_developer):
                check(
                    lambda s=secret, h=headers, m=module: m.construct_event(delivery.body, h, s),  # type: ignore[misc]
                    refused,
                )
    scheme = Scheme(tolerance=-1)
    invalid = payglot.InvalidRequestError
    check(lambda: verify(delivery.body, delivery.headers, CANARY, scheme), invalid)
    check(lambda: verify({}, delivery.headers, CANARY), invalid)  # type: ignore[arg-type]
    check(lambda: verify(delivery.body, 5, CANARY), invalid)  # type: ignore[arg-type]
    check(lambda: verify(delivery.body, delivery.headers, [CANARY, 5]), invalid)  # type: ignore[list-item]
    check(lambda: sign({}, 1, CANARY), invalid)  # type: ignore[arg-type]
    check(lambda: paywint_platform.sample_delivery("no", CANARY), invalid)  # type: ignore[arg-type]


def test_a_sandbox_that_does_not_start(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PAYWINT_SECRET_KEY", CANARY)
    for binary in (str(tmp_path / "nowhere"), "/bin/false"):
        for webhook in ((), f"http://127.0.0.1/{CANARY}", [f"http://127.0.0.1/{CANARY}"]):
            check(
                lambda b=binary, w=webhook: Sandbox(binary=b, webhook=w, webhook_secret=CANARY),  # type: ignore[misc]
                SandboxError,
            )

    class Unreadable:
        def __iter__(self) -> Iterator[str]:
            raise LookupError

    check(lambda: Sandbox(webhook=Unreadable(), webhook_secret=CANARY), LookupError)
    for binary in (str(tmp_path / "nowhere"), "/usr/bin/env"):
        check(
            lambda b=binary: crash_lab(["true"], binary=b, environment={"MY_KEY": CANARY}),  # type: ignore[misc]
            SandboxError,
        )


def account(client: Any, **more: Any) -> Any:
    given = {"user_id": USER, "account_holder_name": "Ann", "bank_name": "Bank", "routing_number": CANARY}
    return client.bank_accounts.add(account_number=CANARY, **given, max_retries=0, **more)


CALLS: list[Callable[[Any], Any]] = [
    account,
    lambda client: account(client.with_raw_response),
    lambda client: client.bank_accounts.add(account_number=CANARY),
    lambda client: account(client, headers={"connection": "close"}),
    lambda client: client.request("POST", "/api/x", json={"card": CANARY}, query={"otp": CANARY}),
    lambda client: client.request("POST", "/api/x", json={"card": [CANARY, {1: object()}]}),
    lambda client: client.kyb.submit(USER, ein=CANARY),
]


@pytest.mark.parametrize("call", CALLS)
@pytest.mark.parametrize("reply", [Reply(422, "{}"), Reply(500, "<html>"), Drop()])
def test_arguments_that_are_sensitive(
    server: Server, platform: payglot.PaywintPlatform, async_platform: Any, call: Any, reply: Any
) -> None:
    server.play(reply)
    check(lambda: call(platform), payglot.PayglotError)

    async def main() -> None:
        await call(async_platform())

    check(lambda: asyncio.run(main()), payglot.PayglotError)


def test_a_sandbox_that_says_nothing(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("SOME_KEY_OF_THE_SHOP", CANARY)
    start: Any = Sandbox
    silent = {"binary": sys.executable}
    for given in (
        {"binary": str(tmp_path / "not-there")},
        {"binary": str(tmp_path)},
        {**silent, "webhook": "http://127.0.0.1:1"},
        {"seed": 1, "state": str(tmp_path / "no" / "folder")},
    ):
        check(lambda given=given: start(webhook_secret=CANARY, **given), SandboxError)  # type: ignore[misc]
    # Nor with an argument that cannot be used.
    for wrong in ({"state": 5}, {"webhook": [5]}):
        check(lambda wrong=wrong: start(webhook_secret=CANARY, **silent, **wrong), TypeError)  # type: ignore[misc]


def test_the_error_of_a_sandbox_leads_to_no_frame_with_the_environment(tmp_path: Path) -> None:
    """Those of `subprocess` have it, and a tool follows causes."""
    with pytest.raises(SandboxError) as raised:
        Sandbox(webhook_secret=CANARY, binary=str(tmp_path / "not-there"))
    assert raised.value.__cause__ is None and raised.value.__context__ is None


def test_a_hidden_value_says_nothing() -> None:
    hidden = payglot._payglot.Hidden({"key": CANARY}, {"more": CANARY})  # type: ignore[attr-defined]
    assert repr(hidden) == str(hidden) == "<hidden>"
    assert CANARY not in shown(hidden)
    assert not hasattr(hidden, "__dict__") and not hasattr(hidden, "__iter__")
    assert os.fspath(PACKAGE) in payglot.__file__

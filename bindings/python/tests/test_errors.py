"""Errors: classes by status, fields, what shows of them, retries, and outcomes that nobody knows."""

from __future__ import annotations

import copy
import json
import pickle
import socket
from functools import partial
from typing import Any

import payglot
import pytest
from conftest import USER
from scripted import Drop, Hang, Reply, Server, data, records

AT_ONCE = {"retry-after": "0"}
STATUSES = [
    (400, payglot.BadRequestError),
    (401, payglot.AuthenticationError),
    (403, payglot.PermissionDeniedError),
    (404, payglot.NotFoundError),
    (409, payglot.ConflictError),
    (418, payglot.APIError),
    (422, payglot.UnprocessableEntityError),
    (429, payglot.RateLimitError),
    (500, payglot.InternalServerError),
    (503, payglot.InternalServerError),
]


@pytest.mark.parametrize(("status", "expected"), STATUSES)
def test_class_by_status(
    server: Server, platform: payglot.PaywintPlatform, status: int, expected: type[payglot.APIError]
) -> None:
    body = json.dumps(
        {"message": "Out of luck", "code": "E17", "detail": [{"loc": ["body", "x"], "msg": "no"}]}
    )
    server.play(Reply(status, body, {"x-request-id": "req-1", **AT_ONCE}))
    with pytest.raises(payglot.PayglotError) as raised:
        platform.wallets.get(USER, max_retries=0)
    error = raised.value
    assert type(error) is expected
    assert isinstance(error, payglot.APIError)
    assert (error.status, error.code, error.request_id) == (status, "E17", "req-1")
    assert error.operation == "wallets.get"
    assert error.detail == [{"loc": ["body", "x"], "msg": "no"}]
    assert error.body == body
    assert error.headers["x-request-id"] == "req-1"
    assert str(error).startswith(f"wallets.get: the vendor answered {status}: Out of luck")
    # The page on errors says so.
    assert str(error) == f"wallets.get: {error.message}"
    assert type(error).__module__ == "payglot"
    assert len(server.requests) == 1


def test_repeated_headers_are_joined(server: Server, platform: payglot.PaywintPlatform) -> None:
    headers: dict[str, str | list[str]] = {"warning": ["one", "two"]}
    server.play(Reply(404, "{}", headers), Reply(200, data({}).body, headers))
    with pytest.raises(payglot.NotFoundError) as raised:
        platform.wallets.get(USER)
    assert raised.value.headers["warning"] == "one, two"
    assert platform.with_raw_response.wallets.get(USER).headers["warning"] == "one, two"


def test_rate_limit_tells_how_long_to_wait(server: Server, platform: payglot.PaywintPlatform) -> None:
    server.play(Reply(429, "{}", {"retry-after": "7"}))
    with pytest.raises(payglot.RateLimitError) as raised:
        platform.wallets.get(USER, max_retries=0)
    assert raised.value.retry_after == 7.0


def test_failure_under_a_good_status(server: Server, platform: payglot.PaywintPlatform) -> None:
    server.play(Reply(200, '{"success": false, "message": "No wallet yet", "data": null}'))
    with pytest.raises(payglot.APIError, match="No wallet yet") as raised:
        platform.wallets.get(USER)
    assert type(raised.value) is payglot.APIError
    assert raised.value.status == 200


def test_reads_are_sent_again(server: Server, platform: payglot.PaywintPlatform) -> None:
    server.play(Reply(503, "{}", AT_ONCE), Drop(), data({"user_id": USER}))
    wallet = platform.wallets.get(USER)
    assert wallet is not None and wallet.user_id == USER
    assert len(server.requests) == 3
    assert len({request.headers["x-signature"] for request in server.requests}) == 1


def test_a_payment_is_sent_once(server: Server, platform: payglot.PaywintPlatform) -> None:
    server.play(Drop())
    with pytest.raises(payglot.OutcomeUnknownError) as raised:
        platform.wallets.fund(USER, amount="10.10", bank_id=USER)
    error = raised.value
    assert len(server.requests) == 1
    assert error.attempts == 1
    assert error.reconcile and error.reconcile in str(error)
    assert error.status is None and error.body is None
    assert not isinstance(error, payglot.APIError)
    # The cause is there as text.
    assert type(error.__cause__) is Exception and str(error.__cause__)

    server.play(Reply(502, "<html>"))
    with pytest.raises(payglot.OutcomeUnknownError) as raised:
        platform.wallets.fund(USER, amount="10.10", bank_id=USER)
    assert (raised.value.status, raised.value.body) == (502, "<html>")
    assert len(server.requests) == 1


def test_timeouts(server: Server, platform: payglot.PaywintPlatform) -> None:
    server.play(Hang())
    with pytest.raises(payglot.APITimeoutError) as raised:
        platform.wallets.get(USER, timeout=0.1)
    assert isinstance(raised.value, payglot.APIConnectionError)
    with pytest.raises(payglot.OutcomeUnknownError):
        platform.wallets.fund(USER, amount=1, bank_id=USER, timeout=0.1)


def test_no_connection() -> None:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    client = payglot.PaywintPlatform(
        platform_id="id", secret_key="key", base_url=f"http://127.0.0.1:{port}", max_retries=0
    )
    with pytest.raises(payglot.APIConnectionError, match="nothing was sent") as raised:
        client.wallets.fund(USER, amount=1, bank_id=USER)
    chain = []
    cause = raised.value.__cause__
    while cause is not None:
        chain.append(str(cause))
        cause = cause.__cause__
    assert any("refused" in text for text in chain), chain


@pytest.mark.parametrize("body", ["<html>", "[1]", "", '{"success": true, "records": {"not": "a list"}}'])
def test_answers_that_are_not_understood(
    server: Server, platform: payglot.PaywintPlatform, body: str
) -> None:
    server.play(Reply(200, body))
    with pytest.raises(payglot.ResponseFormatError, match="the vendor answered 200") as raised:
        platform.users.list()
    assert (raised.value.status, raised.value.body) == (200, body)


def test_a_payload_of_another_shape(server: Server, platform: payglot.PaywintPlatform) -> None:
    server.play(data([1, 2]))
    with pytest.raises(payglot.ResponseFormatError, match="another shape") as raised:
        platform.wallets.get(USER)
    assert raised.value.operation == "wallets.get"


def test_an_answer_that_is_too_large(server: Server) -> None:
    client = payglot.Linora(api_key="key", base_url=server.url, max_response_bytes=1000)
    server.play(Reply(200, json.dumps({"x": "x" * 2000})))
    with pytest.raises(payglot.ResponseFormatError, match="max_response_bytes"):
        client.users.get("1")


def test_pickle_and_copy(server: Server, platform: payglot.PaywintPlatform) -> None:
    server.play(Reply(422, '{"detail": [{"loc": ["a"], "msg": "b"}]}', {"x-request-id": "r"}))
    errors: list[payglot.PayglotError] = []
    for user in (USER, "not an id"):
        with pytest.raises(payglot.PayglotError) as raised:
            platform.wallets.get(user)
        errors.append(raised.value)
    server.play(Drop())
    with pytest.raises(payglot.OutcomeUnknownError) as unknown:
        platform.wallets.fund(USER, amount=1, bank_id=USER)
    errors.append(unknown.value)
    for error in errors:
        for again in (pickle.loads(pickle.dumps(error)), copy.copy(error), copy.deepcopy(error)):
            assert type(again) is type(error)
            assert str(again) == str(error)
            assert vars(again) == vars(error)
            assert str(again.__cause__) == str(error.__cause__)


def test_a_payment_that_failed(server: Server, platform: Any) -> None:
    """Issue 12.1: the record tells, and is on the error where an error was asked for."""
    fields = {"user_id": USER, "payee_id": USER, "amount": "10.50", "invoice_no": "INV-1"}
    pay = partial(platform.payments.create, **fields, payment_method="WALLET", receiving_method="WALLET")
    reply = data({"status": "failed", "amount": 10.5, "failure_reason": "Insufficient funds"})
    server.play(reply)
    record = pay()
    assert record is not None
    assert (record.has_failed, record.is_final) == (True, True)
    server.play(reply)
    with pytest.raises(payglot.PaymentFailedError, match="failed") as raised:
        pay(raise_on_failed=True)
    for error in (raised.value, pickle.loads(pickle.dumps(raised.value))):
        assert error.record == record
        assert error.may_have_happened is False
    for status, is_final in (("success", True), ("processing", False), ("brand_new", False)):
        server.play(data({"status": status}))
        record = pay(raise_on_failed=True)
        assert record is not None
        assert (record.has_failed, record.is_final) == (False, is_final)
    with pytest.raises(payglot.InvalidRequestError, match="raise_on_failed"):
        pay(raise_on_failed="yes")


def test_made_by_hand() -> None:
    error = payglot.NotFoundError("cards.get: gone", status=404, headers={"a": "b"})
    assert (error.message, error.status, error.code) == ("cards.get: gone", 404, None)
    assert payglot.APIError("x").headers == {}
    assert payglot.APIError("x").headers is not payglot.APIError("x").headers
    assert issubclass(payglot.InvalidRequestError, ValueError)
    assert issubclass(payglot.APITimeoutError, payglot.APIConnectionError)


def test_nothing_private_shows(server: Server, platform: payglot.PaywintPlatform) -> None:
    server.play(
        Reply(400, '{"detail": "bad", "account_number": "canary-body"}', {"x-canary": "canary-header"})
    )
    with pytest.raises(payglot.BadRequestError) as raised:
        platform.payee_bank_accounts.get(USER, bank_id=USER)
    assert "canary" not in f"{raised.value!r} {raised.value}"
    assert raised.value.body is not None and "canary-body" in raised.value.body


def test_null_where_an_object_was_promised(server: Server, platform: payglot.PaywintPlatform) -> None:
    server.play(data(None))
    assert platform.checks.update_config(USER) is None
    server.play(records([]))
    assert platform.cards.list(USER) == []
    server.play(Reply(200, '{"success": true, "records": null}'))
    assert platform.cards.list(USER) == []

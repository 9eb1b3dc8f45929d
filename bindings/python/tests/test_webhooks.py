"""Webhooks: the vectors that all languages share, and what Python users give and get."""

from __future__ import annotations

import asyncio
import base64
import copy
import json
import pickle
from datetime import datetime, timezone
from decimal import Decimal
from pathlib import Path
from typing import Any

import payglot
import pytest
from payglot import webhooks
from payglot.webhooks import Scheme, paywint_developer, paywint_platform

VECTORS = json.loads((Path(__file__).parents[3] / "tests/contract/webhooks.json").read_text(encoding="utf-8"))
SURFACE = json.loads((Path(__file__).parents[3] / "tests/contract/generated_surface.json").read_text())
MODULES = {"paywint-platform": paywint_platform, "paywint-developer": paywint_developer}
SECRET = "whsec_1"


def named(cases: list[dict[str, Any]]) -> list[Any]:
    return [pytest.param(case, id=case["name"]) for case in cases]


def check_error(error: payglot.PayglotError, wanted: dict[str, Any]) -> None:
    assert type(error).__name__ == wanted["class"]
    assert wanted["message_has"] in str(error)
    assert "100.00" not in str(error)


def test_the_defaults_are_those_of_the_contract() -> None:
    assert Scheme() == Scheme(**VECTORS["default_scheme"]) == webhooks.DEFAULT_SCHEME


@pytest.mark.parametrize("case", named(VECTORS["cases"]))
def test_delivery(case: dict[str, Any]) -> None:
    body = base64.b64decode(case["body_base64"])
    secrets = [base64.b64decode(secret) for secret in case["secrets_base64"]]
    given = (body, [tuple(pair) for pair in case["headers"]], secrets, Scheme(**case["scheme"]))
    if case["error"] is None:
        webhooks.verify(*given, now=case["now"])
        return
    with pytest.raises(payglot.PayglotError) as caught:
        webhooks.verify(*given, now=case["now"])
    check_error(caught.value, case["error"])


@pytest.mark.parametrize("case", named(VECTORS["events"]))
def test_event(case: dict[str, Any]) -> None:
    module, body = MODULES[case["provider"]], base64.b64decode(case["body_base64"])
    if case["error"] is not None:
        with pytest.raises(payglot.PayglotError) as caught:
            module.parse(body)
        check_error(caught.value, case["error"])
        return
    event, wanted = module.parse(body), case["event"]
    assert (event.event, event.id) == (wanted["event"], wanted["id"])
    assert isinstance(event, webhooks.UnknownEvent) != wanted["known"]
    if wanted["generated_at"] is None:
        assert event.generated_at is None
    else:
        assert event.generated_at == datetime.fromisoformat(wanted["generated_at"].replace("Z", "+00:00"))
    data: Any = event.data
    if not isinstance(data, payglot.types.Model):
        assert data == wanted["data"]
        return
    for name, value in wanted["data"].items():
        there = getattr(data, name) if name in dir(data) else data.extra[name]
        assert (f"{there:f}" if isinstance(there, Decimal) else there) == value, name


@pytest.mark.parametrize(
    ("module", "name", "kind"),
    [
        (MODULES[provider["name"]], event["name"], event["class"])
        for provider in SURFACE["providers"]
        for event in provider["events"]
    ],
)
def test_every_event_has_a_class_and_a_sample(module: Any, name: str, kind: str) -> None:
    delivery = module.sample_delivery(name, SECRET)
    event = module.construct_event(delivery.body, delivery.headers, SECRET)
    assert type(event) is getattr(module, kind)
    assert event.event == name
    assert name in (type(event).__doc__ or "")
    assert (datetime.now(timezone.utc) - event.generated_at).total_seconds() < 60
    with pytest.raises(payglot.WebhookVerificationError):
        module.construct_event(delivery.body + b" ", delivery.headers, SECRET)


def test_only_providers_with_events_have_a_module() -> None:
    for provider in SURFACE["providers"]:
        assert hasattr(webhooks, provider["module"]) == bool(provider["events"])


def test_cents_and_dollars_have_different_names() -> None:
    delivery = paywint_developer.sample_delivery("payment.success", SECRET, data={"amount": 1234})
    event = paywint_developer.parse(delivery.body)
    assert isinstance(event, paywint_developer.PaymentSuccessEvent)
    assert event.data is not None
    assert event.data.amount_cents == Decimal(1234)
    assert not hasattr(event.data, "amount")
    given = {"amount": Decimal("10.10"), "brand_new": ["ü"]}
    delivery = paywint_platform.sample_delivery("payment.success", SECRET, data=given)
    platform = paywint_platform.parse(delivery.body)
    assert isinstance(platform, paywint_platform.PaymentSuccessEvent)
    assert platform.data is not None
    assert str(platform.data.amount) == "10.10"
    assert platform.data.extra == {"brand_new": ["ü"]}


class FrameworkHeaders:
    """As Starlette, Django and others have them: not a dict, but with `items`."""

    def __init__(self, headers: dict[str, str]) -> None:
        self.headers = headers

    def items(self) -> Any:
        return self.headers.items()


def test_bodies_and_headers_of_every_kind() -> None:
    delivery = paywint_platform.sample_delivery("kyc.approved", SECRET)
    body, headers = delivery.body, delivery.headers
    for given in (body, bytearray(body), memoryview(body), body.decode()):
        webhooks.verify(given, headers, SECRET)
    lower = {name.lower(): value for name, value in headers.items()}
    as_bytes = [(name.encode(), value.encode()) for name, value in headers.items()]
    lists = {name: [value] for name, value in headers.items()}
    for kind in (lower, FrameworkHeaders(lower), list(headers.items()), as_bytes, lists):
        webhooks.verify(body, kind, SECRET)
    webhooks.verify(body, headers, SECRET.encode())
    webhooks.verify(body, headers, (one for one in ("old", SECRET)))


@pytest.mark.parametrize(
    ("argument", "given"),
    [
        ("body", ({"event": "x"}, {}, SECRET)),
        ("body", (None, {}, SECRET)),
        ("headers", (b"", 7, SECRET)),
        ("headers", (b"", ["x"], SECRET)),
        ("headers", (b"", {"X-Webhook-Signature": 1}, SECRET)),
        ("secret", (b"", {}, None)),
        ("secret", (b"", {}, [1])),
        ("encoding", (b"", {}, SECRET, Scheme(encoding="hexa"))),  # type: ignore[arg-type]
        ("tolerance", (b"", {}, SECRET, Scheme(tolerance=-1))),
    ],
)
def test_wrong_arguments(argument: str, given: Any) -> None:
    with pytest.raises(payglot.InvalidRequestError) as caught:
        webhooks.verify(*given)
    assert caught.value.argument == argument  # type: ignore[attr-defined]
    if argument == "body":
        assert "raw body" in str(caught.value)


def test_wrong_samples() -> None:
    with pytest.raises(payglot.InvalidRequestError, match="payment.retried"):
        paywint_developer.sample_delivery("no.such", SECRET)  # type: ignore[arg-type]
    with pytest.raises(payglot.InvalidRequestError, match="JSON object"):
        paywint_developer.sample_delivery("payment.success", SECRET, data=[])  # type: ignore[arg-type]


def test_an_event_is_a_value() -> None:
    delivery = paywint_developer.sample_delivery("payment.failed", SECRET, data={"failed_reason": "broke"})
    event = paywint_developer.parse(delivery.body)
    for other in (
        pickle.loads(pickle.dumps(event)),
        copy.deepcopy(event),
        paywint_developer.parse(delivery.body),
    ):
        assert other == event and hash(other) == hash(event) and type(other) is type(event)
    assert event != paywint_developer.parse(paywint_developer.sample_delivery("payment.failed", SECRET).body)
    assert "broke" not in repr(event) and event.id in repr(event)
    assert "broke" not in repr(delivery)
    assert event.raw["data"]["failed_reason"] == "broke"
    with pytest.raises(AttributeError, match="frozen"):
        event.id = "x"  # type: ignore[misc]


def test_match_tells_events_apart() -> None:
    match paywint_platform.parse(paywint_platform.sample_delivery("payment.refunded", SECRET).body):
        case paywint_platform.PaymentRefundedEvent(data=payment):
            assert payment is not None and payment.status == "refunded"
        case _:
            pytest.fail("another event")


def test_a_signature_made_is_a_signature_that_holds() -> None:
    scheme = Scheme(encoding="base64", prefix="v1=")
    signature = webhooks.sign("{}", 1718006400, SECRET, scheme)
    headers = {"X-Webhook-Signature": signature, "X-Webhook-Timestamp": "1718006400"}
    webhooks.verify("{}", headers, SECRET, scheme, now=1718006400)


def test_only_what_the_scheme_names_is_read_of_the_headers() -> None:
    """Issue 12.26."""
    delivery = paywint_platform.sample_delivery("payment.success", SECRET)
    odd: dict[Any, Any] = {
        "x-none": None,
        "x-number": 5,
        "x-list": [],
        "x-bytes": b"\xff\xfe",
        7: 7,
        b"\xff": object(),
    }
    webhooks.verify(delivery.body, {**odd, **delivery.headers}, SECRET)
    webhooks.verify(delivery.body, [*odd.items(), *delivery.headers.items()], SECRET)
    # A WSGI environment, and Django's META.
    environ = {f"HTTP_{name.upper().replace('-', '_')}": value for name, value in delivery.headers.items()}
    webhooks.verify(delivery.body, {"wsgi.input": object(), "SERVER_PORT": 80, **environ}, SECRET)
    for end in ("\n", "\r\n"):
        with pytest.raises(payglot.WebhookVerificationError, match="the secret ends with a line break"):
            webhooks.verify(delivery.body, delivery.headers, SECRET + end)
    with pytest.raises(payglot.InvalidRequestError, match="whether the variable is set"):
        webhooks.verify(delivery.body, delivery.headers, None)  # type: ignore[arg-type]


def handled(guard: webhooks.ReplayGuard, name: str) -> bool:
    with guard.handling(name) as first:
        return first


def test_a_guard_knows_what_was_handled() -> None:
    """Issue 16: an event counts as handled when its handling has succeeded."""
    guard = webhooks.ReplayGuard(capacity=2)
    assert [handled(guard, name) for name in "abacac"] == [True, True, False, True, True, False]
    with pytest.raises(ZeroDivisionError), guard.handling("d") as first:
        assert first
        # It is neither new nor done.
        with pytest.raises(payglot.EventInProgressError, match="503") as raised, guard.handling("d"):
            pass
        assert raised.value.may_have_happened is False
        raise ZeroDivisionError
    assert handled(guard, "d")
    assert not handled(guard, "d")
    for wrong in ("", None, 5):
        with pytest.raises((payglot.InvalidRequestError, TypeError)), guard.handling(wrong):  # type: ignore[arg-type]
            pass


def test_a_guard_in_coroutines() -> None:
    guard = webhooks.ReplayGuard()

    async def handle(started: asyncio.Event) -> bool:
        with guard.handling("a") as first:
            started.set()
            await asyncio.sleep(0.01)
            return first

    async def main() -> None:
        started = asyncio.Event()
        task = asyncio.create_task(handle(started))
        await started.wait()
        with pytest.raises(payglot.EventInProgressError):
            await handle(started)
        assert await task
        assert not await handle(started)

    asyncio.run(main())


def test_a_guard_refuses_a_window_in_the_past() -> None:
    with pytest.raises(payglot.InvalidRequestError, match="window"):
        webhooks.ReplayGuard(window=-1)


def test_issue_12_9_half_of_a_surrogate_pair_loses_no_id() -> None:
    body = webhooks.paywint_platform.sample_delivery("payment.success", SECRET).body
    delivery = json.loads(body)

    def event_of(event_id: str) -> webhooks.WebhookEvent:
        return paywint_platform.parse(json.dumps({**delivery, "id": event_id}))

    ids = [event_of(event_id).id for event_id in ("x\ud83d", "x\ud83e", "x\ud83d")]
    assert ids == [r"x\ud83d", r"x\ud83e", r"x\ud83d"]
    guard = webhooks.ReplayGuard()
    handled = []
    for event_id in ids:
        with guard.handling(event_id) as is_first:
            handled.append(is_first)
    assert handled == [True, True, False]

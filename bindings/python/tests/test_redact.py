"""`payglot.redact`: values as a log may have them (issue 15.4)."""

from __future__ import annotations

import json
import logging
from datetime import datetime, timezone
from decimal import Decimal
from typing import Any

import payglot
import pytest
from payglot.types.paywint_platform import PlatformPaymentRead, PlatformUserKycRead

SECRETS = ("Ada Secret", "123-45-6789", "secret-note")
USER = PlatformUserKycRead.from_json(
    '{"first_name": "Ada Secret", "ssn": "123-45-6789", "new": "secret-note", "user_id": "u-1", "dob": null}'
)


def test_issue_15_4_a_model_without_what_is_sensitive() -> None:
    shown = payglot.redact({"users": [USER], "count": 1})
    text = json.dumps(shown)
    assert not [secret for secret in SECRETS if secret in text]
    assert shown["count"] == 1
    user = shown["users"][0]
    assert (user["first_name"], user["new"], user["dob"]) == ("[redacted]", "[unknown]", None)
    assert payglot.redact(PlatformPaymentRead(amount=Decimal("10.10"))) == {"amount": "10.10"}
    # The same that a repr hides.
    assert repr(USER).count("[redacted]") == text.count("[redacted]")


def test_issue_15_4_a_value_of_another_type_is_not_shown() -> None:
    payment = PlatformPaymentRead.from_json('{"amount": {"odd": "secret-note"}, "payer_id": null}')
    assert payglot.redact(payment) == {"amount": "[of another type]", "payer_id": None}


def test_issue_15_4_an_error_without_its_body() -> None:
    error = payglot.BadRequestError(
        "payments.get: no",
        message="no",
        status=400,
        request_id="r-1",
        body="secret-note",
        headers={"x": "secret-note"},
        operation="payments.get",
    )
    shown = payglot.redact([error])[0]
    assert shown["error"] == "BadRequestError"
    assert (shown["status"], shown["request_id"], shown["operation"]) == (400, "r-1", "payments.get")
    assert "secret-note" not in json.dumps(shown)


@pytest.mark.parametrize(
    ("value", "shown"),
    [
        (None, None),
        (1.5, 1.5),
        ("text", "text"),
        (Decimal("1.10"), "1.10"),
        (datetime(2026, 1, 31, tzinfo=timezone.utc), "2026-01-31 00:00:00+00:00"),
        (b"secret-note", "[11 bytes]"),
        ((1, [2]), [1, [2]]),
    ],
)
def test_issue_15_4_other_values(value: Any, shown: Any) -> None:
    assert payglot.redact(value) == shown


def test_issue_15_4_what_contains_itself_ends() -> None:
    around: list[Any] = []
    around.append(around)
    assert json.dumps(payglot.redact(around)).count("[nested too deeply]") == 1


class RedactingFilter(logging.Filter):
    """As the docs have it."""

    def filter(self, record: logging.LogRecord) -> bool:
        record.args = tuple(payglot.redact(record.args)) if isinstance(record.args, tuple) else record.args
        return True


def test_issue_15_4_a_filter_of_logging(caplog: pytest.LogCaptureFixture) -> None:
    logger = logging.getLogger("shop")
    logger.addFilter(RedactingFilter())
    with caplog.at_level(logging.INFO, "shop"):
        logger.info("made %s", USER)
    assert "[redacted]" in caplog.text
    assert not [secret for secret in SECRETS if secret in caplog.text]

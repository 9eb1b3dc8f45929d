"""What a vendor always sends has no `None` in its type, and is an error where it is missing (issue 15.8)."""

from __future__ import annotations

import copy
import json
import pickle
import typing
from decimal import Decimal

import payglot
import pytest
from payglot.types.paywint_platform import (
    PlatformCardSecureLinkRead,
    PlatformPaymentRead,
    PlatformWalletFundRead,
)

CANARY = "canary-7313"


def made(**fields: object) -> PlatformPaymentRead:
    return PlatformPaymentRead.from_json(json.dumps(fields))


def test_issue_15_8_what_is_there_is_read() -> None:
    payment = made(payment_id="p-1", amount="5.10", currency="USD", status="settling")
    read = (payment.payment_id, payment.amount, payment.currency, payment.status)
    assert read == ("p-1", Decimal("5.10"), "USD", "settling")
    assert not payment.has_failed


@pytest.mark.parametrize(("given", "says"), [({}, "is missing"), ({"payment_id": None}, "is missing")])
def test_issue_15_8_what_is_left_out_takes_nothing_with_it(given: dict[str, object], says: str) -> None:
    payment = made(**given, amount=5, status="success", new=CANARY)
    with pytest.raises(payglot.ResponseFormatError) as caught:
        payment.payment_id  # noqa: B018
    assert f"PlatformPaymentRead.payment_id {says}" in str(caught.value)
    assert CANARY not in f"{caught.value} {caught.value!r}"
    assert caught.value.may_have_happened
    # All else is there, and so is the whole.
    assert (payment.amount, payment.status, payment.description) == (5, "success", None)
    assert payment.to_dict() == {**given, "amount": 5, "status": "success", "new": CANARY}
    assert payment.raw == payment.to_dict()
    assert payment.extra == {"new": CANARY}
    assert "amount=Decimal('5')" in repr(payment)
    assert pickle.loads(pickle.dumps(payment)) == copy.deepcopy(payment) == payment
    assert payment.replace(payment_id="p-1").payment_id == "p-1"


def test_issue_15_8_what_is_of_another_type_is_told_as_such() -> None:
    payment = made(payment_id={CANARY: 1})
    with pytest.raises(payglot.ResponseFormatError, match=r"payment_id is an object") as caught:
        payment.payment_id  # noqa: B018
    assert CANARY not in str(caught.value)


def test_issue_15_8_a_field_that_is_not_marked_reads_as_none() -> None:
    assert made().description is None
    assert PlatformWalletFundRead.from_json("{}").payment is None


def test_issue_15_8_a_sensitive_field_says_that_a_journal_has_none() -> None:
    with pytest.raises(payglot.ResponseFormatError, match="a journal that replays"):
        PlatformCardSecureLinkRead.from_json("{}").secure_link  # noqa: B018


def test_issue_15_8_annotations_say_which_fields_are_certain() -> None:
    hints = typing.get_type_hints(PlatformPaymentRead)
    (certain,) = typing.get_args(hints["payment_id"])
    (optional,) = typing.get_args(hints["description"])
    assert certain is str
    assert type(None) in typing.get_args(optional)

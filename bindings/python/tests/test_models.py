"""Models: values by type, leniency, and what a frozen object must be able to do."""

from __future__ import annotations

import copy
import json
import pickle
import weakref
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta, timezone
from decimal import Decimal
from random import Random
from typing import Any

import payglot
import pytest
from conftest import USER
from payglot.types.linora import Card
from payglot.types.paywint_developer import PayeeAddressRead
from payglot.types.paywint_platform import (
    PlatformCardRead,
    PlatformCardSecureLinkRead,
    PlatformPaymentRead,
    PlatformUserKycRead,
    PlatformWalletFundRead,
)
from scripted import Server, data

PAYMENT = '{"payment_id": "p-1", "amount": 10.10, "created_at": "2026-01-31T09:30:00Z", "status": "odd"}'


def payment(**fields: Any) -> PlatformPaymentRead:
    return PlatformPaymentRead.from_json(json.dumps(fields))


@pytest.mark.parametrize(
    "digits", ["0.10", "10.10", "150.75", "99999999999.99", "7", "-3.50", "1e2", '"5.00"']
)
def test_money_keeps_its_digits(server: Server, platform: payglot.PaywintPlatform, digits: str) -> None:
    server.play(data(f'{{"amount": {digits}}}'))
    response = platform.payments.get(USER)
    assert response is not None
    assert isinstance(response.amount, Decimal)
    assert str(response.amount) == str(Decimal(digits.strip('"')))


@pytest.mark.parametrize("value", ["ten", "", [], {}, True, "1,000.00", "NaN"])
def test_issue_12_8_what_is_no_amount_is_kept_and_reading_it_raises(value: Any) -> None:
    response = payment(amount=value, payment_id="p-1")
    with pytest.raises(
        payglot.ResponseFormatError, match="amount is .+ where the document has an amount"
    ) as raised:
        _ = response.amount
    # The vendor has acted, whatever it wrote about it.
    assert raised.value.may_have_happened
    assert response.payment_id == "p-1"
    assert response.raw == response.to_dict() == {"amount": value, "payment_id": "p-1"}
    assert "amount=[of another type]" in repr(response)


def test_what_is_null_or_absent_reads_as_none() -> None:
    assert payment(processing_fee=None).processing_fee is None
    assert payment().processing_fee is None


def test_issue_12_9_lone_surrogates_are_kept() -> None:
    text = r'{"payment_id": "x\ud83d", "new": "\ude00", "status": "\ud83d\ude00"}'
    response = PlatformPaymentRead.from_json(text)
    assert (response.payment_id, response.status) == (r"x\ud83d", "\U0001f600")
    assert response.extra == {"new": "\ude00"}
    assert response == PlatformPaymentRead.from_json(text)
    assert response != PlatformPaymentRead.from_json(text.replace(r"x\ud83d", r"x\ud83e"))


def test_issue_12_22_numbers_that_python_would_spoil() -> None:
    digits = "9" * 5000
    text = f'{{"new": {digits}, "more": [1, 9007199254740993.01, 1e400, {digits}]}}'
    response = PlatformPaymentRead.from_json(text)
    assert response.extra == {
        "new": Decimal(digits),
        "more": [1, Decimal("9007199254740993.01"), Decimal("1e400"), Decimal(digits)],
    }
    assert type(response.extra["more"][0]) is int


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("2026-01-31T09:30:00Z", datetime(2026, 1, 31, 9, 30, tzinfo=timezone.utc)),
        ("2026-01-31T11:30:00.123456+02:00", datetime(2026, 1, 31, 9, 30, 0, 123456, tzinfo=timezone.utc)),
        # Of which zone these are, nobody says.
        ("2026-01-31T09:30:00", "2026-01-31T09:30:00"),
        ("2026-01-31 09:30:00.5", "2026-01-31 09:30:00.5"),
        ("2026-01-31T09:30:00.123Z", datetime(2026, 1, 31, 9, 30, 0, 123000, tzinfo=timezone.utc)),
        ("2016-12-31T23:59:60Z", datetime(2016, 12, 31, 23, 59, 59, tzinfo=timezone.utc)),
    ],
)
def test_timestamps(text: str, expected: datetime | str) -> None:
    response = payment(created_at=text)
    assert response.created_at == expected
    assert isinstance(response.created_at, str) or response.created_at.tzinfo is timezone.utc
    assert response.raw["created_at"] == text


@pytest.mark.parametrize(
    "text",
    ["2026-02-30T09:30:00Z", "2026-01-31T24:00:00Z", "yesterday", "", 5, [], "-000005-01-01T00:00:00Z"],
)
def test_issue_12_8_what_is_no_time_is_kept_and_reading_it_raises(text: Any) -> None:
    response = payment(created_at=text, payment_id="p-1")
    with pytest.raises(payglot.ResponseFormatError, match="created_at is "):
        _ = response.created_at
    assert response.payment_id == "p-1"
    assert response.to_dict()["created_at"] == response.raw["created_at"] == text


def test_both_readers_of_times_agree() -> None:
    """The usual layout is read by Python, the rest by the core: a space instead of the `T` is not usual."""

    def read(text: str) -> datetime | str | None:
        try:
            return payment(created_at=text).created_at
        except payglot.ResponseFormatError:
            return None

    random = Random(1)
    for _ in range(5000):
        year, month, day = random.randint(0, 9999), random.randint(0, 13), random.randint(0, 32)
        hour, minute, second = random.randint(0, 25), random.randint(0, 61), random.randint(0, 61)
        digits = random.randint(0, 9)
        fraction = f".{random.randrange(10**digits):0{digits}}" if digits else ""
        text = f"{year:04}-{month:02}-{day:02}T{hour:02}:{minute:02}:{second:02}{fraction}Z"
        assert read(text) == read(text.replace("T", " ")), text


def test_records_share_amounts_that_are_the_same() -> None:
    first, second = (payment(amount="1.10", payment_id="canary") for _ in range(2))
    assert first.amount is second.amount
    other = payment(amount="1.1")
    assert (str(other.amount), str(first.amount)) == ("1.1", "1.10")
    with pytest.raises(payglot.ResponseFormatError):
        _ = payment(amount="ten").amount
    assert payment(amount=1.5).amount == Decimal("1.5")
    # What may be of a person, and what is long, does not stay behind.
    assert first.payment_id == second.payment_id == "canary"
    assert first.payment_id is not second.payment_id
    long, again = (payment(amount="1." + 64 * "0") for _ in range(2))
    assert str(long.amount) == str(again.amount)
    assert long.amount is not again.amount


def test_threads_read_their_own_records() -> None:
    def read(name: str) -> bool:
        record = payment(processing_fee=name * 3, amount=name)
        return all(
            (str(record.processing_fee), str(record.amount)) == (name * 3, name) for _ in range(20_000)
        )

    with ThreadPoolExecutor(4) as threads:
        assert all(threads.map(read, ["1", "2", "3", "4"]))


def test_other_types_are_read_leniently() -> None:
    card = PlatformCardRead.from_json('{"card_id": 17, "is_limited": "true", "payment_confirm_required": 1}')
    assert card.card_id == "17"
    assert card.is_limited is True
    assert card.payment_confirm_required is True
    assert card.needs_update is True
    assert card.card_number is None
    assert PlatformCardRead.from_json("{}").needs_update is False


def test_nested_models() -> None:
    fund = PlatformWalletFundRead.from_json('{"payment": {"amount": 1.50, "x": 1}, "is_first_payment": true}')
    assert isinstance(fund.payment, PlatformPaymentRead)
    assert fund.payment.amount == Decimal("1.50")
    assert fund.payment == fund.payment
    assert fund.to_dict() == {"is_first_payment": True, "payment": {"amount": Decimal("1.50"), "x": 1}}
    for other in ('"gone"', "[]", "[1]"):
        gone = PlatformWalletFundRead.from_json(f'{{"payment": {other}}}')
        with pytest.raises(
            payglot.ResponseFormatError, match="payment is .+ where the document has an object"
        ):
            _ = gone.payment


def test_raw_extra_and_dict() -> None:
    response = PlatformPaymentRead.from_json(
        PAYMENT[:-1] + ', "new": {"a": [1, 2.50, null]}, "payer_id": null}'
    )
    assert response.extra == {"new": {"a": [1, Decimal("2.50"), None]}}
    assert response.raw == {
        "payment_id": "p-1",
        "amount": Decimal("10.10"),
        "created_at": "2026-01-31T09:30:00Z",
        "status": "odd",
        "new": {"a": [1, Decimal("2.50"), None]},
        "payer_id": None,
    }
    assert response.to_dict() == {
        "payment_id": "p-1",
        "amount": Decimal("10.10"),
        "created_at": datetime(2026, 1, 31, 9, 30, tzinfo=timezone.utc),
        "status": "odd",
        "new": {"a": [1, Decimal("2.50"), None]},
        "payer_id": None,
    }
    # An unknown value of an enum is a text like any other.
    assert response.status == "odd"


def test_both_spellings_are_read() -> None:
    for name in ("fist_name", "first_name"):
        address = PayeeAddressRead.from_json(f'{{"{name}": "Ann"}}')
        assert address.first_name == "Ann"
        assert address.raw == {name: "Ann"}
        assert address.extra == {}


def test_equality_and_hash() -> None:
    one, two = PlatformPaymentRead.from_json(PAYMENT), PlatformPaymentRead.from_json(PAYMENT)
    assert one == two and hash(one) == hash(two) and len({one, two}) == 1
    shuffled = json.dumps(dict(reversed(json.loads(PAYMENT).items()))).replace("10.1", "10.10")
    assert one == PlatformPaymentRead.from_json(shuffled)
    assert one != PlatformPaymentRead.from_json(PAYMENT.replace("10.10", "10.11"))
    assert one != PlatformCardRead.from_json(PAYMENT)
    assert one != PAYMENT
    assert one != PlatformPaymentRead.from_json(PAYMENT[:-1] + ', "new": 1}')


def test_pickle_copy_and_weakref(server: Server, platform: payglot.PaywintPlatform) -> None:
    server.play(data({"secure_link": "https://x", "new": 1}))
    link = platform.cards.create_add_link(USER, card_purpose="PAYMENT")
    assert link is not None
    for protocol in range(2, pickle.HIGHEST_PROTOCOL + 1):
        again = pickle.loads(pickle.dumps(link, protocol))
        assert type(again) is PlatformCardSecureLinkRead
        assert again == link and again.extra == {"new": 1}
        assert again.expires_at == link.expires_at
    assert copy.copy(link) == link and copy.deepcopy([link]) == [link]
    assert weakref.ref(link)() is link
    left = link.expires_at - datetime.now(timezone.utc)
    assert timedelta(minutes=29) < left <= timedelta(minutes=30)


def test_repr_keeps_sensitive_fields_to_itself() -> None:
    kyc = PlatformUserKycRead.from_json(
        json.dumps(
            {
                "user_id": "u",
                "ssn": "canary",
                "dob": "canary",
                "selfie": None,
                "id_type": "PASSPORT",
                "x": "canary",
            }
        )
    )
    assert repr(kyc) == (
        "PlatformUserKycRead(user_id='u', dob=[redacted], ssn=[redacted], id_type='PASSPORT', "
        "selfie=None, x=[unknown])"
    )
    assert kyc.ssn == "canary"
    nested = PlatformWalletFundRead.from_json('{"payment": {"amount": 1.50}}')
    assert repr(nested) == "PlatformWalletFundRead(payment=PlatformPaymentRead(amount=Decimal('1.50')))"


def test_frozen() -> None:
    card = Card.from_json('{"cardId": "c"}')
    with pytest.raises(AttributeError, match="frozen"):
        card.card_id = "d"  # type: ignore[assignment]
    with pytest.raises(AttributeError, match="frozen"):
        card.colour = "red"  # type: ignore[attr-defined]
    with pytest.raises(AttributeError, match="frozen"):
        del card.card_id
    with pytest.raises(AttributeError):
        card.colour  # type: ignore[attr-defined]  # noqa: B018
    assert card.card_id == "c"


def test_the_class() -> None:
    assert {"card_id", "raw", "extra", "to_dict", "needs_update"} <= set(dir(PlatformCardRead))
    assert PlatformCardRead.__module__ == "payglot.types.paywint_platform"
    assert PlatformCardRead.__doc__ and "payment_confirm_required:" in PlatformCardRead.__doc__
    assert type(PlatformCardRead.card_id).__name__ == "Field"
    assert PlatformCardRead().to_json() == "{}"
    for text in ("[]", "{", "1", ""):
        with pytest.raises(ValueError, match="not a JSON object"):
            PlatformCardRead.from_json(text)
    with pytest.raises(TypeError, match="not a model"):
        payglot._payglot.Model.from_json("{}")


def test_numbers_beyond_64_bits() -> None:
    card = Card.from_json(
        '{"balance": 123456789012345678901234567890.12, "big": 123456789012345678901234567890}'
    )
    assert card.balance == Decimal("123456789012345678901234567890.12")
    assert card.extra == {"big": 123456789012345678901234567890}

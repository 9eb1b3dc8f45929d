"""What goes into requests: every kind of Python value, exact bytes, and what is refused before sending."""

from __future__ import annotations

import enum
import types as standard_types
import uuid
from collections import UserDict
from datetime import date, datetime, timedelta, timezone
from decimal import Decimal
from typing import Any

import payglot
import pytest
from conftest import USER
from payglot import NOT_GIVEN
from payglot._client import Resource
from payglot.types import paywint_platform as types
from scripted import Reply, Server, data


class Purpose(str, enum.Enum):
    PAYMENT = "PAYMENT"


class Amount(enum.Enum):
    TEN = Decimal("10.10")


def link(client: payglot.PaywintPlatform, **fields: Any) -> None:
    client.cards.create_update_link(USER, **{"card_id": USER, "card_purpose": "PAYMENT", **fields})


@pytest.mark.parametrize(
    "fields",
    [
        {},
        {"card_id": uuid.UUID(USER)},
        {"card_purpose": Purpose.PAYMENT},
        {"card_purpose": types.CardUsageType.PAYMENT},
    ],
)
def test_one_request_many_values(
    server: Server, platform: payglot.PaywintPlatform, fields: dict[str, Any]
) -> None:
    server.play(data({"secure_link": "https://x"}))
    link(platform, **fields)
    (request,) = server.requests
    assert (request.method, request.target) == ("POST", f"/api/platform/card/update/secure-link/{USER}")
    assert request.body == f'{{"card_id":"{USER}","card_purpose":"PAYMENT"}}'.encode()
    assert request.headers["content-type"] == "application/json"
    assert request.headers["x-platform-id"] == "id"
    assert request.headers["x-signature"] == payglot.sign("key", "POST", request.target, "", request.body)
    assert request.headers["user-agent"].startswith(f"payglot/{payglot.__version__} python/3.")
    assert "api-version" not in request.headers


@pytest.mark.parametrize(
    ("amount", "digits"),
    [
        ("0.10", "0.10"),
        ("10.10", "10.10"),
        (Decimal("10.10"), "10.10"),
        (Decimal("150.75"), "150.75"),
        (Decimal("99999999999.99"), "99999999999.99"),
        (Decimal("1E+3"), "1000"),
        (150, "150"),
        (Amount.TEN, "10.10"),
    ],
)
def test_money_is_exact(server: Server, platform: payglot.PaywintPlatform, amount: Any, digits: str) -> None:
    server.play(data({"user_id": "u", "is_first_payment": False}))
    platform.wallets.fund(USER, amount=amount, bank_id=USER)
    assert server.requests[0].body == f'{{"amount":{digits},"bank_id":"{USER}"}}'.encode()


@pytest.mark.parametrize(
    ("fields", "argument", "problem"),
    [
        ({"card_id": "not-an-id"}, "card_id", "UUID"),
        ({"card_id": 7}, "card_id", "not a whole number"),
        ({"card_id": None}, "card_id", "null"),
        ({"card_id": NOT_GIVEN}, "card_id", "is required"),
        ({"card_id": b"bytes"}, "card_id", "not bytes"),
        ({"card_id": object()}, "card_id", "not object"),
        ({"card_id": "\ud800"}, "card_id", "Unicode"),
        ({"card_purpose": "GIFT"}, "card_purpose", "one of PAYMENT"),
        ({"card_purpose": ["PAYMENT"]}, "card_purpose", "not a list"),
        ({"card_purpose": 1 + 2j}, "card_purpose", "not complex"),
    ],
)
def test_refused(
    server: Server, platform: payglot.PaywintPlatform, fields: dict[str, Any], argument: str, problem: str
) -> None:
    with pytest.raises(payglot.InvalidRequestError, match=problem) as raised:
        link(platform, **fields)
    error = raised.value
    assert isinstance(error, ValueError)
    assert (error.argument, error.operation) == (argument, "cards.create_update_link")
    assert str(error).startswith(f"cards.create_update_link: `{argument}` ")
    assert server.requests == []


@pytest.mark.parametrize(
    ("amount", "problem"),
    [
        (10.10, r'must not be a float.*Decimal\("150.75"\)'),
        (float("nan"), "finite"),
        (Decimal("NaN"), "finite"),
        (Decimal("Infinity"), "finite"),
        (Decimal("1E+999999"), "digits"),
        ("ten", "decimal number"),
        ("1e3", "decimal number"),
        ("١٠", "decimal number"),
        (True, "boolean"),
        (None, "null"),
        (10**40, "digits"),
    ],
)
def test_money_is_refused(
    server: Server, platform: payglot.PaywintPlatform, amount: Any, problem: str
) -> None:
    with pytest.raises(payglot.InvalidRequestError, match=problem) as raised:
        platform.payments.create_link(USER, amount=amount, description="d", invoice_number="i")
    assert raised.value.argument == "amount"
    assert server.requests == []


@pytest.mark.parametrize("user", ["", ".", "..", "x", None, 1.5, True, [USER], NOT_GIVEN, b"x"])
def test_path_is_checked(server: Server, platform: payglot.PaywintPlatform, user: Any) -> None:
    with pytest.raises(payglot.InvalidRequestError) as raised:
        platform.wallets.get(user)
    assert raised.value.argument == "user_id"
    assert server.requests == []


def test_path_is_escaped(server: Server, linora: payglot.Linora) -> None:
    linora.users.get("a/b c?ü")
    assert server.requests[0].target == "/api/users/a%2Fb%20c%3F%C3%BC"


def test_missing_and_unknown_arguments(server: Server, platform: payglot.PaywintPlatform) -> None:
    with pytest.raises(payglot.InvalidRequestError, match="cards.create_update_link: `card_id` is required"):
        platform.cards.create_update_link(USER, card_purpose="PAYMENT")  # type: ignore[call-arg]
    with pytest.raises(payglot.InvalidRequestError, match="`colour` is not an argument") as caught:
        platform.cards.list(USER, colour="red")  # type: ignore[call-arg]
    assert (caught.value.operation, caught.value.argument) == ("cards.list", "colour")
    with pytest.raises(ValueError, match="`user_id` is required"):
        platform.with_raw_response.cards.list()  # type: ignore[call-arg]
    with pytest.raises(payglot.InvalidRequestError, match="positional"):
        platform.cards.list(USER, "more")  # type: ignore[call-arg]
    assert server.requests == []


def test_an_error_names_the_operation_and_not_the_class() -> None:
    class ConfigResource(Resource):
        __slots__ = ()
        _resource = "config"
        _renamed = {"import_": "config.import"}

        def get(self, *, key: str) -> None: ...

        def import_(self, *, key: str) -> None: ...

    config = ConfigResource(None)  # type: ignore[arg-type]
    with pytest.raises(payglot.InvalidRequestError, match=r"^config\.get: `key` is required"):
        config.get()  # type: ignore[call-arg]
    with pytest.raises(payglot.InvalidRequestError, match=r"^config\.import: `key` is required"):
        config.import_()  # type: ignore[call-arg]


REMITTANCE = {"id": "INV-1", "date": "01-31-2026", "amount": Decimal("5.50"), "description": "Paper"}


@pytest.mark.parametrize(
    "remittance",
    [
        [REMITTANCE],
        (REMITTANCE,),
        iter([REMITTANCE]),
        [UserDict(REMITTANCE)],
        [standard_types.MappingProxyType(REMITTANCE)],
        [{**REMITTANCE, "more": NOT_GIVEN}],
    ],
)
def test_lists_and_mappings(server: Server, platform: payglot.PaywintPlatform, remittance: Any) -> None:
    server.play(data({"payment_id": "p"}))
    platform.payments.mail_check(
        USER,
        payee_id=USER,
        amount=Decimal("5.50"),
        payee_address_id=USER,
        invoice_no="INV-1",
        description="Paper",
        mail_type="USPS_FIRST_CLASS",
        payment_method="WALLET",
        remittance=remittance,
    )
    expected = '"remittance":[{"id":"INV-1","date":"01-31-2026","amount":5.50,"description":"Paper"}]'
    assert expected.encode() in server.requests[0].body


def test_refusals_name_the_place(server: Server, platform: payglot.PaywintPlatform) -> None:
    def mail(remittance: Any) -> str:
        with pytest.raises(payglot.InvalidRequestError) as raised:
            platform.payments.mail_check(
                USER,
                payee_id=USER,
                amount=1,
                payee_address_id=USER,
                invoice_no="i",
                description="d",
                mail_type="USPS_FIRST_CLASS",
                payment_method="WALLET",
                remittance=remittance,
            )
        assert raised.value.argument is not None
        return raised.value.argument

    endless: list[Any] = []
    endless.append(endless)
    assert mail([REMITTANCE, {**REMITTANCE, "amount": 5.5}]) == "remittance[1].amount"
    assert mail([{**REMITTANCE, "colour": 1}]) == "remittance[0].colour"
    assert mail([{1: 2}]) == "remittance[0]"
    assert mail([{**REMITTANCE, "id": {"x": b""}}]) == "remittance[0].id.x"
    assert mail([REMITTANCE] * 51) == "remittance"
    assert mail("text") == "remittance"
    assert mail(endless).startswith("remittance[0][0]")
    assert server.requests == []


def test_null_and_not_given_differ(server: Server, platform: payglot.PaywintPlatform) -> None:
    server.play(data({"user_id": "u", "is_first_payment": False}))
    platform.users.create(name="Ann", email=None)
    assert server.requests[0].body == b'{"name":"Ann","email":null}'
    assert repr(NOT_GIVEN) == "NOT_GIVEN" and not NOT_GIVEN


def test_extra_fields(server: Server, linora: payglot.Linora) -> None:
    moment = datetime(2026, 1, 31, 9, 30, tzinfo=timezone(timedelta(hours=2)))
    server.play(Reply(200, '{"userId": "u"}'))
    linora.users.create(
        extra_fields={
            "born": date(2000, 2, 29),
            "at": moment,
            "rate": 0.25,
            "sum": Decimal("1.10"),
            "no": None,
        }
    )
    assert server.requests[0].body == (
        b'{"born":"2000-02-29","at":"2026-01-31T09:30:00+02:00","rate":0.25,"sum":1.10,"no":null}'
    )
    assert server.requests[0].headers["authorization"] == "Bearer key"
    for extra in ({"from_currency": "x"}, {"fromCurrency": "x"}):
        with pytest.raises(payglot.InvalidRequestError, match="extra_fields") as raised:
            linora.exchange.create(from_currency="a", to_currency="b", extra_fields=extra)
        assert raised.value.argument == "extra_fields"
    with pytest.raises(payglot.InvalidRequestError, match="time zone"):
        linora.users.create(extra_fields={"at": datetime(2026, 1, 31)})
    assert len(server.requests) == 1


def test_a_model_stands_for_its_fields(server: Server, linora: payglot.Linora) -> None:
    server.play(Reply(200, '{"userId": "u"}'))
    card = payglot.types.linora.Card.from_json(
        '{"cardId": "c", "balance": 10.10, "status": null, "new": [1.0]}'
    )
    linora.users.create(extra_fields={"card": card})
    assert server.requests[0].body == b'{"card":{"cardId":"c","balance":10.10,"new":[1.0]}}'


def test_query(server: Server, linora: payglot.Linora) -> None:
    linora.exchange.estimate(from_currency="US D&", to_currency="€", from_amount=Decimal("10.10"))
    assert server.requests[0].query == {"fromCurrency": "US D&", "toCurrency": "€", "fromAmount": "10.10"}


def test_issue_12_22_subclasses_go_out_by_value(server: Server, platform: payglot.PaywintPlatform) -> None:
    """As NumPy's numbers are: a `float64` is a float that prints itself as `np.float64(1.5)`."""

    class Odd:
        def __repr__(self) -> str:
            return "odd"

        __str__ = __repr__

        def __format__(self, spec: str) -> str:
            return "odd"

    class OddFloat(Odd, float): ...

    class OddInt(Odd, int): ...

    class OddText(Odd, str): ...

    class OddDecimal(Odd, Decimal): ...

    class Index:
        def __index__(self) -> int:
            return 7

    server.play(Reply(200, "{}"))
    given = [OddFloat(1.5), OddInt(5), OddInt(10**30), OddText("text"), OddDecimal("10.10"), Index()]
    platform.request("POST", "/own", json=given)
    assert server.requests[-1].body == b"[1.5,5," + str(10**30).encode() + b',"text",10.10,7]'


def test_issue_12_32_arguments_are_named_with_a_way_out(
    server: Server, platform: payglot.PaywintPlatform
) -> None:
    users: Any = platform.users
    with pytest.raises(
        payglot.InvalidRequestError, match="^users.create: .*takes none; give the others by name$"
    ):
        users.create("Ada")
    with pytest.raises(payglot.InvalidRequestError, match="did you mean `phone_country_code`") as raised:
        users.create(name="Ada", phone_contry_code="1")
    assert raised.value.argument == "phone_contry_code"
    with pytest.raises(payglot.InvalidRequestError, match="`user_id`"):
        platform.wallets.get("x" * 1_000_000)
    assert server.requests == []

"""Models that a program makes, stores and hands on: keywords, JSON, `match`, pydantic (issue 15.1)."""

from __future__ import annotations

import copy
import json
import subprocess
import sys
import typing
from datetime import datetime, timezone
from decimal import Decimal
from importlib import import_module
from typing import Any

import pytest
from payglot.types.linora import Card
from payglot.types.paywint_platform import PlatformPaymentRead
from pydantic import BaseModel, TypeAdapter, ValidationError

WHEN = datetime(2026, 1, 31, 9, 30, tzinfo=timezone.utc)
PROVIDERS = ("paywint_platform", "paywint_developer", "linora")


def models() -> list[type[Any]]:
    modules = [import_module(f"payglot.types.{name}") for name in PROVIDERS]
    return [model for module in modules for model in module._MODELS.values()]


def test_issue_15_1_keywords_make_a_model() -> None:
    made = PlatformPaymentRead(payment_id="p-1", amount=Decimal("10.10"), created_at=WHEN, status="settling")
    assert (made.payment_id, str(made.amount), made.created_at) == ("p-1", "10.10", WHEN)
    assert made.payer_id is None
    assert made == PlatformPaymentRead.from_json(made.to_json())
    assert made.to_json() == (
        '{"payment_id":"p-1","amount":10.10,"created_at":"2026-01-31T09:30:00+00:00","status":"settling"}'
    )


@pytest.mark.parametrize(
    ("fields", "says"),
    [
        ({"amount": 10.1}, "amount must be an exact amount"),
        ({"amount": "ten"}, "amount is text where the document has an amount"),
        ({"payment_id": ["p-1"]}, "payment_id is a list where the document has"),
        ({"created_at": WHEN.replace(tzinfo=None)}, "must be a datetime with a time zone"),
        ({"payment_id": object()}, "must be text, a number, a list or a mapping, not object"),
    ],
)
def test_issue_15_1_keywords_of_another_type_are_refused(fields: dict[str, Any], says: str) -> None:
    with pytest.raises(ValueError, match=says):
        PlatformPaymentRead(**fields)
    with pytest.raises(ValueError, match=says):
        PlatformPaymentRead(payment_id="p-2").replace(**fields)


def test_issue_15_1_a_misspelt_keyword_is_refused() -> None:
    with pytest.raises(TypeError, match=r"has no field payment_ids?; did you mean payment_id\?"):
        PlatformPaymentRead(payment_ids="p-1")
    with pytest.raises(TypeError, match="not a model of a provider"):
        import_module("payglot._payglot").Model(payment_id="p-1")


def test_issue_15_1_json_from_text_bytes_and_dicts() -> None:
    text = '{"payment_id": "p-1", "amount": 10.10, "new": [1.50]}'
    model = PlatformPaymentRead.from_json(text)
    assert model.to_json() == text
    assert PlatformPaymentRead.from_json(text.encode()) == model
    assert PlatformPaymentRead.from_json(bytearray(text.encode())) == model
    assert PlatformPaymentRead.from_json(json.loads(text, parse_float=Decimal)) == model
    assert PlatformPaymentRead.from_json(model.to_dict()) == model
    for wrong, says in [(b"\xff", "UTF-8"), ("[]", "JSON object"), ({"amount": 1.5}, "exact amount")]:
        with pytest.raises(ValueError, match=says):
            PlatformPaymentRead.from_json(wrong)  # type: ignore[arg-type]
    with pytest.raises(TypeError, match="text, bytes, or a dict"):
        PlatformPaymentRead.from_json(5)  # type: ignore[arg-type]


def test_issue_15_1_json_mode_is_what_json_dumps_takes() -> None:
    text = '{"amount": 10.10, "created_at": "2026-01-31T09:30:00Z", "new": [1.50, null]}'
    model = PlatformPaymentRead.from_json(text)
    assert json.dumps(model.to_dict(mode="json")) == (
        '{"amount": "10.10", "created_at": "2026-01-31T09:30:00Z", "new": ["1.50", null]}'
    )
    assert model.to_dict()["amount"] == Decimal("10.10")
    with pytest.raises(ValueError, match="mode is"):
        model.to_dict(mode="text")  # type: ignore[arg-type]


def test_issue_15_1_models_match() -> None:
    match PlatformPaymentRead(payment_id="p-1", transaction_id=7):
        case PlatformPaymentRead("p-1", number, description=None):
            assert number == 7
        case other:
            pytest.fail(f"{other} does not match")
    assert PlatformPaymentRead.__match_args__[:2] == ("payment_id", "transaction_id")


def test_issue_15_1_replace() -> None:
    model = PlatformPaymentRead.from_json('{"payment_id": "p-1", "amount": 10.10, "new": 1}')
    other = model.replace(amount=Decimal("5"), status="success")
    assert other.to_json() == '{"payment_id":"p-1","amount":5,"new":1,"status":"success"}'
    assert str(model.amount) == "10.10"
    if sys.version_info >= (3, 13):
        assert copy.replace(model, amount=Decimal("5"), status="success") == other


@pytest.mark.parametrize("model", models(), ids=lambda model: model.__name__)
def test_issue_15_1_annotations_resolve(model: type[Any]) -> None:
    hints = typing.get_type_hints(model)
    assert set(model.__match_args__) <= set(hints)


def test_issue_15_1_annotations_of_dicts_resolve() -> None:
    modules = [import_module(f"payglot.types.{name}") for name in PROVIDERS]
    dicts = [each for module in modules for each in vars(module).values() if typing.is_typeddict(each)]
    assert dicts
    for each in dicts:
        assert typing.get_type_hints(each)


class Order(BaseModel):
    """What a shop keeps."""

    number: int
    payment: PlatformPaymentRead


def test_issue_15_1_a_model_in_a_pydantic_model() -> None:
    payment = PlatformPaymentRead(payment_id="p-1", amount=Decimal("10.10"))
    order = Order(number=1, payment=payment)
    assert order.payment is payment
    assert order.model_dump() == {"number": 1, "payment": {"payment_id": "p-1", "amount": Decimal("10.10")}}
    text = order.model_dump_json()
    assert text == '{"number":1,"payment":{"payment_id":"p-1","amount":"10.10"}}'
    read = Order.model_validate_json(text)
    assert str(read.payment.amount) == "10.10"
    assert Order.model_validate({"number": 1, "payment": payment.to_dict()}) == order


@pytest.mark.parametrize("wrong", ["text", 5, None, {"amount": 10.1}, {"amount": "ten"}])
def test_issue_15_1_pydantic_reports_wrong_input(wrong: Any) -> None:
    with pytest.raises(ValidationError, match="payment"):
        Order.model_validate({"number": 1, "payment": wrong})


def test_issue_15_1_a_secret_does_not_show_in_a_pydantic_model() -> None:
    order = TypeAdapter(list[Card]).validate_python([{"card_no": "4111111111111111", "cvv": "987"}])
    assert "4111111111111111" not in repr(order)
    assert "987" not in repr(order)


@pytest.mark.parametrize("model", models(), ids=lambda model: model.__name__)
def test_issue_15_1_json_schema(model: type[Any]) -> None:
    schema = TypeAdapter(model).json_schema()
    assert schema["type"] == "object"
    assert len(schema["properties"]) == len(model.__match_args__)
    assert json.dumps(schema)


def test_issue_15_1_json_schema_tells_types_and_what_is_within() -> None:
    schema = TypeAdapter(PlatformPaymentRead).json_schema(mode="serialization")
    described = schema["properties"]
    assert described["amount"] == {"anyOf": [{"type": "string", "format": "decimal"}, {"type": "null"}]}
    assert described["created_at"]["anyOf"][0] == {"type": "string", "format": "date-time"}
    within = [
        part
        for model in models()
        for part in json.dumps(TypeAdapter(model).json_schema()).split('"title": ')[2:]
    ]
    assert within, "no model within another one was described"


@pytest.mark.parametrize("declared", ["annotation", "response_model"])
def test_issue_15_1_fastapi_takes_and_returns_models(declared: str) -> None:
    fastapi: Any = pytest.importorskip("fastapi")
    client_class: Any = import_module("fastapi.testclient").TestClient
    app = fastapi.FastAPI()

    def paid(payment: Any) -> Any:
        return payment.replace(status="success")

    paid.__annotations__["payment"] = typing.Annotated[PlatformPaymentRead, fastapi.Body()]
    if declared == "annotation":
        paid.__annotations__["return"] = PlatformPaymentRead
        app.post("/paid")(paid)
    else:
        app.post("/paid", response_model=PlatformPaymentRead)(paid)
    client = client_class(app)
    response = client.post("/paid", json={"payment_id": "p-1", "amount": "10.10"})
    assert response.text == '{"payment_id":"p-1","amount":"10.10","status":"success"}'
    assert client.post("/paid", json={"amount": 10.1}).status_code == 422
    described = client.get("/openapi.json").json()
    assert "#/components/schemas/PlatformPaymentRead" in json.dumps(described["paths"]["/paid"])
    assert described["components"]["schemas"]["PlatformPaymentRead"]["properties"]["amount"]


def test_issue_15_1_pydantic_is_imported_by_pydantic_alone() -> None:
    code = "import sys, payglot; from payglot.types import linora; print('pydantic' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout == "False\n"

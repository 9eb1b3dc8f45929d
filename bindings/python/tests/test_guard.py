"""What a client may spend (issue 16): refused before anything is sent, by all processes together."""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path
from typing import Any

import payglot
import pytest
from conftest import USER
from scripted import Drop, Reply, Server, data
from test_journal import RECORD, client_of, pay


def client(server: Server, path: Path, **limits: Any) -> payglot.PaywintPlatform:
    guard = payglot.Guard(requested_by="ada", **limits)
    return client_of(server, payglot.Journal(path), guard=guard)


def test_what_the_guard_refuses_is_never_sent(server: Server, tmp_path: Path) -> None:
    path = tmp_path / "payments.db"
    cases: list[tuple[dict[str, Any], str]] = [
        ({"per_payment": "10.09"}, "per_payment"),
        ({"per_day": Decimal("10.09")}, "per_day"),
        ({"payees": ["somebody else"]}, "payees"),
    ]
    for limits, rule in cases:
        with pytest.raises(payglot.GuardRefusedError) as refused:
            pay(client(server, path, **limits), "a")
        error = refused.value
        assert (error.rule, error.may_have_happened) == (rule, False)
        assert error.operation == "payments.create" and USER not in str(error)
    with pytest.raises(payglot.InvalidRequestError, match="the guard of this client counts nothing"):
        pay(client_of(server, payglot.Journal(path), guard=payglot.Guard(), require_intent=False), None)
    assert server.requests == []
    server.play(data(RECORD))
    pay(client(server, path, per_payment="10.1", per_day=11, payees=[USER]), "a")
    assert len(server.requests) == 1


def test_what_is_unknown_counts_as_spent(server: Server, tmp_path: Path) -> None:
    server.play(Reply(status=422, body='{"detail":"no"}'), Drop(), data(RECORD))
    paying = client(server, tmp_path / "payments.db", per_day="20.19")
    with pytest.raises(payglot.UnprocessableEntityError):
        pay(paying, "refused")
    with pytest.raises(payglot.OutcomeUnknownError):
        pay(paying, "unknown")
    with pytest.raises(payglot.GuardRefusedError):
        pay(paying, "next")
    assert len(server.requests) == 2


def test_another_person_approves(server: Server, tmp_path: Path) -> None:
    path = tmp_path / "payments.db"
    paying = client(server, path, approve_above="10")
    with pytest.raises(payglot.ApprovalNeededError, match="payglot journal approve a --by NAME") as held:
        pay(paying, "a")
    assert not held.value.may_have_happened
    intent = payglot.Journal(path).get("a")
    assert intent is not None
    with pytest.raises(payglot.InvalidRequestError, match="another person"):
        intent.approve(by="ada")
    intent.approve(by="grace")
    server.play(data(RECORD))
    assert pay(paying, "a").payment_id == "p-1"
    assert [change.by for change in intent.log()][1] == "grace"


def test_limits_are_exact() -> None:
    for value in (1.5, True, "many", "-1", "NaN", object()):
        with pytest.raises(payglot.InvalidRequestError) as refused:
            payglot.Guard(per_day=value)  # type: ignore[arg-type]
        assert refused.value.argument == "per_day"
    with pytest.raises(payglot.InvalidRequestError):
        payglot.Guard(payees="ada")
    with pytest.raises(payglot.ConfigurationError, match="`guard` needs a `journal`"):
        payglot.PaywintPlatform(platform_id="id", secret_key="key", guard=payglot.Guard())

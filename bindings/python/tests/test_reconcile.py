"""Journal, vendor and ledger compared (issue 16): each kind of break is planted in a sandbox, and found."""

from __future__ import annotations

import asyncio
import time
from datetime import datetime, timedelta, timezone
from decimal import Decimal
from pathlib import Path
from typing import Any

import payglot
import pytest
from conftest import USER
from payglot.testing import Sandbox
from scripted import Server
from test_journal import client_of

# How long the vendor needs until its lists count, and a little more.
SETTLED = 6
ADDRESS = {
    "first_name": "Sam",
    "last_name": "Ortiz",
    "address_line_1": "300 Pine Street",
    "city": "Boise",
    "state": "ID",
    "zipcode": "83702",
    "country": "US",
}


def plant(sandbox: Sandbox, journal: payglot.Journal) -> dict[str, str]:
    """Make payees and cards, with and without an intent, and give their identifiers."""
    made: dict[str, str] = {}
    ours = sandbox.client(payglot.PaywintDeveloper, journal=journal)
    others = sandbox.client(payglot.PaywintDeveloper)
    wallet = ours.wallets.get()
    assert wallet is not None and wallet.user_id is not None
    sandbox.fund(wallet.user_id, "100")

    def payee(name: str, client: payglot.PaywintDeveloper, intent: str | None = None) -> str:
        created = client.payees.create(name=name, email=f"{name.lower()}@example.com", intent=intent)
        assert created is not None and created.payee_id is not None
        return created.payee_id

    made["agrees"] = payee("Ada", ours, "ada")
    made["gone"] = payee("Gone", ours, "gone")
    ours.payees.delete(made["gone"])
    made["other"] = payee("Kim", others)
    made["second"] = payee("Ada", others)
    ours.payee_addresses.create(payee_id=made["agrees"], is_default=True, **ADDRESS, intent="address")
    for name, amount in (("a", "10.10"), ("b", "20")):
        card = ours.paywint_cards.issue(
            payee_id=made["agrees"], amount=amount, card_nick_name=name, intent=f"card-{name}"
        )
        assert card is not None and card.request_id is not None and card.status is not None
        made[f"card-{name}"] = card.request_id
    time.sleep(SETTLED)
    return made


def ledger(made: dict[str, str]) -> list[dict[str, Any]]:
    return [
        {"intent": "ada", "note": "another column"},
        {"id": made["agrees"]},
        {"id": "nobody"},
        {"intent": "card-a", "amount": Decimal("10.10"), "status": None},
        {"id": made["card-b"], "amount": "20.01", "status": "posted"},
    ]


EXPECTED = {
    ("sent_not_found", "gone"),
    ("sent_not_found", "nobody"),
    ("not_sent_by_us", "other"),
    ("duplicate", "second"),
    ("duplicate", "agrees"),
    ("amount", "card-b"),
    ("status", "card-b"),
}


def planted(shown: payglot.Reconciliation, made: dict[str, str]) -> set[tuple[str, str]]:
    """The breaks of what was planted, each once; the sandbox has payees of its own."""
    names = {id: name for name, id in {**made, "nobody": "nobody"}.items()}
    found = [(one.kind, names[one.id]) for one in shown.breaks if one.id in names]
    assert len(found) == len(set(found)), found
    strangers = [one for one in shown.breaks if one.id not in names]
    assert {one.kind for one in strangers} <= {"not_sent_by_us"}, strangers
    return set(found)


def test_every_kind_of_break_is_found_and_what_cannot_be_compared_is_said(tmp_path: Path) -> None:
    journal = payglot.Journal(tmp_path / "payments.db")
    since = datetime.now(timezone.utc) - timedelta(hours=1)
    with Sandbox() as sandbox:
        made = plant(sandbox, journal)
        with sandbox.client(payglot.PaywintDeveloper) as client:
            shown = payglot.reconcile(client, journal, since, ledger=ledger(made))
            again = payglot.reconcile(client, journal, since.isoformat(), ledger=iter(ledger(made)))
            later = payglot.reconcile(client, journal, datetime.now(timezone.utc))
        assert again == shown
        assert later.compared == 0

        async def awaited() -> payglot.Reconciliation:
            async with sandbox.client(payglot.AsyncPaywintDeveloper) as client:
                return await payglot.reconcile(client, journal, since, ledger=ledger(made))

        assert asyncio.run(awaited()) == shown
    assert planted(shown, made) == EXPECTED
    assert shown.compared == 5
    [amount] = [one for one in shown.breaks if one.kind == "amount"]
    assert (amount.expected, amount.operation) == ("20.01", "paywint_cards.issue")
    assert amount.found is not None and Decimal(amount.found) == 20
    assert amount.intent == "card-b"
    # Reading changed nothing.
    assert {intent.state for intent in journal.list()} == {"succeeded"}


def test_what_no_operation_lists_is_said(tmp_path: Path) -> None:
    journal = payglot.Journal(tmp_path / "payments.db")
    with Sandbox() as sandbox, sandbox.client(payglot.PaywintPlatform, journal=journal) as client:
        sandbox.kyc(sandbox.user_id, "approved")
        sandbox.fund(sandbox.user_id, "100")
        client.wallets.get(sandbox.user_id)
        payee = client.payees.create(sandbox.user_id, name="Ada", email="ada@example.com", intent="p")
        assert payee is not None and payee.payee_id is not None
        client.payments.create(
            user_id=sandbox.user_id,
            payee_id=payee.payee_id,
            amount="10",
            payment_method="WALLET",
            receiving_method="WALLET",
            invoice_no="INV-1",
            intent="pay",
        )
        shown = payglot.reconcile(client, journal, "2020-01-01T00:00:00Z")
    [left] = [left for left in shown.not_compared if left.operation == "payments.create"]
    assert (left.count, "user_id" in left.why) == (1, True), left


@pytest.mark.parametrize(
    ("since", "row", "words"),
    [
        (datetime(2026, 11, 1), {"id": "1"}, "`since` has no zone"),
        ("yesterday", {"id": "1"}, "`since` must be a time with its zone"),
        (None, {"id": "1"}, "`since` must be a datetime or text"),
        ("2026-11-01T00:00:00Z", {"id": "1", "amount": 1.5}, "amount is a float"),
        ("2026-11-01T00:00:00Z", {"id": "1", "amount": "canary"}, "no decimal"),
        ("2026-11-01T00:00:00Z", {"amount": "1"}, "neither `id` nor `intent`"),
        ("2026-11-01T00:00:00Z", {"id": USER, "status": 1.5}, "status is neither"),
    ],
)
def test_wrong_input_is_refused_before_anything_is_read(
    server: Server, tmp_path: Path, since: Any, row: dict[str, Any], words: str
) -> None:
    journal = payglot.Journal(tmp_path / "payments.db")
    client = client_of(server, journal)
    with pytest.raises(payglot.InvalidRequestError) as raised:
        payglot.reconcile(client, journal, since, ledger=[row])
    assert words in str(raised.value) and "canary" not in str(raised.value)
    assert server.requests == []

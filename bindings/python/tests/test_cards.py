"""The life of a card over the sandbox, synchronous and for asyncio."""

from __future__ import annotations

import asyncio
import re
import urllib.error
import urllib.parse
import urllib.request
from datetime import datetime, timedelta, timezone

import payglot
import pytest

FORM = {
    "cardholder_name": "Jordan Rivera",
    "card_number": "4000 0000 0000 0002",
    "expiry": "12/40",
    "cvv": "123",
    "address": "100 Main Street",
    "postal_code": "78701",
    "country": "US",
}


def submit(page: str | None) -> int:
    """What a person does in a browser."""
    assert page is not None
    with urllib.request.urlopen(page) as response:
        fields = set(re.findall(r'name="([a-z_]+)"', response.read().decode()))
    assert fields >= set(FORM)
    with urllib.request.urlopen(page, data=urllib.parse.urlencode(FORM).encode()) as response:
        return int(response.status)


def test_flow(cards_client: payglot.PaywintPlatform, sandbox: dict[str, str]) -> None:
    cards, user = cards_client.cards, sandbox["user_id"]
    link = cards.create_add_link(user, card_purpose="PAYMENT")
    assert link is not None
    assert timedelta(minutes=29) < link.expires_at - datetime.now(timezone.utc) <= timedelta(minutes=30)
    assert submit(link.secure_link) == 200

    (card,) = cards.list(user)
    assert card.card_id is not None
    assert card.card_number == "0002"
    assert card.needs_update is bool(
        card.card_images_required or card.withdrawal_confirm_required or card.payment_confirm_required
    )
    assert cards.get(card.card_id) == card

    update = cards.create_update_link(user, card_id=card.card_id, card_purpose="PAYMENT")
    assert update is not None and update.secure_link != link.secure_link
    cards.delete(user, card_id=card.card_id)
    assert cards.list(user) == []
    with pytest.raises(payglot.NotFoundError) as raised:
        cards.get(card.card_id)
    assert raised.value.status == 404


def test_flow_for_asyncio(sandbox: dict[str, str]) -> None:
    async def flow() -> None:
        async with payglot.AsyncPaywintPlatform(
            platform_id=sandbox["platform_id"], secret_key=sandbox["secret_key"], base_url=sandbox["base_url"]
        ) as client:
            user = sandbox["user_id"]
            link = await client.cards.create_add_link(user, card_purpose="WITHDRAWAL")
            assert link is not None
            assert submit(link.secure_link) == 200
            (card,) = await client.cards.list(user)
            assert card.card_id is not None
            assert await client.cards.get(card.card_id) == card
            await client.cards.delete(user, card_id=card.card_id)
            assert await client.cards.list(user) == []

    asyncio.run(flow())


def test_wrong_secret(sandbox: dict[str, str]) -> None:
    client = payglot.PaywintPlatform(
        platform_id=sandbox["platform_id"], secret_key="a wrong secret", base_url=sandbox["base_url"]
    )
    with pytest.raises(payglot.AuthenticationError, match="secret key") as raised:
        client.cards.list(sandbox["user_id"])
    error = raised.value
    assert error.status == 401
    assert error.operation == "cards.list"
    assert "a wrong secret" not in f"{error!r} {error} {error.body}"


def test_used_link(cards_client: payglot.PaywintPlatform, sandbox: dict[str, str]) -> None:
    link = cards_client.cards.create_add_link(sandbox["user_id"], card_purpose="PAYMENT")
    assert link is not None
    submit(link.secure_link)
    with pytest.raises(urllib.error.HTTPError):
        submit(link.secure_link)
    for card in cards_client.cards.list(sandbox["user_id"]):
        assert card.card_id is not None
        cards_client.cards.delete(sandbox["user_id"], card_id=card.card_id)

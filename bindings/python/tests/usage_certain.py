"""Code without a guard where the overlay says certain, for the type checkers (issue 15.8); never run."""

from __future__ import annotations

from decimal import Decimal

from payglot import AsyncPaywintPlatform, Linora, PaywintDeveloper, PaywintPlatform


def platform(client: PaywintPlatform, user_id: str) -> str:
    wallet = client.wallets.get(user_id)
    spendable: Decimal = wallet.available_balance
    payee = client.payees.create(user_id, name="Ada")
    payment = client.payments.create(
        user_id=user_id,
        payee_id=payee.payee_id,
        amount=spendable / 2,
        payment_method="WALLET",
        receiving_method="WALLET",
        invoice_no="INV-1",
    )
    for received in client.payments.list_received(user_id):
        spendable += received.amount
    link: str = client.cards.create_add_link(user_id, card_purpose="PAYMENT").secure_link
    return payment.payment_id.upper() + payment.status.lower() + link.strip()


def not_certain(client: PaywintPlatform, payment_id: str) -> str:
    payment = client.payments.get(payment_id)
    description: str = payment.description  # type: ignore[assignment]  # pyright: ignore[reportAssignmentType]
    funded = client.wallets.fund(payment_id, amount="1", bank_id=None)
    inner = funded.payment.payment_id  # type: ignore[union-attr]  # pyright: ignore[reportOptionalMemberAccess]
    update = client.checks.update_config(payment_id)
    logo = update.logo  # type: ignore[union-attr]  # pyright: ignore[reportOptionalMemberAccess]
    return f"{description} {inner} {logo}"


async def others(client: AsyncPaywintPlatform, developer: PaywintDeveloper, linora: Linora) -> str:
    payment = await client.payments.get("p")
    received = [payment.payment_id async for payment in await client.payments.list_received("u")]
    card = developer.paywint_cards.get("r")
    return payment.status + received[0] + card.request_id + card.status + linora.cards.get("c").card_id

"""Payments with payglot's journal."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import asynccontextmanager, closing, contextmanager
from decimal import Decimal

from payglot import AsyncPaywintPlatform, Journal, PaywintPlatform
from payglot.types.paywint_platform import PlatformPaymentRead

from common import ID, PLATFORM_ID, SECRET

AMOUNT = Decimal("10.10")


@contextmanager
def payer(url: str, store: str) -> Iterator[Callable[[str], None]]:
    """What makes a payment of a name, one at a time."""
    with closing(Journal(store)) as journal:
        client = PaywintPlatform(platform_id=PLATFORM_ID, secret_key=SECRET, base_url=url, journal=journal)

        def pay(name: str) -> None:
            payment = client.payments.create(
                user_id=ID,
                payee_id=ID,
                amount=AMOUNT,
                payment_method="WALLET",
                invoice_no=name,
                receiving_method="WALLET",
                intent=name,
            )
            check(payment)

        yield pay


@asynccontextmanager
async def async_payer(
    url: str, store: str, _in_flight: int
) -> AsyncIterator[Callable[[str], Awaitable[None]]]:
    """What makes payments, many at a time."""
    with closing(Journal(store)) as journal:
        async with AsyncPaywintPlatform(
            platform_id=PLATFORM_ID, secret_key=SECRET, base_url=url, journal=journal
        ) as client:

            async def pay(name: str) -> None:
                payment = await client.payments.create(
                    user_id=ID,
                    payee_id=ID,
                    amount=AMOUNT,
                    payment_method="WALLET",
                    invoice_no=name,
                    receiving_method="WALLET",
                    intent=name,
                )
                check(payment)

            yield pay


def check(payment: PlatformPaymentRead | None) -> None:
    """Read the fields that every client reads."""
    if payment is None or not payment.payment_id or not payment.amount or payment.status != "success":
        raise ValueError("a response without its fields")


def written(store: str) -> int:
    """Return how many payments are written down."""
    with closing(Journal(store)) as journal:
        return len(journal.list(state="succeeded"))

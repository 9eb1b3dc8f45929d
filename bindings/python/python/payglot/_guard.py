"""What a client may spend, counted in its journal."""

from __future__ import annotations

from collections.abc import Iterable
from decimal import Decimal, InvalidOperation
from json import dumps

from ._generated_errors import InvalidRequestError


class Guard:
    """Limits for payments: checked before anything is sent, counted in the transaction of the intent.

    However many processes share the journal, together they stay within it:

        guard = Guard(per_payment="500", per_day="20000", approve_above="250")
        client = PaywintPlatform(journal=Journal("payments.db"), guard=guard)

    A payment that is not allowed raises `GuardRefusedError`, one that another person has to approve
    `ApprovalNeededError`; neither was sent. Amounts are US dollars. What has an unknown outcome counts as
    spent; what provably was not sent, and what the vendor refused, does not.

    Args:
        per_payment: Most for one payment.
        per_day: Most within any 24 hours, for all payments of the account together.
        payees: To whom, as the operation's field for it says, such as `payee_id`.
        approve_above: Above this, another person has to approve: `Intent.approve`, `payglot journal approve`.
        requested_by: Who asks for payments, and so cannot approve them. Otherwise the user of this process.

    Raises:
        InvalidRequestError: A limit is none.
    """

    __slots__ = ("_json",)

    def __init__(
        self,
        *,
        per_payment: Decimal | str | int | None = None,
        per_day: Decimal | str | int | None = None,
        payees: Iterable[str] | None = None,
        approve_above: Decimal | str | int | None = None,
        requested_by: str | None = None,
    ) -> None:
        limits = {
            "perPayment": _amount("per_payment", per_payment),
            "perDay": _amount("per_day", per_day),
            "payees": None if payees is None else _payees(payees),
            "approveAbove": _amount("approve_above", approve_above),
            "requestedBy": requested_by,
        }
        if requested_by is not None and not isinstance(requested_by, str):
            raise _wrong("requested_by", "must be text")
        self._json = dumps(limits)

    def __repr__(self) -> str:
        return "Guard()"


def _amount(name: str, value: Decimal | str | int | None) -> str | None:
    if value is None:
        return None
    if isinstance(value, float):
        raise _wrong(name, 'must not be a float, which is not exact; pass Decimal("150.75") or "150.75"')
    if isinstance(value, bool) or not isinstance(value, (Decimal, str, int)):
        raise _wrong(name, 'must be an amount, such as Decimal("150.75") or "150.75"')
    try:
        amount = Decimal(value)
    except InvalidOperation:
        amount = Decimal("NaN")
    if not amount.is_finite() or amount < 0:
        raise _wrong(name, "must be an amount of 0 or more")
    return f"{amount:f}"


def _payees(payees: Iterable[str]) -> list[str]:
    listed = [] if isinstance(payees, str) else list(payees)
    if isinstance(payees, str) or not all(isinstance(payee, str) and payee for payee in listed):
        raise _wrong("payees", "must be texts that are not empty")
    return listed


def _wrong(argument: str, problem: str) -> InvalidRequestError:
    return InvalidRequestError(f"`{argument}` {problem}", argument=argument)

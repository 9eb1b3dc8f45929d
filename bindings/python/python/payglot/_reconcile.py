"""Whether the journal, the vendor's lists and the user's ledger agree."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from json import dumps
from typing import TYPE_CHECKING, Literal, overload

from ._generated_errors import InvalidRequestError

if TYPE_CHECKING:
    from collections.abc import Awaitable, Iterable, Mapping

    from ._client import SyncClient
    from ._client_async import AsyncClient
    from ._journal import Journal

BreakKind = Literal["sent_not_found", "not_sent_by_us", "amount", "status", "duplicate"]

_COLUMNS = ("id", "intent", "amount", "status")


@dataclass(frozen=True)
class Break:
    """One thing that does not agree."""

    kind: BreakKind
    """What does not agree."""
    operation: str
    """The operation that makes such records, such as `payments.create`."""
    id: str | None
    """The vendor's identifier, where one is known."""
    intent: str | None
    """The intent's name, where one is known."""
    expected: str | None
    """What the call or the ledger says: an amount, a status."""
    found: str | None
    """What the vendor has instead."""


@dataclass(frozen=True)
class NotCompared:
    """Calls of an operation that could not be compared."""

    operation: str
    """The operation; empty for rows of the ledger that are of none."""
    count: int
    """How many calls, or rows of the ledger."""
    why: str
    """Why, and where a person can look."""


@dataclass(frozen=True)
class Reconciliation:
    """What a comparison has shown."""

    breaks: tuple[Break, ...]
    """What does not agree."""
    not_compared: tuple[NotCompared, ...]
    """What could not be compared, per operation."""
    compared: int
    """How many calls were compared."""


@overload
def reconcile(
    client: SyncClient,
    journal: Journal,
    since: datetime | str,
    *,
    ledger: Iterable[Mapping[str, object]] = (),
    **given: str,
) -> Reconciliation: ...
@overload
def reconcile(
    client: AsyncClient,
    journal: Journal,
    since: datetime | str,
    *,
    ledger: Iterable[Mapping[str, object]] = (),
    **given: str,
) -> Awaitable[Reconciliation]: ...
def reconcile(
    client: SyncClient | AsyncClient,
    journal: Journal,
    since: datetime | str,
    *,
    ledger: Iterable[Mapping[str, object]] = (),
    **given: str,
) -> Reconciliation | Awaitable[Reconciliation]:
    """Compare what was sent, what the vendor lists and what your ledger says.

    Nothing but reads is sent, and nothing is changed.

    Args:
        client: A client of the account that is compared. With an async client this gives an awaitable.
        journal: What was sent.
        since: From when on: an aware `datetime`, or text with a zone.
        ledger: Rows of your ledger with `id` (the vendor's) or `intent`, and `amount` and `status` where you
            have them, in the unit and the words of the vendor. What a row leaves out, or has as `None`, is
            not compared; other columns are not looked at.
        given: What lists are asked for beside what the calls had, such as `user_id` for a payment: the docs
            of the operation name it.

    Raises:
        InvalidRequestError: The time or a row is not what it must be.
        PayglotError: The journal or the vendor could not be asked.
    """
    from ._client import SyncClient

    rows = [_row(at, row) for at, row in enumerate(ledger)]
    question = dumps({"since": _time(since), "ledger": rows, "given": given})
    if isinstance(client, SyncClient):
        return _asked(client, journal, question)
    return asyncio.to_thread(_asked, client, journal, question)


def _asked(client: SyncClient | AsyncClient, journal: Journal, question: str) -> Reconciliation:
    shown = journal._core.reconcile(client._core, question)
    return Reconciliation(
        breaks=tuple(Break(**found) for found in shown["breaks"]),
        not_compared=tuple(NotCompared(**left) for left in shown["not_compared"]),
        compared=shown["compared"],
    )


def _time(since: datetime | str) -> str:
    if isinstance(since, datetime):
        if since.tzinfo is None:
            raise _wrong("since", "has no zone, such as timezone.utc")
        return since.isoformat()
    if not isinstance(since, str):
        raise _wrong("since", "must be a datetime or text")
    return since


def _row(at: int, row: Mapping[str, object]) -> dict[str, str]:
    written = {}
    for name in _COLUMNS:
        value = row.get(name)
        if name == "amount" and isinstance(value, float):
            raise _wrong("ledger", f'has a row ({at}) whose amount is a float; write Decimal("150.75")')
        if isinstance(value, bool) or not isinstance(value, (str, int, Decimal, type(None))):
            raise _wrong("ledger", f"has a row ({at}) whose {name} is neither text nor a decimal")
        if value is not None and value != "":
            written[name] = format(value, "f") if isinstance(value, Decimal) else str(value)
    return written


def _wrong(argument: str, problem: str) -> InvalidRequestError:
    error = InvalidRequestError(f"`{argument}` {problem}")
    error.argument = argument
    return error

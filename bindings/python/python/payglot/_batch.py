"""Batches: many rows, each paid at most once."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from json import dumps
from typing import TYPE_CHECKING, Any, Generic, Literal, TypeVar

from ._hooks import notify
from ._journal import _time
from ._payglot import BatchCore, Hidden

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

    from ._client import BaseClient

RowState = Literal["paid", "already_paid", "refused", "unknown", "not_tried"]
BatchEnd = Literal["complete", "unknown", "limit", "stopped", "failed"]
AnyClient = TypeVar("AnyClient", bound="BaseClient")


class BaseBatch(Generic[AnyClient]):
    """What batches of both kinds of clients have."""

    def __init__(
        self, client: AnyClient, rows: Iterable[Mapping[str, object]], settings: dict[str, object]
    ) -> None:
        # The client is kept: its connections are the batch's.
        self._client = client
        hidden = Hidden([dict(row) for row in rows])
        del rows
        at_most = settings["atMost"]
        settings["atMost"] = None if at_most is None else str(at_most)
        self._core = BatchCore(client._core, hidden, dumps(settings))

    def stop(self) -> None:
        """End a run when the calls being made have ended. What is left can be paid by another run."""
        self._core.stop()

    def __repr__(self) -> str:
        return f"{type(self).__name__}()"

    def _look(self, progress: Callable[[BatchProgress], object] | None) -> BatchReport | None:
        """How far the run is; its report when it has ended."""
        told = self._core.look()
        if "report" in told:
            if self._client._core.hooks is not None:
                notify(self._client._core)
            return _report(told["report"])
        if progress is not None and told["progress"] is not None:
            progress(BatchProgress(**told["progress"]))
        return None


class Batch(BaseBatch["SyncClient"]):
    """Rows that are to be paid, each at most once; `client.batch(…)` makes it."""

    def check(self) -> BatchCheck:
        """Say what a run would do. Sends nothing, beside a read of the balance where the API has one."""
        return _check(self._core.check())

    def run(self, *, progress: Callable[[BatchProgress], object] | None = None) -> BatchReport:
        """Pay the rows that are not paid, and say what became of each.

        Any number of processes may run one batch at once: together they keep the limits. Ctrl-C ends the run
        when the calls that are being made have ended; what is left can be paid by another run.

        Args:
            progress: Called about ten times a second with how far it is.

        Raises:
            InvalidRequestError: Rows are wrong, so none was paid; `check` names all of them.
            JournalError: The journal cannot be used.
        """
        self._core.start()
        try:
            while (report := self._look(progress)) is None:
                pass
        except BaseException:
            self._core.stop()
            # Nothing is unknown when the calls have ended. Another Ctrl-C ends this at once.
            while self._ends():
                pass
            raise
        return report

    def status(self) -> BatchReport:
        """Say what has become of each row so far, by the journal alone."""
        return _report(self._core.status())

    def _ends(self) -> bool:
        """Whether the run that was stopped still has calls; what it has to say is in the journal."""
        from ._generated_errors import PayglotError

        try:
            return self._look(None) is None
        except PayglotError:
            return False


class AsyncBatch(BaseBatch["AsyncClient"]):
    """Rows that are to be paid, each at most once; `client.batch(…)` makes it."""

    async def check(self) -> BatchCheck:
        """Say what a run would do. Sends nothing, beside a read of the balance where the API has one."""
        return _check(await asyncio.to_thread(self._core.check))

    async def run(self, *, progress: Callable[[BatchProgress], object] | None = None) -> BatchReport:
        """Pay the rows that are not paid, and say what became of each.

        Any number of processes may run one batch at once: together they keep the limits. Cancelled, it lets
        the calls that are being made end in the background; what is left can be paid by another run.

        Args:
            progress: Called about ten times a second with how far it is, in a thread.

        Raises:
            InvalidRequestError: Rows are wrong, so none was paid; `check` names all of them.
            JournalError: The journal cannot be used.
        """
        self._core.start()
        try:
            while (report := await asyncio.to_thread(self._look, progress)) is None:
                pass
        except BaseException:
            self._core.stop()
            raise
        return report

    async def status(self) -> BatchReport:
        """Say what has become of each row so far, by the journal alone."""
        return _report(await asyncio.to_thread(self._core.status))


@dataclass(frozen=True)
class BatchProgress:
    """How far a run is."""

    rows: int
    """All rows."""
    done: int
    """Rows whose state is known."""
    paid: int
    """Rows that are paid, by this run or before."""
    refused: int
    """Rows that were refused."""
    unknown: int
    """Rows whose outcome is unknown."""
    in_flight: int
    """Calls that are being made."""
    slowed: int
    """Times that the vendor said that it was too fast."""


@dataclass(frozen=True)
class RowResult:
    """One row, and what became of it."""

    key: str
    """The key that the row was given."""
    state: RowState
    """What became of it."""
    amount: Decimal | None
    """US dollars; `None` where the operation does not say."""
    id: str | None
    """Identifier of what was made, where it was paid and the response names it."""
    status: int | None
    """HTTP status of the last response."""
    request_id: str | None
    """Identifier of the last request, where the vendor sends one."""
    intent: str
    """The intent's name in the journal."""
    error: str | None
    """Why it was not paid, or what to look up."""
    updated_at: datetime | None
    """When it last changed, where anything has happened to it."""


@dataclass(frozen=True)
class BatchReport:
    """Every row of a batch once, in the order that they were given in."""

    rows: tuple[RowResult, ...]
    """The rows."""
    end: BatchEnd | None
    """Why the run ended; `None` where nothing was run."""
    problem: str | None
    """The same in words, where it did not end by itself."""
    paid: Decimal | None
    """US dollars that are paid, by this run and before; `None` where the operation does not say."""

    def count(self, state: RowState) -> int:
        """Return how many rows are in a state."""
        return sum(row.state == state for row in self.rows)


@dataclass(frozen=True)
class RowSum:
    """Rows, and what they amount to."""

    rows: int
    """How many."""
    amount: Decimal | None
    """US dollars; `None` where the operation does not say."""


@dataclass(frozen=True)
class BadRow:
    """A row that is wrong."""

    row: int
    """Which one, counted from 1."""
    key: str | None
    """Its key, where it has one."""
    problem: str
    """What is wrong."""


@dataclass(frozen=True)
class BatchBalance:
    """What there is to pay some of the rows from."""

    of: str
    """Whose it is, as the operation that reads it is asked; empty where there is only one."""
    available: Decimal | None
    """US dollars; `None` where the response does not say."""
    needed: Decimal | None
    """What the rows that a run would pay need of it, without fees."""


@dataclass(frozen=True)
class BatchCheck:
    """What a run would do."""

    bad: tuple[BadRow, ...]
    """Rows that are wrong. While there is one, none is paid."""
    all: RowSum
    """All rows that are right."""
    paid: RowSum
    """Those that were paid before."""
    unknown: RowSum
    """Those whose outcome is unknown. A run stops at them, unless it is told to go on."""
    to_pay: RowSum
    """Those that a run would pay."""
    spent: Decimal | None
    """US dollars that the batch has spent of what it may, with what is unknown."""
    is_over_limit: bool
    """Whether to pay them would exceed `at_most`."""
    balances: tuple[BatchBalance, ...]
    """What is there to pay them from, for each wallet; empty where that cannot be said."""
    balance_problem: str | None
    """Why the balance cannot be said, where it cannot."""


def _decimal(text: str | None) -> Decimal | None:
    return None if text is None else Decimal(text)


def _report(told: dict[str, Any]) -> BatchReport:
    def result(row: dict[str, Any]) -> RowResult:
        at = row["updated_at"]
        return RowResult(
            **{**row, "amount": _decimal(row["amount"]), "updated_at": None if at is None else _time(at)}
        )

    return BatchReport(
        rows=tuple(map(result, told["rows"])),
        end=told["end"],
        problem=told["problem"],
        paid=_decimal(told["paid"]),
    )


def _check(told: dict[str, Any]) -> BatchCheck:
    sums = {
        name: RowSum(told[name]["rows"], _decimal(told[name]["amount"]))
        for name in ("all", "paid", "unknown", "to_pay")
    }
    balances = (
        BatchBalance(one["of"], _decimal(one["available"]), _decimal(one["needed"]))
        for one in told["balances"]
    )
    return BatchCheck(
        bad=tuple(BadRow(**row) for row in told["bad"]),
        spent=_decimal(told["spent"]),
        is_over_limit=told["is_over_limit"],
        balances=tuple(balances),
        balance_problem=told["balance_problem"],
        **sums,
    )

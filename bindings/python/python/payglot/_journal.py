"""The journal: payments that survive a crash."""

from __future__ import annotations

import asyncio
import os
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from json import dumps, loads
from typing import TYPE_CHECKING, Any, Literal, overload
from weakref import WeakSet

from ._generated_errors import PayglotError
from ._payglot import Hidden, JournalCore

if TYPE_CHECKING:
    import builtins
    from collections.abc import Awaitable, Callable, Mapping
    from types import TracebackType

    from ._client import SyncClient
    from ._client_async import AsyncClient

IntentState = Literal["recorded", "sending", "succeeded", "refused", "unknown", "released"]

# What is closed while this process forks.
_open: WeakSet[JournalCore] = WeakSet()
_closed_for_fork: list[JournalCore] = []


class Journal:
    """Remembers what clients mean to do, in a file or in PostgreSQL, so that nothing is done twice.

    Give it to any number of clients, and each call that matters an intent:

        journal = Journal("payments.db")
        client = PaywintPlatform(journal=journal)
        client.payments.create(…, intent="payout-2026-11-0042")

    The same intent again, in any process and after any crash, gives the response of the first time without
    sending, or raises `OutcomeUnknownError` where nobody knows what became of it. Its methods wait for a disk
    or a server: from asyncio, call them in a thread.

    Args:
        location: Path of a file on a disk of this machine, or `postgresql://user:password@host/database` for
            several machines and for containers.

    Raises:
        ConfigurationError: The location is none.
        JournalError: The file or the database cannot be used; the message says the way out.
    """

    def __init__(self, location: str | os.PathLike[str]) -> None:
        # It may hold a password, and tracebacks show local variables.
        hidden = Hidden(os.fspath(location))
        del location
        self._core = JournalCore(hidden)
        _open.add(self._core)

    def list(
        self,
        *,
        state: IntentState | None = None,
        provider: str | None = None,
        operation: str | None = None,
        name: str | None = None,
    ) -> builtins.list[Intent]:
        """Return the intents of a state, a provider, an operation and a name, oldest first."""
        return self._intents(state=state, provider=provider, operation=operation, name=name)

    def unknown(self) -> builtins.list[Intent]:
        """Return the intents of which nobody knows whether they were done, oldest first."""
        return self._intents(state="unknown")

    def get(self, name: str) -> Intent | None:
        """Return the intent of a name, or `None`.

        Raises:
            InvalidRequestError: Several operations, accounts or providers have one of that name; `list` tells
                them apart.
        """
        found = self._ask("get", name=name)
        return None if found is None else self._intent(found)

    def log(self, intent: Intent) -> builtins.list[IntentChange]:
        """Return all that happened to an intent, oldest first."""
        changes = self._ask("log", key=intent._key)
        return [IntentChange(**{**change, "at": _time(change["at"])}) for change in changes]

    def claim_recorded(
        self, *, operation: str | None = None, at_most: int = 100, lease: float = 60.0
    ) -> builtins.list[Intent]:
        """Take recorded intents, oldest first: those that `payglot_record` has put into the outbox.

        No other worker is given them for a while. Who dies with them loses nothing: they are still recorded.
        Send each by a call with its name as `intent`.

        Args:
            operation: Only those of this operation.
            at_most: How many.
            lease: Seconds for which no other worker is given them.
        """
        claimed = self._ask("claim", operation=operation, at_most=at_most, lease=lease)
        return [self._intent(found) for found in claimed]

    def send_recorded(
        self,
        send: Callable[[Intent], object],
        *,
        operation: str | None = None,
        at_most: int = 100,
        lease: float = 60.0,
    ) -> builtins.list[tuple[Intent, PayglotError | None]]:
        """Take recorded intents, and call `send` with each, which makes a call with its name as `intent`.

        Several workers may do so at once. An error of payglot does not keep the next from being sent. Any
        other is raised, and what was not sent is given to a worker again when the lease is over.

        Returns:
            Each intent that was taken, with the error of its call or `None`.
        """
        sent: builtins.list[tuple[Intent, PayglotError | None]] = []
        for intent in self.claim_recorded(operation=operation, at_most=at_most, lease=lease):
            try:
                send(intent)
            except PayglotError as error:
                sent.append((intent, error))
            else:
                sent.append((intent, None))
        return sent

    def close(self) -> None:
        """Write what is left and close the file or the connection. It is open again with the next call."""
        self._core.close()

    def __enter__(self) -> Journal:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self.close()

    def __repr__(self) -> str:
        return "Journal()"

    def _ask(self, what: str, **given: object) -> Any:
        return self._core.ask(dumps({"ask": what, **given}))

    def _intents(self, **given: str | None) -> builtins.list[Intent]:
        return [self._intent(found) for found in self._ask("list", **given)]

    def _intent(self, found: Mapping[str, Any]) -> Intent:
        times = {name: _time(found[name]) for name in ("created_at", "updated_at")}
        return Intent(**{**found, **times}, _journal=self)


@dataclass(frozen=True)
class Intent:
    """What a journal tells of an intent: no argument, and of a response nothing that is sensitive."""

    provider: str
    """Such as `paywint-platform`."""
    account: str
    """The credentials that are no secrets, such as a platform's id."""
    operation: str
    """Such as `payments.create`."""
    name: str
    """The caller's name for what it means to do."""
    state: IntentState
    """How far it has come."""
    attempts: int
    """How many times it was sent or tried."""
    status: int | None
    """HTTP status of the last response."""
    request_id: str | None
    """Identifier of the last request, where the vendor sends one."""
    reference: str
    """Its short reference: what the call carried to the vendor, where its client was told to `tag`."""
    response_text: str | None = field(repr=False)
    """The payload of the response as JSON."""
    created_at: datetime
    """When it was first recorded."""
    updated_at: datetime
    """When it last changed."""
    _journal: Journal = field(repr=False, compare=False)

    @property
    def response(self) -> Any:
        """The payload of the response in plain types, amounts as `Decimal`; `None` where there is none."""
        return None if self.response_text is None else loads(self.response_text, parse_float=Decimal)

    def succeeded(self, *, by: str, because: str) -> Intent:
        """Say that an unknown intent was done: it is never sent again.

        Args:
            by: Who says so. It stands in the log for ever.
            because: Why. It stands in the log for ever, so nothing secret.

        Raises:
            InvalidRequestError: The intent is not unknown.
        """
        return self._journal._intent(self._journal._ask("succeeded", key=self._key, by=by, because=because))

    def approve(self, *, by: str) -> Intent:
        """Approve an intent that a guard holds, for the arguments with which it was asked for.

        The call itself has to be made again.

        Args:
            by: Who says so; another than the one who asked for it. It stands in the log for ever.

        Raises:
            InvalidRequestError: It waits for nobody's approval, or the same person asked for it.
        """
        return self._journal._intent(self._journal._ask("approve", key=self._key, by=by))

    def release(self, *, by: str, because: str) -> Intent:
        """Say that an unknown intent was not done: it may be sent again.

        Args:
            by: Who says so. It stands in the log for ever.
            because: Why. It stands in the log for ever, so nothing secret.

        Raises:
            InvalidRequestError: The intent is not unknown.
        """
        return self._journal._intent(self._journal._ask("release", key=self._key, by=by, because=because))

    @overload
    def resolve(self, client: SyncClient, **given: str) -> Resolution: ...
    @overload
    def resolve(self, client: AsyncClient, **given: str) -> Awaitable[Resolution]: ...
    def resolve(self, client: SyncClient | AsyncClient, **given: str) -> Resolution | Awaitable[Resolution]:
        """Look up what became of an unknown intent, where the vendor shows what a call makes.

        Found: the intent is `succeeded`, with the record. Proven not to have happened: it is `released`,
        unless it moves money, which a person releases. Else it stays `unknown`. Nothing but reads is sent.

        Args:
            client: A client of the intent's account. With an async client this gives an awaitable.
            given: What the look-up asks for beside what the call had, such as `user_id` for a payment: the
                docs of the operation name it.

        Raises:
            InvalidRequestError: The intent is not unknown, or the client is not of its account.
            PayglotError: The vendor could not be asked.
        """
        from ._client import SyncClient

        if isinstance(client, SyncClient):
            return self._resolve(client, given)
        return asyncio.to_thread(self._resolve, client, given)

    def _resolve(self, client: SyncClient | AsyncClient, given: dict[str, str]) -> Resolution:
        told = self._journal._core.resolve(client._core, self._key, given)
        candidates = tuple(loads(text, parse_float=Decimal) for text in told["candidates"])
        return Resolution(
            **{**told, "intent": self._journal._intent(told["intent"]), "candidates": candidates}
        )

    def log(self) -> list[IntentChange]:
        """Return all that happened to it, oldest first."""
        return self._journal.log(self)

    @property
    def _key(self) -> tuple[str, str, str, str]:
        return (self.provider, self.account, self.operation, self.name)


@dataclass(frozen=True)
class Resolution:
    """What a look-up told of an unknown intent."""

    intent: Intent
    """The intent as it is now."""
    found: Literal["found", "not_found", "too_early", "ambiguous", "not_published"]
    """What the look-up told; `not_published` where the vendor shows nothing of it."""
    proves_absence: bool
    """Whether not to be found proves that it did not happen."""
    wait: float | None
    """Seconds until a look-up counts, where it is too early."""
    candidates: tuple[Any, ...] = field(repr=False)
    """The records that may be it, in plain types, where more than one may be, or where one may be there for
    another reason."""
    advice: str
    """What a person looks at where the look-up does not tell."""


@dataclass(frozen=True)
class IntentChange:
    """One change of an intent."""

    at: datetime
    """When."""
    state: IntentState
    """The state after it."""
    by: str
    """Who: a process, or the person who said so."""
    because: str
    """Why."""
    attempt: int
    """Which attempt, counted from one; zero before the first."""
    status: int | None
    """HTTP status of the response, where there was one."""
    request_id: str | None
    """Identifier of the request, where the vendor sends one."""


def _time(text: str) -> datetime:
    # Python 3.10 does not know the Z.
    return datetime.fromisoformat(text.replace("Z", "+00:00"))


def _before_fork() -> None:
    for journal in list(_open):
        journal.before_fork()
        _closed_for_fork.append(journal)


def _after_fork_in_parent() -> None:
    while _closed_for_fork:
        _closed_for_fork.pop().after_fork_in_parent()


# Windows has no fork.
if hasattr(os, "register_at_fork"):
    os.register_at_fork(
        before=_before_fork,
        after_in_parent=_after_fork_in_parent,
        after_in_child=_closed_for_fork.clear,
    )

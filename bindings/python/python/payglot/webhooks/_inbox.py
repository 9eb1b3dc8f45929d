"""The inbox: webhooks that are not lost."""

from __future__ import annotations

import asyncio
import inspect
import logging
import threading
from dataclasses import astuple, dataclass
from datetime import datetime, timedelta
from json import dumps
from typing import TYPE_CHECKING, Any, Literal, TypeVar

from .._generated_errors import InvalidRequestError
from .._journal import Journal, _time  # pyright: ignore[reportPrivateUsage]
from .._payglot import ClaimedEvent, InboxCore
from ._base import DEFAULT_SCHEME, Scheme, UnknownEvent, WebhookEvent, body_bytes, hide, kept, pairs

if TYPE_CHECKING:
    import builtins
    import os
    from collections.abc import Callable, Iterable

    from .._client import SyncClient
    from .._client_async import AsyncClient
    from ._base import Body, Classes, Headers, Secret

EventState = Literal["waiting", "handling", "handled", "stale", "dead"]

E = TypeVar("E", bound=WebhookEvent)

_log = logging.getLogger("payglot")

# Seconds for which one look for events waits. In between a worker sees that it must stop.
_PATIENCE = 1.0


@dataclass(frozen=True)
class StoredEvent:
    """What an inbox tells of an event: none of its data."""

    provider: str
    """Such as `paywint-platform`."""
    account: str
    """Which of several accounts at the provider it was delivered for."""
    id: str
    """The vendor's identifier of the event, or the hash of its body where it has none."""
    event: str
    """Its name, such as `payment.success`."""
    object: str
    """What it tells something of, such as `payment 7b1d9c34`."""
    state: EventState
    """How far it has come."""
    attempts: int
    """How many times its handling was begun."""
    last_error: str | None
    """The class of the error with which its handling ended last."""
    occurred_at: datetime
    """When it arose, by the vendor's clock."""
    received_at: datetime
    """When it was stored."""
    next_at: datetime
    """It is not handled before."""
    updated_at: datetime
    """When it last changed."""


@dataclass(frozen=True)
class CaughtUp:
    """What catching up has found."""

    stored: tuple[str, ...]
    """Identifiers of the events that were stored: they wait to be handled."""
    not_shown: tuple[str, ...]
    """Names of the events that cannot be found, because no operation shows that they have happened."""


class _Inbox:
    """What both kinds share. Each provider's module has its own `Inbox` and `AsyncInbox`."""

    _provider: str
    _events: Classes
    _headers: tuple[str, ...]
    _names: dict[type[WebhookEvent], str]

    def __init__(
        self,
        store: Journal | str | os.PathLike[str],
        secret: Secret,
        *,
        scheme: Scheme = DEFAULT_SCHEME,
        account: str = "",
        keep: Iterable[str] = (),
        max_attempts: int = 10,
        backoff: float = 1.0,
        lease: float = 60.0,
    ) -> None:
        """Open an inbox in the store of a journal.

        Args:
            store: A journal, or its location.
            secret: The webhook secret, or several while one is exchanged for another.
            scheme: How deliveries are signed.
            account: Which of several accounts at the provider deliveries are for, such as a platform's id.
                Inboxes of different accounts share a store and see nothing of each other.
            keep: Fields of an event's data that are stored although the document does not know them.
            max_attempts: Attempts until an event is dead.
            backoff: Seconds between the first two attempts; they double with each, to at most ten minutes.
            lease: Seconds for which an event stays with a worker of which nothing is heard.

        Raises:
            ConfigurationError: The secret is empty, or the location is none.
            InvalidRequestError: An option cannot be.
            JournalError: The file or the database cannot be used.
        """
        hidden = hide(secret)
        del secret
        self._journal = store if isinstance(store, Journal) else Journal(store)
        self._scheme = scheme
        options = {
            "account": account,
            "keep": [keep] if isinstance(keep, str) else list(keep),
            "maxAttempts": max_attempts,
            "backoff": backoff,
            "lease": lease,
        }
        self._core = InboxCore(self._journal._core, self._provider, hidden, astuple(scheme), dumps(options))
        self._handlers: dict[str, tuple[Callable[..., Any], Any]] = {}
        self._others: tuple[Callable[..., Any], Any] | None = None
        self._stopped = threading.Event()

    def _on(self, event: type[E], refresh: Any) -> Callable[[Any], Any]:
        name = self._names.get(event)
        if name is None and event not in (WebhookEvent, UnknownEvent):
            raise InvalidRequestError(
                "`event` must be a class of this API's events, or `WebhookEvent` for all others",
                argument="event",
            )
        if refresh is not None and (name is None or self._core.reads(name) is None):
            raise InvalidRequestError(
                "`refresh` is for events whose object an operation reads; this one has none",
                argument="refresh",
            )

        def register(handler: Any) -> Any:
            if name is None:
                self._others = (handler, None)
            else:
                self._handlers[name] = (handler, refresh)
            return handler

        return register

    def _receive(self, body: Body, headers: Headers) -> int:
        return self._core.receive(body_bytes(body), pairs(headers, self._scheme, self._headers))

    def _parse(self, body: bytes) -> WebhookEvent:
        return kept(self._provider, body, self._events)

    def _claim(self, at_most: int, patience: float) -> list[ClaimedEvent]:
        names = None if self._others is not None else list(self._handlers)
        return self._core.claim(names, at_most, patience)

    def _handler(self, claimed: ClaimedEvent) -> tuple[Callable[..., Any], Any]:
        handler = self._handlers.get(claimed.event, self._others)
        assert handler is not None, "an event without a handler was claimed"
        return handler

    def _failed(self, claimed: ClaimedEvent, error: BaseException) -> None:
        # Never its text: it may hold what nobody may see.
        name = type(error).__name__
        _log.warning("event %s (%s) could not be handled: %s", claimed.id, claimed.event, name)
        claimed.failed(name)

    def _list(self, state: EventState | None, event: str | None, object: str | None) -> list[StoredEvent]:  # noqa: A002
        found = self._core.ask(dumps({"ask": "list", "state": state, "event": event, "object": object}))
        return [_stored(row) for row in found]

    def _get(self, id: str) -> StoredEvent | None:  # noqa: A002
        found = self._core.ask(dumps({"ask": "get", "id": id}))
        return None if found is None else _stored(found)

    def _retry(self, id: str) -> StoredEvent:  # noqa: A002
        return _stored(self._core.ask(dumps({"ask": "retry", "id": id})))

    def _catch_up(self, client: Any, since: timedelta) -> CaughtUp:
        found = self._core.catch_up(client._core, since.total_seconds())
        return CaughtUp(stored=tuple(found["stored"]), not_shown=tuple(found["not_shown"]))

    def stop(self) -> None:
        """Have `work` return when what is being handled has been handled. Safe in signal handlers."""
        self._stopped.set()

    def __repr__(self) -> str:
        return f"{type(self).__name__}()"


class InboxBase(_Inbox):
    """An inbox whose handlers are functions, called in threads."""

    def on(
        self, event: type[E], *, refresh: SyncClient | None = None
    ) -> Callable[[Callable[..., object]], Callable[..., object]]:
        """Register a handler, as a decorator.

        A handler may see an event again, where a process died before it was written that it was handled. One
        that raises is called again after a pause.

        Args:
            event: The class of the events. `WebhookEvent` is for all that have no handler of their own, which
                otherwise wait in the store until some worker has a handler for them.
            refresh: A client: the handler's second argument is then the event's object as it is now. It also
                tells the journal of unknown intents whose reference the object carries.
        """
        return self._on(event, refresh)

    def receive(self, body: Body, headers: Headers) -> int:
        """Check a delivery and store it; respond with the status that this returns.

        200: it is stored durably, now or before. 401: the signature does not hold. 400: it is no event. 503:
        the store cannot be used; the vendor delivers again.

        Args:
            body: The raw body of the request: JSON that was read and written again has another signature.
            headers: The headers of the request.
        """
        return self._receive(body, headers)

    def work(self, *, threads: int = 4) -> None:
        """Handle events in threads, until `stop()` is called or this is interrupted."""
        self._stopped.clear()
        workers = [threading.Thread(target=self._serve, name=f"payglot-inbox-{n}") for n in range(threads)]
        for worker in workers:
            worker.start()
        try:
            for worker in workers:
                # With a time, so that signals are seen meanwhile.
                while worker.is_alive():
                    worker.join(0.2)
        finally:
            self._stopped.set()
            for worker in workers:
                worker.join()

    def work_off(self) -> int:
        """Handle all events that are due now, one after the other, and return how many that were."""
        count = 0
        while claimed := self._claim(1, 0.0):
            for one in claimed:
                self._handle(one)
                count += 1
        return count

    def _serve(self) -> None:
        while not self._stopped.is_set():
            try:
                claimed = self._claim(1, _PATIENCE)
            except Exception as error:
                _log.error("events cannot be taken; they are tried again: %s", error)
                self._stopped.wait(_PATIENCE)
                continue
            for one in claimed:
                if self._stopped.is_set():
                    one.release()
                else:
                    self._handle(one)

    def _handle(self, claimed: ClaimedEvent) -> None:
        handler, client = self._handler(claimed)
        try:
            event = self._parse(claimed.body)
            if client is None:
                handler(event)
            else:
                handler(event, self._core.refresh(claimed, client._core))
        except Exception as error:
            self._failed(claimed, error)
        except BaseException as error:
            self._failed(claimed, error)
            raise
        else:
            claimed.done()

    def list(
        self,
        *,
        state: EventState | None = None,
        event: str | None = None,
        object: str | None = None,  # noqa: A002
    ) -> list[StoredEvent]:
        """Return the events of a state, a name and an object, in the order of their times."""
        return self._list(state, event, object)

    def dead(self) -> builtins.list[StoredEvent]:
        """Return the events that were given up after too many attempts."""
        return self._list("dead", None, None)

    def get(self, id: str) -> StoredEvent | None:  # noqa: A002
        """Return the event of an identifier, or `None`."""
        return self._get(id)

    def catch_up(self, client: SyncClient, *, since: timedelta = timedelta(days=7)) -> CaughtUp:
        """Find events that were never delivered, and store them to be handled.

        The vendor's lists are read, and those objects of the last `since` that are known, from events that
        came and from intents of the journal that succeeded. The data of an event that is found so is the
        identifier of its object alone: read the object. When its delivery comes after all, it is a duplicate.

        Args:
            client: A client of the inbox's account. Nothing but reads is sent.
            since: How far back known objects are read.

        Raises:
            PayglotError: The vendor could not be asked.
        """
        return self._catch_up(client, since)

    def retry(self, id: str) -> StoredEvent:  # noqa: A002
        """Have a dead event handled again, with as many attempts as a new one.

        It is stale, and not handled, where a later event of its object was handled meanwhile.

        Raises:
            InvalidRequestError: It is not dead.
        """
        return self._retry(id)


class AsyncInboxBase(_Inbox):
    """An inbox whose handlers are coroutines, for asyncio."""

    def on(
        self, event: type[E], *, refresh: AsyncClient | None = None
    ) -> Callable[[Callable[..., object]], Callable[..., object]]:
        """Register a handler, as a decorator: a coroutine function, or a function that does not wait.

        A handler may see an event again, where a process died before it was written that it was handled. One
        that raises is called again after a pause.

        Args:
            event: The class of the events. `WebhookEvent` is for all that have no handler of their own, which
                otherwise wait in the store until some worker has a handler for them.
            refresh: A client: the handler's second argument is then the event's object as it is now. It also
                tells the journal of unknown intents whose reference the object carries.
        """
        return self._on(event, refresh)

    async def receive(self, body: Body, headers: Headers) -> int:
        """Check a delivery and store it; respond with the status that this returns.

        200: it is stored durably, now or before. 401: the signature does not hold. 400: it is no event. 503:
        the store cannot be used; the vendor delivers again.

        Args:
            body: The raw body of the request: JSON that was read and written again has another signature.
            headers: The headers of the request.
        """
        return await asyncio.to_thread(self._receive, body, headers)

    async def work(self, *, at_once: int = 4) -> None:
        """Handle events, up to `at_once` of them at a time, until `stop()` is called or this is cancelled."""
        self._stopped.clear()
        running: set[asyncio.Task[None]] = set()
        try:
            while not self._stopped.is_set():
                if len(running) >= at_once:
                    await asyncio.wait(running, return_when=asyncio.FIRST_COMPLETED)
                    continue
                for one in await self._take(at_once - len(running), _PATIENCE):
                    task = asyncio.create_task(self._handle(one))
                    running.add(task)
                    task.add_done_callback(running.discard)
        except asyncio.CancelledError:
            for task in running:
                task.cancel()
            raise
        finally:
            await asyncio.gather(*running, return_exceptions=True)

    async def work_off(self) -> int:
        """Handle all events that are due now, one after the other, and return how many that were."""
        count = 0
        while claimed := await self._take(1, 0.0):
            for one in claimed:
                await self._handle(one)
                count += 1
        return count

    async def _take(self, at_most: int, patience: float) -> list[ClaimedEvent]:
        asked = asyncio.ensure_future(asyncio.to_thread(self._claim, at_most, patience))
        try:
            return await asyncio.shield(asked)
        except asyncio.CancelledError:
            for one in await asked:
                one.release()
            raise
        except Exception as error:
            if patience == 0.0:
                raise
            _log.error("events cannot be taken; they are tried again: %s", error)
            await asyncio.sleep(_PATIENCE)
            return []

    async def _handle(self, claimed: ClaimedEvent) -> None:
        handler, client = self._handler(claimed)
        try:
            event = self._parse(claimed.body)
            given: tuple[Any, ...] = (event,)
            if client is not None:
                given = (event, await asyncio.to_thread(self._core.refresh, claimed, client._core))
            result = handler(*given)
            if inspect.isawaitable(result):
                await result
        except Exception as error:
            await asyncio.to_thread(self._failed, claimed, error)
        except BaseException as error:
            self._failed(claimed, error)
            raise
        else:
            await asyncio.shield(asyncio.to_thread(claimed.done))

    async def list(
        self,
        *,
        state: EventState | None = None,
        event: str | None = None,
        object: str | None = None,  # noqa: A002
    ) -> list[StoredEvent]:
        """Return the events of a state, a name and an object, in the order of their times."""
        return await asyncio.to_thread(self._list, state, event, object)

    async def dead(self) -> builtins.list[StoredEvent]:
        """Return the events that were given up after too many attempts."""
        return await asyncio.to_thread(self._list, "dead", None, None)

    async def get(self, id: str) -> StoredEvent | None:  # noqa: A002
        """Return the event of an identifier, or `None`."""
        return await asyncio.to_thread(self._get, id)

    async def catch_up(self, client: AsyncClient, *, since: timedelta = timedelta(days=7)) -> CaughtUp:
        """Find events that were never delivered, and store them to be handled.

        The vendor's lists are read, and those objects of the last `since` that are known, from events that
        came and from intents of the journal that succeeded. The data of an event that is found so is the
        identifier of its object alone: read the object. When its delivery comes after all, it is a duplicate.

        Args:
            client: A client of the inbox's account. Nothing but reads is sent.
            since: How far back known objects are read.

        Raises:
            PayglotError: The vendor could not be asked.
        """
        return await asyncio.to_thread(self._catch_up, client, since)

    async def retry(self, id: str) -> StoredEvent:  # noqa: A002
        """Have a dead event handled again, with as many attempts as a new one.

        It is stale, and not handled, where a later event of its object was handled meanwhile.

        Raises:
            InvalidRequestError: It is not dead.
        """
        return await asyncio.to_thread(self._retry, id)


def _stored(row: dict[str, Any]) -> StoredEvent:
    times = {name: _time(row[name]) for name in ("occurred_at", "received_at", "next_at", "updated_at")}
    return StoredEvent(**{**row, **times})

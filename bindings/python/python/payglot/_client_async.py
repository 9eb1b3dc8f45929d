"""The bases of the generated asyncio clients and resources."""

from __future__ import annotations

import asyncio
import inspect
import sys
from typing import TYPE_CHECKING, Any

from ._client import BaseClient, CheckedResource, ResourceBase
from ._events_async import AsyncEventStream
from ._hooks import notify
from ._log import log
from ._loops import awaiting, finish
from ._paging import PageCall
from ._paging_async import AsyncPage, AsyncPager, start
from ._payglot import Hidden, download_async
from ._response import RawResponse

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Coroutine, Iterable, Mapping
    from decimal import Decimal
    from os import PathLike
    from types import TracebackType
    from typing import Concatenate, ParamSpec, TypeVar

    from ._batch import AsyncBatch
    from ._client import Replay
    from ._credentials import AsyncCredential
    from ._paging import Fields, Options, Page, Path

    Client = TypeVar("Client", bound="AsyncClient")
    P = ParamSpec("P")
    T = TypeVar("T")


class AsyncResource(CheckedResource):
    """Operations whose calls are awaited."""

    __slots__ = ()

    def __init_subclass__(cls) -> None:
        paged = {name: method for name, method in vars(cls).items() if isinstance(method, _Paged)}
        for name, method in paged.items():
            setattr(cls, name, method.method)
        super().__init_subclass__()
        for name, method in vars(cls).items():
            if not name.startswith("_") and name not in paged:
                _mark_awaited(method)

    async def _call(self, index: int, path: Path, fields: Fields, options: Options) -> Any:
        awaited = awaiting()
        running = self._core.call_async(awaited, index, path, fields, options)
        try:
            return await awaited[1]
        except BaseException as error:
            # Cancelled; for a call that has ended this does nothing.
            running.give_up(error)
            raise
        finally:
            if awaited[2]:
                log(running)
            if self._core.hooks is not None:
                notify(self._core)

    def _page(
        self, index: int, path: Path, fields: Fields, page: tuple[int, int] | None, options: Options
    ) -> AsyncPager[Any]:
        return AsyncPager(PageCall(self._core, index, path, fields, page, options))

    def _events(self, index: int, path: Path, fields: Fields, options: Options) -> AsyncEventStream[Any]:
        return AsyncEventStream(self._core, index, path, fields, options)

    async def _download(
        self, index: int, path: Path, fields: Fields, options: Options, save_as: str | PathLike[str]
    ) -> int:
        awaited = awaiting()
        running = download_async(awaited, self._core, index, path, fields, options, save_as)
        written: int = await finish(awaited[1], running, self._core)
        return written


class _Paged:
    """A method whose calls give pages, until its class is made."""

    def __init__(self, method: Callable[..., Any]) -> None:
        self.method = method


def _mark_awaited(method: Any) -> None:
    """Say that calls of a method are awaited, which is what mocks of it then are."""
    if sys.version_info >= (3, 12):
        inspect.markcoroutinefunction(method)
    else:
        method._is_coroutine = getattr(asyncio.coroutines, "_is_coroutine", None)


def to_async(
    method: Callable[Concatenate[Any, P], T],
) -> Callable[Concatenate[Any, P], Coroutine[Any, Any, T]]:
    """A method of a `Resource` as one of an `AsyncResource`: the same arguments, to be awaited.

    The method itself stays as it is. What it returns is what `_call` of its object returns.
    """
    awaited: Any = method
    return awaited


def to_pager(
    method: Callable[Concatenate[Any, P], Page[T]],
) -> Callable[Concatenate[Any, P], AsyncPager[T]]:
    """Like `to_async`, for a method that returns what `_page` of its object returns."""
    paged: Any = _Paged(method)
    return paged


class AsyncRawResource(ResourceBase):
    """The operations of an `AsyncResource`, each of which returns the whole response."""

    __slots__ = ()

    async def _call(self, index: int, path: Path, fields: Fields, options: Options) -> RawResponse[Any]:
        awaited = awaiting()
        running = self._core.start_async(awaited, index, path, fields, options)
        response = await finish(awaited[1], running, self._core)
        return RawResponse(response, response.payload)

    async def _page(
        self, index: int, path: Path, fields: Fields, page: tuple[int, int] | None, options: Options
    ) -> RawResponse[AsyncPage[Any]]:
        call = PageCall(self._core, index, path, fields, page, options)
        response = await finish(*start(call, None), self._core)
        return RawResponse(response, lambda: AsyncPage(call, None, response))


def to_raw_response(
    method: Callable[Concatenate[Any, P], Awaitable[T]],
) -> Callable[Concatenate[Any, P], Coroutine[Any, Any, RawResponse[T]]]:
    """A method of an `AsyncResource` as one of an `AsyncRawResource`: the whole response, to be awaited.

    The method itself stays as it is. What it returns is what `_call` and `_page` of its object return.
    """
    whole: Any = method
    return whole


class AsyncClient(BaseClient):
    """A client whose calls are awaited."""

    async def request(
        self,
        method: str,
        path: str,
        *,
        query: Mapping[str, object] | None = None,
        json: object = None,
        replay: Replay = "money",
        timeout: float | None = None,
        max_retries: int | None = None,
        headers: Mapping[str, str] | None = None,
        idempotency_key: str | None = None,
        intent: str | None = None,
    ) -> RawResponse[Any]:
        """Make a call that has no method here, authenticated like the rest.

        Args:
            method: HTTP method.
            path: Path from the host on, beginning with `/`.
            query: Query parameters; a list is a name that comes several times.
            json: Body; decimals go out with the digits given.
            replay: Whether the call may be sent again. "money" and "create" are not, once they may have
                arrived; "read" and "idempotent" are; "keyed" is, under one `Idempotency-Key`.
            timeout: Seconds for the call with all its attempts.
            max_retries: How many times the call may be tried again.
            headers: Further headers.
            idempotency_key: An `Idempotency-Key` to send.
            intent: Name of what the call means to do, for a client with a journal.

        Returns:
            The raw response; its `parse()` gives the body as plain JSON types, or `None` where it is no JSON.
        """
        options = (timeout, max_retries, headers, idempotency_key, None, intent, None)
        awaited = awaiting()
        request = Hidden((method, path, query, json, replay))
        del query, json
        running = self._core.request_async(awaited, request, options)
        response = await finish(awaited[1], running, self._core)
        return RawResponse(response, response.payload)

    def batch(
        self,
        name: str,
        rows: Iterable[Mapping[str, object]],
        *,
        operation: str | None = None,
        key: str = "key",
        per_second: float | None = None,
        at_most: Decimal | int | str | None = None,
        go_on: bool = False,
        in_flight: int = 8,
    ) -> AsyncBatch:
        """Make a batch of rows for a client with a journal: each is paid at most once.

        The batch's name and the key of a row make the row's intent, so that a batch that is run again, after
        any crash and by any number of workers, pays no row twice. Sends nothing.

        Args:
            name: Such as `payroll-2026-11`; with another name, all rows would be paid again.
            rows: Each with its key and the arguments of the operation by name, those of the path too.
            operation: The operation that pays a row. Otherwise the one that the class of the client names.
            key: The field of a row that tells it from all others, today and when the batch is run again.
            per_second: Most payments a second, of all batches of the account on one journal together.
            at_most: Most US dollars for all rows, of all runs and processes together. An unknown outcome
                counts as spent.
            go_on: Whether it goes on when an outcome is unknown, instead of stopping until somebody has
                looked it up.
            in_flight: Most calls of this process at once.

        Raises:
            InvalidRequestError: The client has no journal, or one of the arguments is not what it must be.
                Rows that are wrong are for `check` to name.
        """
        from ._batch import AsyncBatch

        settings: dict[str, object] = {
            "name": name,
            "operation": operation,
            "key": key,
            "perSecond": per_second,
            "atMost": at_most,
            "goOn": go_on,
            "inFlight": in_flight,
        }
        return AsyncBatch(self, rows, settings)

    async def rotate(self, **credentials: AsyncCredential) -> None:
        """Read the credentials again that come from a file or a function.

        Calls that begin from now on have the new ones, also those of clients that `with_options` gave. A call
        in flight ends with those that it began with. A 401 has them read again by itself.

        Args:
            credentials: Others for these, by the names of the constructor's arguments, as these take them.

        Raises:
            ConfigurationError: One cannot be read or is no key, one that is public is another than before, or
                there is nothing to read. The client keeps the keys that it had.
            InvalidRequestError: One is unknown.
        """
        given = Hidden(credentials)
        del credentials
        await asyncio.to_thread(self._core.rotate, given)

    async def close(self) -> None:
        """Close the connections. Further calls raise `InvalidRequestError`."""
        self._core.close()

    async def __aenter__(self: Client) -> Client:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        await self.close()

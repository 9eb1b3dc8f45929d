"""Pages of records for the asyncio clients; `_paging` has what both kinds share."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Generic, TypeVar

from ._loops import awaiting, discard, finish
from ._paging import PageBase

if TYPE_CHECKING:
    from asyncio import Future
    from collections.abc import AsyncIterator, Generator

    from ._paging import PageCall
    from ._payglot import Response, Running, Walk

    Started = tuple[Future[Response], Running]

T = TypeVar("T")


def start(call: PageCall, walk: Walk | None) -> Started:
    """Ask for a page on the running event loop: for the first one unless told."""
    awaited = awaiting()
    fields = call.page(walk)
    return awaited[1], call.core.start_async(awaited, call.index, call.path, fields, call.options, walk)


def _discard(started: Started | None) -> None:
    if started is not None:
        discard(*started)


async def _records(first: AsyncPage[T] | AsyncPager[T]) -> AsyncIterator[T]:
    # One generator for both: each level of generators adds its cost to every record.
    page = await first if isinstance(first, AsyncPager) else first
    while True:
        upcoming = page._start_next()
        try:
            for record in page.records:
                yield record
        except BaseException:
            _discard(upcoming)
            raise
        if upcoming is None:
            return
        page = await page._following(upcoming)


class AsyncPage(PageBase[T]):
    """A page of records. Asynchronous iteration gives the records of this page and of all that follow."""

    __slots__ = ()

    async def next_page(self) -> AsyncPage[T] | None:
        """Ask for the next page; `None` when this is the last."""
        upcoming = self._start_next()
        return None if upcoming is None else await self._following(upcoming)

    async def pages(self) -> AsyncIterator[AsyncPage[T]]:
        """Walk over this page and all that follow; the next is prefetched while one is read."""
        page = self
        while True:
            upcoming = page._start_next()
            try:
                yield page
            except BaseException:
                _discard(upcoming)
                raise
            if upcoming is None:
                return
            page = await page._following(upcoming)

    def __aiter__(self) -> AsyncIterator[T]:
        return _records(self)

    def _start_next(self) -> Started | None:
        return None if self._next is None else start(self._call, self._next)

    async def _following(self, upcoming: Started) -> AsyncPage[T]:
        return AsyncPage(self._call, self._next, await finish(*upcoming, self._call.core))


class AsyncPager(Generic[T]):
    """A paged call that has not been sent: await it for its first page, or iterate over all records."""

    __slots__ = ("_call",)

    def __init__(self, call: PageCall) -> None:
        self._call = call

    async def _first(self) -> AsyncPage[T]:
        return AsyncPage(self._call, None, await finish(*start(self._call, None), self._call.core))

    def __await__(self) -> Generator[Any, Any, AsyncPage[T]]:
        return self._first().__await__()

    async def pages(self) -> AsyncIterator[AsyncPage[T]]:
        """Walk over all pages; the next is prefetched while one is read."""
        async for page in (await self).pages():
            yield page

    def __aiter__(self) -> AsyncIterator[T]:
        return _records(self)

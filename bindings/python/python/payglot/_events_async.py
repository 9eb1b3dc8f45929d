"""Server-sent events on asyncio."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Generic, TypeVar

from ._events import Event, EventStream, StreamBase
from ._loops import awaiting, finish

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable, Generator
    from types import TracebackType
    from typing import Concatenate, ParamSpec

    P = ParamSpec("P")

T = TypeVar("T")
Stream = TypeVar("Stream", bound="AsyncEventStream[Any]")


class AsyncEventStream(StreamBase, Generic[T]):
    """The events of a call, in the order in which they come.

    It ends with the response, and is never resumed by itself.

    Nothing is sent until it is awaited, entered with `async with` or iterated. Use it in an `async with`
    statement, or iterate to its end: either closes the response.
    """

    __slots__ = ()

    async def _open(self: Stream) -> Stream:
        if self._head is None:
            awaited = awaiting()
            self._head = await finish(awaited[1], self._events.open_async(awaited), self._core)
        return self

    def __await__(self: Stream) -> Generator[Any, None, Stream]:
        return self._open().__await__()

    def __aiter__(self) -> AsyncIterator[Event[T]]:
        return self

    async def __anext__(self) -> Event[T]:
        await self._open()
        awaited = awaiting()
        try:
            event = await finish(awaited[1], self._events.next_async(awaited), self._core)
        except BaseException:
            # What is given up while an event comes cannot be taken up again.
            self._events.close()
            raise
        if event is None:
            raise StopAsyncIteration
        return Event(*event)

    async def close(self) -> None:
        """Close the response: no event follows."""
        self._events.close()

    async def __aenter__(self: Stream) -> Stream:
        return await self._open()

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        await self.close()


def to_events(
    method: Callable[Concatenate[Any, P], EventStream[T]],
) -> Callable[Concatenate[Any, P], AsyncEventStream[T]]:
    """A method of a `Resource` whose response is a stream as one of an `AsyncResource`.

    The method itself stays as it is. What it returns is what `_events` of its object returns.
    """
    streamed: Any = method
    return streamed

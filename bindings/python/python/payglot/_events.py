"""Server-sent events: what a call gives one by one while its response comes."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Generic, TypeVar

from ._hooks import notify
from ._payglot import Events

if TYPE_CHECKING:
    from collections.abc import Iterator
    from types import TracebackType

    from ._paging import Fields, Options, Path
    from ._payglot import Core, Response

T = TypeVar("T")
Stream = TypeVar("Stream", bound="EventStream[Any]")


class Event(Generic[T]):
    """One event of a stream."""

    __slots__ = ("data", "event", "id", "retry", "text")

    event: str
    """Its type; `message` where the stream does not say."""
    id: str
    """The identifier that the stream gave last; empty where it gave none."""
    data: T | str
    """The data as the API's document has it; the text where it is something else, such as `[DONE]`."""
    text: str
    """The data as it came. It may hold personal data: do not log it."""
    retry: int | None
    """Milliseconds to wait before one connects anew, where the stream says so."""

    def __init__(self, event: str, id: str, data: T | str, text: str, retry: int | None) -> None:  # noqa: A002
        self.event = event
        self.id = id
        self.data = data
        self.text = text
        self.retry = retry

    def __repr__(self) -> str:
        return f"Event(event={self.event!r}, id={self.id!r})"


class StreamBase:
    """What streams of both kinds have."""

    __slots__ = ("_core", "_events", "_head")

    _head: Response | None

    def __init__(self, core: Core, index: int, path: Path, fields: Fields, options: Options) -> None:
        self._core = core
        self._events = Events(core, index, path, fields, options)
        self._head = None
        del fields

    def __repr__(self) -> str:
        return f"{type(self).__name__}(status={None if self._head is None else self._head.status})"

    def _opened(self) -> Response:
        if self._head is None:
            raise RuntimeError("the response has not begun: ask for the first event, or use `async with`")
        return self._head

    @property
    def status(self) -> int:
        """HTTP status."""
        return self._opened().status

    @property
    def headers(self) -> dict[str, str]:
        """Headers by their lower-case names."""
        return self._opened().headers

    @property
    def request_id(self) -> str | None:
        """Identifier of the request, where the API sends one."""
        return self._opened().request_id


class EventStream(StreamBase, Generic[T]):
    """The events of a call, in the order in which they come.

    It ends with the response, and is never resumed by itself.

    Use it in a `with` statement, or iterate to its end: either closes the response.
    """

    __slots__ = ()

    def __init__(self, core: Core, index: int, path: Path, fields: Fields, options: Options) -> None:
        super().__init__(core, index, path, fields, options)
        del fields
        try:
            self._head = self._events.open()
        finally:
            notify(core)

    def __iter__(self) -> Iterator[Event[T]]:
        return self

    def __next__(self) -> Event[T]:
        event = self._events.next()
        if event is None:
            raise StopIteration
        return Event(*event)

    def close(self) -> None:
        """Close the response: no event follows."""
        self._events.close()

    def __enter__(self: Stream) -> Stream:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self.close()

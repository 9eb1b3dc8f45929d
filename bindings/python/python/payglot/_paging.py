"""Pages of records, and iteration over all of them with the next page prefetched."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Generic, TypeVar

from ._log import is_enabled, wait, warn
from ._payglot import Hidden

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ._payglot import Core, Pending, Response, Walk

    Path = tuple[object, ...]
    Fields = dict[str, object] | Hidden
    # Timeout, retries, headers, idempotency key.
    Options = tuple[Any, Any, Any, Any]

T = TypeVar("T")


class PageCall:
    """A paged call: its first page, and its arguments without it."""

    __slots__ = ("core", "fields", "index", "is_followed", "number", "options", "path", "size")

    def __init__(
        self,
        core: Core,
        index: int,
        path: Path,
        fields: Fields,
        page: tuple[int, int] | None,
        options: Options,
    ) -> None:
        self.core = core
        self.index = index
        self.path = path
        self.fields = fields.fields() if isinstance(fields, Hidden) else fields
        # Without a page, the call's own arguments choose it, and each page says what follows it.
        self.is_followed = page is None
        self.number, self.size = page or (1, 0)
        self.options = options

    def start(self, walk: Walk | None) -> Pending:
        """Ask for a page: for the first one unless told."""
        return self.core.start(self.index, self.path, self.page(walk), self.options, is_enabled(), walk)

    def page(self, walk: Walk | None) -> dict[str, object]:
        """The fields with those that choose the page."""
        if self.is_followed:
            return self.fields
        page, size = self.core.paging_fields or ("page", "size")
        return {**self.fields, page: (walk or self).number, size: (walk or self).size}


class PageBase(Generic[T]):
    """What pages of both kinds of clients have."""

    __slots__ = ("_call", "_next", "number", "records", "request_id", "size", "total")

    records: list[T]
    """The records of this page."""
    total: int | None
    """Number of records over all pages, where the API tells it."""
    number: int
    """Number of this page, from 1."""
    size: int
    """Records asked for per page; where nobody asked for a size, those of this page."""

    request_id: str | None
    """Identifier of the request, where the API sends one."""

    def __init__(self, call: PageCall, walk: Walk | None, response: Response) -> None:
        self._call = call
        self._next = response.next
        self.records = response.payload()
        self.total = response.total
        self.request_id = response.request_id
        self.number = (walk or call).number
        self.size = (walk or call).size or len(self.records)
        if response.warning is not None:
            warn(response.warning)

    def has_next(self) -> bool:
        """Whether another page may follow: not after the last of the total, never after an empty one."""
        return self._next is not None

    def __len__(self) -> int:
        return len(self.records)

    def __bool__(self) -> bool:
        return True

    def __repr__(self) -> str:
        count = len(self.records)
        return f"{type(self).__name__}(number={self.number}, total={self.total}, records=[{count} records])"


class Page(PageBase[T]):
    """A page of records. Iterating gives the records of this page and of all that follow."""

    __slots__ = ()

    def next_page(self) -> Page[T] | None:
        """Ask for the next page; `None` when this is the last."""
        upcoming = self._start_next()
        return None if upcoming is None else self._following(upcoming)

    def pages(self) -> Iterator[Page[T]]:
        """Walk over this page and all that follow; the next is prefetched while one is read."""
        page = self
        while True:
            upcoming = page._start_next()
            yield page
            if upcoming is None:
                return
            page = page._following(upcoming)

    def __iter__(self) -> Iterator[T]:
        for page in self.pages():
            yield from page.records

    def _start_next(self) -> Pending | None:
        return None if self._next is None else self._call.start(self._next)

    def _following(self, upcoming: Pending) -> Page[T]:
        return Page(self._call, self._next, wait(upcoming, self._call.core))

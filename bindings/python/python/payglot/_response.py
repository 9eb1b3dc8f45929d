"""Raw responses."""

from __future__ import annotations

from typing import TYPE_CHECKING, Generic, TypeVar

if TYPE_CHECKING:
    from collections.abc import Callable

    from ._payglot import Response

T = TypeVar("T")


class RawResponse(Generic[T]):
    """A successful response: its status, headers and text, and its payload when asked.

    The text may hold personal data: do not log it.
    """

    __slots__ = ("_parse", "_response")

    def __init__(self, response: Response, parse: Callable[[], T]) -> None:
        self._response = response
        self._parse = parse

    @property
    def status(self) -> int:
        """HTTP status."""
        return self._response.status

    @property
    def headers(self) -> dict[str, str]:
        """Headers by their lower-case names."""
        return self._response.headers

    @property
    def message(self) -> str | None:
        """The API's message beside the payload, where it sends one."""
        return self._response.message

    @property
    def request_id(self) -> str | None:
        """Identifier of the request, where the API sends one."""
        return self._response.request_id

    @property
    def is_replay(self) -> bool:
        """Whether a journal had the response of an earlier call under the same intent, and nothing was sent.

        It has no field that is sensitive then, and no header but the request id.
        """
        return self._response.is_replay

    @property
    def text(self) -> str:
        """The whole body as it came."""
        return self._response.text

    def parse(self) -> T:
        """Return what the call returns without raw responses."""
        return self._parse()

    def __repr__(self) -> str:
        return f"RawResponse(status={self.status}, request_id={self.request_id!r})"

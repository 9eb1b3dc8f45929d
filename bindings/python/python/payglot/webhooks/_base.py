"""What the modules of all APIs share: the scheme, the check, and the base of events."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import astuple, dataclass

from .. import _payglot as _native  # pyright: ignore[reportPrivateUsage]
from .._generated_errors import InvalidRequestError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from datetime import datetime
    from typing import Any, Literal, Protocol, TypeAlias

    class HasItems(Protocol):
        """A mapping, or what behaves like one: headers of a framework."""

        def items(self) -> Iterable[tuple[Any, Any]]: ...

    Body: TypeAlias = bytes | bytearray | memoryview | str
    Headers: TypeAlias = HasItems | Iterable[tuple[str, str]] | Iterable[tuple[bytes, bytes]]
    Secret: TypeAlias = str | bytes | Iterable[str | bytes]
else:
    Body = Headers = Secret = object


@dataclass(frozen=True, kw_only=True)
class Scheme:
    """How deliveries are signed: HMAC-SHA256 over the body, or over timestamp, separator and body."""

    signature_header: str = "X-Webhook-Signature"
    """Header with the signature."""
    timestamp_header: str | None = "X-Webhook-Timestamp"
    """Header with the time of sending in Unix seconds; `None` where only the body is signed."""
    separator: str = "."
    """Text between timestamp and body in what is signed."""
    prefix: str = ""
    """Text before the signature in its header, such as `sha256=`."""
    encoding: Literal["hex", "base64"] = "hex"
    """How the signature is written."""
    tolerance: float = 300
    """How many seconds the timestamp may be from now."""


DEFAULT_SCHEME = Scheme()
"""The sandbox's own scheme; no vendor covered here publishes one."""


@dataclass(frozen=True, kw_only=True, repr=False)
class Delivery:
    """A delivery as an HTTP request has it."""

    body: bytes
    """The exact bytes."""
    headers: dict[str, str]
    """Names and values."""


class WebhookEvent:
    """Base of all events: frozen, equal where the whole delivery is the same."""

    __slots__ = ("_parts", "_provider")

    _parts: tuple[str, str, str | None, Any, str]
    _provider: str

    def __init__(self, provider: str, parts: tuple[str, str, str | None, Any, str]) -> None:
        object.__setattr__(self, "_provider", provider)
        object.__setattr__(self, "_parts", parts)

    @property
    def event(self) -> str:
        """Name of the event."""
        return self._parts[0]

    @property
    def id(self) -> str:
        """Identifier of the event: the same for every delivery of it.

        Where the vendor has none, `sha256:` and the SHA-256 of the body in hex, after the event's name where
        a header has that.
        """
        return self._parts[1]

    @property
    def generated_at(self) -> datetime | None:
        """When the event arose, in UTC; `None` where it was not said or is no time."""
        text = self._parts[2]
        return None if text is None else _native.webhook_time(text)

    @property
    def data(self) -> Any:
        """What the event is about; `None` where it was not delivered."""
        return self._parts[3]

    @property
    def raw(self) -> dict[str, Any]:
        """The delivery's body as plain JSON types, fractions as `Decimal`; it may hold personal data."""
        return _native.webhook_raw(self._parts[4])

    def __setattr__(self, name: str, value: object) -> None:
        raise AttributeError(f"{type(self).__name__} is frozen: {name} cannot be changed")

    def __delattr__(self, name: str) -> None:
        raise AttributeError(f"{type(self).__name__} is frozen: {name} cannot be changed")

    def __eq__(self, other: object) -> bool:
        return isinstance(other, WebhookEvent) and self._key() == other._key()

    def __hash__(self) -> int:
        return hash(self._key())

    def _key(self) -> tuple[str, str, str, str]:
        return self._provider, self._parts[4], self.event, self.id

    def __repr__(self) -> str:
        return f"{type(self).__name__}(event={self.event!r}, id={self.id!r})"

    def __reduce__(self) -> tuple[object, ...]:
        event, id, time, _, text = self._parts
        return _restore, (self._provider, text, event, id, time)


class UnknownEvent(WebhookEvent):
    """An event that this version does not know. Its data is plain JSON types."""

    __slots__ = ()


Classes: TypeAlias = "tuple[type[WebhookEvent], ...]" if TYPE_CHECKING else object


def make(provider: str, body: Body, headers: Headers, known: tuple[Classes, tuple[str, ...]]) -> WebhookEvent:
    """Reads a delivery as one of these classes, with these headers."""
    classes, names = known
    found = named(headers, names) if names else []
    return _made(provider, classes, _native.webhook_parse(provider, body_bytes(body), found))


def kept(provider: str, body: bytes, classes: Classes) -> WebhookEvent:
    """Reads what an inbox has stored of a delivery."""
    return _made(provider, classes, _native.webhook_kept(provider, body))


def _made(provider: str, classes: Classes, read: Any) -> WebhookEvent:
    index, *parts = read
    return (UnknownEvent if index is None else classes[index])(provider, tuple(parts))  # type: ignore[arg-type]


def _restore(provider: str, text: str, event: str, id: str, time: str | None) -> object:  # noqa: A002
    """Reads an event again that was pickled or copied."""
    from importlib import import_module

    classes = import_module(f"{__package__}.{provider.replace('-', '_')}")._EVENTS
    return _made(provider, classes, _native.webhook_restore(provider, text.encode(), event, id, time))


def verify(
    body: Body,
    headers: Headers,
    secret: Secret,
    scheme: Scheme = DEFAULT_SCHEME,
    *,
    now: float | None = None,
) -> None:
    """Check a delivery: its signature over the exact bytes of the body, in constant time, and its age.

    Args:
        body: The raw body of the request: JSON that was read and written again has another signature.
        headers: The headers of the request: a mapping or pairs, names in any case.
        secret: The webhook secret, or several while one is exchanged for another.
        scheme: How deliveries are signed.
        now: Unix seconds to compare the timestamp with, for deliveries that were kept. Otherwise now.

    Raises:
        WebhookVerificationError: The delivery is not genuine, or too old.
        ConfigurationError: The secret is empty.
        InvalidRequestError: An argument is not of its kind, such as a body that was parsed.
    """
    hidden = hide(secret)
    del secret
    _native.webhook_verify(body_bytes(body), pairs(headers, scheme), hidden, astuple(scheme), now)


def sign(body: Body, timestamp: int, secret: str | bytes, scheme: Scheme = DEFAULT_SCHEME) -> str:
    """Sign a delivery, for tests and for what stands in for a vendor.

    Args:
        body: The exact body.
        timestamp: Time of sending in Unix seconds.
        secret: The webhook secret.
        scheme: How deliveries are signed.

    Returns:
        The value of the signature header.
    """
    hidden = hide(secret)
    del secret
    return _native.webhook_sign(body_bytes(body), timestamp, hidden, astuple(scheme))


def sample(
    provider: str,
    event: str,
    secret: str | bytes,
    scheme: Scheme,
    data: Mapping[str, object] | None,
) -> Delivery:
    """A signed delivery from the document's examples."""
    hidden = hide(secret)
    del secret
    body, headers = _native.webhook_sample(provider, event, data)
    signed = _native.webhook_headers(body, hidden, astuple(scheme))
    return Delivery(body=body, headers=dict([*signed, *headers]))


def body_bytes(body: object) -> bytes:
    """The raw body; text is taken as UTF-8."""
    if isinstance(body, (bytearray, memoryview)):
        return bytes(body)
    if isinstance(body, (str, bytes)):
        return _bytes(body, "body")
    raise _refusal(
        "body",
        "must be the raw body of the request, as bytes or text: what was parsed has lost what was signed "
        "(`await request.body()` in FastAPI, `request.body` in Django, `request.get_data()` in Flask)",
    )


def hide(secret: Any) -> Any:
    """A secret that no frame shows: tools that record local variables find an object that tells nothing."""
    return secret if isinstance(secret, _native.Hidden) else _native.Hidden(secret)


def pairs(headers: Any, scheme: Scheme, names: Iterable[str] = ()) -> list[tuple[str, str]]:
    """The headers that the scheme reads, and those of these names."""
    return named(
        headers, [name.lower() for name in (scheme.signature_header, scheme.timestamp_header, *names) if name]
    )


def to_read_twice(headers: Any) -> Any:
    """Headers of which an iterator is read into a list."""
    return list(headers) if hasattr(headers, "__next__") else headers


def named(headers: Any, names: Iterable[str]) -> list[tuple[str, str]]:
    """The headers of these names in lower case, from those of any framework. Others do not matter."""
    wanted = set(names)
    found = headers.items() if hasattr(headers, "items") else headers
    try:
        # Names first: a request without headers has none that is wrong.
        all_of_them = [(_name(name), value) for name, value in found]
        return [(name, _text(value)) for name, value in all_of_them if name in wanted]
    except (TypeError, ValueError):
        pass
    raise _refusal("headers", "must be a mapping or pairs of names and values")


def _name(name: object) -> str:
    """A header's name in lower case, also from a WSGI environment, where it is `HTTP_X_NAME`."""
    text = name.decode("latin-1") if isinstance(name, bytes) else str(name)
    text = text.lower()
    return text[5:].replace("_", "-") if text.startswith("http_") else text


def _text(value: object) -> str:
    if isinstance(value, (list, tuple)) and value:
        value = value[-1]
    if isinstance(value, bytes):
        return value.decode("latin-1")
    if isinstance(value, str):
        return value
    raise TypeError


def _bytes(value: object, name: str) -> bytes:
    if isinstance(value, bytes):
        return value
    if isinstance(value, str):
        try:
            return value.encode()
        except UnicodeEncodeError:
            pass
    raise _refusal(name, "must be text or bytes")


def _refusal(argument: str, problem: str) -> InvalidRequestError:
    return InvalidRequestError(f"`{argument}` {problem}", argument=argument)

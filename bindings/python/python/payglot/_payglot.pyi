"""Types of the native half; import `payglot` instead."""

from asyncio import AbstractEventLoop, Future
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from types import TracebackType
from typing import Any, Final, Generic, Literal, TypeAlias, TypeVar, final, overload

from typing_extensions import Never, Self, disjoint_base

_T_co = TypeVar("_T_co", covariant=True)

_Path: TypeAlias = tuple[object, ...]
_Fields: TypeAlias = "Mapping[str, object] | Hidden"
_Options: TypeAlias = tuple[float | None, int | None, Mapping[str, str] | None, str | None]
_Awaiting: TypeAlias = tuple[Queue, Future[Any], bool]
_LogRecord: TypeAlias = tuple[int, float, str, dict[str, str | int | float]]
_Scheme: TypeAlias = tuple[str, str | None, str, str, str, float]

__all__ = [
    "NOT_GIVEN",
    "Authenticator",
    "Response",
    "Core",
    "Field",
    "Handling",
    "Hidden",
    "Model",
    "NotGiven",
    "Pending",
    "Queue",
    "ReplayGuard",
    "Running",
    "Walk",
    "__version__",
    "closest",
    "field",
    "operations",
    "restore",
    "sign",
    "webhook_headers",
    "webhook_parse",
    "webhook_raw",
    "webhook_sample",
    "webhook_sign",
    "webhook_time",
    "webhook_verify",
]

__version__: Final[str]

@final
class NotGiven:
    def __bool__(self) -> Literal[False]: ...

NOT_GIVEN: Final[NotGiven]

def sign(
    secret: str | bytes,
    method: str,
    path: str,
    query: str = "",
    body: str | bytes = b"",
    *,
    empty_body: Literal["hash", "omit"] = "hash",
) -> str: ...
def webhook_verify(
    body: bytes,
    headers: Sequence[tuple[str, str]],
    secret: Hidden,
    settings: _Scheme,
    now: float | None,
) -> None: ...
def webhook_sign(body: bytes, timestamp: int, secret: Hidden, settings: _Scheme) -> str: ...
def webhook_parse(provider: str, body: bytes) -> tuple[int | None, str, str, str | None, Any, str]: ...
def webhook_raw(text: str) -> dict[str, Any]: ...
def webhook_time(text: str) -> datetime | None: ...
def webhook_sample(provider: str, event: str, data: Mapping[str, object] | None) -> bytes: ...
def webhook_headers(body: bytes, secret: Hidden, settings: _Scheme) -> list[tuple[str, str]]: ...

@final
class ReplayGuard:
    def __new__(cls, capacity: int = 100_000, window: float = 86_400.0) -> Self: ...
    def handling(self, id: str) -> Handling: ...

@final
class Handling:
    def __enter__(self) -> bool: ...
    def __exit__(
        self,
        kind: type[BaseException] | None,
        _error: BaseException | None,
        _traceback: TracebackType | None,
        /,
    ) -> None: ...

def closest(given: str, known: list[str]) -> str | None: ...
def operations(provider: str) -> dict[str, int]: ...

@disjoint_base
class Model:
    @property
    def raw(self) -> dict[str, Any]: ...
    @property
    def extra(self) -> dict[str, Any]: ...
    def to_dict(self) -> dict[str, Any]: ...
    @classmethod
    def from_json(cls, text: str) -> Self: ...
    def _minutes_after_received(self, minutes: int) -> datetime: ...
    def __copy__(self) -> Self: ...
    def __deepcopy__(self, _memo: object, /) -> Self: ...
    def __eq__(self, value: object, /) -> bool: ...
    def __hash__(self) -> int: ...

@final
class Field(Generic[_T_co]):
    @overload
    def __get__(self, instance: None, owner: type | None = None, /) -> Self: ...
    @overload
    def __get__(self, instance: Model, owner: type | None = None, /) -> _T_co: ...
    def __set__(self, instance: Model, value: Never, /) -> None: ...

def field(position: int) -> Field[Any]: ...
def restore(class_: type[Model], text: str, received: int) -> Model: ...

@final
class Response:
    @property
    def status(self) -> int: ...
    @property
    def headers(self) -> dict[str, str]: ...
    @property
    def message(self) -> str | None: ...
    @property
    def request_id(self) -> str | None: ...
    @property
    def text(self) -> str: ...
    @property
    def total(self) -> int | None: ...
    @property
    def next(self) -> Walk | None: ...
    @property
    def warning(self) -> str | None: ...
    def payload(self) -> Any: ...

@final
class Walk:
    @property
    def number(self) -> int: ...
    @property
    def size(self) -> int: ...

@final
class Pending:
    def response(self) -> Response: ...
    def log_records(self) -> list[_LogRecord]: ...

@final
class Running:
    def stop(self) -> None: ...
    def give_up(self, error: BaseException) -> None: ...
    def log_records(self) -> list[_LogRecord]: ...

@final
class Queue:
    def __new__(cls) -> Self: ...
    @staticmethod
    def calling(event_loop: AbstractEventLoop, callback: Callable[[], object]) -> Queue: ...
    def fileno(self) -> int: ...
    @property
    def process(self) -> int: ...
    def take(self) -> list[tuple[Future[Any], Any, bool]]: ...

@final
class Hidden:
    def __new__(cls, value: object, extra: object = None) -> Self: ...
    def fields(self) -> dict[str, Any]: ...

@final
class Authenticator:
    def __new__(cls, provider: str, given: Hidden) -> Self: ...
    def authenticate(self, method: str, target: str, body: bytes) -> tuple[str, list[tuple[str, str]]]: ...

@final
class Core:
    def __new__(cls, provider: str, given: Hidden) -> Self: ...
    @property
    def host(self) -> str: ...
    @property
    def paging_fields(self) -> tuple[str, str] | None: ...
    def call(self, index: int, path: _Path, fields: _Fields, options: _Options) -> Any: ...
    def start(
        self,
        index: int,
        path: _Path,
        fields: _Fields,
        options: _Options,
        is_logged: bool,
        page: Walk | None = None,
    ) -> Pending: ...
    def call_async(
        self, awaiting: _Awaiting, index: int, path: _Path, fields: _Fields, options: _Options
    ) -> Running: ...
    def start_async(
        self,
        awaiting: _Awaiting,
        index: int,
        path: _Path,
        fields: _Fields,
        options: _Options,
        page: Walk | None = None,
    ) -> Running: ...
    def request(self, call: Hidden, options: _Options, is_logged: bool) -> Pending: ...
    def request_async(self, awaiting: _Awaiting, call: Hidden, options: _Options) -> Running: ...
    def close(self) -> None: ...

"""The bases of the generated clients and resources: everything that does not depend on the API."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any, ClassVar

from ._arguments import checked
from ._events import EventStream
from ._hooks import Hooks, notify
from ._hooks import checked as checked_hook
from ._hooks import of as hooks_of
from ._log import is_enabled, wait
from ._paging import Page, PageCall
from ._payglot import Core, Hidden, download
from ._response import RawResponse

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping
    from decimal import Decimal
    from os import PathLike
    from types import TracebackType
    from typing import Concatenate, Literal, ParamSpec, TypeVar

    from ._batch import Batch
    from ._credentials import AsyncCredential, Credential
    from ._hooks import RequestEvent, ResponseEvent
    from ._paging import Fields, Options, Path

    AnyClient = TypeVar("AnyClient", bound="BaseClient")
    Client = TypeVar("Client", bound="SyncClient")
    OnRequest = TypeVar("OnRequest", bound=Callable[[RequestEvent], object])
    OnResponse = TypeVar("OnResponse", bound=Callable[[ResponseEvent], object])
    P = ParamSpec("P")
    T = TypeVar("T")
    Replay = Literal["read", "idempotent", "keyed", "create", "money"]


class ResourceBase:
    """Operations on one kind of object. It holds the native client, not the client object: no circle."""

    # With a dict, so that tests can replace a method by one of their own.
    __slots__ = ("__dict__", "_core")

    def __init__(self, core: Core) -> None:
        self._core = core

    def __reduce__(self) -> str | tuple[Any, ...]:
        raise not_pickled(self)


def not_pickled(value: object) -> TypeError:
    """The error of copying or pickling what has connections."""
    name = type(value).__name__
    return TypeError(
        f"{name} cannot be copied or pickled: it holds secrets and connections. Make a client in each "
        "process, for example in the initializer of a pool; `with_options()` gives one with other defaults"
    )


class CheckedResource(ResourceBase):
    """A resource whose methods raise `InvalidRequestError` for an argument that is missing or unknown."""

    __slots__ = ()
    # The resource in the names of its operations, and the operations whose names differ from their methods.
    _resource: ClassVar[str] = ""
    _renamed: ClassVar[Mapping[str, str]] = {}

    def __init_subclass__(cls) -> None:
        super().__init_subclass__()
        for name, method in list(vars(cls).items()):
            if not name.startswith("_"):
                setattr(cls, name, checked(cls._renamed.get(name, f"{cls._resource}.{name}"), method))


class Resource(CheckedResource):
    """Operations whose calls return when the response has come."""

    __slots__ = ()

    def _call(self, index: int, path: Path, fields: Fields, options: Options) -> Any:
        if is_enabled():
            return wait(self._core.start(index, path, fields, options, True), self._core).payload()
        if self._core.hooks is None:
            return self._core.call(index, path, fields, options)
        try:
            return self._core.call(index, path, fields, options)
        finally:
            notify(self._core)

    def _page(
        self, index: int, path: Path, fields: Fields, page: tuple[int, int] | None, options: Options
    ) -> Page[Any]:
        call = PageCall(self._core, index, path, fields, page, options)
        return Page(call, None, wait(call.start(None), self._core))

    def _events(self, index: int, path: Path, fields: Fields, options: Options) -> EventStream[Any]:
        return EventStream(self._core, index, path, fields, options)

    def _download(
        self, index: int, path: Path, fields: Fields, options: Options, save_as: str | PathLike[str]
    ) -> int:
        try:
            return download(self._core, index, path, fields, options, save_as)
        finally:
            notify(self._core)


class RawResource(ResourceBase):
    """The operations of a `Resource`, each of which returns the whole response."""

    __slots__ = ()

    def _call(self, index: int, path: Path, fields: Fields, options: Options) -> RawResponse[Any]:
        response = wait(self._core.start(index, path, fields, options, is_enabled()), self._core)
        return RawResponse(response, response.payload)

    def _page(
        self, index: int, path: Path, fields: Fields, page: tuple[int, int] | None, options: Options
    ) -> RawResponse[Page[Any]]:
        call = PageCall(self._core, index, path, fields, page, options)
        response = wait(call.start(None), self._core)
        return RawResponse(response, lambda: Page(call, None, response))


def to_raw_response(
    method: Callable[Concatenate[Any, P], T],
) -> Callable[Concatenate[Any, P], RawResponse[T]]:
    """A method of a `Resource` as one of a `RawResource`: the same arguments, and the whole response.

    The method itself stays as it is. What it returns is what `_call` and `_page` of its object return.
    """
    whole: Any = method
    return whole


class BaseClient:
    """What clients of both kinds have."""

    def __init__(self, provider: str, given: Hidden) -> None:
        # First: the native half needs it for the first response, and must not run Python code then. If the
        # interpreter exited meanwhile, the process would abort.
        import_module(f".types.{provider.replace('-', '_')}", __package__)
        self._core = Core(provider, given)

    def with_options(
        self: AnyClient,
        *,
        timeout: float | None = None,
        max_retries: int | None = None,
        headers: Mapping[str, str] | None = None,
        raise_on_failed: bool | None = None,
    ) -> AnyClient:
        """Return the same client with other defaults for its calls.

        It shares connections, credentials and journal with this one; each of the two is closed by itself.

        Args:
            timeout: Seconds for a call with all its attempts.
            max_retries: How many times a call may be tried again where that is safe.
            headers: Headers of every call, beside those that this client has.
            raise_on_failed: Whether a payment or card whose record says that it failed raises
                `PaymentFailedError`.

        Raises:
            ConfigurationError: One of them is not what it must be.
        """
        given = Hidden(
            {
                "timeout": timeout,
                "max_retries": max_retries,
                "headers": headers,
                "raise_on_failed": raise_on_failed,
            }
        )
        return self._derived(self._core.with_options(given))

    def with_credentials(self: AnyClient, **credentials: AsyncCredential) -> AnyClient:
        """Return a client of another account, with every setting of this one and over its connections.

        For programs that act for many accounts: each request is authenticated for itself. Each of the two is
        closed by itself.

        Args:
            credentials: All credentials, by the names of the constructor's arguments, as these take them.
                None comes from the environment.

        Raises:
            ConfigurationError: One is missing, or is no key.
            InvalidRequestError: One is unknown.
        """
        given = Hidden(credentials)
        del credentials
        return self._derived(self._core.with_credentials(given))

    def on_request(self, hook: OnRequest) -> OnRequest:
        """Notify `hook` of each attempt of this client's calls that began.

        It runs when the call has ended, on the thread or event loop of the call, before the call returns.
        What it raises is logged and changes nothing for the call. Clients that are made of this one later
        have its hooks too.

        Returns:
            The hook, so that this can be used as a decorator.

        Raises:
            TypeError: It is no function, or one that is awaited.
        """
        hooks_of(self._core).on_request.append(checked_hook(hook))
        return hook

    def on_response(self, hook: OnResponse) -> OnResponse:
        """Notify `hook` of each attempt of this client's calls that ended: status, seconds, request id.

        It runs as those of `on_request` do.

        Returns:
            The hook, so that this can be used as a decorator.

        Raises:
            TypeError: It is no function, or one that is awaited.
        """
        hooks_of(self._core).on_response.append(checked_hook(hook))
        return hook

    def _derived(self: AnyClient, core: Core) -> AnyClient:
        other = type(self).__new__(type(self))
        for name, value in vars(self).items():
            setattr(other, name, type(value)(core) if isinstance(value, ResourceBase) else value)
        other._core = core
        if (hooks := self._core.hooks) is not None:
            core.watch(Hooks(hooks))
        return other

    def __reduce__(self) -> str | tuple[Any, ...]:
        raise not_pickled(self)

    def __repr__(self) -> str:
        # A traceback shows a client whose constructor failed.
        core: Core | None = vars(self).get("_core")
        return f"{type(self).__name__}({'not made' if core is None else core.host})"


class SyncClient(BaseClient):
    """A client whose calls return when the response has come."""

    def request(
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
        request = Hidden((method, path, query, json, replay))
        del query, json
        response = wait(self._core.request(request, options, is_enabled()), self._core)
        return RawResponse(response, response.payload)

    def rotate(self, **credentials: Credential) -> None:
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
        self._core.rotate(given)

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
    ) -> Batch:
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
        from ._batch import Batch

        settings: dict[str, object] = {
            "name": name,
            "operation": operation,
            "key": key,
            "perSecond": per_second,
            "atMost": at_most,
            "goOn": go_on,
            "inFlight": in_flight,
        }
        return Batch(self, rows, settings)

    def close(self) -> None:
        """Close the connections. Further calls raise `InvalidRequestError`."""
        self._core.close()

    def __enter__(self: Client) -> Client:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self.close()

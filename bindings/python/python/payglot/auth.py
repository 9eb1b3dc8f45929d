"""Authentication for an HTTP client of your own: `HttpxAuth` for httpx, `RequestsAuth` for requests.

Requests are signed as the clients of payglot sign theirs. Everything else that those do is up to you: retries
above all, which can pay twice.
"""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from ._auth import Auth
from ._generated_errors import InvalidRequestError

if TYPE_CHECKING:
    from requests import PreparedRequest, Response

    from ._auth_httpx import HttpxAuth as HttpxAuth

__all__ = ["HttpxAuth", "RequestsAuth"]


class RequestsAuth(Auth):
    """Authenticates the requests of the package requests, over the bytes that leave.

        http = requests.Session()
        http.auth = RequestsAuth(PaywintPlatform)
        page = {"rows_per_page": 10, "page_no": 1}
        http.post("https://api.sandbox.paywint.com/api/platform/users/list", json=page)

    A signature covers the whole body: a generator or a file is refused with `InvalidRequestError` before
    anything is sent. A redirect is followed without credentials.

    Args:
        client: The class of the API's client, such as `PaywintPlatform`.
        empty_body: What an empty body adds to a signature: "hash" for the SHA-256 of nothing, "omit" for
            nothing at all.
        allow_insecure_http: Authenticate requests over `http://` to other machines, as within a network of
            your own. Otherwise that is an `InvalidRequestError`, and nothing is sent.
        credentials: As for the client, such as `platform_id` and `secret_key`. What is not given comes from
            the environment.

    Raises:
        ConfigurationError: A credential is missing, or cannot be one.
    """

    def __call__(self, request: PreparedRequest) -> PreparedRequest:
        """Authenticate a request; called by requests."""
        body = request.body = _buffered(request.body)
        target = request.path_url
        scheme, host, *_ = urlsplit(request.url or "")
        origin = f"{scheme}://{host.rpartition('@')[2]}"
        authenticated, headers = self._authenticator.authenticate(
            request.method or "GET", origin, target, body or b""
        )
        if authenticated != target:
            request.url = f"{scheme}://{host}{authenticated}"
        request.headers.update(headers)
        request.register_hook("response", partial(_leave_redirect, [name for name, _ in headers]))
        return request


def _buffered(body: object) -> bytes | None:
    """The bytes that are signed, and sent instead of the body."""
    if body is None or isinstance(body, bytes):
        return body
    if isinstance(body, str):
        return body.encode()
    if isinstance(body, (bytearray, memoryview)):
        return bytes(body)
    message = "`data` is a stream, which cannot be signed; pass bytes. Nothing was sent"
    raise InvalidRequestError(message, argument="data")


def _leave_redirect(names: list[str], response: Response, **_: Any) -> None:
    """Take the credentials out of a request that is about to be sent on to where the response says."""
    if response.is_redirect:
        for name in names:
            response.request.headers.pop(name, None)


def __getattr__(name: str) -> object:
    if name != "HttpxAuth":
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from ._auth_httpx import HttpxAuth

    return HttpxAuth


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})

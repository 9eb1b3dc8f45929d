"""Authentication for httpx, imported when it is first named."""

from __future__ import annotations

try:
    import httpx
except ModuleNotFoundError as missing:
    raise ModuleNotFoundError(
        "payglot.auth.HttpxAuth needs httpx, which is not installed: pip install httpx", name="httpx"
    ) from missing

from ._auth import Auth
from ._generated_errors import InvalidRequestError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Generator


class HttpxAuth(Auth, httpx.Auth):
    """Authenticates the requests of an `httpx.Client` or an `httpx.AsyncClient`, over the bytes that leave.

        auth = HttpxAuth(PaywintPlatform)
        with httpx.Client(auth=auth, base_url="https://api.sandbox.paywint.com") as http:
            http.post("/api/platform/users/list", json={"rows_per_page": 10, "page_no": 1})

    A signature covers the whole body: a generator, a file or a form with files is refused with
    `InvalidRequestError` before anything is sent. Leave `follow_redirects` off, as it is unless you set it:
    httpx would take credentials in headers of the vendor's own along to any host.

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

    def auth_flow(self, request: httpx.Request) -> Generator[httpx.Request, httpx.Response, None]:
        """Authenticate a request; called by httpx."""
        try:
            body = request.content
        except httpx.RequestNotRead:
            message = "`content` is a stream, which cannot be signed; pass bytes. Nothing was sent"
            raise InvalidRequestError(message, argument="content") from None
        target = request.url.raw_path.decode("ascii")
        origin = f"{request.url.scheme}://{request.url.netloc.decode('ascii')}"
        authenticated, headers = self._authenticator.authenticate(request.method, origin, target, body)
        if authenticated != target:
            request.url = request.url.copy_with(raw_path=authenticated.encode("ascii"))
        for name, value in headers:
            request.headers[name] = value
        yield request

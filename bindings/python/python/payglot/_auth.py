"""The keys behind the classes of `payglot.auth`."""

from __future__ import annotations

from ._payglot import Authenticator, Hidden
from ._providers import provider_of

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Literal

    from ._client import BaseClient


class Auth:
    """What authenticates requests to one API. It shows no credential."""

    def __init__(
        self,
        client: type[BaseClient],
        *,
        empty_body: Literal["hash", "omit"] | None = None,
        allow_insecure_http: bool = False,
        **credentials: str | None,
    ) -> None:
        given = Hidden({**credentials, "empty_body": empty_body, "allow_insecure_http": allow_insecure_http})
        names = tuple(credentials)
        # No traceback that is shown with local variables has them.
        del credentials
        name = type(self).__name__
        provider = provider_of(client)
        if provider is None:
            raise TypeError(f"{name}() takes the class of a client first, such as PaywintPlatform")
        module, known = provider
        for one in names:
            if one not in known:
                raise TypeError(f"{name}() for {client.__name__} takes {', '.join(known)}, not {one!r}")
        self._authenticator = Authenticator(module.replace("_", "-"), given)
        self._of = client.__name__

    def __repr__(self) -> str:
        # A traceback shows what could not be made.
        return f"{type(self).__name__}({vars(self).get('_of', 'not made')})"

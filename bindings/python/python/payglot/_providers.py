"""Which API a client class is for."""

from __future__ import annotations

from ._generated_index import PROVIDERS

TYPE_CHECKING = False
if TYPE_CHECKING:
    from ._client import BaseClient


def provider_of(client: type[BaseClient]) -> tuple[str, tuple[str, ...]] | None:
    """The API's module and the names of its credentials; `None` where the class is no client's."""
    # A user's own subclass is for the API of its base.
    classes = client.__mro__ if isinstance(client, type) else ()  # pyright: ignore[reportUnnecessaryIsInstance]
    names = (cls.__name__.removeprefix("Async") for cls in classes)
    return next((PROVIDERS[name] for name in names if name in PROVIDERS), None)

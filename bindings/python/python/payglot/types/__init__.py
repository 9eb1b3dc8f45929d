"""Types of responses and arguments, one module per API; each is generated from the API's document."""

from __future__ import annotations

from .. import _generated_index  # pyright: ignore[reportPrivateUsage]
from .._payglot import Model

__all__ = ["Model"]


def __getattr__(name: str) -> object:
    from importlib import import_module

    if name not in _generated_index.MODULES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return import_module(f".{name}", __name__)

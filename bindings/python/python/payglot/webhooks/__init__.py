"""Webhooks: checking that a delivery is genuine, reading it, and telling duplicates apart.

Each API that delivers events has a module here with `construct_event`, which checks and reads in one, such as
`payglot.webhooks.paywint_platform`. No vendor covered here publishes how deliveries are signed, so the
scheme is a setting; the default is the sandbox's own. Where a vendor sends no signature, confirm an event
by reading the object that it names.
"""

from __future__ import annotations

from .. import _generated_index  # pyright: ignore[reportPrivateUsage]
from .._payglot import ReplayGuard
from ._base import DEFAULT_SCHEME, Delivery, Scheme, UnknownEvent, WebhookEvent, sign, verify

__all__ = [
    "DEFAULT_SCHEME",
    "Delivery",
    "ReplayGuard",
    "Scheme",
    "UnknownEvent",
    "WebhookEvent",
    "sign",
    "verify",
]


def __getattr__(name: str) -> object:
    from importlib import import_module

    if name not in _generated_index.WEBHOOKS:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return import_module(f".{name}", __name__)

"""Clients for payment and card APIs that have no SDK of their own.

Every client comes in two forms, for example `PaywintPlatform` and `AsyncPaywintPlatform`. The errors are
beside them, the types of responses and arguments in `payglot.types`.
"""

from __future__ import annotations

from . import _generated_errors, _generated_index
from ._generated_errors import *
from ._payglot import NOT_GIVEN, NotGiven, __version__, sign

# Clients, pages and types are imported when they are first named, so that `import payglot` is fast. Type
# checkers take this name for true.
TYPE_CHECKING = False
if TYPE_CHECKING:
    from . import auth as auth
    from . import types as types
    from . import webhooks as webhooks
    from ._batch import (
        AsyncBatch,
        BadRow,
        Batch,
        BatchBalance,
        BatchCheck,
        BatchProgress,
        BatchReport,
        RowResult,
        RowSum,
    )
    from ._events import Event, EventStream
    from ._events_async import AsyncEventStream
    from ._files import File
    from ._generated_index import *
    from ._guard import Guard
    from ._hooks import RequestEvent, ResponseEvent
    from ._journal import Intent, IntentChange, Journal, Resolution
    from ._paging import Page
    from ._paging_async import AsyncPage, AsyncPager
    from ._reconcile import Break, NotCompared, Reconciliation, reconcile
    from ._redact import redact
    from ._response import RawResponse

__all__ = [
    "NOT_GIVEN",
    "AsyncBatch",
    "AsyncEventStream",
    "AsyncPage",
    "AsyncPager",
    "BadRow",
    "Batch",
    "BatchBalance",
    "BatchCheck",
    "BatchProgress",
    "BatchReport",
    "Break",
    "Event",
    "EventStream",
    "File",
    "Guard",
    "Intent",
    "IntentChange",
    "Journal",
    "NotCompared",
    "NotGiven",
    "Page",
    "RawResponse",
    "Reconciliation",
    "RequestEvent",
    "Resolution",
    "ResponseEvent",
    "RowResult",
    "RowSum",
    "__version__",
    "auth",
    "reconcile",
    "redact",
    "sign",
    "types",
    "webhooks",
]
__all__ += _generated_errors.__all__
__all__ += _generated_index.__all__

_LAZY = {
    "AsyncBatch": "_batch",
    "BadRow": "_batch",
    "Batch": "_batch",
    "BatchBalance": "_batch",
    "BatchCheck": "_batch",
    "BatchProgress": "_batch",
    "BatchReport": "_batch",
    "RowResult": "_batch",
    "RowSum": "_batch",
    "AsyncEventStream": "_events_async",
    "AsyncPage": "_paging_async",
    "AsyncPager": "_paging_async",
    "Break": "_reconcile",
    "Event": "_events",
    "Guard": "_guard",
    "EventStream": "_events",
    "File": "_files",
    "Intent": "_journal",
    "IntentChange": "_journal",
    "Journal": "_journal",
    "NotCompared": "_reconcile",
    "Reconciliation": "_reconcile",
    "reconcile": "_reconcile",
    "Resolution": "_journal",
    "Page": "_paging",
    "RawResponse": "_response",
    "RequestEvent": "_hooks",
    "ResponseEvent": "_hooks",
    "redact": "_redact",
    **_generated_index.CLIENTS,
}


def __getattr__(name: str) -> object:
    from importlib import import_module

    if name in ("auth", "types", "webhooks"):
        return import_module(f".{name}", __name__)
    if name not in _LAZY:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    value: object = getattr(import_module(f".{_LAZY[name]}", __name__), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})

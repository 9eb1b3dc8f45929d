"""Values as a log may have them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from ._errors import ErrorBase
from ._payglot import Model

# Fields of errors that may hold personal data.
_UNPRINTED = frozenset({"body", "detail", "headers", "record"})
# A list that contains itself would never end.
_MAX_DEPTH = 64


def redact(value: object) -> Any:
    """Return a value as JSON types without what must not be shown, for loggers that write JSON.

    Models become dicts by the API's names in which sensitive values read `[redacted]`, and those of fields
    that this version does not know `[unknown]`. Errors of payglot become dicts of their class, message and
    fields, without bodies. Within dicts and lists the same; other values stay as they are, or become text
    where JSON has no type for them.
    """
    return _redacted(value, 0)


def _redacted(value: object, depth: int) -> Any:
    if value is None or isinstance(value, (str, bool, int, float)):
        return value
    if isinstance(value, Model):
        return value._redacted()
    if depth > _MAX_DEPTH:
        return "[nested too deeply]"
    if isinstance(value, ErrorBase):
        fields = {name: getattr(value, name) for name in value._fields if name not in _UNPRINTED}
        fields = {name: _redacted(field, depth + 1) for name, field in fields.items()}
        return {"error": type(value).__name__, "message": str(value), **fields}
    if isinstance(value, Mapping):
        return {str(name): _redacted(item, depth + 1) for name, item in value.items()}
    if isinstance(value, Sequence) and not isinstance(value, (bytes, bytearray)):
        return [_redacted(item, depth + 1) for item in value]
    if isinstance(value, (bytes, bytearray, memoryview)):
        return f"[{len(value)} bytes]"
    return str(value)

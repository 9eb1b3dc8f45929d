"""What calls tell the logger `payglot`: operation, status, attempts, times; never what went over the wire."""

from __future__ import annotations

from sys import modules
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from logging import Logger

    from ._payglot import Pending, Response, Running, _Line

_DEBUG = 10
_logger: Logger | None = None


def is_heard() -> bool:
    """Whether calls shall be told of. Where nobody has imported `logging`, nobody listens."""
    global _logger
    if _logger is None:
        logging = modules.get("logging")
        if logging is None:
            return False
        _logger = logging.getLogger("payglot")
    return _logger.isEnabledFor(_DEBUG)


def tell(call: Pending | Running) -> None:
    """Hand what was said about a call to the logger. A logger that fails keeps no call from its answer."""
    if _logger is None:
        return
    try:
        for line in call.lines():
            _emit(_logger, line)
    except Exception:
        import logging

        # As the handlers of `logging` do with their own failures.
        if logging.raiseExceptions:
            import traceback

            traceback.print_exc()


def _emit(logger: Logger, line: _Line) -> None:
    level, at, message, fields = line
    if not logger.isEnabledFor(level):
        return
    more = [f"{name}={_shown(value)}" for name, value in fields.items() if name != "operation"]
    text = "%s: %s (%s)" if more else "%s: %s%s"
    arguments = (fields.get("operation"), message, " ".join(more))
    record = logger.makeRecord(logger.name, level, __file__, 0, text, arguments, None, None, fields)
    # It is told when the call has ended; it happened before.
    earlier = record.created - at
    record.created = at
    record.msecs = at % 1 * 1000
    record.relativeCreated -= earlier * 1000
    logger.handle(record)


def _shown(value: object) -> object:
    return f"{value:.1f}" if isinstance(value, float) else value


def answer(pending: Pending) -> Response:
    """Wait for the answer of a call, and tell of it."""
    try:
        return pending.answer()
    finally:
        tell(pending)

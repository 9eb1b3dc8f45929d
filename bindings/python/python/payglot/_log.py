"""Log records of calls for the logger `payglot`: operation, status, attempts, times; never bodies."""

from __future__ import annotations

from os import environ
from sys import modules
from typing import TYPE_CHECKING

from ._hooks import notify

if TYPE_CHECKING:
    from logging import Logger

    from ._payglot import Core, Pending, Response, Running, _LogRecord

_DEBUG = 10
_logger: Logger | None = None
# Whoever looks for a problem shows what calls do without a change of the program.
_is_shown = environ.get("PAYGLOT_LOG", "").lower() == "debug"


def is_enabled() -> bool:
    """Whether calls are logged. They are not where `logging` has not been imported."""
    global _logger
    if _logger is None:
        if "logging" not in modules and not _is_shown:
            return False
        from logging import getLogger

        _logger = getLogger("payglot")
        if _is_shown:
            _show(_logger)
    return _logger.isEnabledFor(_DEBUG)


def _show(logger: Logger) -> None:
    """Write everything to standard error, unless the program's own handlers do."""
    from logging import Formatter, StreamHandler

    logger.setLevel(_DEBUG)
    if not logger.hasHandlers():
        handler = StreamHandler()
        handler.setFormatter(Formatter("%(asctime)s %(name)s %(message)s"))
        logger.addHandler(handler)


def log(call: Pending | Running) -> None:
    """Hand the log records of a call to the logger. A logger that fails does not lose the response."""
    if _logger is None:
        return
    try:
        for record in call.log_records():
            _emit(_logger, record)
    except Exception:
        import logging

        # As the handlers of `logging` do with their own errors.
        if logging.raiseExceptions:
            import traceback

            traceback.print_exc()


def warn(message: str) -> None:
    """Log a warning about a call that has ended, also where calls are not logged."""
    from logging import getLogger

    getLogger("payglot").warning(message)


def _emit(logger: Logger, log_record: _LogRecord) -> None:
    level, at, message, fields = log_record
    if not logger.isEnabledFor(level):
        return
    more = [f"{name}={_shown(value)}" for name, value in fields.items() if name != "operation"]
    text = "%s: %s (%s)" if more else "%s: %s%s"
    arguments = (fields.get("operation"), message, " ".join(more))
    record = logger.makeRecord(logger.name, level, __file__, 0, text, arguments, None, None, fields)
    # Emitted when the call has ended, with the time at which it happened.
    earlier = record.created - at
    record.created = at
    record.msecs = at % 1 * 1000
    record.relativeCreated -= earlier * 1000
    logger.handle(record)


def _shown(value: object) -> object:
    return f"{value:.1f}" if isinstance(value, float) else value


def wait(pending: Pending, core: Core) -> Response:
    """Wait for the response of a call of this client, log the call, and notify the client's hooks."""
    try:
        return pending.response()
    finally:
        log(pending)
        notify(core)

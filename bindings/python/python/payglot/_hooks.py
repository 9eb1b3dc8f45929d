"""Hooks of clients: functions that are told what goes out and what comes back; never a body or a header."""

from __future__ import annotations

from dataclasses import dataclass
from inspect import iscoroutinefunction
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable

    from ._payglot import Core


@dataclass(frozen=True)
class RequestEvent:
    """An attempt that began."""

    operation: str
    """Name of the operation, such as `payments.create`; `request` for a call outside the document."""
    method: str
    """HTTP method."""
    attempt: int
    """Number of the attempt, from 1."""


@dataclass(frozen=True)
class ResponseEvent:
    """An attempt that ended."""

    operation: str
    """Name of the operation, such as `payments.create`; `request` for a call outside the document."""
    method: str
    """HTTP method."""
    attempt: int
    """Number of the attempt, from 1."""
    status: int | None
    """HTTP status; `None` where no whole response came."""
    duration: float
    """Seconds from the begin of the attempt."""
    request_id: str | None
    """Identifier of the request, where the API sends one."""


class Hooks:
    """The hooks of one client."""

    __slots__ = ("on_request", "on_response")

    def __init__(self, earlier: Hooks | None = None) -> None:
        self.on_request: list[Callable[[RequestEvent], object]] = list(earlier.on_request) if earlier else []
        self.on_response: list[Callable[[ResponseEvent], object]] = (
            list(earlier.on_response) if earlier else []
        )


def of(core: Core) -> Hooks:
    """The hooks of a client, which are told of its attempts from now on."""
    hooks: Hooks | None = core.hooks
    if hooks is None:
        hooks = Hooks()
        core.watch(hooks)
    return hooks


def checked(hook: Any) -> Any:
    """A hook, or the error that it is none."""
    if not callable(hook) or iscoroutinefunction(hook):
        raise TypeError("a hook must be a function, and not one that is awaited")
    return hook


def notify(core: Core) -> None:
    """Notify the hooks of the attempts since the last time; one that raises changes nothing for the call."""
    hooks: Hooks | None = core.hooks
    if hooks is None:
        return
    for operation, method, attempt, ended in core.attempts():
        if ended is None:
            for on_request in hooks.on_request:
                _run(on_request, RequestEvent(operation, method, attempt))
        else:
            for on_response in hooks.on_response:
                _run(on_response, ResponseEvent(operation, method, attempt, *ended))


def _run(hook: Callable[[Any], object], event: RequestEvent | ResponseEvent) -> None:
    try:
        hook(event)
    except Exception:
        from logging import getLogger

        getLogger("payglot").warning("a hook raised", exc_info=True)

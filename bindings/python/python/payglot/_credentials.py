"""Functions that give a credential: called by a constructor, and on a thread when it is read again."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from inspect import isawaitable, iscoroutinefunction
from os import PathLike
from threading import Thread
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from typing import TypeAlias

    from ._payglot import CredentialReply

Credential: TypeAlias = str | PathLike[str] | Callable[[], str]
"""A credential: its value, the path of a file that it is in, or a function that returns it."""

AsyncCredential: TypeAlias = str | PathLike[str] | Callable[[], str | Awaitable[str]]
"""The same for asyncio, where the function may be awaited: on a loop of its own, in a thread."""


class NoTextError(Exception):
    """A function returned something else than text."""


def read_first(function: Callable[[], object]) -> str | None:
    """Return what a function gives at once; nothing for one that is awaited, which the first call does."""
    if iscoroutinefunction(function) or iscoroutinefunction(type(function).__call__):
        return None
    return _text(function())


def begin(function: Callable[[], object], reply: CredentialReply) -> None:
    """Call a function on a thread of its own, which nothing waits for when the program ends."""
    Thread(target=_read, args=(function, reply), name="payglot-credential", daemon=True).start()


def _read(function: Callable[[], object], reply: CredentialReply) -> None:
    try:
        value = function()
        reply.done(_text(asyncio.run(_awaited(value)) if isawaitable(value) else value))
    except BaseException as error:  # whatever it is, somebody waits for the reply
        reply.failed(type(error).__name__)


async def _awaited(value: Awaitable[object]) -> object:
    return await value


def _text(value: object) -> str:
    if not isinstance(value, str):
        if isawaitable(value):
            getattr(value, "close", int)()
        raise NoTextError
    return value

"""Turns a `TypeError` for the arguments of a call into the error that every language raises."""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import partial, wraps

from ._generated_errors import InvalidRequestError
from ._payglot import closest

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

PROBLEMS = {
    "missing": "is required",
    "unexpected": "is not an argument of this call",
    "multiple values": "is given twice",
}


def checked(operation: str, method: Callable[..., Any]) -> Callable[..., Any]:
    """The method, raising `InvalidRequestError` for an argument that is missing or unknown."""

    @wraps(method)
    def call(*args: Any, **kwargs: Any) -> Any:
        # This frame is in every traceback of a call: it has no argument of the caller's to show. They are not
        # hidden by the native half, whose frames would stand below the whole call when the interpreter exits.
        given = [partial(method, *args, **kwargs)]
        del args, kwargs
        try:
            return given.pop()()
        except TypeError as error:
            # An error from within the method has a frame of the method.
            if error.__traceback__ is None or error.__traceback__.tb_next is not None:
                raise
            raise invalid_request(operation, str(error), method) from None

    return call


def invalid_request(operation: str, type_error: str, method: Callable[..., Any]) -> InvalidRequestError:
    """The error for a message such as `f() missing 1 required keyword-only argument: 'amount'`."""
    names = method.__code__.co_varnames[1 : method.__code__.co_argcount + method.__code__.co_kwonlyargcount]
    named = re.search(r"'(\w+)'", type_error)
    argument = named.group(1) if named else "arguments"
    if "positional argument" in type_error and named is None:
        positional = names[: method.__code__.co_argcount - 1]
        taken = ", ".join(positional) or "none"
        problem = f"are too many positional ones: the call takes {taken}; give the others by name"
    else:
        fallback = type_error.split("() ", 1)[-1]
        problem = next((text for word, text in PROBLEMS.items() if word in type_error), fallback)
    if "unexpected" in type_error:
        meant = closest(argument, list(names))
        problem += f"; did you mean `{meant}`?" if meant else ""
    message = f"`{argument}` {problem}"
    fields = {"message": message, "operation": operation, "argument": argument}
    return InvalidRequestError(f"{operation}: {message}", **fields)

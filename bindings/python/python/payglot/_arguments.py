"""Turns Python's complaint about the arguments of a call into the error that every language raises for it."""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import wraps

from ._generated_errors import InvalidRequestError

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
        try:
            return method(*args, **kwargs)
        except TypeError as error:
            # One from within the call has a frame of the call.
            if error.__traceback__ is None or error.__traceback__.tb_next is not None:
                raise
            raise refused(operation, str(error)) from None

    return call


def refused(operation: str, complaint: str) -> InvalidRequestError:
    """The error for what Python says, such as `f() missing 1 required keyword-only argument: 'amount'`."""
    named = re.search(r"'(\w+)'", complaint)
    argument = named.group(1) if named else "arguments"
    fallback = complaint.split("() ", 1)[-1]
    problem = next((text for word, text in PROBLEMS.items() if word in complaint), fallback)
    message = f"`{argument}` {problem}"
    fields = {"message": message, "operation": operation, "argument": argument}
    return InvalidRequestError(f"{operation}: {message}", **fields)

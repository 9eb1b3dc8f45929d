"""The base of the generated error classes: how an error keeps its fields and is pickled."""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import TypedDict

    class ValidationDetail(TypedDict, total=False):
        """One rejected input of a 422."""

        loc: list[str | int]
        """Where it is, such as `["body", "amount"]`."""
        msg: str
        """What is wrong."""
        type: str
        """Kind of the problem."""


class ErrorBase(Exception):
    """An error with a message and the fields that its class documents."""

    message: str
    """What happened, without the name of the operation."""

    # Fields of the class and of its parents, with what they are when nothing is known.
    _fields: dict[str, object] = {}

    def __init__(self, text: str = "", /, **fields: object) -> None:
        super().__init__(text)
        message = fields.get("message")
        self.message = message if isinstance(message, str) else text
        for name, default in self._fields.items():
            value = fields.get(name)
            if value is None:
                # Not the same dict for all errors.
                empty: dict[str, object] = {}
                value = empty if default == empty else default
            setattr(self, name, value)

    def __reduce__(self) -> tuple[object, ...]:
        state = dict(self.__dict__)
        if type(self.__cause__) is Exception:
            # A cause of the native half, which is text.
            state["__cause__"] = self.__cause__
        return type(self), self.args, state

"""Files as arguments of calls."""

from __future__ import annotations

import os
from typing import Protocol, TypeAlias


class BinaryFile(Protocol):
    """A file object that was opened in binary mode."""

    def read(self, size: int, /) -> bytes:
        """At most so many bytes; none at the end."""
        ...


FileContent: TypeAlias = bytes | bytearray | memoryview | os.PathLike[str] | BinaryFile


class File:
    """A file to send, with the name and the content type that it leaves with.

    Bytes, a `pathlib.Path` or a file object that was opened in binary mode can be given without it. They
    are read whole when the call is made, at most 256 MiB, so that they can be signed, and sent again where
    that is safe.

    Args:
        data: The contents: bytes, a path, or a binary file object.
        name: Its name. Otherwise that of the path or the file object, or the argument's.
        content_type: Its content type. Otherwise what the API's document says, or what the ending of its name
            stands for.
    """

    __slots__ = ("content_type", "data", "name")

    def __init__(
        self, data: FileContent, name: str | None = None, *, content_type: str | None = None
    ) -> None:
        self.data = data
        self.name = name
        self.content_type = content_type

    def __repr__(self) -> str:
        return "File(...)"


FileInput: TypeAlias = FileContent | File

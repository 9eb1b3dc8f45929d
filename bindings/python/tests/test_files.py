"""Files as arguments: what none of them shows. How they arrive is in `tests/providers/uploads`."""

from __future__ import annotations

import io
from pathlib import Path

import payglot
import pytest


def test_a_file_shows_neither_contents_nor_name() -> None:
    file = payglot.File(b"canary", "canary.txt", content_type="text/canary")
    assert "canary" not in repr(file)


@pytest.mark.parametrize(
    "file",
    [b"canary", bytearray(b"canary"), memoryview(b"canary"), Path("canary"), io.BytesIO(b"canary")],
    ids=["bytes", "bytearray", "memoryview", "path", "stream"],
)
def test_a_file_where_none_is_taken_is_refused(file: object, platform: payglot.PaywintPlatform) -> None:
    with pytest.raises(payglot.InvalidRequestError) as caught:
        platform.request("POST", "/x", json=[file])
    assert caught.value.argument == "json"
    assert "must be JSON, not bytes or a file" in str(caught.value)
    assert "canary" not in str(caught.value)


def test_a_wrapped_file_must_be_one(platform: payglot.PaywintPlatform) -> None:
    wrong: object = payglot.File("text")  # type: ignore[arg-type]
    with pytest.raises(payglot.InvalidRequestError, match=r"must hold bytes, a pathlib\.Path"):
        platform.request("POST", "/x", json=wrong)

"""Signing as a public function, over the vectors that all languages share."""

from __future__ import annotations

import base64
import json
from pathlib import Path
from typing import Any

import payglot
import pytest

VECTORS = Path(__file__).parents[3] / "tests" / "contract" / "signing.json"
CASES: list[dict[str, Any]] = json.loads(VECTORS.read_text(encoding="utf-8"))["cases"]


@pytest.mark.parametrize("case", CASES, ids=[case["name"] for case in CASES])
def test_vector(case: dict[str, Any]) -> None:
    secret, body = base64.b64decode(case["key_base64"]), base64.b64decode(case["body_base64"])
    signature = payglot.sign(
        secret, case["method"], case["path"], case["query"], body, empty_body=case["empty_body"]
    )
    assert signature == case["signature"]


def test_text_is_utf8() -> None:
    as_text = payglot.sign("schlüssel", "POST", "/p", "?a=1", '{"ü": 1}')
    as_bytes = payglot.sign("schlüssel".encode(), "POST", "/p", "?a=1", '{"ü": 1}'.encode())
    assert as_text == as_bytes
    assert payglot.sign(b"k", "get", "/p") == payglot.sign("k", "GET", "/p", "", b"")


def test_wrong_arguments() -> None:
    with pytest.raises(payglot.InvalidRequestError, match="empty_body"):
        payglot.sign("k", "GET", "/p", empty_body="maybe")  # type: ignore[arg-type]
    with pytest.raises(TypeError, match="secret must be str or bytes"):
        payglot.sign(1, "GET", "/p")  # type: ignore[arg-type]

"""Files of the cases: as bytes, at a path, as a file object, or as `payglot.File`; and the bodies that they make."""

from __future__ import annotations

import hashlib
import hmac
import io
import tempfile
from pathlib import Path
from typing import Any

import payglot


class Broken(io.RawIOBase):
    """A stream that breaks."""

    def read(self, size: int = -1) -> bytes:
        raise OSError("broken")


def given(value: Any) -> Any:
    """Arguments with files where a case describes them."""
    if isinstance(value, dict) and "$file" in value:
        return file(value["$file"])
    if isinstance(value, dict):
        return {name: given(item) for name, item in value.items()}
    if isinstance(value, list):
        return [given(item) for item in value]
    return value


def file(case: dict[str, Any]) -> Any:
    kind = case.get("as", "bytes")
    if kind == "missing":
        return Path(tempfile.gettempdir()) / "payglot-no-such-file"
    if kind == "broken":
        return Broken()
    data = bytes.fromhex(case["hex"]) if "hex" in case else case["text"].encode()
    if kind == "path":
        path = Path(tempfile.mkdtemp(prefix="payglot-")) / case["name"]
        path.write_bytes(data)
        return path
    content = io.BytesIO(data) if kind == "stream" else data
    if "name" in case or "content_type" in case:
        return payglot.File(
            content, case.get("name"), content_type=case.get("content_type")
        )
    return content


def expected(
    sent: dict[str, Any], line: str, arrived: dict[str, str]
) -> tuple[dict[str, Any], bytes]:
    """Headers and body that must arrive: with the boundary that came, and signed as it came."""
    headers = dict(sent.get("headers", {}))
    body = sent.get("body", "").encode()
    if "body_hex" in sent:
        body = bytes.fromhex(sent["body_hex"])
    if "$boundary" in (headers.get("content-type") or ""):
        boundary = arrived.get("content-type", "").partition("boundary=")[2]
        body = body.replace(b"$boundary", boundary.encode())
        headers["content-type"] = headers["content-type"].replace("$boundary", boundary)
    for name, value in headers.items():
        if (value or "").startswith("$hmac:"):
            text = line.replace(" ", "", 1) + hashlib.sha256(body).hexdigest()
            key = value.removeprefix("$hmac:").encode()
            headers[name] = hmac.new(key, text.encode(), hashlib.sha256).hexdigest()
    return headers, body

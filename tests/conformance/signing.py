"""How a request proves who sent it, written from `provider.toml` alone: nothing of payglot is used here.

`PAYGLOT_AUTH` is the provider's `[auth]` as JSON; credentials are in the environment variables that it names.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import os
from urllib.parse import urlsplit

AUTH = json.loads(os.environ["PAYGLOT_AUTH"])
CREDENTIALS = {name: os.environ[variable] for name, variable in AUTH["credentials"].items()}


def signature(method: str, url: str, body: bytes) -> str:
    """Signs what is sent: `url` exactly as on the wire."""
    path, query = urlsplit(url).path, urlsplit(url).query
    known = {
        "method": method.upper(),
        "path": path,
        "query": f"?{query}" if query else "",
        "body-hash": hashlib.sha256(body).hexdigest(),
    }
    parts = [known[part] if isinstance(part, str) else part["literal"] for part in AUTH["canonical"]]
    key = CREDENTIALS[AUTH["key"]].encode()
    digest = hmac.new(key, AUTH["separator"].join(parts).encode(), "sha256").digest()
    return digest.hex() if AUTH["encoding"] == "hex" else base64.b64encode(digest).decode()


def headers(method: str, url: str, body: bytes) -> dict[str, str]:
    """The headers that authenticate a request."""
    if AUTH["scheme"] == "bearer":
        return {"Authorization": f"Bearer {CREDENTIALS[AUTH['token']]}"}
    values = dict(CREDENTIALS)
    if AUTH["scheme"] == "hmac-sha256":
        values["signature"] = signature(method, url, body)
    return {name: template.format(**values) for name, template in AUTH["headers"].items()}

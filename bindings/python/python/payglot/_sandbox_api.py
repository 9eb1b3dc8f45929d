"""Calls the sandbox's interface for tests; its operations are generated from the interface's document."""

from __future__ import annotations

import json
from datetime import timedelta
from http.client import HTTPConnection, HTTPException
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

if TYPE_CHECKING:
    from collections.abc import Mapping

TIMEOUT = 30
"""Seconds for a call of the interface."""


class SandboxError(RuntimeError):
    """The sandbox did not start, or a call of its interface for tests failed."""


class SandboxConnection:
    """Sends calls to a sandbox."""

    base_url: str
    token: str

    def _send(
        self, method: str, path: str, body: Mapping[str, object] | None = None, *, field: str | None = None
    ) -> Any:
        """Call an operation and return its response, or one field of it."""
        # Not through a proxy that the environment names.
        connection = HTTPConnection(urlsplit(self.base_url).netloc, timeout=TIMEOUT)
        headers = {"Authorization": f"Bearer {self.token}"}
        if body is not None:
            headers["Content-Type"] = "application/json"
        try:
            connection.request(
                method, f"/_sandbox/api/{path}", None if body is None else json.dumps(body), headers
            )
            response = connection.getresponse()
            text = response.read().decode()
        except (OSError, HTTPException) as error:
            raise SandboxError(f"the sandbox does not respond: {error}") from error
        finally:
            connection.close()
        if response.status != 200:
            raise SandboxError(f"{method} {path}: the sandbox responded with {response.status}: {text}")
        parsed = json.loads(text)
        return parsed if field is None else parsed[field]


def given(**options: object) -> dict[str, object]:
    """Return the options that are not None."""
    return {name: value for name, value in options.items() if value is not None}


def whole_seconds(time: timedelta | int) -> int:
    """Return a time span as whole seconds."""
    return int(time.total_seconds()) if isinstance(time, timedelta) else time

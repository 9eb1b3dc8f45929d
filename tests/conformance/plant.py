"""Sends a request, and gets a response, that are not as documented: a judge on the way must name both."""

from __future__ import annotations

import urllib.error
from typing import Any

from world import send

LIST = "/api/platform/users/list"


def refused(body: dict[str, Any], status: int) -> None:
    try:
        send(LIST, body)
    except urllib.error.HTTPError as error:
        assert error.code == status, error.code
    else:
        raise SystemExit("it was not refused")


refused({"rows_per_page": 11, "page_no": 1}, 422)
teapot = {"operation": "paywint-platform/users.list", "kind": "status", "status": 418}
send("/_sandbox/api/faults", teapot)
refused({"rows_per_page": 10, "page_no": 1}, 418)

"""The client that openapi-python-client made, with the one thing that it cannot know: how to sign."""

from __future__ import annotations

import os
import urllib.parse
import urllib.request
from collections.abc import Generator

import httpx
from generated_client import Client

import signing

URL = os.environ["PAYWINT_BASE_URL"]
USER = os.environ["SANDBOX_USER_ID"]


class Signed(httpx.Auth):
    """Signs the request as it goes out."""

    requires_request_body = True

    def auth_flow(self, request: httpx.Request) -> Generator[httpx.Request, httpx.Response, None]:
        request.headers.update(signing.headers(request.method, str(request.url), request.content))
        yield request


client = Client(base_url=URL, httpx_args={"auth": Signed()}, raise_on_unexpected_status=True)


def submit(page: str) -> int:
    """What a person does in a browser."""
    form = {
        "cardholder_name": "Jordan Rivera",
        "card_number": "4000 0000 0000 0002",
        "expiry": "12/40",
        "cvv": "123",
        "address": "100 Main Street",
        "postal_code": "78701",
        "country": "US",
    }
    with urllib.request.urlopen(page, data=urllib.parse.urlencode(form).encode()) as response:
        return response.status

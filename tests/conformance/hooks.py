"""What schemathesis must know beside the document: how to sign."""

from __future__ import annotations

import datetime

import requests
import schemathesis
from hypothesis import strategies as st

import signing

FORMS = st.sampled_from(["%m-%d-%Y", "%Y-%m-%d"])


class Signed(requests.auth.AuthBase):
    """Signs the request as it goes out."""

    def __call__(self, request: requests.PreparedRequest) -> requests.PreparedRequest:
        body = request.body or b""
        if isinstance(body, str):
            body = body.encode()
        request.headers.update(signing.headers(request.method or "", request.url or "", body))
        return request


schemathesis.auth.set_from_requests(Signed())

# Formats of the sandbox's own rules, which no regular expression holds.
links = st.from_regex(r"https://[a-z]{1,20}\.example/[a-z0-9/]{0,40}", fullmatch=True)
schemathesis.openapi.format("public-https-link", links)
dates = st.dates(min_value=datetime.date(1900, 1, 1))
schemathesis.openapi.format("date-either-way", st.builds(lambda day, form: day.strftime(form), dates, FORMS))

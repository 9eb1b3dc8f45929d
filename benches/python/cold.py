"""One signed call in a process of its own: `cold.py payglot|httpx|requests URL`."""

from __future__ import annotations

import sys

who, url = sys.argv[1:3]
if who == "payglot":
    from payglot import PaywintPlatform

    client = PaywintPlatform(
        platform_id="bench-platform", secret_key="bench-secret-key-of-some-length", base_url=url
    )
    card = client.cards.get("f47ac10b-58cc-4372-a567-0e02b2c3d479")
    if card.card_id is None:
        raise ValueError("a response without its fields")
else:
    from common import CARD, check, signed

    if who == "httpx":
        import httpx

        response = httpx.Client(base_url=url).get(CARD, headers=signed("GET", CARD))
    else:
        import requests

        response = requests.Session().get(url + CARD, headers=signed("GET", CARD))
    response.raise_for_status()
    check(response.json()["data"])

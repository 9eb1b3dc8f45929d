"""Synchronous calls, one at a time: `calls_sync.py payglot|pyreqwest|httpx URL SECONDS`."""

from __future__ import annotations

import sys

from common import CARD, HTTP2, ID, PLATFORM_ID, SECRET, check, rate, signed, trusting


def payglot(url: str, seconds: float) -> None:
    from payglot import PaywintPlatform

    client = PaywintPlatform(platform_id=PLATFORM_ID, secret_key=SECRET, base_url=url)
    cards = client.cards

    def call() -> int:
        card = cards.get(ID)
        fields = (card.card_id, card.card_number, card.card_exp, card.first_name)
        if not all(fields) or card.is_blocked is not False:
            raise ValueError("a response without its fields")
        return 1

    rate(call, seconds)


def pyreqwest(url: str, seconds: float) -> None:
    from pyreqwest.client import SyncClientBuilder

    client = trusting(SyncClientBuilder()).base_url(url).error_for_status().build()

    def call() -> int:
        check(client.get(CARD).headers(signed("GET", CARD)).build().send().json()["data"])
        return 1

    rate(call, seconds)


def httpx(url: str, seconds: float) -> None:
    import httpx

    client = httpx.Client(base_url=url, http2=HTTP2)

    def call() -> int:
        check(client.get(CARD, headers=signed("GET", CARD)).raise_for_status().json()["data"])
        return 1

    rate(call, seconds)


def overlap(url: str, seconds: float) -> None:
    """Pages from a server that takes 5 ms, each followed by 5 ms of work."""
    import time

    from payglot import PaywintPlatform

    client = PaywintPlatform(platform_id=PLATFORM_ID, secret_key=SECRET, base_url=url)

    def call() -> int:
        pages = 0
        for _page in client.payments.list_received(ID).pages():
            time.sleep(0.005)
            pages += 1
        return pages

    rate(call, seconds)


if __name__ == "__main__":
    {"payglot": payglot, "pyreqwest": pyreqwest, "httpx": httpx, "overlap": overlap}[sys.argv[1]](
        sys.argv[2], float(sys.argv[3])
    )

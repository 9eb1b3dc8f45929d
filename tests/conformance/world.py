"""Fills a sandbox with what calls can be about, and writes schemathesis' configuration with the ids of it.

Without it nearly every generated call would end in 404, and only its validation would be tested.
Usage: world.py PROVIDER OUT.TOML; the ids alone are in OUT.ids.json.
"""

from __future__ import annotations

import json
import os
import sys
import urllib.parse
import urllib.request
from collections import defaultdict
from collections.abc import Callable
from pathlib import Path
from typing import Any

import signing

FOLDER = Path(__file__).parent
URL = os.environ["PAYWINT_BASE_URL"]
USER = os.environ["SANDBOX_USER_ID"]
# How many there are of what calls remove.
COPIES = 40
# Share of ids that are known ones.
PROBABILITY = 0.8

Ids = defaultdict[str, list[str]]


def send(path: str, body: Any = None) -> Any:
    """Calls an operation, signed, or the sandbox's own interface."""
    url, data = URL + path, json.dumps(body).encode() if body is not None else b""
    method = "POST" if data else "GET"
    token = {"authorization": f"Bearer {os.environ['PAYGLOT_SANDBOX_TOKEN']}"}
    proof = token if path.startswith("/_sandbox/") else signing.headers(method, url, data)
    headers = {"content-type": "application/json", **proof}
    request = urllib.request.Request(url, data or None, headers, method=method)
    with urllib.request.urlopen(request) as response:
        response = json.load(response)
        return response.get("data", response) if isinstance(response, dict) else response


def outside(path: str, body: Any) -> Any:
    return send(f"/_sandbox/api/{path}", body)


def address(payee_id: str) -> dict[str, Any]:
    street = {"address_line_1": "1 Main Street", "city": "Austin", "state": "TX"}
    area = {"zipcode": "78701", "country": "US"}
    return {"payee_id": payee_id, "first_name": "Jordan", "last_name": "Rivera", **street, **area}


def contact(copy: int) -> dict[str, str]:
    return {"name": "Pat", "email": f"pat{copy}@example.com"}


def platform(ids: Ids) -> None:
    outside(f"wallets/{USER}/fund", {"amount": "1000000.00"})
    outside(f"kyc/{USER}", {"status": "approved"})
    ids["user_id"] = [USER]
    for copy in range(COPIES):
        payee = send(f"/api/platform/payee/create/{USER}", contact(copy))["payee_id"]
        ids["payee_id"].append(payee)
        ids["address_id"].append(
            send(f"/api/platform/address/create-payee-address/{USER}", address(payee))["address_id"]
        )
        bank = {"account_holder_name": "Pat", "account_type": "PERSONAL_SAVINGS", "bank_nick_name": "Main"}
        numbers = {"account_number": "6200000075", "routing_number": "021000021"}
        path = f"/api/platform/accounts/add-payee-account/{USER}"
        ids["payee_bank_id"].append(send(path, {"payee_id": payee, **bank, **numbers})["bank_id"])
        ids["payee_card_id"].append(outside(f"payees/{payee}/cards", {})["card_id"])
        account = {"user_id": USER, "account_holder_name": "Jordan", "bank_name": "Example Bank"}
        ids["bank_id"].append(send("/api/platform/accounts/add-account", account)["id"])
        ids["payment_id"].append(
            send(f"/api/platform/payment/create-payment-link/{USER}", {"amount": 12.5})["payment_id"]
        )
        page = send(f"/api/platform/card/add/secure-link/{USER}", {"card_purpose": "PAYMENT"})["secure_link"]
        form = {
            "cardholder_name": "Jordan Rivera",
            "card_number": "4242 4242 4242 4242",
            "expiry": "12/40",
            "cvv": "123",
            "address": "1 Main Street",
            "postal_code": "78701",
            "country": "US",
        }
        urllib.request.urlopen(page, urllib.parse.urlencode(form).encode()).close()
    outside("clock/advance", {"seconds": 200_000})
    for bank in ids["bank_id"][::2]:
        deposits = {"bank_id": bank, "amounts": [0.07, 0.15]}
        send(f"/api/platform/accounts/verify-micro-deposit/{USER}", deposits)
    ids["card_id"] = [card["card_id"] for card in send_list(f"/api/platform/card/list/{USER}")]
    opened = send(f"/api/platform/accounts/open-pw-bank-account/{USER}", {"bank_nick_name": "First"})
    ids["pw_bank_id"] = ids["from_bank_id"] = [opened["pw_bank_id"]]
    ids["bank_id"] += [*ids["pw_bank_id"], *ids["payee_bank_id"]]
    ids["account_id"] = ids["to_bank_id"] = ids["bank_id"]
    ids["card_id"] += ids["payee_card_id"]
    ids["payee_address_id"] = ids["address_id"]


def send_list(path: str) -> list[Any]:
    return send(path)["records"]


def developer(ids: Ids) -> None:
    outside(f"wallets/{send('/_sandbox/api/info')['developer_id']}/fund", {"amount": "1000000.00"})
    for copy in range(COPIES):
        payee = send("/api/user-api/payee/create", contact(copy))["payee_id"]
        ids["payee_id"].append(payee)
        for name, is_default in (("new_default_address_id", True), ("address_id", False)):
            body = address(payee) | {"is_default": is_default}
            ids[name].append(send("/api/user-api/address/payee/create", body)["address_id"])
        card = send("/api/user-api/card/payee/pw-card/request", {"payee_id": payee, "amount": 10})
        ids["request_id"].append(card["request_id"])
        link = send("/api/user-api/payment/create-payment-link", {"amount": 12.5})
        ids["payment_id"].append(link["payment_id"])
    outside("clock/advance", {"seconds": 3600})
    cards = send_list("/api/user-api/card/payee/pw-card/issued")
    ids["payee_card_id"] = [card["payee_card_id"] for card in cards]
    ids["address_id"] += ids["new_default_address_id"]


def linora(ids: Ids) -> None:
    for _ in range(COPIES):
        user = send("/api/users", {"name": "Pat"})["userId"]
        outside(f"wallets/{user}/fund", {"amount": "10000.00"})
        ids["userId"].append(user)
        card = send(f"/api/users/{user}/cards", {"cardName": "Ads", "initialBalance": 50})
        ids["cardId"].append(card["cardId"])
    currencies = send("/api/exchange/currencies")
    names = sorted({currency["ticker"] for currency in currencies if currency["available"]})
    ids["fromCurrency"] = ids["toCurrency"] = names


WORLDS: dict[str, Callable[[Ids], None]] = {
    "paywint-platform": platform,
    "paywint-developer": developer,
    "linora": linora,
}


def main(provider: str, out: str) -> None:
    ids: Ids = defaultdict(list)
    # A provider without a world is tested as it starts.
    WORLDS.get(provider, lambda _: None)(ids)
    files = [FOLDER / "schemathesis.toml", FOLDER / f"schemathesis-{provider}.toml"]
    lines = [file.read_text() for file in files if file.exists()]
    lines += [f"[dictionaries.{name}]\nvalues = {json.dumps(values)}\n" for name, values in ids.items()]
    lines.append("[parameters]")
    for name in ids:
        for part in ("path", "query", "body"):
            lines.append(f'"{part}.{name}" = {{ dictionary = "{name}", probability = {PROBABILITY} }}')
    Path(out).write_text("\n".join(lines) + "\n")
    Path(out).with_suffix(".ids.json").write_text(json.dumps(ids))


if __name__ == "__main__":
    main(*sys.argv[1:])

"""Makes the calls that every SDK plays through the judge: each operation once, and the contract scenarios.

They are about ids that the sandbox knows.

Usage: plan.py OUT.JSON IDS.JSON...
"""

from __future__ import annotations

import json
import re
import sys
from decimal import Decimal
from pathlib import Path
from typing import Any

from world import COPIES

ROOT = Path(__file__).parents[2]
CONTRACT = ROOT / "tests/contract"
# The sandbox's own limit; a scenario about digits goes beyond it.
MOST = Decimal(10_000_000_000)
# Values that the sandbox's own rules ask for, where the examples of the contract are any text.
LINKS = {f"document_{number}": f"https://files.example.com/{number}.pdf" for number in range(1, 6)}
IMAGE = "https://files.example.com/it.png"
CURRENCIES = {"fromCurrency": "btc", "toCurrency": "eth", "fromNetwork": "btc", "toNetwork": "eth"}
VALUES: dict[str, dict[str, Any]] = {
    "users.create": {"email": "somebody@example.com"},
    "kyb.submit": {"formation_date": "2020-01-31", **LINKS},
    "checks.update_config": {"logo_url": IMAGE, "signature_url": IMAGE},
    "gift_cards.order": {
        "productId": 4801,
        "unitPrice": "20.00",
        "quantity": 2,
        "recipientEmail": "a@b.example",
    },
    "exchange.estimate": CURRENCIES,
    "exchange.create": CURRENCIES,
}


# Method and names of the path parameters of every operation.
Names = dict[str, tuple[str, list[str]]]


def operations(provider: str) -> Names:
    """Method and names of the path parameters of every operation."""
    document = json.loads((ROOT / f"crates/payglot-sandbox/src/generated/{provider}.json").read_text())
    found = {}
    for path, item in document["paths"].items():
        for method, operation in item.items():
            if method != "parameters":
                found[operation["x-payglot-name"]] = (method, re.findall(r"\{([^}]+)}", path))
    return found


def known(operation: str, name: str, value: Any, ids: dict[str, list[str]], copy: int) -> Any:
    """The id that stands for an example's."""
    if f"payee_{name}" in ids and operation.startswith("payee_"):
        name = f"payee_{name}"
    if value is None or name not in ids:
        return value
    return ids[name][copy % len(ids[name])]


def call(scenario: dict[str, Any], ids: dict[str, list[str]], names: Names) -> dict[str, Any]:
    operation = scenario["operation"]
    method, parameters = names[operation]
    # Calls that remove something get one of their own.
    copy = COPIES - 1 if method == "delete" else 0
    path = scenario["path"]
    # Scenarios about the path itself keep it.
    if "path" not in scenario["name"]:
        given = zip(parameters, path, strict=True)
        path = [known(operation, name, value, ids, copy) for name, value in given]
    params = {name: known(operation, name, value, ids, copy) for name, value in scenario["params"].items()}
    params = {name: {"free": ["form"]} if value == "$free" else value for name, value in params.items()}
    params |= VALUES.get(operation, {})
    if operation == "bank_accounts.verify_micro_deposits":
        # The world left every other account unverified.
        params = {"bank_id": ids["bank_id"][1], "amounts": [0.07, 0.15]}
    if "page_size" in scenario:
        params["rows_per_page"] = scenario["page_size"]
    return {
        "name": scenario["name"],
        "provider": scenario["provider"],
        "operation": operation,
        "path": path,
        "params": params,
        "languages": scenario.get("languages"),
    }


def main(out: str, *files: str) -> None:
    ids = {Path(file).name.split(".")[0]: json.loads(Path(file).read_text()) for file in files}
    names = {provider: operations(provider) for provider in ids}
    plan = []
    for file in ("generated_operations.json", "scenarios.json"):
        for scenario in json.loads((CONTRACT / file).read_text())["scenarios"]:
            # Nothing is sent of what is refused before.
            is_sent = scenario.get("error", {}).get("class") != "InvalidRequestError"
            if is_sent and Decimal(scenario["params"].get("amount") or 0) <= MOST:
                provider = scenario["provider"]
                plan.append(call(scenario, ids[provider], names[provider]))
    Path(out).write_text(json.dumps(plan, indent=1))


if __name__ == "__main__":
    main(*sys.argv[1:])

"""Calls every operation of a plan with the Python package that was generated for its document.

Usage: python play.py PLAN RESULTS, with the package on the path. Arguments are found by their names in a method's signature;
what a call returns, or why it failed, goes to RESULTS.
"""

from __future__ import annotations

import base64
import inspect
import json
import re
import sys
from datetime import datetime
from decimal import Decimal
from pathlib import Path
from typing import Any


def plain_name(name: str) -> str:
    return re.sub(r"[^a-z0-9]", "", name.lower())


def given(value: Any) -> Any:
    """A value of the plan as a Python value."""
    if isinstance(value, dict):
        if set(value) == {"$bytes"}:
            return value["$bytes"].encode()
        return {name: given(one) for name, one in value.items()}
    if isinstance(value, list):
        return [given(one) for one in value]
    return value


def arguments(method: Any, call: dict[str, Any]) -> tuple[dict[str, Any], str]:
    """Keyword arguments of a call, and how its body is given where it is one value."""
    signature = inspect.signature(method)
    known: dict[str, str] = {}
    for name, one in signature.parameters.items():
        # An argument that would be called as an option of every call ends with an underscore.
        if one.kind is one.KEYWORD_ONLY and (
            name.endswith("_") or plain_name(name) not in known
        ):
            known[plain_name(name)] = name
    bodies = {plain_name(one["wire"]) for one in call["given"] if one["in"] == "body"}
    keywords: dict[str, Any] = {}
    form = ""
    for one in call["given"]:
        name = plain_name(one["wire"])
        value = given(one["value"])
        if one.get("is_whole"):
            if "body" in signature.parameters:
                keywords["body"], form = value, "body"
                continue
            form = "spread"
            if isinstance(value, dict) and "extra_fields" in signature.parameters:
                keywords["extra_fields"] = value
                continue
            for key, inner in value.items() if isinstance(value, dict) else ():
                keywords[known[plain_name(key)]] = inner
            continue
        if one["in"] != "body" and name in bodies:
            name = f"query{name}"
        found = known.get(name) or known.get(f"{name}value")
        if found is None:
            raise LookupError(f"no argument is named as `{one['wire']}`")
        keywords[found] = value
    return keywords, form


def read(value: Any) -> Any:
    """What a call returned, as JSON with numbers as text."""
    if value is None or isinstance(value, (bool, str)):
        return value
    if isinstance(value, (int, float, Decimal)):
        return {"$number": str(value)}
    if isinstance(value, (bytes, bytearray)):
        return {"$base64": base64.b64encode(value).decode()}
    if isinstance(value, datetime):
        return value.isoformat().replace("+00:00", "Z")
    if hasattr(value, "to_dict"):
        for name in dir(type(value)):
            if not name.startswith("_") and not callable(
                getattr(type(value), name, None)
            ):
                getattr(value, name)
        return read(value.to_dict())
    if hasattr(value, "records"):
        return [read(one) for one in value.records]
    if isinstance(value, dict):
        return {str(name): read(one) for name, one in value.items()}
    if isinstance(value, (list, tuple)):
        return [read(one) for one in value]
    if hasattr(value, "read"):
        return read(value.read())
    if hasattr(value, "__next__") or hasattr(value, "__iter__"):
        return {"$events": [read(getattr(one, "data", one)) for one in value]}
    return str(value)


def main() -> int:
    import payglot

    plan = json.loads(Path(sys.argv[1]).read_text(), parse_float=Decimal)
    client_class = getattr(payglot, plan["class"])
    accepted = inspect.signature(client_class).parameters
    options = {
        name: value for name, value in plan["credentials"].items() if name in accepted
    }
    results = {}
    with client_class(
        base_url=plan["base_url"], max_retries=0, timeout=20, **options
    ) as client:
        for call in plan["calls"]:
            result: dict[str, Any] = {}
            try:
                resource, name = call["method"].split(".")
                holder = getattr(client, resource, None) or getattr(
                    client, f"{resource}_"
                )
                method = getattr(holder, name, None) or getattr(holder, f"{name}_")
                keywords, result["form"] = arguments(method, call)
                result["read"] = read(
                    method(
                        *call["path"], headers={"x-call": str(call["id"])}, **keywords
                    )
                )
            except Exception as error:  # noqa: BLE001 - it is the result of this call alone
                result["error"] = f"{type(error).__name__}: {error}"
            results[call["id"]] = result
    Path(sys.argv[2]).write_text(json.dumps(results))
    return 0


if __name__ == "__main__":
    sys.exit(main())

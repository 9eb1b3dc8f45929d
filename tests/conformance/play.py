"""Plays a plan with payglot for Python. Usage: play.py PLAN.JSON; prints the calls, and those that went well.

What comes back is judged on the way; here only errors that are none of payglot's count.
"""

from __future__ import annotations

import json
import re
import sys
from pathlib import Path
from typing import Any

import payglot


def client(provider: str) -> Any:
    name = "".join(word.title() for word in provider.split("-"))
    return getattr(payglot, name)()


def arguments(params: dict[str, Any], method: Any) -> dict[str, Any]:
    known = method.__annotations__
    named: dict[str, Any] = {}
    extra = {}
    for wire, value in params.items():
        name = re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "_", wire).lower()
        if "extra_fields" in known and name not in known:
            extra[wire] = value
        else:
            named[name] = value
    return {**named, "extra_fields": extra} if extra else named


def main(plan: str) -> None:
    clients: dict[str, Any] = {}
    calls = succeeded = 0
    for call in json.loads(Path(plan).read_text()):
        if "python" not in (call["languages"] or ["python"]):
            continue
        resource, name = call["operation"].split(".")
        provider = call["provider"]
        if provider not in clients:
            clients[provider] = client(provider)
        method = getattr(getattr(clients[provider], resource), name)
        calls += 1
        try:
            response = method(*call["path"], **arguments(call["params"], method))
            if isinstance(response, payglot.Page):
                list(response)
            succeeded += 1
        except payglot.PayglotError as error:
            print(f"{call['name']}: {type(error).__name__}", file=sys.stderr)
    print(calls, succeeded)


if __name__ == "__main__":
    main(sys.argv[1])

"""Plays the deliveries of `deliveries.json` beside each document with the Python package that was generated for it.

Usage: python deliver.py PROVIDER..., with the package on the path. Each delivery is verified and read; those with `stored` go
through an inbox too, twice, and are handled once.
"""

from __future__ import annotations

import importlib
import json
import pickle
import sys
import tempfile
from decimal import Decimal
from pathlib import Path
from typing import Any

import payglot
from payglot import webhooks

SECRET = "whsec"


def plain(value: Any) -> Any:
    """Data as the cases have it: amounts as text."""
    if isinstance(value, payglot._payglot.Model):
        value = value.to_dict()
    if isinstance(value, dict):
        return {name: plain(item) for name, item in value.items()}
    if isinstance(value, list):
        return [plain(item) for item in value]
    return str(value) if isinstance(value, Decimal) else value


def shown(event: Any) -> dict[str, Any]:
    time = event.generated_at
    return {
        "class": type(event).__name__,
        "event": event.event,
        "id": event.id,
        "data": plain(event.data),
        "time": None if time is None else time.isoformat(),
    }


def play(module: Any, case: dict[str, Any], store: Path) -> str | None:
    """What is wrong; none where all is right."""
    body, scheme = case["body"], webhooks.Scheme(timestamp_header=None)
    signature = webhooks.sign(body, 0, SECRET, scheme)
    headers = case["headers"] | {scheme.signature_header: signature}
    try:
        event = module.construct_event(body, headers, SECRET, scheme)
        pairs = (pair for pair in headers.items())
        assert module.construct_event(body, pairs, SECRET, scheme) == event
    except payglot.PayglotError as error:
        if case.get("error") == type(error).__name__ and case["message"] in str(error):
            return None
        return f"{type(error).__name__}: {error}"
    if "error" in case:
        return "was not refused"
    if shown(event) != case["event"]:
        return f"{shown(event)} was read"
    restored = pickle.loads(pickle.dumps(event))
    if shown(restored) != shown(event) or restored != event:
        return f"{shown(restored)} was restored"
    if event.raw != json.loads(body, parse_float=Decimal):
        return f"{event.raw} is all of it"
    guard = webhooks.ReplayGuard()
    for first in (True, False):
        with guard.handling(event.id) as is_first:
            if is_first is not first:
                return "the guard does not know it"
    if "stored" not in case:
        return None

    seen: list[Any] = []
    inbox = module.Inbox(store, SECRET, scheme=scheme)
    inbox.on(webhooks.WebhookEvent)(seen.append)
    if [inbox.receive(body, headers) for _ in range(2)] != [200, 200]:
        return "was not stored"
    if inbox.receive(body, case["headers"]) != 401:
        return "was stored without a signature"
    inbox.work_off()
    expected = case["event"] | {"data": case["stored"]}
    if [shown(one) for one in seen] != [expected]:
        return f"{[shown(one) for one in seen]} was handled"
    row = inbox.get(event.id)
    if (
        row is None
        or row.state != "handled"
        or row.object != case.get("object", f"event {event.id}")
    ):
        return f"{row} was stored"
    return None


def samples(module: Any) -> str | None:
    """A sample of every event is read as that event."""
    for known, name in module._NAMES.items():
        delivery = module.sample_delivery(name, SECRET)
        event = module.construct_event(delivery.body, delivery.headers, SECRET)
        if type(event) is not known or event.data is None:
            return f"the sample of {name} is {shown(event)}"
    return None


def main() -> int:
    failed = 0
    for provider in sys.argv[1:]:
        text = (Path(__file__).parent / provider / "deliveries.json").read_text()
        module = importlib.import_module(
            f"payglot.webhooks.{provider.replace('-', '_')}"
        )
        cases = json.loads(text)
        problems = {"samples": samples(module)}
        for case in cases:
            with tempfile.TemporaryDirectory() as folder:
                problems[case["name"]] = play(module, case, Path(folder) / "events.db")
        for name, problem in problems.items():
            if problem:
                print(f"{provider}: {name}: {problem}")
                failed += 1
        print(f"{provider}: {len(cases)} deliveries in Python, {failed} failed")
        failed += not cases
    return min(failed, 1)


if __name__ == "__main__":
    sys.exit(main())

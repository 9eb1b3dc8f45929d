"""The scenarios of `tests/contract/`, played sync and async against the judge that all languages share."""

from __future__ import annotations

import asyncio
import json
import os
import re
import subprocess
import urllib.request
from collections.abc import Iterator
from datetime import datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import payglot
import pytest

CONTRACT = Path(__file__).parents[3] / "tests/contract"
FILES = ("generated_operations.json", "scenarios.json", "faults.json")
SURFACE = json.loads((CONTRACT / "generated_surface.json").read_text())
PROVIDERS = {provider["name"]: provider for provider in SURFACE["providers"]}
GENERATED = json.loads((CONTRACT / FILES[0]).read_text())


def scenarios() -> Iterator[Any]:
    for file in FILES:
        for number, scenario in enumerate(json.loads((CONTRACT / file).read_text())["scenarios"]):
            if "python" in scenario.get("languages", ["python"]):
                yield pytest.param(file, number, scenario, id=scenario["name"])


@pytest.fixture(scope="module")
def judges() -> Iterator[dict[str, list[str]]]:
    """The judge's URL for each way of playing a file: every scenario is played once against one judge."""
    binary = os.environ.get("PAYGLOT_JUDGE")
    if not binary:
        pytest.skip("PAYGLOT_JUDGE does not name the judge")
    running = []
    urls: dict[str, list[str]] = {}
    for file in FILES:
        for _ in range(2):
            process = subprocess.Popen(
                [binary, str(CONTRACT / file)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
            )
            assert process.stdout is not None
            running.append(process)
            urls.setdefault(file, []).append(process.stdout.readline().strip())
    yield urls
    for process in running:
        assert process.stdin is not None
        process.stdin.close()
        process.wait(10)


def credentials(provider: str) -> dict[str, str]:
    names = [credential["python"] for credential in PROVIDERS[provider]["credentials"]]
    return {name: name.replace("_", "-") + "-for-tests" for name in names}


def base_url(judge: str, number: int, scenario: dict[str, Any]) -> str:
    return judge.replace("http", scenario.get("scheme", "http"), 1) + f"/{number}"


def arguments(scenario: dict[str, Any], method: Any) -> dict[str, Any]:
    known = method.__annotations__
    named: dict[str, Any] = dict(scenario.get("options", {}))
    extra = {}
    for wire, value in scenario["params"].items():
        name = re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "_", wire).lower()
        if "extra_fields" in known and name not in known:
            extra[wire] = value
        else:
            named[name] = free(value)
    if extra:
        named["extra_fields"] = extra
    if "page_size" in scenario:
        named["rows_per_page"] = scenario["page_size"]
    return named


def free(value: Any) -> Any:
    return {"free": [Decimal("1.10"), "form"]} if value == "$free" else value


def plain(value: Any) -> Any:
    if isinstance(value, list):
        return [plain(item) for item in value]
    if isinstance(value, payglot.types.Model):
        return value.to_dict()
    return value


def compare(there: Any, wanted: Any, location: str) -> None:
    if wanted == "$free":
        assert there == {"free": [Decimal("1.10"), "form"]}, location
    elif isinstance(there, Decimal):
        assert f"{there:f}" == wanted, location
    elif isinstance(there, datetime):
        assert there == datetime.fromisoformat(wanted.replace("Z", "+00:00")), location
    elif isinstance(wanted, dict):
        renamed = {GENERATED["renamed"].get(name, name): value for name, value in wanted.items()}
        there = {GENERATED["renamed"].get(name, name): value for name, value in there.items()}
        present = {name: value for name, value in there.items() if value is not None}
        assert present.keys() == renamed.keys(), location
        for name, value in renamed.items():
            compare(there[name], value, f"{location}.{name}")
    elif isinstance(wanted, list):
        assert len(there) == len(wanted), location
        for position, (item, value) in enumerate(zip(there, wanted, strict=True)):
            compare(item, value, f"{location}[{position}]")
    else:
        assert there == wanted and type(there) is type(wanted), location


def check_error(error: BaseException, wanted: dict[str, Any]) -> None:
    assert type(error).__name__ == wanted["class"], repr(error)
    names = ["status", "code", "request_id", "body", "argument", "operation", "attempts", "retry_after"]
    for name in [*names, "may_have_happened"]:
        if name in wanted:
            assert getattr(error, name) == wanted[name], name
    if isinstance(error, (payglot.OutcomeUnknownError, payglot.InvalidRequestError)):
        assert error.may_have_happened == isinstance(error, payglot.OutcomeUnknownError)
    for name, value in wanted.get("record", {}).items():
        assert getattr(error.record, name) == value, name  # type: ignore[attr-defined]
    if hasattr(error, "headers"):
        for name, value in wanted.get("headers", {}).items():
            assert error.headers[name] == value, name
    assert wanted.get("message_has", "") in str(error)
    if wanted.get("reconcile"):
        assert error.reconcile and error.reconcile in str(error)  # type: ignore[attr-defined]


def verdict(judge: str, number: int) -> None:
    with urllib.request.urlopen(f"{judge}/verdict/{number}") as response:
        assert json.load(response) == {"problems": []}


@pytest.mark.parametrize(("file", "number", "scenario"), [*scenarios()])
def test_sync(judges: dict[str, list[str]], file: str, number: int, scenario: dict[str, Any]) -> None:
    judge = judges[file][0]
    provider = scenario["provider"]
    client = getattr(payglot, PROVIDERS[provider]["class"])(
        base_url=base_url(judge, number, scenario), **credentials(provider), **scenario.get("client", {})
    )
    if "with_options" in scenario:
        client = client.with_options(**scenario["with_options"])
    resource, name = scenario["operation"].split(".")
    method = getattr(getattr(client, resource), name)

    def call() -> Any:
        response = method(*scenario["path"], **arguments(scenario, method))
        if "iterate" in scenario:
            return sum(1 for _ in response)
        return plain(response.records if isinstance(response, payglot.Page) else response)

    with client:
        if "error" in scenario:
            with pytest.raises(payglot.PayglotError) as caught:
                call()
            check_error(caught.value, scenario["error"])
        else:
            compare(call(), scenario.get("iterate", scenario.get("result")), scenario["name"])
    verdict(judge, number)


@pytest.mark.parametrize(("file", "number", "scenario"), [*scenarios()])
def test_async(judges: dict[str, list[str]], file: str, number: int, scenario: dict[str, Any]) -> None:
    judge = judges[file][1]
    provider = scenario["provider"]

    async def call() -> Any:
        async with getattr(payglot, "Async" + PROVIDERS[provider]["class"])(
            base_url=base_url(judge, number, scenario), **credentials(provider), **scenario.get("client", {})
        ) as made:
            client = made.with_options(**scenario["with_options"]) if "with_options" in scenario else made
            resource, name = scenario["operation"].split(".")
            method = getattr(getattr(client, resource), name)
            response = method(*scenario["path"], **arguments(scenario, method))
            if "iterate" in scenario:
                return len([record async for record in response])
            response = await response
            return plain(response.records if isinstance(response, payglot.AsyncPage) else response)

    if "error" in scenario:
        with pytest.raises(payglot.PayglotError) as caught:
            asyncio.run(call())
        check_error(caught.value, scenario["error"])
    else:
        compare(asyncio.run(call()), scenario.get("iterate", scenario.get("result")), scenario["name"])
    verdict(judge, number)

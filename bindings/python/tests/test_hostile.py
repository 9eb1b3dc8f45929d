"""Vendors that misbehave (`tests/hostile`), sync and async.

No exchange gives a caller the response of another, takes longer than its time, fills the memory, or
harms what comes after it.
"""

from __future__ import annotations

import asyncio
import json
import os
import resource
import subprocess
import sys
import time
import urllib.request
import uuid
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import payglot
import pytest

CA = Path(__file__).parents[3] / "tests/contract/tls/test-only-ca.pem"
GRACE = 0.2
"""Seconds that a call may take beyond its time."""
TOGETHER = 8
"""Exchanges at once."""
AMPLE = 10.0
"""Seconds for a call that is not expected to need them."""
MOST_MEMORY = 256 << 20
"""Bytes that all of it may take."""


@pytest.fixture
def suite() -> Iterator[str]:
    """The URL that lists the exchanges, each of which misbehaves on its first connection."""
    binary = os.environ.get("PAYGLOT_HOSTILE")
    if not binary:
        pytest.skip("PAYGLOT_HOSTILE does not name the vendors")
    process = subprocess.Popen([binary], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    assert process.stdout is not None and process.stdin is not None
    yield process.stdout.readline().strip()
    process.stdin.close()
    process.wait(10)


def get(url: str) -> Any:
    with urllib.request.urlopen(url) as response:
        return json.load(response)


def peak() -> int:
    most = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return most if sys.platform == "darwin" else most * 1024


def options(exchange: dict[str, Any]) -> dict[str, Any]:
    given = {
        "platform_id": "i",
        "secret_key": "k",
        "base_url": exchange["url"],
        "ca_certificates": CA.read_bytes(),
    }
    return {**given, "max_retries": 0, "max_response_bytes": 1 << 20}


def arguments(kind: str) -> dict[str, Any]:
    return {} if kind == "read" else {"amount": "1.00", "bank_id": str(uuid.uuid4())}


def outcome(kind: str, token: str, record: Any) -> str:
    payment = record if kind == "read" else record.payment
    there = payment and (payment.user_id if kind == "read" else payment.payment_id)
    return "own" if there == token else "foreign"


Played = tuple[str, float, list[str]]
"""What came of the call, in how many seconds, and what came of the next ones."""


def judged(exchange: dict[str, Any], kind: str, played: Played) -> tuple[str | None, bool]:
    """What was not as it should be, and whether it was late: this machine may have been busy once."""
    what, taken, following = played
    name = f"{exchange['name']}, {kind}"
    if what not in exchange[kind]:
        return f"{name}: {what} instead of {exchange[kind]}", False
    if set(following) != {"own"}:
        return f"{name}: {following} in the next calls", False
    is_late = taken > exchange["timeout_ms"] / 1000 + GRACE
    return (f"{name}: took {taken:.3f} s" if is_late else None), is_late


def check(exchanges: list[dict[str, Any]], problems: list[str], before: int) -> None:
    assert not problems, "\n".join(problems)
    protocols = [exchange["protocol"] for exchange in exchanges]
    assert protocols.count("HTTP/1.1") >= 100 and protocols.count("HTTP/2") >= 50
    assert peak() - before < MOST_MEMORY


def play(exchange: dict[str, Any], kind: str) -> Played:
    with payglot.PaywintPlatform(**options(exchange)) as client:

        def call(kind: str, timeout: float) -> str:
            token = str(uuid.uuid4())
            method: Any = client.wallets.get if kind == "read" else client.wallets.fund
            try:
                return outcome(kind, token, method(token, **arguments(kind), timeout=timeout))
            except payglot.PayglotError as error:
                return type(error).__name__

        started = time.monotonic()
        what = call(kind, exchange["timeout_ms"] / 1000)
        taken = time.monotonic() - started
        time.sleep(exchange["pause_ms"] / 1000)
        return what, taken, [call("read", AMPLE) for _ in range(2)]


def test_issue_12_no_vendor_harms_a_caller(suite: str) -> None:
    before = peak()
    exchanges = get(f"{suite}/exchanges")

    def problems_of(number: int) -> list[str]:
        problems = []
        for kind in ("read", "money"):
            problem = None
            for _ in range(3):
                get(f"{suite}/again/{number}")
                problem, is_late = judged(exchanges[number], kind, play(exchanges[number], kind))
                if not is_late:
                    break
            problems += [problem] if problem else []
        return problems

    with ThreadPoolExecutor(TOGETHER) as pool:
        problems = [problem for found in pool.map(problems_of, range(len(exchanges))) for problem in found]
    check(exchanges, problems, before)


async def play_async(exchange: dict[str, Any], kind: str) -> Played:
    async with payglot.AsyncPaywintPlatform(**options(exchange)) as client:

        async def call(kind: str, timeout: float) -> str:
            token = str(uuid.uuid4())
            method: Any = client.wallets.get if kind == "read" else client.wallets.fund
            try:
                return outcome(kind, token, await method(token, **arguments(kind), timeout=timeout))
            except payglot.PayglotError as error:
                return type(error).__name__

        started = time.monotonic()
        what = await call(kind, exchange["timeout_ms"] / 1000)
        taken = time.monotonic() - started
        await asyncio.sleep(exchange["pause_ms"] / 1000)
        return what, taken, [await call("read", AMPLE) for _ in range(2)]


def test_issue_12_no_vendor_harms_an_async_caller(suite: str) -> None:
    before = peak()
    exchanges = get(f"{suite}/exchanges")
    problems: list[str] = []

    async def all_of(numbers: Iterator[int]) -> None:
        for number in numbers:
            for kind in ("read", "money"):
                problem = None
                for _ in range(3):
                    await asyncio.to_thread(get, f"{suite}/again/{number}")
                    problem, is_late = judged(
                        exchanges[number], kind, await play_async(exchanges[number], kind)
                    )
                    if not is_late:
                        break
                problems.extend([problem] if problem else [])

    async def everything() -> None:
        numbers = iter(range(len(exchanges)))
        await asyncio.gather(*[all_of(numbers) for _ in range(TOGETHER)])

    asyncio.run(everything())
    check(exchanges, problems, before)

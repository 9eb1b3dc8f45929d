"""What the logger `payglot` hears: calls, attempts and retries, and nothing that was sent or received."""

from __future__ import annotations

import asyncio
import logging
import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from typing import Any

import payglot
import pytest
from conftest import USER
from scripted import Drop, Hang, Reply, Server, data, records

TEMPLATE = "/api/platform/wallet/get/{user_id}"
FIELDS = ("operation", "method", "url_template", "status", "attempt", "attempts", "request_id")


class Listener(logging.Handler):
    def __init__(self) -> None:
        super().__init__()
        self.records: list[logging.LogRecord] = []

    def emit(self, record: logging.LogRecord) -> None:
        self.records.append(record)

    @property
    def texts(self) -> list[str]:
        return [record.getMessage() for record in self.records]

    @property
    def said(self) -> list[tuple[str, str]]:
        """What happened, and in which operation."""
        split = [text.split(" (")[0].split(": ") for text in self.texts]
        return [(message, operation) for operation, message in split]


@pytest.fixture
def logger() -> Iterator[logging.Logger]:
    logger = logging.getLogger("payglot")
    level = logger.level
    yield logger
    logger.setLevel(level)


@pytest.fixture
def listener(logger: logging.Logger) -> Iterator[Listener]:
    listener = Listener()
    logger.addHandler(listener)
    logger.setLevel(logging.DEBUG)
    yield listener
    logger.removeHandler(listener)


def expect_a_retried_call(listener: Listener, began: float) -> None:
    said = [
        {name: value for name, value in vars(record).items() if name in FIELDS} for record in listener.records
    ]
    call = {"operation": "wallets.get", "method": "GET", "url_template": TEMPLATE}
    assert said == [
        {**call, "attempt": 1, "status": 503, "request_id": "first"},
        {**call, "attempt": 1},
        {**call, "attempt": 2, "status": 200, "request_id": "second"},
        {**call, "attempts": 2, "status": 200},
    ]
    messages = ["attempt ended", "trying again", "attempt ended", "call ended"]
    assert listener.said == [(message, "wallets.get") for message in messages]
    assert f"method=GET request_id=first status=503 url_template={TEMPLATE})" in listener.texts[0]
    assert all(record.levelno == logging.DEBUG for record in listener.records)
    # Records have the time at which it happened, though they are made when the call has ended.
    times = [record.created for record in listener.records]
    assert began <= times[0] <= times[1] <= times[2] <= times[3] <= time.time()
    assert all(vars(listener.records[index])["duration_ms"] >= 0 for index in (0, 2, 3))


RETRIED = (
    Reply(503, "{}", {"retry-after": "0", "x-request-id": "first"}),
    Reply(200, '{"success": true, "data": {}}', {"x-request-id": "second"}),
)


def test_a_call_is_told_with_its_attempts(
    server: Server, platform: payglot.PaywintPlatform, listener: Listener
) -> None:
    began = time.time()
    server.play(*RETRIED)
    assert platform.wallets.get(USER) is not None
    expect_a_retried_call(listener, began)


def test_a_call_on_a_loop_is_told_with_its_attempts(
    server: Server, async_platform: Callable[..., payglot.AsyncPaywintPlatform], listener: Listener
) -> None:
    began = time.time()
    server.play(*RETRIED)
    assert asyncio.run(async_platform().wallets.get(USER)) is not None
    expect_a_retried_call(listener, began)


def test_nothing_is_kept_for_those_who_do_not_listen(
    server: Server, platform: payglot.PaywintPlatform, listener: Listener, logger: logging.Logger
) -> None:
    server.play(data({}))
    for level in (logging.INFO, logging.DEBUG, logging.WARNING, logging.DEBUG):
        logger.setLevel(level)
        listener.records.clear()
        platform.wallets.get(USER)
        assert len(listener.records) == (2 if level == logging.DEBUG else 0)


def test_every_kind_of_call_is_told(
    server: Server,
    platform: payglot.PaywintPlatform,
    async_platform: Callable[..., payglot.AsyncPaywintPlatform],
    listener: Listener,
) -> None:
    def listed(request: Any) -> Reply:
        return records([{"user_id": str(request.json["page_no"])}], 2)

    def heard() -> list[str]:
        said = listener.said
        listener.records.clear()
        return [name for message, name in said if message == "call ended"]

    server.play(data({}))
    platform.with_raw_response.wallets.get(USER)
    platform.request("GET", "/own/path", query={"a": "hidden"})
    assert heard() == ["wallets.get", "request"]
    server.play(listed)
    assert len(list(platform.users.list(rows_per_page=10))) == 2
    platform.with_raw_response.users.list()
    assert heard() == ["users.list"] * 3

    async def on_a_loop() -> None:
        client = async_platform()
        server.play(data({}))
        await client.with_raw_response.wallets.get(USER)
        await client.request("GET", "/own/path")
        assert heard() == ["wallets.get", "request"]
        server.play(listed)
        assert len([user async for user in client.users.list(rows_per_page=10)]) == 2
        await client.with_raw_response.users.list()
        assert heard() == ["users.list"] * 3

    asyncio.run(on_a_loop())


def test_calls_at_once_keep_their_lines_apart(
    server: Server, async_platform: Callable[..., payglot.AsyncPaywintPlatform], listener: Listener
) -> None:
    server.play(data({}))

    async def many() -> None:
        client = async_platform()
        wallets = [client.wallets.get(USER) for _ in range(20)]
        await asyncio.gather(*wallets, *[client.cards.get(USER) for _ in range(20)])

    asyncio.run(many())
    ended = [name for message, name in listener.said if message == "call ended"]
    assert sorted(ended) == ["cards.get"] * 20 + ["wallets.get"] * 20
    # The lines of a call come together.
    said = listener.said
    assert all(one[1] == two[1] for one, two in zip(said[::2], said[1::2], strict=True))


def test_errors_are_logged(server: Server, platform: payglot.PaywintPlatform, listener: Listener) -> None:
    server.play(Drop())
    with pytest.raises(payglot.OutcomeUnknownError):
        platform.wallets.fund(USER, amount=1, bank_id=USER)
    assert listener.said == [("attempt ended", "wallets.fund"), ("call ended", "wallets.fund")]


def test_a_cancelled_call_is_told(
    server: Server, async_platform: Callable[..., payglot.AsyncPaywintPlatform], listener: Listener
) -> None:
    server.play(Hang())

    async def cancelled() -> None:
        with pytest.raises(asyncio.TimeoutError):
            await asyncio.wait_for(async_platform().wallets.get(USER), 0.1)

    asyncio.run(cancelled())
    assert listener.said == [("call stopped", "wallets.get")]


def test_a_logger_that_fails_keeps_no_call_from_its_answer(
    server: Server,
    platform: payglot.PaywintPlatform,
    logger: logging.Logger,
    listener: Listener,
    capsys: pytest.CaptureFixture[str],
) -> None:
    def fail(_: logging.LogRecord) -> bool:
        raise RuntimeError("full disk")

    server.play(data({"user_id": "u"}))
    logger.addFilter(fail)
    try:
        wallet = platform.wallets.get(USER)
    finally:
        logger.removeFilter(fail)
    assert wallet is not None and wallet.user_id == "u"
    assert "full disk" in capsys.readouterr().err


def test_logging_is_not_imported_for_it(run_python: Callable[[str], str]) -> None:
    out = run_python(
        """
import subprocess
code = "import sys, payglot; payglot.Linora(api_key='a', base_url='http://localhost'); print(*sys.modules)"
modules = subprocess.check_output([sys.executable, "-c", code], text=True).split()
print("payglot._client" in modules, "logging" in modules)
"""
    )
    assert out == "True False\n"


def test_a_child_of_a_fork_is_heard(server: Server, run_python: Callable[[str], str]) -> None:
    server.play(data({}))
    out = run_python(
        """
import logging
import os
import subprocess
import sys
logging.basicConfig(stream=sys.stdout, format="%(message).23s")
logging.getLogger("payglot").setLevel("DEBUG")
client.wallets.get(USER)
sys.stdout.flush()
child = os.fork()
if child == 0:
    client.wallets.get(USER)
    sys.stdout.flush()
    os._exit(0)
os.waitpid(child, 0)
"""
    )
    assert out == "wallets.get: attempt en\nwallets.get: call ended\n" * 2


def test_issue_15_2_a_variable_shows_calls_on_standard_error(server: Server) -> None:
    server.play(data({}))
    code = (
        "import payglot\n"
        f"client = payglot.PaywintPlatform(platform_id='p', secret_key='a-secret', base_url={server.url!r})\n"
        f"client.wallets.get({USER!r})\n"
    )
    for level, is_shown in [("", False), ("debug", True)]:
        run = subprocess.run(
            [sys.executable, "-c", code],
            env={**os.environ, "PAYGLOT_LOG": level},
            capture_output=True,
            text=True,
            check=True,
        )
        assert ("payglot wallets.get: call ended (" in run.stderr) is is_shown, run.stderr
        assert "a-secret" not in run.stderr

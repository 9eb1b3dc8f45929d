"""Credentials that a file or a function gives, read again after a 401 and by `rotate` (issue 16)."""

from __future__ import annotations

import asyncio
import gc
import os
import subprocess
import sys
import threading
import weakref
from collections.abc import Callable
from pathlib import Path
from typing import Any

import payglot
import pytest
from payglot.auth import RequestsAuth
from scripted import Reply, Server

OK = Reply(200, '{"success": true, "data": []}')
REFUSED = Reply(401, '{"detail": "no"}')


def counting(start: int = 1) -> Callable[[], str]:
    """Give `key-1`, then `key-2`, and so on."""
    numbers = iter(range(start, 1000))
    return lambda: f"key-{next(numbers)}"


def keys(server: Server) -> list[str]:
    return [request.headers["authorization"].removeprefix("Bearer ") for request in server.requests]


def linora(server: Server, key: Any, **given: Any) -> payglot.Linora:
    return payglot.Linora(api_key=key, base_url=server.url, max_retries=0, **given)


def read(client: payglot.Linora) -> None:
    client.request("GET", "/cards", replay="read")


def test_a_read_whose_key_was_refused_goes_out_once_more(server: Server) -> None:
    client = linora(server, counting())
    server.play(OK, REFUSED, OK, REFUSED)
    read(client)
    read(client)
    with pytest.raises(payglot.AuthenticationError):
        read(client)
    assert keys(server) == ["key-1", "key-1", "key-2", "key-2", "key-3"]


def test_money_is_not_sent_again(server: Server) -> None:
    client = linora(server, counting())
    server.play(REFUSED, OK)
    with pytest.raises(payglot.AuthenticationError) as raised:
        client.request("POST", "/cards", json={})
    assert not raised.value.may_have_happened
    client.request("POST", "/cards", json={})
    assert keys(server) == ["key-1", "key-2"]


def test_calls_in_the_background_share_what_was_read(server: Server) -> None:
    """A request outside the document is made in the background, over another pool than a call."""
    client = linora(server, counting())
    server.play(REFUSED, Reply(200, "[]"))
    with pytest.raises(payglot.AuthenticationError):
        client.request("POST", "/cards", json={})
    client.cards.list("6f1ed002-ab5d-4b2d-8e3f-1c2d3e4f5a6b")
    assert keys(server) == ["key-1", "key-2"]


def test_a_path_is_a_file(server: Server, tmp_path: Path) -> None:
    file = tmp_path / "key"
    file.write_text("one\n")
    client = linora(server, file)
    file.write_text("two\n")
    server.play(OK)
    read(client)
    client.rotate()
    read(client)
    assert keys(server) == ["one", "two"]
    with pytest.raises(
        payglot.ConfigurationError, match="`api_key` could not be read from its file: there is no"
    ):
        linora(server, tmp_path / "canary-none")


def test_rotate_is_for_all_clients_that_share_the_key(server: Server) -> None:
    client = linora(server, "old")
    derived = client.with_options(timeout=5)
    other = client.with_credentials(api_key=counting())
    server.play(OK)
    client.rotate(api_key="new")
    for one in (client, derived, other):
        read(one)
    other.rotate()
    read(other)
    assert keys(server) == ["new", "new", "key-1", "key-2"]
    with pytest.raises(payglot.ConfigurationError, match="nothing to read again"):
        client.rotate()
    with pytest.raises(payglot.ConfigurationError, match="`api_key` has white space"):
        client.rotate(api_key="canary ")
    with pytest.raises(payglot.InvalidRequestError, match="`secret_key` is no credential"):
        client.rotate(secret_key="x")
    with pytest.raises(payglot.InvalidRequestError, match="`api_key` must be text, a path or a function"):
        client.rotate(api_key=5)  # type: ignore[arg-type]


class VaultError(Exception):
    pass


def failing() -> str:
    raise VaultError("canary")


def test_a_function_that_raises_is_an_error_that_names_the_credential(server: Server) -> None:
    with pytest.raises(
        payglot.ConfigurationError, match="`api_key` could not be read from its function: VaultError"
    ) as raised:
        linora(server, failing)
    assert "canary" not in str(raised.value)
    with pytest.raises(payglot.ConfigurationError, match="NoTextError"):
        linora(server, lambda: 5)
    functions: list[Callable[[], str]] = [lambda: "one", failing]
    client = linora(server, lambda: functions.pop(0)())
    server.play(REFUSED)
    with pytest.raises(
        payglot.AuthenticationError, match="`api_key` could not be read from its function: VaultError"
    ) as refused:
        read(client)
    assert refused.value.status == 401 and "canary" not in str(refused.value)


def test_an_awaited_function_is_called_by_the_first_call(server: Server) -> None:
    calls: list[str] = []

    async def key() -> str:
        await asyncio.sleep(0)
        calls.append(threading.current_thread().name)
        return f"key-{len(calls)}"

    async def go() -> None:
        async with payglot.AsyncLinora(api_key=key, base_url=server.url, max_retries=0) as client:
            assert calls == []
            await client.request("GET", "/cards", replay="read")
            await client.rotate()
            await client.request("GET", "/cards", replay="read")
            await asyncio.gather(*(client.request("GET", "/cards", replay="read") for _ in range(5)))

    # What was the key until now is refused, however many calls have it.
    server.play(OK, OK, lambda request: OK if request.headers["authorization"] == "Bearer key-3" else REFUSED)
    asyncio.run(go())
    assert calls == ["payglot-credential"] * 3
    assert keys(server)[:2] == ["key-1", "key-2"] and keys(server)[-1] == "key-3"
    # A client that waits can have one too.
    server.script = [OK]
    read(linora(server, key))
    assert keys(server)[-1] == "key-4"
    with pytest.raises(payglot.ConfigurationError, match="`platform_id` is public"):
        payglot.AsyncPaywintPlatform(platform_id=key, secret_key="k")


@pytest.mark.parametrize("name", ["PAYWINT_PLATFORM_ID", "PAYWINT_SECRET_KEY", "PAYWINT_BASE_URL"])
def test_each_variable_may_name_a_file(
    server: Server, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, name: str
) -> None:
    given = {"PAYWINT_PLATFORM_ID": "id", "PAYWINT_SECRET_KEY": "key", "PAYWINT_BASE_URL": server.url}
    file = tmp_path / "value"
    file.write_text(given.pop(name) + "\r\n")
    monkeypatch.setenv(f"{name}_FILE", str(file))
    for known, value in given.items():
        monkeypatch.setenv(known, value)
    client = payglot.PaywintPlatform()
    server.play(OK)
    client.request("GET", "/api/x", replay="read")
    assert server.requests[0].headers["x-platform-id"] == "id"
    assert server.requests[0].headers["x-signature"] == payglot.sign("key", "GET", "/api/x")
    assert repr(client) == f"PaywintPlatform(base_url='{server.url}')"
    monkeypatch.setenv(name, "canary")
    with pytest.raises(payglot.ConfigurationError, match=f"is in both {name} and {name}_FILE") as raised:
        payglot.PaywintPlatform()
    assert "canary" not in str(raised.value)
    monkeypatch.delenv(name)
    monkeypatch.setenv(f"{name}_FILE", "canary")
    with pytest.raises(
        payglot.ConfigurationError, match=f"{name}_FILE names: there is no such file"
    ) as raised:
        payglot.PaywintPlatform()
    assert "canary" not in str(raised.value)


def test_own_http_clients_take_files_and_functions(tmp_path: Path) -> None:
    pytest.importorskip("requests")
    RequestsAuth(payglot.Linora, api_key=lambda: "key")

    async def awaited() -> str:
        return "key"

    with pytest.raises(payglot.ConfigurationError, match="has to be awaited"):
        RequestsAuth(payglot.Linora, api_key=awaited)


def test_a_function_that_holds_its_client_is_collected(server: Server) -> None:
    class Service:
        def __init__(self) -> None:
            self.client = linora(server, self.key)

        def key(self) -> str:
            return "key"

    gone = weakref.ref(Service())
    gc.collect()
    assert gone() is None


@pytest.mark.skipif(not hasattr(os, "fork"), reason="there is no fork")
def test_the_child_of_a_fork_reads_for_itself(server: Server) -> None:
    client = linora(server, counting())
    server.play(REFUSED, OK)
    child = os.fork()
    if child == 0:
        try:
            read(client)
        except BaseException:
            os._exit(1)
        os._exit(0)
    assert os.waitpid(child, 0)[1] == 0
    assert keys(server) == ["key-1", "key-2"]
    server.play(OK)
    read(client)
    assert keys(server) == ["key-1"]


def test_a_program_ends_while_a_function_is_called(server: Server) -> None:
    program = """
import sys, threading, time, payglot
calls = []
def key():
    calls.append(1)
    if len(calls) > 1:
        time.sleep(60)
    return "key"
client = payglot.Linora(api_key=key, base_url=sys.argv[1], max_retries=0)
threading.Thread(target=lambda: client.request("GET", "/cards", replay="read"), daemon=True).start()
while len(calls) < 2:
    time.sleep(0.01)
"""
    server.play(REFUSED)
    ended = subprocess.run(
        [sys.executable, "-c", program, server.url], capture_output=True, text=True, timeout=20
    )
    assert ended.returncode == 0, ended.stderr

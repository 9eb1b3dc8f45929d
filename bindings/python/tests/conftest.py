"""What the tests share: the sandbox, a scripted server, and clients of both."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import payglot
import pytest
from payglot.testing import Sandbox
from scripted import Server

USER = "f47ac10b-58cc-4372-a567-0e02b2c3d479"
VARIABLES = (
    "PAYWINT_PLATFORM_ID",
    "PAYWINT_SECRET_KEY",
    "PAYWINT_API_KEY",
    "PAYWINT_API_SECRET",
    "LINORA_API_KEY",
    "PAYWINT_BASE_URL",
    "LINORA_BASE_URL",
)


@pytest.fixture(autouse=True)
def clean_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in VARIABLES:
        monkeypatch.delenv(name, raising=False)


@pytest.fixture(scope="session")
def sandbox() -> Iterator[dict[str, str]]:
    """A running sandbox: its base URL and credentials."""
    with Sandbox() as there:
        yield {"base_url": there.base_url, "user_id": there.user_id, **there.credentials}


@pytest.fixture
def cards_client(sandbox: dict[str, str]) -> Iterator[payglot.PaywintPlatform]:
    with payglot.PaywintPlatform(
        platform_id=sandbox["platform_id"], secret_key=sandbox["secret_key"], base_url=sandbox["base_url"]
    ) as client:
        yield client


@pytest.fixture
def server() -> Iterator[Server]:
    server = Server()
    yield server
    server.close()


@pytest.fixture
def platform(server: Server) -> Iterator[payglot.PaywintPlatform]:
    with payglot.PaywintPlatform(platform_id="id", secret_key="key", base_url=server.url) as client:
        yield client


@pytest.fixture
def developer(server: Server) -> Iterator[payglot.PaywintDeveloper]:
    with payglot.PaywintDeveloper(api_key="key", api_secret="secret", base_url=server.url) as client:
        yield client


@pytest.fixture
def linora(server: Server) -> Iterator[payglot.Linora]:
    with payglot.Linora(api_key="key", base_url=server.url) as client:
        yield client


@pytest.fixture
def async_platform(server: Server) -> Callable[..., payglot.AsyncPaywintPlatform]:
    def make(**given: Any) -> payglot.AsyncPaywintPlatform:
        return payglot.AsyncPaywintPlatform(platform_id="id", secret_key="key", base_url=server.url, **given)

    return make


@pytest.fixture
def start_python(server: Server) -> Callable[[str], subprocess.Popen[str]]:
    """Starts a program with `client`, `AsyncClient` and `USER` at hand."""
    prelude = f"""
import asyncio, os, signal, sys, threading, time
import payglot
# A shell that runs the tests in the background makes its children ignore it.
signal.signal(signal.SIGINT, signal.default_int_handler)
GIVEN = dict(platform_id="id", secret_key="key", base_url={server.url!r})
USER = {USER!r}
client = payglot.PaywintPlatform(**GIVEN)
def AsyncClient(): return payglot.AsyncPaywintPlatform(**GIVEN)
"""

    def start(program: str) -> subprocess.Popen[str]:
        return subprocess.Popen(
            # Python 3.12 warns of every fork of a process with threads.
            [sys.executable, "-W", "ignore::DeprecationWarning", "-c", prelude + program],
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            cwd=Path(__file__).parent,
        )

    return start


@pytest.fixture
def run_python(start_python: Callable[[str], subprocess.Popen[str]]) -> Callable[[str], str]:
    """Runs a program to its end and returns what it printed; fails when it fails, hangs or complains."""

    def run(program: str) -> str:
        process = start_python(program)
        try:
            out, err = process.communicate(timeout=20)
        finally:
            process.kill()
        assert process.returncode == 0, err
        assert err == ""
        return out

    return run

"""Plays `tokens.json` with the Python package that was generated for the document beside it.

Usage: python tokens.py, with the package on the path. What arrives must be what each case says, and no secret is shown.
"""

from __future__ import annotations

import json
import logging
import os
import sys
from concurrent.futures import ThreadPoolExecutor
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from tempfile import TemporaryDirectory
from threading import Thread
from time import sleep
from typing import Any

import httpx
import payglot
import requests
from payglot.auth import HttpxAuth, RequestsAuth

CREDENTIALS = {
    "client_id": "id/1",
    "client_secret": "s:canary",
    "app_key": "app-canary",
}
GIVEN = {"body": {"access_token": "canary-1"}}


class Server:
    """Sends the responses in their order, the last one again and again, and keeps what arrives."""

    def __init__(self, responses: list[dict[str, Any]], wait: float = 0) -> None:
        arrived: list[dict[str, Any]] = []

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_GET(self) -> None:
                body = self.rfile.read(int(self.headers.get("content-length", "0")))
                response = responses[min(len(arrived), len(responses) - 1)]
                headers = {name.lower(): value for name, value in self.headers.items()}
                target = f"{self.command} {self.path}"
                arrived.append(headers | {"target": target, "body": body.decode()})
                if "token" in self.path:
                    sleep(wait)
                text = json.dumps(response.get("body", {"name": "a"})).encode()
                self.send_response(response.get("status", 200))
                self.send_header("content-type", "application/json")
                self.send_header("content-length", str(len(text)))
                self.end_headers()
                self.wfile.write(text)

            do_POST = do_GET

            def log_message(self, *_: object) -> None:
                pass

        self.arrived = arrived
        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.server.server_port}/v1"
        Thread(target=self.server.serve_forever, daemon=True).start()

    def client(self, **options: Any) -> Any:
        return payglot.Tokens(base_url=self.url, **CREDENTIALS | options)


def play(case: dict[str, Any]) -> None:
    server = Server(case["responses"])
    with server.client() as client:
        for step in case["calls"]:
            resource, method = step["call"].split(".")
            try:
                getattr(getattr(client, resource), method)()
                raised = None
            except payglot.PayglotError as error:
                raised = error
            name = type(raised).__name__ if raised else None
            assert name == step.get("raised"), raised
            if raised is not None:
                assert raised.status == step["status"], raised.status
                assert step["message"] in str(raised), raised
                assert raised.may_have_happened is False
                shown = f"{raised} {raised!r} {raised.body}"
                assert "canary" not in shown, shown
        assert "canary" not in repr(client), client
    assert len(server.arrived) == len(case["arrived"]), server.arrived
    for came, expected in zip(server.arrived, case["arrived"], strict=True):
        for name, value in expected.items():
            assert came.get(name) == value, (name, came.get(name))


def calls_at_once_share_one_fetch() -> None:
    server = Server([GIVEN, {}], wait=0.2)
    with server.client() as client, ThreadPoolExecutor(8) as pool:
        for call in [pool.submit(client.things.read) for _ in range(8)]:
            call.result()
    targets = [came["target"] for came in server.arrived]
    assert targets.count("POST /oauth/token?api=1") == 1, targets
    assert len(targets) == 9, targets


def id_and_secret_come_from_the_environment() -> None:
    server = Server([GIVEN, {}])
    variables = {
        "TOKENS_CLIENT_ID": "id/1",
        "TOKENS_CLIENT_SECRET": "s:canary",
        "TOKENS_BASE_URL": server.url,
    }
    os.environ.update(variables)
    try:
        with payglot.Tokens() as client:
            client.things.read()
    finally:
        for name in variables:
            del os.environ[name]
    assert server.arrived[0]["authorization"] == "Basic aWQlMkYxOnMlM0FjYW5hcnk="


def where_no_host_gives_tokens_nothing_is_sent() -> None:
    server = Server([{}])
    server.server.shutdown()
    server.server.server_close()
    with server.client(max_retries=0) as client:
        try:
            client.things.pay()
        except payglot.APIConnectionError as error:
            assert str(error).count("the call was not sent") == 1, error
            assert error.may_have_happened is False
        else:
            raise AssertionError("was not refused")


def after_a_rotation_no_call_has_the_token_of_the_secret_before() -> None:
    responses = [GIVEN, {}, {"body": {"access_token": "canary-2"}}, {}, {}]
    server = Server([*responses, {"body": {"access_token": "canary-3"}}, {}])
    with TemporaryDirectory() as folder:
        secret = Path(folder, "secret")
        secret.write_text("s:canary\n")
        with server.client(client_secret=secret) as client:
            client.things.pay()
            secret.write_text("t:canary\n")
            client.rotate()
            client.things.pay()
            client.things.read()
            client.rotate(client_secret="u:canary")
            client.things.pay()
    assert [came["authorization"] for came in server.arrived] == [
        "Basic aWQlMkYxOnMlM0FjYW5hcnk=",
        "Bearer canary-1",
        "Basic aWQlMkYxOnQlM0FjYW5hcnk=",
        "Bearer canary-2",
        "Bearer canary-2",
        "Basic aWQlMkYxOnUlM0FjYW5hcnk=",
        "Bearer canary-3",
    ]


def no_log_has_a_token() -> None:
    records: list[str] = []

    class Collecting(logging.Handler):
        def emit(self, record: logging.LogRecord) -> None:
            records.append(self.format(record) + repr(vars(record)))

    logger = logging.getLogger("payglot")
    handler = Collecting()
    logger.addHandler(handler)
    logger.setLevel(logging.DEBUG)
    try:
        with Server([GIVEN, {}]).client() as client:
            client.things.read()
    finally:
        logger.removeHandler(handler)
        logger.setLevel(logging.NOTSET)
    assert records
    assert not [text for text in records if "canary" in text]


def other_http_clients_are_refused() -> None:
    server = Server([{}])
    credentials = {name: CREDENTIALS[name] for name in ("client_id", "client_secret")}
    httpx_auth = HttpxAuth(payglot.Tokens, **credentials)
    requests_auth = RequestsAuth(payglot.Tokens, **credentials)
    for send in (
        lambda: httpx.get(server.url, auth=httpx_auth),
        lambda: requests.get(server.url, auth=requests_auth, timeout=9),
    ):
        try:
            send()
        except payglot.InvalidRequestError as error:
            assert error.argument == "authentication", error
            assert "needs a token" in str(error), error
            assert "canary" not in f"{error} {error!r}", error
        else:
            raise AssertionError("was not refused")
    assert server.arrived == []


def main() -> int:
    cases = json.loads(Path(__file__).with_name("tokens.json").read_text())
    tests = {case["name"]: lambda case=case: play(case) for case in cases}
    for test in (
        calls_at_once_share_one_fetch,
        id_and_secret_come_from_the_environment,
        where_no_host_gives_tokens_nothing_is_sent,
        after_a_rotation_no_call_has_the_token_of_the_secret_before,
        no_log_has_a_token,
        other_http_clients_are_refused,
    ):
        tests[test.__name__.replace("_", " ")] = test
    failed = 0
    for name, test in tests.items():
        try:
            test()
        except Exception as error:  # noqa: BLE001 - all are played, whatever one raises
            print(f"tokens: {name}: {type(error).__name__}: {error}")
            failed += 1
    print(f"tokens: {len(tests)} tests in Python, {failed} failed")
    return min(failed, 1)


if __name__ == "__main__":
    sys.exit(main())

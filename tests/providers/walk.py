"""Walks over the lists of `walks.json` beside each document with the Python package that was generated for it.

Usage: python walk.py PROVIDER..., with the package on the path. Each list is walked twice: by a client and by an asynchronous
one. What arrives, what is read and what is warned of must be what the walk says.
"""

from __future__ import annotations

import asyncio
import json
import logging
import sys
import threading
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from typing import Any

import payglot


class Warnings(logging.Handler):
    def __init__(self) -> None:
        super().__init__(logging.WARNING)
        self.texts: list[str] = []

    def emit(self, record: logging.LogRecord) -> None:
        self.texts.append(record.getMessage())


def serve(responses: list[dict[str, Any]]) -> tuple[HTTPServer, list[str]]:
    """A server with these responses, in their order, that notes what arrives."""
    arrived: list[str] = []

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_GET(self) -> None:
            body = self.rfile.read(int(self.headers.get("content-length", 0))).decode()
            response = (
                responses[len(arrived)]
                if len(arrived) < len(responses)
                else {"status": 500, "body": "{}"}
            )
            key = "" if self.headers.get("x-api-key") == "key-1" else " without the key"
            arrived.append(
                f"{self.command} {self.path}{' ' if body else ''}{body}{key}"
            )
            host = f"http://127.0.0.1:{self.server.server_address[1]}"
            text = response["body"].replace("$HOST", host).encode()
            self.send_response(response.get("status", 200))
            for name, value in response.get("headers", {}).items():
                self.send_header(name, value.replace("$HOST", host))
            self.send_header("content-type", "application/json")
            self.send_header("content-length", str(len(text)))
            self.end_headers()
            self.wfile.write(text)

        do_POST = do_GET

        def log_message(self, *_: object) -> None:
            pass

    server = HTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    return server, arrived


def options(server: HTTPServer) -> dict[str, Any]:
    return {
        "base_url": f"http://127.0.0.1:{server.server_address[1]}/v1",
        "api_key": "key-1",
        "max_retries": 0,
    }


def walk(name: str, case: dict[str, Any], server: HTTPServer, read: list[Any]) -> None:
    resource, method = case["call"].split(".")
    with getattr(payglot, name)(**options(server)) as client:
        first = getattr(getattr(client, resource), method)(
            *case.get("path", []),
            **case.get("params", {}),
            extra_query=case.get("extra_query"),
        )
        assert first.number >= 0 and first.size >= len(first.records), (
            first.number,
            first.size,
        )
        for record in first:
            read.append(record.id)


async def walk_async(
    name: str, case: dict[str, Any], server: HTTPServer, read: list[Any]
) -> None:
    resource, method = case["call"].split(".")
    async with getattr(payglot, "Async" + name)(**options(server)) as client:
        call = getattr(getattr(client, resource), method)(
            *case.get("path", []),
            **case.get("params", {}),
            extra_query=case.get("extra_query"),
        )
        async for page in call.pages():
            read.extend(record.id for record in page.records)


def play(name: str, case: dict[str, Any], *, is_async: bool) -> str | None:
    """What is wrong; none where all is right."""
    server, arrived = serve(case["responses"])
    warnings = Warnings()
    logging.getLogger("payglot").addHandler(warnings)
    read: list[Any] = []
    error = ""
    try:
        if is_async:
            asyncio.run(walk_async(name, case, server, read))
        else:
            walk(name, case, server, read)
    except payglot.PayglotError as raised:
        error = str(raised)
    finally:
        logging.getLogger("payglot").removeHandler(warnings)
        server.shutdown()
        server.server_close()
    if arrived != case["sent"]:
        return f"{arrived} arrived; {error}"
    if read != case["result"]:
        return f"{read} was read; {error}"
    if case.get("error", "") not in error or bool(error) != ("error" in case):
        return f"the error is {error!r}"
    text = " ".join(warnings.texts)
    if case.get("warning", "") not in text or bool(text) != ("warning" in case):
        return f"the warning is {text!r}"
    return None


def main() -> int:
    failed = 0
    for provider in sys.argv[1:]:
        cases = json.loads(
            (Path(__file__).parent / provider / "walks.json").read_text()
        )
        name = "".join(part.capitalize() for part in provider.split("-"))
        for case in cases:
            for is_async in (False, True):
                if problem := play(name, case, is_async=is_async):
                    print(
                        f"{provider}: {case['name']}{' (async)' if is_async else ''}: {problem}"
                    )
                    failed += 1
        print(f"{provider}: {len(cases)} walks in Python, {failed} failed")
        failed += not cases
    return min(failed, 1)


if __name__ == "__main__":
    sys.exit(main())

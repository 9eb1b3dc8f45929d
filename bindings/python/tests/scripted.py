"""A small HTTP server with scripted responses, which keeps the bytes that arrived."""

from __future__ import annotations

import json
import socket
import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qsl, urlsplit


@dataclass(frozen=True)
class Request:
    """A request as it arrived."""

    method: str
    target: str
    headers: dict[str, str]
    body: bytes
    # Port of the connection at the client's end.
    peer: int

    @property
    def path(self) -> str:
        return urlsplit(self.target).path

    @property
    def query(self) -> dict[str, str]:
        return dict(parse_qsl(urlsplit(self.target).query, keep_blank_values=True))

    @property
    def json(self) -> Any:
        return json.loads(self.body)


@dataclass(frozen=True)
class Reply:
    """A response to give; a list is a header that comes several times."""

    status: int = 200
    body: bytes | str = b"{}"
    headers: Mapping[str, str | list[str]] = field(default_factory=dict)


class Drop:
    """Close the connection without a response."""


class Hang:
    """Never respond."""


Script = Reply | Drop | Hang | Callable[[Request], Reply | Drop | Hang]


def data(value: Any, **envelope: Any) -> Reply:
    """An envelope with a payload; text is taken as JSON as it is."""
    payload = value if isinstance(value, str) else json.dumps(value)
    around = {"success": True, "message": "ok", "status_code": 200, **envelope}
    return Reply(200, json.dumps(around)[:-1] + f', "data": {payload}}}')


def records(items: list[Any], total: int | None = None) -> Reply:
    """An envelope with a list."""
    around: dict[str, Any] = {"success": True, "message": "ok", "records": items}
    if total is not None:
        around["totalRecords"] = total
    return Reply(200, json.dumps(around))


class Server:
    """Give it `script` (the last entry repeats), read `requests`."""

    def __init__(self) -> None:
        self.script: list[Script] = [Reply()]
        self.requests: list[Request] = []
        self._lock = threading.Lock()
        self._closing = threading.Event()
        outer = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def handle_any(self) -> None:
                length = int(self.headers.get("content-length") or 0)
                headers = {name.lower(): value for name, value in self.headers.items()}
                body = self.rfile.read(length)
                outer._answer(self, Request(self.command, self.path, headers, body, self.client_address[1]))

            do_GET = do_POST = do_PUT = do_PATCH = do_DELETE = handle_any

            def log_message(self, *args: object) -> None:
                pass

        class QuietServer(ThreadingHTTPServer):
            daemon_threads = True
            request_queue_size = 128

            def handle_error(self, *args: object) -> None:
                pass

        self._http = QuietServer(("127.0.0.1", 0), Handler)
        threading.Thread(target=self._http.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True).start()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self._http.server_port}"

    def play(self, *script: Script) -> Server:
        """Answer with these, one after the other; the last one repeats."""
        self.script = list(script)
        self.requests.clear()
        return self

    def _answer(self, handler: BaseHTTPRequestHandler, request: Request) -> None:
        with self._lock:
            self.requests.append(request)
            step = self.script[min(len(self.requests), len(self.script)) - 1]
        reply = step if isinstance(step, (Reply, Drop, Hang)) else step(request)
        if isinstance(reply, Hang):
            self._closing.wait(30)
        if not isinstance(reply, Reply):
            handler.close_connection = True
            handler.connection.shutdown(socket.SHUT_RDWR)
            return
        body = reply.body.encode() if isinstance(reply.body, str) else reply.body
        handler.send_response(reply.status)
        for name, value in {"content-length": str(len(body)), **reply.headers}.items():
            for one in [value] if isinstance(value, str) else value:
                handler.send_header(name, one)
        handler.end_headers()
        handler.wfile.write(body)

    def close(self) -> None:
        self._closing.set()
        self._http.shutdown()
        self._http.server_close()

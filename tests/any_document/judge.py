"""Judges the Python and Node clients of a document: what arrives of each call, and what is read of each response.

Usage: python judge.py FOLDER NAME PYTHON_PACKAGE NODE_PACKAGE. FOLDER has the document with its overlay applied, `document.json`, and the
provider's configuration; the judgement goes to `judgement.json` there. An operation is right in a language only where what
arrived is what the document means, and the response was read.
"""

from __future__ import annotations

import base64
import json
import os
import subprocess
import sys
import threading
import tomllib
from decimal import Decimal
from email.parser import BytesParser
from email.policy import HTTP
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import quote, unquote, unquote_plus

from plan import Planner
from values import BYTES

Json = Any
HERE = Path(__file__).parent


def secrets(config: dict[str, Json]) -> dict[str, str]:
    return {
        one["name"]: f"value-of-{one['name']}" for one in config.get("credentials", [])
    }


def headers_of(auth: Json) -> set[str]:
    """The headers that a configuration sets."""
    found = {name.lower() for name in auth.get("headers", {})}
    for scheme in auth.get("schemes", {}).values():
        found |= headers_of(scheme)
    return found


class Server:
    """Responds to each call as its plan says, and keeps what arrived.

    It gives tokens to clients that ask for them at one of `token_paths` with their `credentials`. The first token runs out
    at once, so that the second call needs another, and the first read that comes with a later one is refused once.
    """

    def __init__(
        self,
        calls: list[dict[str, Json]],
        token_paths: set[str],
        credentials: dict[str, str],
    ) -> None:
        self.calls = {str(call["id"]): call for call in calls}
        self.token_paths = token_paths
        self.credentials = set(credentials.values())
        self.tokens: list[str] = []
        self.refused: str | None = None
        self.problems: list[str] = []
        self.arrived: dict[str, list[dict[str, Json]]] = {}
        outer = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def respond(self) -> None:
                outer.respond(self)

            do_GET = do_PUT = do_POST = do_DELETE = do_PATCH = do_HEAD = do_OPTIONS = (
                respond
            )

            def log_message(self, *_: object) -> None:
                pass

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.server.daemon_threads = True
        self.url = f"http://127.0.0.1:{self.server.server_address[1]}"
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    def respond(self, handler: BaseHTTPRequestHandler) -> None:
        body = self.body(handler)
        call = self.calls.get(handler.headers.get("x-call", ""))
        if call is None:
            self.give_token(handler, body)
            return
        headers = [(name.lower(), value) for name, value in handler.headers.items()]
        arrived = {
            "method": handler.command,
            "target": handler.path,
            "headers": headers,
            "body": body,
        }
        self.arrived.setdefault(str(call["id"]), []).append(arrived)
        token = arrived["token"] = self.tokens[-1] if self.tokens else None
        is_second = len(self.tokens) > 1 and self.refused is None
        if is_second and token and handler.command == "GET" and call["wants_token"]:
            self.refused = str(call["id"])
            self.send(handler, 401, "application/json", b"{}")
            return
        response = call["response"]
        self.send(
            handler,
            response["status"],
            response["media_type"],
            written(response["body"]),
        )

    def give_token(self, handler: BaseHTTPRequestHandler, body: bytes) -> None:
        """A token for a client that asks as RFC 6749 says."""
        form = dict(
            map(unquote_plus, pair.partition("=")[::2])
            for pair in body.decode().split("&")
        )
        basic = handler.headers.get("authorization", "").removeprefix("Basic ")
        pair = base64.b64decode(basic.encode()).decode().split(":")
        named = {unquote_plus(one) for one in pair if one} or {
            form.get("client_id", ""),
            form.get("client_secret", ""),
        }
        is_right = (
            handler.command == "POST"
            and handler.path.partition("?")[0] in self.token_paths
            and form.get("grant_type") == "client_credentials"
            and len(named) == 2
            and named <= self.credentials
        )
        if not is_right:
            self.problems.append(
                f"{handler.command} {handler.path} is no call, and asks for no token"
            )
            self.send(handler, 400, "application/json", b'{"error":"invalid_request"}')
            return
        self.tokens.append(f"token-{len(self.tokens) + 1}")
        token = {
            "access_token": self.tokens[-1],
            "token_type": "Bearer",
            "expires_in": 3600 if len(self.tokens) > 1 else 0,
        }
        self.send(handler, 200, "application/json", json.dumps(token).encode())

    def wrong_tokens(self) -> list[str]:
        """What is wrong with how tokens were asked for."""
        wants = sum(call["wants_token"] for call in self.calls.values())
        problems = list(dict.fromkeys(self.problems))
        if wants > 1 and len(self.tokens) < 2:
            problems.append("no other token was fetched before it ran out")
        if self.refused is not None and len(self.tokens) < 3:
            problems.append("no other token was fetched after a 401")
        return problems

    @staticmethod
    def body(handler: BaseHTTPRequestHandler) -> bytes:
        if "chunked" not in handler.headers.get("transfer-encoding", ""):
            return handler.rfile.read(int(handler.headers.get("content-length", 0)))
        whole = b""
        while size := int(handler.rfile.readline(), 16):
            whole += handler.rfile.read(size)
            handler.rfile.readline()
        handler.rfile.readline()
        return whole

    @staticmethod
    def send(
        handler: BaseHTTPRequestHandler,
        status: int,
        media_type: str | None,
        body: bytes,
    ) -> None:
        handler.send_response(status)
        if media_type is not None:
            handler.send_header("content-type", media_type)
        if status not in (204, 304):
            handler.send_header("content-length", str(len(body)))
        handler.end_headers()
        if handler.command != "HEAD" and status not in (204, 304):
            handler.wfile.write(body)


def written(body: Json) -> bytes:
    """A response's body as bytes."""
    if body is None:
        return b""
    if "json" in body:
        return json.dumps(body["json"], ensure_ascii=False).encode()
    if "text" in body:
        return body["text"].encode()
    if "bytes" in body:
        return base64.b64decode(body["bytes"])
    lines = ""
    for event in body["events"]:
        for name, value in event.items():
            text = json.dumps(value) if name == "data" else str(value)
            lines += f"{name}: {text}\n"
        lines += "\n"
    return lines.encode()


def same(expected: Json, got: Json) -> bool:
    """Whether a value was read as it was sent; numbers by their value, as text or not."""
    if isinstance(got, dict) and set(got) == {"$number"}:
        got = Decimal(got["$number"])
    if isinstance(expected, bool) or isinstance(got, bool):
        return expected is got
    if isinstance(expected, (int, float, Decimal)):
        try:
            return got is not None and Decimal(str(expected)) == Decimal(str(got))
        except ArithmeticError:
            return False
    if isinstance(expected, dict):
        if set(expected) == {BYTES}:
            return got == expected[BYTES]
        return (
            isinstance(got, dict)
            and all(same(value, got.get(name)) for name, value in expected.items())
            and set(got) <= set(expected)
        )
    if isinstance(expected, list):
        return (
            isinstance(got, list)
            and len(expected) == len(got)
            and all(map(same, expected, got))
        )
    return bool(expected == got)


def wrong_target(sent: Json, arrived: Json) -> str | None:
    path, _, query = arrived["target"].partition("?")
    template = sent["template"]
    for name, value in sent["steps"].items():
        template = template.replace("{" + name + "}", quote(value, safe=""))
    if arrived["method"] != sent["method"] or (
        path != template and unquote(path) != unquote(template)
    ):
        return f"{arrived['method']} {path} arrived"
    pairs = [
        tuple(map(unquote_plus, pair.partition("=")[::2]))
        for pair in query.split("&")
        if pair
    ]
    arrived["pairs"] = [list(pair) for pair in pairs]
    return None


def wrong_query(sent: Json, arrived: Json, keys: set[str]) -> str | None:
    pairs = [
        pair
        for pair in arrived["pairs"]
        if pair[0] not in keys or pair in sent["query"]
    ]
    return None if same_pairs(sent["query"], pairs) else f"the query is {pairs}"


def wrong_headers(call: Json, arrived: Json) -> str | None:
    headers = dict(arrived["headers"])
    for name, value in call["sent"]["headers"].items():
        got = (
            headers.get(name, "")
            .encode("latin-1", "replace")
            .decode("utf-8", "replace")
        )
        if got != value:
            return f"the header {name} is {got!r}"
    cookies = dict(
        pair.strip().partition("=")[::2]
        for pair in headers.get("cookie", "").split(";")
    )
    for name, value in call["sent"]["cookies"].items():
        if unquote(cookies.get(name, "")) != value:
            return f"the cookie {name} is {cookies.get(name)!r}"
    if call["is_keyed"] and "idempotency-key" not in headers:
        return "no key for repetitions"
    return None


def is_authenticated(combination: list[Json], arrived: Json, known: set[str]) -> bool:
    headers = dict(arrived["headers"])
    cookies = dict(
        pair.strip().partition("=")[::2]
        for pair in headers.get("cookie", "").split(";")
    )
    for kind, where, name in combination:
        if kind == "key":
            found = {
                "header": headers.get(name.lower()),
                "cookie": cookies.get(name),
            }.get(where)
            if where == "query":
                found = dict(map(tuple, arrived["pairs"])).get(name)
            if found not in known:
                return False
        elif kind == "basic":
            pair = headers.get("authorization", "").removeprefix("Basic ")
            if set(base64.b64decode(pair.encode()).decode().split(":")) - known:
                return False
        elif kind == "token":
            if headers.get("authorization") != f"Bearer {arrived['token']}":
                return False
        elif headers.get("authorization", "").removeprefix("Bearer ") not in known:
            return False
    return True


def wrong_body(sent: Json, arrived: Json) -> str | None:
    body, expected = arrived["body"], sent["body"]
    if sent["media_type"] is None or (not body and expected in ({}, [], None)):
        return None if not body else "a body arrived"
    kind = dict(arrived["headers"]).get("content-type", "")
    if kind.split(";")[0].strip() != sent["media_type"].split(";")[0].strip():
        return f"the content type is {kind!r}"
    if sent["form"] == "json":
        try:
            got = json.loads(body, parse_float=Decimal)
        except ValueError:
            return "the body is no JSON"
        return None if same(expected, got) else f"the body is {body.decode()[:300]}"
    if sent["form"] == "form":
        pairs = [
            list(map(unquote_plus, pair.partition("=")[::2]))
            for pair in body.decode().split("&")
            if pair
        ]
        return None if same_pairs(expected, pairs) else f"the form is {pairs}"
    if sent["form"] == "multipart":
        return wrong_parts(expected if isinstance(expected, dict) else {}, kind, body)
    text = expected.get(BYTES, "") if isinstance(expected, dict) else str(expected)
    return None if body == text.encode() else f"{len(body)} bytes arrived"


def same_pairs(expected: list[Json], pairs: list[Json]) -> bool:
    """Whether a form has these pairs; order counts among those of one name alone."""
    if sorted(name for name, _ in expected) != sorted(name for name, _ in pairs):
        return False
    for (_, wanted), (_, got) in zip(
        sorted(expected, key=lambda pair: pair[0]),
        sorted(pairs, key=lambda pair: pair[0]),
        strict=True,
    ):
        if isinstance(wanted, dict) and "$json" in wanted:
            if not same(wanted["$json"], json.loads(got, parse_float=Decimal)):
                return False
        elif wanted != got:
            return False
    return True


def wrong_parts(expected: dict[str, Json], kind: str, body: bytes) -> str | None:
    message = BytesParser(policy=HTTP).parsebytes(
        b"content-type: " + kind.encode() + b"\r\n\r\n" + body
    )
    parts = [
        (part.get_param("name", header="content-disposition"), part)
        for part in message.iter_parts()
    ]
    wanted = [
        (name, one)
        for name, value in expected.items()
        for one in (value if isinstance(value, list) else [value])
    ]
    if sorted(str(name) for name, _ in parts) != sorted(name for name, _ in wanted):
        return f"the parts are {[name for name, _ in parts]}"
    for name, value in wanted:
        position = next(at for at, (known, _) in enumerate(parts) if known == name)
        _, part = parts.pop(position)
        got = part.get_payload(decode=True) or b""
        if isinstance(value, dict) and set(value) == {BYTES}:
            if got != value[BYTES].encode() or not part.get_filename():
                return f"the file {name} is {got!r} named {part.get_filename()!r}"
        elif isinstance(value, dict):
            if not same(value, json.loads(got, parse_float=Decimal)):
                return f"the part {name} is {got!r}"
        elif got.decode() != Planner.plain(value):
            return f"the part {name} is {got!r}"
    return None


def wrong_read(call: Json, result: Json) -> str | None:
    expected, got = call["read"], result["read"]
    if expected is None or call["sent"]["method"] == "HEAD":
        return None
    if "json" in expected:
        value = expected["json"]
        records = (
            (call["paging"] or {}).get("records")
            if isinstance(call["paging"], dict)
            else None
        )
        for step in records.split(".") if records else ():
            value = value[step]
        return None if same(value, got) else f"{json.dumps(got)[:300]} was read"
    if "text" in expected:
        return None if got == expected["text"] else f"{got!r} was read"
    if "bytes" in expected:
        return None if got == {"$base64": expected["bytes"]} else f"{got!r} was read"
    is_right = isinstance(got, dict) and same(expected["events"], got.get("$events"))
    return None if is_right else f"{json.dumps(got)[:300]} was read"


def wrong(
    call: Json, result: Json, all_arrived: list[Json], known: set[str], times: int
) -> str | None:
    """What is wrong with a call that goes out at most `times`; none where all is right."""
    if not all_arrived:
        return result.get("error", "nothing arrived")
    if len(all_arrived) > times:
        return f"{len(all_arrived)} requests arrived"
    arrived, sent = all_arrived[-1], call["sent"]
    keys = {
        name
        for combination in call["security"]
        for kind, where, name in combination
        if where == "query"
    }
    problem = wrong_target(sent, arrived) or wrong_query(sent, arrived, keys)
    problem = problem or wrong_headers(call, arrived) or wrong_body(sent, arrived)
    if problem:
        return problem
    # Of several schemes the client takes one that it has keys for.
    if call["security"] and not any(
        is_authenticated(one, arrived, known) for one in call["security"]
    ):
        return "it is not authenticated as the document says"
    return result["error"] if "error" in result else wrong_read(call, result)


def main() -> int:
    folder, name, python_package, node_package = Path(sys.argv[1]), *sys.argv[2:5]
    document = json.loads((folder / f"{name}.json").read_text())
    config = tomllib.loads((folder / "openapi" / name / "provider.toml").read_text())
    planner = Planner(document, headers_of(config["auth"]))
    calls = planner.calls()
    operations = {call["operation"] for call in calls}
    judgement: dict[str, Json] = {
        "operations": len(operations),
        "streams": sum("events" in (call["read"] or {}) for call in calls),
    }
    credentials = secrets(config)
    for language in ("python", "node"):
        server = Server(calls, planner.token_paths(), credentials)
        plan = {
            "calls": calls,
            "class": config["class"],
            "credentials": credentials,
            "base_url": server.url + planner.base_path,
        }
        plan_file, results_file = (
            folder / f"{name}.plan.json",
            folder / f"{name}.{language}.json",
        )
        plan_file.write_text(json.dumps(plan))
        if language == "python":
            command = [
                sys.executable,
                str(HERE / "play.py"),
                str(plan_file),
                str(results_file),
            ]
        else:
            forms = str(folder / f"{name}.python.json")
            command = [
                "node",
                str(HERE / "play.mjs"),
                node_package,
                str(plan_file),
                str(results_file),
                forms,
            ]
        environment = {
            **os.environ,
            "PYTHONPATH": python_package,
            "PYTHONDONTWRITEBYTECODE": "1",
        }
        subprocess.run(command, check=True, env=environment)
        results = json.loads(results_file.read_text())
        problems = []
        for call in calls:
            key = str(call["id"])
            problem = wrong(
                call,
                results[key],
                server.arrived.get(key, []),
                set(credentials.values()),
                2 if server.refused == key else 1,
            )
            if problem:
                problems.append(
                    {
                        "operation": call["method"],
                        "of": call["operation"],
                        "what": call["what"],
                        "problem": problem,
                    }
                )
        server.server.shutdown()
        wrong_ones = {problem["of"] for problem in problems}
        problems += [
            {"operation": "", "of": "", "what": "tokens", "problem": problem}
            for problem in server.wrong_tokens()
        ]
        judgement[language] = {
            "right": len(operations - wrong_ones),
            "tokens": len(server.tokens),
            "wrong": problems,
        }
    (folder / f"{name}.judgement.json").write_text(
        json.dumps(judgement, indent=1, ensure_ascii=False)
    )
    return 0


if __name__ == "__main__":
    sys.exit(main())

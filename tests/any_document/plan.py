"""What each operation of a document should send, and what a client should read: computed from the document alone.

An overlay has been applied to the document: it names the operations, and says what is left out and how lists are paged.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import Any
from urllib.parse import unquote_plus, urljoin, urlsplit

from values import BYTES, Values

Json = Any
METHODS = ("get", "put", "post", "delete", "patch", "head", "options")
OWN_HEADERS = {
    "accept",
    "accept-encoding",
    "authorization",
    "connection",
    "content-length",
    "content-type",
    "host",
    "transfer-encoding",
    "user-agent",
    "idempotency-key",
}
FORM = "application/x-www-form-urlencoded"
MULTIPART = "multipart/form-data"


def is_json(kind: str) -> bool:
    kind = kind.split(";")[0].strip().lower()
    return kind in ("application/json", "*/*") or kind.endswith("+json")


class Planner:
    """Plans the calls of one document."""

    def __init__(self, document: dict[str, Json], own_headers: set[str]) -> None:
        self.document = document
        self.values = Values(document)
        # Headers that the client's configuration sets.
        self.own_headers = own_headers | OWN_HEADERS
        servers = document.get("servers") or [{"url": ""}]
        self.base_path = self.path_of(servers[0])

    @staticmethod
    def path_of(server: dict[str, Json]) -> str:
        url = server["url"]
        for name, variable in (server.get("variables") or {}).items():
            url = url.replace("{" + name + "}", str(variable.get("default", "")))
        return urlsplit(url).path.rstrip("/")

    def calls(self) -> list[dict[str, Json]]:
        found: list[dict[str, Json]] = []
        named = {
            operation["x-payglot-name"]: (path, method, item, operation)
            for path, method, item, operation in self.operations()
        }
        for name, said in named.items():
            call = self.call(*said)
            found.append({"id": len(found), "method": name, **call})
            # A call that returns JSON has a method beside it that returns the events.
            if call["events"] is not None and "events" not in (call["read"] or {}):
                sibling = f"{name}_stream"
                sibling = f"{name}_as_stream" if sibling in named else sibling
                call = {**call, **call["events"], "paging": None}
                found.append({"id": len(found), "method": sibling, **call})
        return found

    def operations(self) -> Iterator[tuple[str, str, Json, Json]]:
        """Path, method, path item and operation of each that has a name."""
        for path, item in self.document["paths"].items():
            item = self.values.resolve(item)
            for method in METHODS:
                operation = item.get(method) if isinstance(item, dict) else None
                if isinstance(operation, dict) and "x-payglot-name" in operation:
                    yield path, method, item, operation

    def call(
        self, path: str, method: str, item: Json, operation: Json
    ) -> dict[str, Json]:
        given: list[dict[str, Json]] = []
        positional: list[str] = []
        query: list[list[Json]] = []
        headers: dict[str, str] = {}
        cookies: dict[str, str] = {}
        steps: dict[str, str] = {}
        # What stands behind `#` tells paths apart and is not sent; what stands behind `?` is sent as it is.
        path, _, own = path.partition("#")[0].partition("?")
        query.extend(
            list(map(unquote_plus, pair.partition("=")[::2]))
            for pair in own.split("&")
            if pair
        )
        for parameter in self.parameters(item, operation):
            name, where = parameter["name"], parameter["in"]
            content = parameter.get("content")
            schema = parameter.get("schema") or (
                next(iter(content.values())).get("schema", {}) if content else {}
            )
            if where == "header" and name.lower() in self.own_headers:
                continue
            value = self.values.value(schema, sent=True, depth=2)
            if where == "path":
                steps[name] = self.plain(value)
                continue
            given.append({"in": where, "wire": name, "value": value})
            if where == "query" and is_json(next(iter(content or {}), "")):
                query.append([name, {"$json": value}])
            elif where == "query":
                query.extend(self.pairs(parameter, name, value))
            elif where == "header":
                headers[name.lower()] = (
                    ",".join(map(self.plain, value))
                    if isinstance(value, list)
                    else self.plain(value)
                )
            else:
                cookies[name] = self.plain(value)
        for name in re.findall(r"\{([^}]*)\}", path):
            if name in steps:
                positional.append(steps[name])
        server = (operation.get("servers") or item.get("servers") or [None])[0]
        target = re.sub(
            r"\{([^}]*)\}", lambda found: steps.get(found[1], found[0]), path
        )
        body, arguments = self.body(operation)
        security = self.security(operation)
        # What stands between a path and its parameters is a separator of steps: each step is compared by itself.
        return {
            "operation": operation["x-payglot-name"],
            "what": f"{method.upper()} {path}",
            "events": self.events(operation),
            "path": positional,
            "given": [*given, *arguments],
            "sent": {
                "method": method.upper(),
                "template": (self.path_of(server) if server else self.base_path) + path,
                "steps": steps,
                "target": target,
                "query": query,
                "headers": headers,
                "cookies": cookies,
                **body,
            },
            "security": security,
            "wants_token": any(
                kind == "token" for one in security[:1] for kind, *_ in one
            ),
            "paging": operation.get("x-payglot-paging"),
            "is_keyed": operation.get("x-payglot-replay") == "keyed",
            **self.response(operation),
        }

    def parameters(self, item: Json, operation: Json) -> list[Json]:
        found: dict[tuple[str, str], Json] = {}
        for parameter in [
            *(item.get("parameters") or []),
            *(operation.get("parameters") or []),
        ]:
            parameter = self.values.resolve(parameter)
            found[parameter["in"], parameter["name"]] = parameter
        return list(found.values())

    @staticmethod
    def plain(value: Json) -> str:
        return (
            {True: "true", False: "false"}[value]
            if isinstance(value, bool)
            else str(value)
        )

    def pairs(self, parameter: Json, name: str, value: Json) -> list[list[str]]:
        """The pairs of a query parameter, before they are encoded."""
        style = parameter.get("style", "form")
        explode = parameter.get("explode", style == "form")
        if isinstance(value, dict):
            if style == "deepObject":
                return self.deep(name, value)
            if explode:
                return [
                    [key, self.plain(one)]
                    for key, inner in value.items()
                    for one in (inner if isinstance(inner, list) else [inner])
                ]
            value = [one for pair in value.items() for one in pair]
        if not isinstance(value, list):
            return [[name, self.plain(value)]]
        if explode and style != "deepObject":
            return [[name, self.plain(one)] for one in value]
        delimiter = {"spaceDelimited": " ", "pipeDelimited": "|"}.get(style, ",")
        return [[name, delimiter.join(map(self.plain, value))]]

    def deep(self, name: str, value: Json) -> list[list[str]]:
        pairs = []
        for key, inner in value.items():
            for one in inner if isinstance(inner, list) else [inner]:
                at = f"{name}[{key}]"
                pairs.extend(
                    self.deep(at, one)
                    if isinstance(one, dict)
                    else [[at, self.plain(one)]]
                )
        return pairs

    def body(self, operation: Json) -> tuple[dict[str, Json], list[Json]]:
        """The body that should arrive, and the arguments that make it."""
        none: tuple[dict[str, Json], list[Json]] = (
            {"media_type": None, "body": None},
            [],
        )
        content = (
            self.values.resolve(operation.get("requestBody") or {}).get("content") or {}
        )
        kinds = list(content)
        chosen = next((kind for kind in ("application/json",) if kind in content), None)
        chosen = chosen or next(filter(is_json, kinds), None)
        chosen = (
            chosen
            or next((kind for kind in kinds if kind in (FORM, MULTIPART)), None)
            or next(iter(kinds), None)
        )
        # A client with files takes the form that has them.
        parts = (content.get(MULTIPART) or {}).get("schema", {})
        if MULTIPART in content and BYTES in json.dumps(
            self.values.value(parts, sent=True)
        ):
            chosen = MULTIPART
        if chosen is None:
            return none
        media = content[chosen] or {}
        schema = media.get("schema", {})
        value = self.values.value(schema, sent=True)
        is_free = not self.values.merged(schema).get("properties")
        # A base and what extends it are alternatives.
        is_free = is_free or self.values.heir(self.values.resolve(schema)) is not None
        form = (
            "json"
            if is_json(chosen)
            else {FORM: "form", MULTIPART: "multipart"}.get(chosen, "bytes")
        )
        sent = {
            "media_type": chosen if chosen != "*/*" else "application/json",
            "form": form,
            "body": value,
        }
        if form == "bytes":
            value = (
                value
                if isinstance(value, dict) and BYTES in value
                else {BYTES: "te xt"}
            )
            return {**sent, "body": value}, [
                {"in": "body", "wire": "body", "value": value, "is_whole": True}
            ]
        if form == "form":
            sent["body"] = self.form(media, value if isinstance(value, dict) else {})
        if isinstance(value, dict) and not is_free:
            return sent, [
                {"in": "body", "wire": name, "value": one}
                for name, one in value.items()
            ]
        return sent, [{"in": "body", "wire": "body", "value": value, "is_whole": True}]

    def form(self, media: Json, value: dict[str, Json]) -> list[list[str]]:
        pairs: list[list[str]] = []
        for name, one in value.items():
            encoding = (media.get("encoding") or {}).get(name) or {}
            if isinstance(one, dict) and encoding.get("style") != "deepObject":
                pairs.append([name, {"$json": one}])  # type: ignore[list-item]
            elif isinstance(one, list) and any(isinstance(item, dict) for item in one):
                pairs.extend([name, {"$json": item}] for item in one)  # type: ignore[misc]
            else:
                pairs.extend(self.pairs(encoding, name, one))
        return pairs

    def security(self, operation: Json) -> list[list[Json]]:
        """Combinations of schemes, each as `[kind, where, name]`."""
        said = operation.get("security", self.document.get("security"))
        schemes = (self.document.get("components") or {}).get("securitySchemes") or {}
        found = []
        for requirement in said or []:
            combination = []
            for name in requirement:
                scheme = self.values.resolve(schemes.get(name) or {})
                kind = scheme.get("type")
                if kind == "apiKey":
                    combination.append(["key", scheme["in"], scheme["name"]])
                elif kind == "oauth2" and self.token_path(scheme):
                    combination.append(["token", "header", "authorization"])
                elif kind == "http" and scheme.get("scheme", "").lower() == "basic":
                    combination.append(["basic", "header", "authorization"])
                else:
                    combination.append(["bearer", "header", "authorization"])
            found.append(combination)
        return found

    def token_path(self, scheme: Json) -> str:
        """Where a client gets its tokens by itself; empty where a caller brings them."""
        flow = (scheme.get("flows") or {}).get("clientCredentials") or {}
        server = (self.document.get("servers") or [{"url": ""}])[0]["url"]
        url = urlsplit(urljoin(server.rstrip("/") + "/", flow.get("tokenUrl") or ""))
        return url.path if flow.get("tokenUrl") and url.scheme == "https" else ""

    def token_paths(self) -> set[str]:
        schemes = (self.document.get("components") or {}).get("securitySchemes") or {}
        found = {self.token_path(self.values.resolve(one)) for one in schemes.values()}
        return found - {""}

    def events(self, operation: Json) -> dict[str, Json] | None:
        """The response with server-sent events, where there is one, and what is read of it."""
        for status, response in (operation.get("responses") or {}).items():
            content = self.values.resolve(response).get("content") or {}
            for kind, media in content.items():
                if status.startswith("2") and kind.startswith("text/event-stream"):
                    value = self.values.value(
                        (media or {}).get("schema", {}), sent=False
                    )
                    # A schema can be that of the whole event, as in OpenAPI 3.2, or that of its data.
                    is_whole = (
                        isinstance(value, dict)
                        and len(value) > 1
                        and {"data"} <= set(value) <= {"data", "event", "id", "retry"}
                    )
                    event = value if is_whole else {"data": value}
                    sent = {"events": [event, event]}
                    read = {"events": [event["data"], event["data"]]}
                    number = int(status) if status.isdigit() else 200
                    return {
                        "response": {
                            "status": number,
                            "body": sent,
                            "media_type": kind,
                        },
                        "read": read,
                    }
        return None

    def response(self, operation: Json) -> dict[str, Json]:
        """The response that the server gives, and what a client should read of it."""
        successes = [
            (status, self.values.resolve(response))
            for status, response in (operation.get("responses") or {}).items()
            if status.startswith("2")
        ]
        filled = [
            (status, response)
            for status, response in successes
            if response.get("content")
        ]
        status, response = (filled or successes or [("200", {})])[0]
        number = int(status) if status.isdigit() else 200
        content = response.get("content") or {}
        kind = next((kind for kind in content if kind == "application/json"), None)
        kind = kind or next(filter(is_json, content), None) or next(iter(content), None)
        # HTTP has no body there, whatever a document says.
        if kind is None or number in (204, 205):
            return {
                "response": {"status": number, "body": None, "media_type": None},
                "read": None,
            }
        schema = (content[kind] or {}).get("schema", {})
        if is_json(kind):
            value = self.values.value(schema, sent=False)
            kind = "application/json" if "*" in kind else kind
            return {
                "response": {
                    "status": number,
                    "body": {"json": value},
                    "media_type": kind,
                },
                "read": {"json": value},
            }
        if kind.startswith("text/event-stream"):
            return self.events(operation) or {}
        if kind.startswith("text/") or kind.endswith(("/yaml", "/x-yaml")):
            return {
                "response": {
                    "status": number,
                    "body": {"text": "a,b\n1,ü\n"},
                    "media_type": kind,
                },
                "read": {"text": "a,b\n1,ü\n"},
            }
        kind = "application/octet-stream" if "*" in kind else kind
        return {
            "response": {
                "status": number,
                "body": {"bytes": "AAH/AGJ5dGVz"},
                "media_type": kind,
            },
            "read": {"bytes": "AAH/AGJ5dGVz"},
        }

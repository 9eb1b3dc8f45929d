"""Plays the cases beside each document with the Python package that was generated for it.

Usage: python play.py PROVIDER..., with the package on the path. What arrives must be what the case says, byte for byte.
"""

from __future__ import annotations

import json
import re
import socket
import sys
import threading
from decimal import Decimal
from pathlib import Path
from queue import Empty, Queue
from typing import Any

import payglot
from files import expected as expected_of
from files import given as with_files


class Recorder:
    """A server that keeps each request as it came, and responds as it is told."""

    def __init__(self, response: dict[str, Any]) -> None:
        body = response.get("body", "{}").encode()
        if "hex" in response:
            body = bytes.fromhex(response["hex"])
        headers = {"content-type": "application/json"} | response.get("headers", {})
        lines = [
            f"HTTP/1.1 {response.get('status', 200)} Response",
            f"content-length: {len(body)}",
            "connection: close",
        ]
        lines += [f"{name}: {value}" for name, value in headers.items()]
        self.response = "\r\n".join([*lines, "", ""]).encode() + body
        self.arrived: Queue[tuple[str, list[tuple[str, str]], bytes]] = Queue()
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.url = f"http://127.0.0.1:{self.listener.getsockname()[1]}"
        threading.Thread(target=self.serve, daemon=True).start()

    def serve(self) -> None:
        while True:
            try:
                connection, _ = self.listener.accept()
            except OSError:
                return
            with connection, connection.makefile("rb") as stream:
                line = stream.readline().decode().strip()
                headers = []
                while text := stream.readline().decode().strip():
                    name, value = (
                        text.split(": ", 1) if ": " in text else (text.rstrip(":"), "")
                    )
                    headers.append((name.lower(), value))
                length = int(dict(headers).get("content-length", "0"))
                self.arrived.put(
                    (line.removesuffix(" HTTP/1.1"), headers, stream.read(length))
                )
                connection.sendall(self.response)


def call(provider: str, case: dict[str, Any], url: str) -> Any:
    client_class = getattr(
        payglot, "".join(part.capitalize() for part in re.split("[-_]", provider))
    )
    with client_class(
        base_url=url + case.get("base_path", ""), **case.get("credentials", {})
    ) as client:
        resource, method = case["call"].split(".")
        raw = getattr(getattr(client.with_raw_response, resource), method)
        params = case.get("python", case.get("params", {}))
        if "floats" in case:
            params = json.loads(json.dumps(params, default=float))
        given = with_files(params)
        if "read" in case:
            read = getattr(getattr(client, resource), method)(
                *case.get("path", []), **given
            )
            visible = [text for text in case.get("hidden", []) if text in repr(read)]
            others = {
                name: type(getattr(read, name)).__name__
                for name, expected in case.get("types", {}).items()
                if type(getattr(read, name)).__name__ != expected
            }
            if visible or others:
                return {"shown": visible, "types": others}
            # An amount is a decimal here, with the digits that came.
            return json.loads(json.dumps(read.to_dict(), default=str))
        if "returned" in case:
            plain = shown(
                getattr(getattr(client, resource), method)(
                    *case.get("path", []), **given
                )
            )
            again = with_files(params)
            of_raw = shown(raw(*case.get("path", []), **again).parse())
            return plain if plain == of_raw else {"plain": plain, "raw": of_raw}
        response = raw(*case.get("path", []), **given)
        return json.loads(response.text, parse_float=Decimal) if response.text else None


def shown(value: object) -> Any:
    """What a call returned, with what kind of thing it is."""
    if isinstance(value, bytes):
        return {"hex": value.hex()}
    if isinstance(value, str):
        return {"text": value}
    if isinstance(value, list):
        return [shown(item) for item in value]
    if isinstance(value, payglot._payglot.Model):
        fields = json.loads(json.dumps(value.to_dict(), default=str))
        return {"model": type(value).__name__, "fields": fields}
    return {"json": value}


def play(provider: str, case: dict[str, Any]) -> str | None:
    """What is wrong; none where all is right."""
    recorder = Recorder(case.get("response", {}))
    try:
        result = call(provider, case, recorder.url)
    except payglot.PayglotError as error:
        if "error" in case and case["error"] in str(error) and recorder.arrived.empty():
            return None
        if case.get("raised") == type(error).__name__ and case["message"] in str(error):
            return None
        return f"{type(error).__name__}: {error}"
    finally:
        recorder.listener.close()
    if "error" in case or "raised" in case:
        return "was not refused"
    try:
        line, headers, body = recorder.arrived.get_nowait()
    except Empty:
        return "nothing arrived"
    sent = case["sent"]
    if line != sent["target"]:
        return line
    wanted_headers, wanted_body = expected_of(sent, line, dict(headers))
    for name, expected in wanted_headers.items():
        values = [value for known, value in headers if known == name]
        # A key for repetitions is another each time.
        is_key = expected == "$uuid" and len(values) == 1 and len(values[0]) == 36
        if not is_key and values != ([] if expected is None else [expected]):
            return f"{name}: {values}"
    if body != wanted_body:
        return f"the body {body!r}"
    read = case.get("python_read", case.get("read", case.get("result", result)))
    expected = case.get("returned", read)
    if result != expected:
        return f"{result!r} came back"
    return None


def main() -> int:
    failed = 0
    for provider in sys.argv[1:]:
        text = (Path(__file__).parent / provider / "cases.json").read_text()
        cases = json.loads(text, parse_float=Decimal)
        for case in cases:
            if problem := play(provider, case):
                print(f"{provider}: {case['name']}: {problem}")
                failed += 1
        print(f"{provider}: {len(cases)} cases in Python, {failed} failed")
        failed += not cases
    return min(failed, 1)


if __name__ == "__main__":
    sys.exit(main())

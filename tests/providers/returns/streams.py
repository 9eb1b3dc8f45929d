"""Plays server-sent events and downloads with the Python package that was generated for the document beside it.

Usage: python streams.py, with the package on the path.
"""

from __future__ import annotations

import asyncio
import json
import re
import socket
import sys
import tempfile
import threading
import time
from decimal import Decimal
from pathlib import Path
from typing import Any

import payglot

# It ends after one response and says so, or the next request might go out by a connection that is just closed.
HEAD = b"HTTP/1.1 200 OK\r\nconnection: close\r\ncontent-type: %s\r\n"
CHUNKED = HEAD % b"text/event-stream" + b"transfer-encoding: chunked\r\n\r\n"


class Server:
    """A server that sends each step when it is told to, and notices that the client is gone."""

    def __init__(self, steps: list[bytes | float], head: bytes = CHUNKED) -> None:
        self.steps = steps
        self.head = head
        self.requests: list[bytes] = []
        self.is_gone = threading.Event()
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.url = f"http://127.0.0.1:{self.listener.getsockname()[1]}"
        threading.Thread(target=self.serve, daemon=True).start()

    def serve(self) -> None:
        while True:
            try:
                connection, _ = self.listener.accept()
            except OSError:
                return
            threading.Thread(
                target=self.respond, args=(connection,), daemon=True
            ).start()

    def respond(self, connection: socket.socket) -> None:
        with connection:
            request = b""
            while b"\r\n\r\n" not in request:
                request += connection.recv(65536)
            head, _, body = request.partition(b"\r\n\r\n")
            length = re.search(rb"content-length: (\d+)", head.lower())
            while length and len(body) < int(length[1]):
                body += connection.recv(65536)
            request = head + b"\r\n\r\n" + body
            self.requests.append(request)
            try:
                connection.sendall(self.head)
                for step in self.steps:
                    if isinstance(step, bytes):
                        connection.sendall(step)
                    else:
                        connection.settimeout(step)
                        try:
                            if connection.recv(1) == b"":
                                self.is_gone.set()
                                return
                        except TimeoutError:
                            pass
            except OSError:
                self.is_gone.set()


def chunk(text: str | bytes) -> bytes:
    data = text.encode() if isinstance(text, str) else text
    return b"%x\r\n%s\r\n" % (len(data), data)


END = b"0\r\n\r\n"
EVENTS: list[bytes | float] = [
    chunk('\ufeff: hello\n\nid: 1\ndata: {"name":"a","amo'),
    0.05,
    chunk('unt":0.10}\r'),
    chunk('\n\r\nevent: x\nretry: 1500\ndata: {"name":\ndata: "b"}\n\n'),
    chunk("data: [DONE]\n\ndata: cut off"),
    END,
]
EXPECTED = [
    ("message", "1", "a", Decimal("0.10"), None),
    ("x", "1", "b", None, 1500),
    ("message", "1", "[DONE]", "[DONE]", 1500),
]


def seen(event: Any) -> tuple[Any, ...]:
    if isinstance(event.data, str):
        return event.event, event.id, event.data, event.text, event.retry
    assert isinstance(event.data, payglot.types.returns.Row), event.data
    json.loads(event.text)
    return event.event, event.id, event.data.name, event.data.amount, event.retry


def client(server: Server, **options: Any) -> Any:
    return payglot.Returns(base_url=server.url, **options)


def a_file_goes_out_with_a_call_whose_response_is_events() -> None:
    server = Server(EVENTS)
    stream = client(server).transcripts.create(language="en", file=b"RIFF")
    assert [seen(event) for event in stream] == EXPECTED
    assert b'name="language"\r\n\r\nen\r\n' in server.requests[0]
    assert b'name="file"; filename="file"\r\n' in server.requests[0]
    assert b"\r\n\r\nRIFF\r\n" in server.requests[0]


def events_are_read_one_by_one() -> None:
    server = Server(EVENTS)
    stream = client(server).chats.create_stream(amount="10.10")
    assert stream.status == 200
    assert stream.headers["content-type"] == "text/event-stream"
    assert [seen(event) for event in stream] == EXPECTED
    assert list(stream) == []
    assert len(server.requests) == 1
    request = server.requests[0].lower()
    assert b"accept: text/event-stream\r\n" in request, request
    assert b"accept-encoding: identity\r\n" in request, request
    assert "a" not in repr(stream).replace("EventStream(status=200)", "")


def events_of_text_are_text() -> None:
    server = Server([chunk('data: {"a":1}\n\n'), END])
    [event] = client(server).feed.get()
    assert (event.data, event.text) == ('{"a":1}', '{"a":1}')
    assert repr(event) == "Event(event='message', id='')"


def a_stream_is_closed_early() -> None:
    server = Server([chunk("data: a\n\n"), 10.0])
    with client(server).feed.get() as stream:
        assert next(stream).data == "a"
    assert server.is_gone.wait(5)
    assert list(stream) == []


def events_of_several_types_are_read_as_what_they_are() -> None:
    made = 'data: {"type":"made","amount":0.10}\n\n'
    server = Server(
        [chunk(made + 'data: {"type":"gone","why":"w"}\n\ndata: [DONE]\n\n'), END]
    )
    first, second, last = client(server).feed.kinds()
    assert type(first.data).__name__ == "Made"
    assert str(first.data.amount) == "0.10"
    assert (type(second.data).__name__, second.data.why) == ("Gone", "w")
    assert last.data == "[DONE]"


def a_broken_stream_of_a_payment_is_not_known_to_have_ended() -> None:
    server = Server([chunk('data: {"name":"a"}\n\n')])
    stream = client(server).chats.create_stream(amount="10.10")
    assert next(stream).data.name == "a"
    try:
        next(stream)
    except payglot.OutcomeUnknownError as error:
        assert error.may_have_happened
    else:
        raise AssertionError("no error")
    assert list(stream) == []
    assert len(server.requests) == 1


def a_broken_stream_of_a_read_is_a_connection_error() -> None:
    server = Server([chunk("data: a\n\n")])
    stream = client(server).feed.get()
    assert next(stream).data == "a"
    try:
        next(stream)
    except payglot.APIConnectionError as error:
        assert not error.may_have_happened
    else:
        raise AssertionError("no error")
    assert len(server.requests) == 1


def too_long_a_silence_is_a_timeout() -> None:
    server = Server([chunk("data: a\n\n"), 10.0])
    stream = client(server).feed.get(timeout=0.3)
    assert next(stream).data == "a"
    began = time.monotonic()
    try:
        next(stream)
    except payglot.APITimeoutError:
        assert time.monotonic() - began < 5
    else:
        raise AssertionError("no error")


def too_long_an_event_is_refused() -> None:
    server = Server([chunk("data: " + "a" * 5000), 10.0])
    try:
        list(client(server, max_response_bytes=1000).feed.get())
    except payglot.ResponseFormatError as error:
        assert "max_response_bytes" in str(error)
    else:
        raise AssertionError("no error")


def an_error_is_raised_by_the_call() -> None:
    server = Server([b"{}"], b"HTTP/1.1 404 Not Found\r\ncontent-length: 2\r\n\r\n")
    try:
        client(server).feed.get()
    except payglot.NotFoundError:
        return
    raise AssertionError("no error")


async def asynchronously() -> None:
    server = Server(EVENTS)
    async with payglot.AsyncReturns(base_url=server.url) as client:
        stream = client.chats.create_stream(amount="10.10")
        assert server.requests == []
        async with stream:
            assert stream.status == 200
            assert [seen(event) async for event in stream] == EXPECTED
        opened = await client.chats.create_stream(amount="10.10")
        assert [seen(event) async for event in opened] == EXPECTED
    server = Server([chunk("data: a\n\n"), 10.0])
    async with payglot.AsyncReturns(base_url=server.url) as client:
        async for event in client.feed.get():
            assert event.data == "a"
            break
        async with client.feed.get() as stream:
            assert (await anext(aiter(stream))).data == "a"
            try:
                await asyncio.wait_for(anext(aiter(stream)), 0.2)
            except TimeoutError:
                pass
            else:
                raise AssertionError("no timeout")
        assert server.is_gone.wait(5)
    large = bytes(range(256)) * 4096
    server = Server(
        [large], HEAD % b"image/png" + b"content-length: %d\r\n\r\n" % len(large)
    )
    with tempfile.TemporaryDirectory() as folder:
        async with payglot.AsyncReturns(
            base_url=server.url, max_response_bytes=10
        ) as client:
            path = Path(folder) / "f.png"
            written = await client.files.get_to_file("f", path)
            assert (written, path.read_bytes()) == (len(large), large)


def a_file_appears_when_it_is_complete() -> None:
    large = bytes(range(256)) * 4096
    head = HEAD % b"application/pdf" + b"content-length: %d\r\n\r\n" % len(large)
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "export.pdf"
        server = Server([large[:1000], 0.2, large[1000:]], head)
        running = client(server, max_response_bytes=10)
        written = running.exports.get_pdf_to_file(str(path), from_="a")
        assert (written, path.read_bytes()) == (len(large), large)
        # One that breaks off leaves what was there, and nothing beside it.
        server = Server([large[:-1]], head)
        try:
            client(server, max_retries=0).exports.get_pdf_to_file(path)
        except payglot.APIConnectionError:
            pass
        else:
            raise AssertionError("no error")
        assert path.read_bytes() == large
        assert [one.name for one in Path(folder).iterdir()] == ["export.pdf"]
        # A file that cannot be made is refused before anything is sent.
        server = Server([large], head)
        try:
            client(server).exports.get_pdf_to_file(Path(folder) / "none" / "export.pdf")
        except payglot.InvalidRequestError as error:
            assert "save_as" in str(error)
        else:
            raise AssertionError("no error")
        assert server.requests == []


def main() -> int:
    tests = [
        a_file_goes_out_with_a_call_whose_response_is_events,
        events_are_read_one_by_one,
        events_of_text_are_text,
        a_stream_is_closed_early,
        events_of_several_types_are_read_as_what_they_are,
        a_broken_stream_of_a_payment_is_not_known_to_have_ended,
        a_broken_stream_of_a_read_is_a_connection_error,
        too_long_a_silence_is_a_timeout,
        too_long_an_event_is_refused,
        an_error_is_raised_by_the_call,
        lambda: asyncio.run(asynchronously()),
        a_file_appears_when_it_is_complete,
    ]
    for test in tests:
        test()
    print(f"returns: {len(tests)} tests of streams in Python")
    return 0


if __name__ == "__main__":
    sys.exit(main())

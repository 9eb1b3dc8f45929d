"""Issue 12, items 6, 19, 20, 21 and 30: connections.

What is known of a payment while there is none, which of them are used again, how many are open, who waits for
whom, and what an error says.
"""

from __future__ import annotations

import asyncio
import gzip
import logging
import socket
import ssl
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, suppress
from pathlib import Path
from typing import Any

import h2.config
import h2.connection
import h2.events
import payglot
import pytest
from conftest import USER
from listening import WALLET, Listener, fund, read_head, response, user_of

TLS = Path(__file__).parents[3] / "tests/contract/tls"
CA = (TLS / "test-only-ca.pem").read_bytes()

Serve = Callable[[socket.socket], None]
Listen = Callable[[Serve], int]


@pytest.fixture
def listen() -> Iterator[Listen]:
    listeners: list[Listener] = []

    def start(serve: Serve) -> int:
        listeners.append(Listener(serve))
        return listeners[-1].port

    yield start
    for listener in listeners:
        listener.close()


def client_of(base_url: str, **given: Any) -> payglot.PaywintPlatform:
    given = {"max_retries": 0, "proxy": False, "ca_certificates": CA, **given}
    return payglot.PaywintPlatform(platform_id="i", secret_key="k", base_url=base_url, **given)


def async_client_of(base_url: str, **given: Any) -> payglot.AsyncPaywintPlatform:
    given = {"max_retries": 0, "proxy": False, "ca_certificates": CA, **given}
    return payglot.AsyncPaywintPlatform(platform_id="i", secret_key="k", base_url=base_url, **given)


def not_sent(client: payglot.PaywintPlatform, kind: type[payglot.APIConnectionError]) -> str:
    """What a payment says that was not sent."""
    with pytest.raises(kind) as raised:
        fund(client)
    assert type(raised.value) is kind
    assert raised.value.may_have_happened is False
    return str(raised.value)


def tls_context(certificate: str, *protocols: str) -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(TLS / f"test-only-{certificate}", TLS / "test-only-leaf.key")
    if protocols:
        context.set_alpn_protocols([*protocols])
    return context


def swallow(connection: socket.socket) -> None:
    """Reads and never responds."""
    while connection.recv(65536):
        pass


@pytest.fixture
def black_hole() -> Iterator[int]:
    """A listener with no room: the kernel drops what asks for a connection."""
    with ExitStack() as stack:
        listening = stack.enter_context(socket.socket())
        listening.bind(("127.0.0.1", 0))
        listening.listen(0)
        with suppress(TimeoutError):
            while True:
                waiting = socket.create_connection(listening.getsockname(), timeout=0.05)
                stack.enter_context(waiting)
        yield listening.getsockname()[1]


@pytest.mark.parametrize("limits", [{"connect_timeout": 0.1}, {"timeout": 0.1, "connect_timeout": 30}])
def test_issue_12_6_a_payment_without_a_connection_was_not_sent(
    listen: Listen, black_hole: int, limits: dict[str, float]
) -> None:
    mute = listen(swallow)
    cases = [
        (f"http://127.0.0.1:{black_hole}", {}, "did not accept the connection"),
        (f"https://127.0.0.1:{mute}", {}, "did not finish the TLS handshake"),
        ("https://api.invalid", {"proxy": f"http://u:hidden@127.0.0.1:{mute}"}, "the proxy did not respond"),
    ]
    for url, given, reason in cases:
        text = not_sent(client_of(url, **limits, **given), payglot.APITimeoutError)
        assert reason in text and "within 0.1 s" in text and "nothing was sent" in text
        assert "hidden" not in text


class Http2Host:
    """Speaks HTTP/2; `reply` decides what comes of a request by its number, and whether there is more."""

    def __init__(self, reply: Callable[[h2.connection.H2Connection, int, int], bool]) -> None:
        self.connections = 0
        self.requests = 0
        self._reply = reply

    def serve(self, connection: socket.socket) -> None:
        self.connections += 1
        with tls_context("leaf.pem", "h2").wrap_socket(connection, server_side=True) as secured:
            session = h2.connection.H2Connection(h2.config.H2Configuration(client_side=False))
            session.initiate_connection()
            secured.sendall(session.data_to_send())
            while received := secured.recv(65536):
                for event in session.receive_data(received):
                    if isinstance(event, h2.events.StreamEnded):
                        self.requests += 1
                        if not self._reply(session, self.requests, event.stream_id):
                            secured.sendall(session.data_to_send())
                            swallow(secured)
                            return
                secured.sendall(session.data_to_send())


def succeed(session: h2.connection.H2Connection, stream: int) -> bool:
    session.send_headers(stream, [(":status", "200")])
    session.send_data(stream, WALLET, end_stream=True)
    return True


@pytest.mark.parametrize("by", ["REFUSED_STREAM", "GOAWAY"])
def test_issue_12_6_what_an_http2_host_refused_unprocessed_was_not_done(listen: Listen, by: str) -> None:
    def reply(session: h2.connection.H2Connection, number: int, stream: int) -> bool:
        if number > 2:
            return succeed(session, stream)
        if by == "GOAWAY":
            session.close_connection(0, last_stream_id=stream - 1)
            return False
        session.reset_stream(stream, 7)
        return True

    host = Http2Host(reply)
    url = f"https://localhost:{listen(host.serve)}"
    assert "refused the request" in not_sent(client_of(url), payglot.APIConnectionError)
    # It is tried again where it may be, a payment too.
    fund(client_of(url, max_retries=1))
    assert host.requests == 3


@pytest.mark.parametrize("code", [1, 2, 8])
def test_issue_12_6_what_an_http2_host_may_have_processed_is_unknown(listen: Listen, code: int) -> None:
    def reply(session: h2.connection.H2Connection, number: int, stream: int) -> bool:
        session.reset_stream(stream, code)
        return True

    host = Http2Host(reply)
    with pytest.raises(payglot.OutcomeUnknownError):
        fund(client_of(f"https://localhost:{listen(host.serve)}", max_retries=2))
    assert host.requests == 1


@pytest.mark.parametrize("header", [b"keep-alive: timeout=1\r\n", b""])
def test_issue_12_6_a_payment_takes_no_connection_that_the_host_is_about_to_close(
    listen: Listen, header: bytes
) -> None:
    connections: list[int] = []

    def close_when_idle(connection: socket.socket) -> None:
        connections.append(1)
        connection.settimeout(1.1)
        while True:
            read_head(connection)
            connection.sendall(response(header))

    client = client_of(f"http://127.0.0.1:{listen(close_when_idle)}")
    for _ in range(2):
        fund(client)
        time.sleep(1.06)
    assert len(connections) == 2


def test_issue_12_19_a_first_burst_shares_one_handshake(listen: Listen) -> None:
    host = Http2Host(lambda session, number, stream: succeed(session, stream))
    url = f"https://localhost:{listen(host.serve)}"

    async def burst() -> None:
        async with async_client_of(url) as client:
            wallets = await asyncio.gather(*[client.wallets.get(USER) for _ in range(50)])
            assert all(wallet and wallet.user_id == "u" for wallet in wallets)

    asyncio.run(burst())
    assert (host.connections, host.requests) == (1, 50)


def test_issue_12_19_a_connection_that_went_silent_is_not_used_again(listen: Listen) -> None:
    def reply(session: h2.connection.H2Connection, number: int, stream: int) -> bool:
        return number != 2 and succeed(session, stream)

    host = Http2Host(reply)
    client = client_of(f"https://localhost:{listen(host.serve)}", timeout=0.4)
    assert user_of(client) == "u"
    with pytest.raises(payglot.APITimeoutError):
        user_of(client)
    assert [user_of(client) for _ in range(3)] == ["u"] * 3
    assert host.connections == 2


def test_issue_12_19_informational_responses_without_end_end_the_call(listen: Listen) -> None:
    floods = iter([True])

    def serve(connection: socket.socket) -> None:
        read_head(connection)
        while next(floods, False):
            while True:
                connection.sendall(b"HTTP/1.1 103 Early Hints\r\nlink: </x>\r\n\r\n" * 100)
        connection.sendall(response(b"connection: close\r\n"))

    client = client_of(f"http://127.0.0.1:{listen(serve)}")
    began = time.monotonic()
    with pytest.raises(payglot.OutcomeUnknownError):
        fund(client)
    assert time.monotonic() - began < 5
    assert user_of(client) == "u"


class SlowHost:
    """Responds after a while; counts connections that are open at once."""

    def __init__(self, wait: float) -> None:
        self.most = 0
        self._open = 0
        self._wait = wait
        self._lock = threading.Lock()

    def serve(self, connection: socket.socket) -> None:
        with self._lock:
            self._open += 1
            self.most = max(self.most, self._open)
        try:
            while True:
                read_head(connection)
                time.sleep(self._wait)
                connection.sendall(response())
        finally:
            with self._lock:
                self._open -= 1


@pytest.mark.parametrize(("given", "calls", "most"), [({"max_connections": 3}, 30, 3), ({}, 300, 100)])
def test_issue_12_20_no_more_connections_than_allowed(
    listen: Listen, given: dict[str, int], calls: int, most: int
) -> None:
    host = SlowHost(0.005)
    url = f"http://127.0.0.1:{listen(host.serve)}"

    async def burst() -> None:
        async with async_client_of(url, **given) as client:
            await asyncio.gather(*[client.wallets.get(USER) for _ in range(calls)])

    asyncio.run(burst())
    assert host.most <= most


def test_issue_12_20_a_payment_whose_turn_does_not_come_was_not_sent(listen: Listen) -> None:
    client = client_of(f"http://127.0.0.1:{listen(swallow)}", max_connections=1, timeout=0.6)

    def blocking() -> None:
        with pytest.raises(payglot.OutcomeUnknownError):
            fund(client)

    thread = threading.Thread(target=blocking)
    thread.start()
    time.sleep(0.2)
    with pytest.raises(payglot.APITimeoutError, match="`max_connections`") as raised:
        client.wallets.fund(USER, amount="10.10", bank_id=USER, timeout=0.1)
    assert raised.value.may_have_happened is False
    thread.join()


def test_issue_12_21_a_gzip_bomb_stops_at_limit_and_deadline_and_holds_up_nobody(listen: Listen) -> None:
    bomb = gzip.compress(b" " * 100_000_000, 1)
    head = b"HTTP/1.1 200 OK\r\ncontent-encoding: gzip\r\ncontent-length: %d\r\n\r\n" % len(bomb)

    def serve(connection: socket.socket) -> None:
        while True:
            asked = read_head(connection)
            connection.sendall(response() if asked.startswith(b"GET") else head + bomb)

    url = f"http://127.0.0.1:{listen(serve)}"

    async def beside(limit: int, timeout: float) -> tuple[float, float, payglot.OutcomeUnknownError]:
        """The time of the bomb, the longest of other calls meanwhile, and how the bomb ended."""
        async with async_client_of(url, max_response_bytes=limit) as client:
            await client.wallets.get(USER)
            began = time.monotonic()
            call = asyncio.ensure_future(
                client.wallets.fund(USER, amount="10.10", bank_id=USER, timeout=timeout)
            )
            longest = 0.0
            while not call.done():
                one = time.monotonic()
                await client.wallets.get(USER)
                longest = max(longest, time.monotonic() - one)
            took = time.monotonic() - began
            with pytest.raises(payglot.OutcomeUnknownError) as raised:
                await call
            return took, longest, raised.value

    _, longest, error = asyncio.run(beside(20_000_000, 30))
    assert "max_response_bytes" in str(error) and error.status == 200
    assert longest < 0.6
    took, longest, error = asyncio.run(beside(2_000_000_000, 0.2))
    assert took < 0.9 and longest < 0.6
    assert error.status == 200


def refusing() -> socket.socket:
    """A port that is taken, and where nobody listens."""
    bound = socket.socket()
    bound.bind(("127.0.0.1", 0))
    return bound


def test_issue_12_30_a_connect_error_names_host_port_and_reason(listen: Listen) -> None:
    def speak_plain(connection: socket.socket) -> None:
        connection.sendall(b"HTTP/1.1 400 Bad Request\r\n\r\n")
        swallow(connection)

    def tls(certificate: str) -> Serve:
        def serve(connection: socket.socket) -> None:
            with suppress(ssl.SSLError):
                tls_context(certificate).wrap_socket(connection, server_side=True).recv(1)

        return serve

    def ask_for_credentials(connection: socket.socket) -> None:
        read_head(connection)
        connection.sendall(b"HTTP/1.1 407 Proxy Authentication Required\r\n\r\n")

    with refusing() as bound:
        closed = bound.getsockname()[1]
        plain, good, old = listen(speak_plain), listen(tls("leaf.pem")), listen(tls("expired.pem"))
        proxy = listen(ask_for_credentials)
        own = (TLS / "test-only-expired-ca.pem").read_bytes()
        by_proxy = {"proxy": f"http://u:hidden@127.0.0.1:{proxy}"}
        cases: list[tuple[str, dict[str, Any], str]] = [
            (f"http://127.0.0.1:{closed}", {}, f"127.0.0.1:{closed}: connection refused"),
            ("https://a.invalid", {}, "a.invalid:443: the name was not found"),
            (
                f"https://localhost:{old}",
                {"ca_certificates": own},
                f"localhost:{old}: its certificate has expired",
            ),
            (
                f"https://localhost:{good}",
                {"ca_certificates": own},
                f"localhost:{good}: its certificate is from an authority that is not trusted here",
            ),
            (
                f"https://127.0.0.2:{good}",
                {},
                f"127.0.0.2:{good}: its certificate is for another host",
            ),
            (f"https://localhost:{plain}", {}, f"localhost:{plain}: it does not speak TLS on this port"),
            (
                "https://a.invalid",
                by_proxy,
                f"a.invalid:443 by the proxy 127.0.0.1:{proxy}: the proxy wants other credentials (407)",
            ),
        ]
        for url, given, wanted in cases:
            text = not_sent(client_of(url, **given), payglot.APIConnectionError)
            assert f"no connection to {wanted}" in text and "nothing was sent" in text
            assert "\n" not in text and "hidden" not in text


def test_issue_12_30_the_log_names_host_port_and_reason(caplog: pytest.LogCaptureFixture) -> None:
    with refusing() as bound, caplog.at_level(logging.DEBUG, "payglot"):
        closed = bound.getsockname()[1]
        not_sent(client_of(f"http://127.0.0.1:{closed}"), payglot.APIConnectionError)
        said = [record for record in caplog.records if "attempt ended" in record.getMessage()]
        reason = f"no connection to 127.0.0.1:{closed}: connection refused"
        assert [reason in record.getMessage() for record in said] == [True]
        assert [getattr(record, "error", None) for record in said] == [reason]

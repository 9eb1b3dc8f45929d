"""The wire: certificates, proxies, HTTP/2, connections that end, and hosts that are not there.

What goes wrong within a request or a response is in `tests/contract/faults.json`, for all languages.
"""

from __future__ import annotations

import asyncio
import os
import select
import socket
import ssl
import struct
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import h2.config
import h2.connection
import h2.events
import payglot
import pytest
from conftest import USER
from listening import WALLET, Listener, fund, read_head, response, user_of
from scripted import Reply, Server, data

TLS = Path(__file__).parents[3] / "tests/contract/tls"
CA = TLS / "test-only-ca.pem"


@pytest.fixture
def listen() -> Iterator[Callable[[Callable[[socket.socket], None]], Listener]]:
    listeners: list[Listener] = []

    def start(serve: Callable[[socket.socket], None]) -> Listener:
        listeners.append(Listener(serve))
        return listeners[-1]

    yield start
    for listener in listeners:
        listener.close()


Listen = Callable[[Callable[[socket.socket], None]], Listener]


def tls_context(*protocols: str) -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(TLS / "test-only-leaf.pem", TLS / "test-only-leaf.key")
    if protocols:
        context.set_alpn_protocols([*protocols])
    return context


def serve_tls(connection: socket.socket) -> None:
    with tls_context().wrap_socket(connection, server_side=True) as secured:
        read_head(secured)
        secured.sendall(response(b"connection: close\r\n"))


def client_of(base_url: str, **given: Any) -> payglot.PaywintPlatform:
    return payglot.PaywintPlatform(platform_id="i", secret_key="k", base_url=base_url, **given)


def test_own_certificates_are_trusted_only_by_who_asked(listen: Listen) -> None:
    url = f"https://localhost:{listen(serve_tls).port}"
    for certificates in (CA.read_bytes(), CA.read_text()):
        assert user_of(client_of(url, ca_certificates=certificates)) == "u"
    # The handshake fails: nothing was sent, which is certain even of a payment.
    with pytest.raises(payglot.APIConnectionError, match="nothing was sent"):
        fund(client_of(url, max_retries=0))

    async def on_a_loop() -> str | None:
        async with payglot.AsyncPaywintPlatform(
            platform_id="i", secret_key="k", base_url=url, ca_certificates=CA.read_bytes()
        ) as client:
            wallet = await client.wallets.get(USER)
            return wallet and wallet.user_id

    assert asyncio.run(on_a_loop()) == "u"


def test_a_certificate_of_another_host_is_refused(listen: Listen) -> None:
    port = listen(serve_tls).port
    assert user_of(client_of(f"https://127.0.0.1:{port}", ca_certificates=CA.read_bytes())) == "u"
    other = client_of(f"https://127.0.0.2:{port}", ca_certificates=CA.read_bytes(), max_retries=0)
    with pytest.raises(payglot.APIConnectionError):
        user_of(other)


def in_a_process(url: str, **environment: str) -> str:
    """What a wallet says in a process with other variables."""
    code = f"""
import payglot
try:
    client = payglot.PaywintPlatform(platform_id="i", secret_key="k", base_url={url!r}, max_retries=0)
    print(client.wallets.get({USER!r}).user_id)
except payglot.PayglotError as error:
    print(type(error).__name__)
"""
    return subprocess.check_output(
        [sys.executable, "-c", code], text=True, env={**os.environ, **environment}
    ).strip()


def test_certificates_of_the_environment_are_trusted(listen: Listen) -> None:
    url = f"https://localhost:{listen(serve_tls).port}"
    assert in_a_process(url, SSL_CERT_FILE=str(CA)) == "u"
    assert in_a_process(url) == "APIConnectionError"


def test_issue_12_31_one_bad_certificate_of_the_environment_spoils_no_other(
    listen: Listen, tmp_path: Path
) -> None:
    """The system's bundle is not the user's to mend, so its good ones count."""
    url = f"https://localhost:{listen(serve_tls).port}"
    good = CA.read_text()
    odd, cut = good.replace("MII", "AII"), good[:300] + "\n-----END CERTIFICATE-----\n"
    bundle = tmp_path / "bundle.pem"
    for text in (odd + good, good + odd, cut + good):
        bundle.write_text(text)
        assert in_a_process(url, SSL_CERT_FILE=str(bundle)) == "u"
    bundle.write_text(odd)
    assert in_a_process(url, SSL_CERT_FILE=str(bundle), SSL_CERT_DIR="") == "ConfigurationError"


class Proxy(Listener):
    """Forwards what is for port 80, and makes tunnels."""

    def __init__(self, tls: ssl.SSLContext | None = None) -> None:
        self.heads: list[str] = []
        self._tls = tls
        super().__init__(self._proxy)

    @property
    def url(self) -> str:
        return f"http://user:pass@127.0.0.1:{self.port}"

    def _proxy(self, connection: socket.socket) -> None:
        if self._tls:
            connection = self._tls.wrap_socket(connection, server_side=True)
        head = read_head(connection).decode()
        self.heads.append(head)
        method, target, _ = head.split(" ", 2)
        if method != "CONNECT":
            connection.sendall(response())
            return
        host, port = target.rsplit(":", 1)
        with socket.create_connection((host, int(port))) as far:
            connection.sendall(b"HTTP/1.1 200 Connected\r\n\r\n")
            ends = {connection: far, far: connection}
            while True:
                for ready in select.select([*ends], [], [], 10)[0]:
                    received = ready.recv(65536)
                    if not received:
                        return
                    ends[ready].sendall(received)


@pytest.fixture
def proxy() -> Iterator[Proxy]:
    proxy = Proxy()
    yield proxy
    proxy.close()


def test_tls_goes_through_a_tunnel_that_sees_no_credentials(listen: Listen, proxy: Proxy) -> None:
    port = listen(serve_tls).port
    client = client_of(f"https://localhost:{port}", proxy=proxy.url, ca_certificates=CA.read_bytes())
    assert user_of(client) == "u"
    (head,) = proxy.heads
    assert head.startswith(f"CONNECT localhost:{port} HTTP/1.1\r\n")
    assert "proxy-authorization: Basic dXNlcjpwYXNz" in head.replace(
        "Proxy-Authorization", "proxy-authorization"
    )
    assert "x-platform-id" not in head.lower() and "x-signature" not in head.lower()


@pytest.mark.parametrize("scheme", ["http", "https"])
def test_a_proxy_that_is_reached_by_tls_is_asked_in_http1(listen: Listen, scheme: str) -> None:
    """It may speak HTTP/2 as well, in which nobody asks for a tunnel here."""
    proxy = Proxy(tls_context("h2", "http/1.1"))
    host = listen(serve_tls).port
    try:
        client = client_of(
            f"{scheme}://localhost:{host}",
            proxy=proxy.url.replace("http://", "https://").replace("127.0.0.1", "localhost"),
            ca_certificates=CA.read_bytes(),
        )
        assert user_of(client) == "u"
        assert len(proxy.heads) == 1
    finally:
        proxy.close()


def test_a_proxy_of_the_environment(proxy: Proxy) -> None:
    named = {"http_proxy": proxy.url, "PAYGLOT_ALLOW_INSECURE_HTTP": "1"}
    assert in_a_process("http://api.invalid", **named) == "u"
    assert proxy.heads[0].startswith("GET http://api.invalid/")
    assert in_a_process("http://api.invalid", **named, NO_PROXY="api.invalid", no_proxy="api.invalid") == (
        "APIConnectionError"
    )
    assert len(proxy.heads) == 1


def test_a_proxy_that_is_not_there_means_that_nothing_was_sent() -> None:
    client = client_of("http://127.0.0.1:9", proxy="http://user:hidden@127.0.0.1:1", max_retries=0)
    with pytest.raises(payglot.APIConnectionError, match="nothing was sent") as raised:
        fund(client)
    assert "hidden" not in repr(raised.value)


def test_a_connection_that_breaks_before_the_request(listen: Listen) -> None:
    def break_at_once(connection: socket.socket) -> None:
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))

    listener = listen(break_at_once)
    client = client_of(f"http://127.0.0.1:{listener.port}", max_retries=0)
    # The request may have left in the same moment: of a payment nobody knows then.
    with pytest.raises((payglot.OutcomeUnknownError, payglot.APIConnectionError)):
        fund(client)
    assert listener.connections == 1
    with pytest.raises(payglot.APIConnectionError):
        user_of(client)
    assert listener.connections == 2


def test_a_connection_that_closes_after_100_requests_is_replaced(listen: Listen) -> None:
    served: Counter[int] = Counter()

    def serve(connection: socket.socket) -> None:
        number = listener.connections
        for count in range(1, 101):
            read_head(connection)
            served[number] += 1
            connection.sendall(response(b"connection: close\r\n" if count == 100 else b""))

    listener = listen(serve)
    client = client_of(f"http://127.0.0.1:{listener.port}")
    for _ in range(250):
        assert user_of(client) == "u"
    # A connection that is not back in the pool yet when the next call begins is not waited for.
    assert sum(served.values()) == 250
    assert max(served.values()) == 100 and len(served) < 25


def test_a_connection_that_the_host_closed_meanwhile_is_not_used(listen: Listen) -> None:
    """Nobody watches a connection between two calls.

    The next one has to see that it is closed before it sends: a payment's outcome would be unknown otherwise.
    """

    def answer_and_close(connection: socket.socket) -> None:
        read_head(connection)
        connection.sendall(response())

    listener = listen(answer_and_close)
    client = client_of(f"http://127.0.0.1:{listener.port}")
    for _ in range(20):
        fund(client)
        time.sleep(0.05)
    assert listener.connections == 20


def test_a_client_that_is_gone_leaves_no_connection_behind(listen: Listen) -> None:
    left: list[bytes] = []

    def answer_once(connection: socket.socket) -> None:
        read_head(connection)
        connection.sendall(response())
        connection.settimeout(5)
        left.append(connection.recv(1))

    ends: list[Callable[[payglot.PaywintPlatform], None]] = [
        lambda client: client.close(),
        lambda client: None,
    ]
    for end in ends:
        client = client_of(f"http://127.0.0.1:{listen(answer_once).port}")
        assert user_of(client) == "u"
        end(client)
        del client
        for _ in range(100):
            if left:
                break
            time.sleep(0.02)
        assert left.pop() == b""


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
def test_a_redirect_to_another_host_is_not_followed(
    server: Server, listen: Listen, platform: payglot.PaywintPlatform, status: int
) -> None:
    other = listen(lambda connection: connection.sendall(response()))
    server.play(Reply(status, "", {"location": f"http://127.0.0.1:{other.port}/elsewhere"}))
    for call in (lambda: user_of(platform), lambda: fund(platform)):
        with pytest.raises(payglot.APIError) as raised:
            call()
        assert raised.value.status == status
    assert len(server.requests) == 2
    assert other.connections == 0


def serve_http2(connection: socket.socket, versions: list[str | None]) -> None:
    with tls_context("h2", "http/1.1").wrap_socket(connection, server_side=True) as secured:
        versions.append(secured.selected_alpn_protocol())
        session = h2.connection.H2Connection(h2.config.H2Configuration(client_side=False))
        session.initiate_connection()
        secured.sendall(session.data_to_send())
        while received := secured.recv(65536):
            for event in session.receive_data(received):
                if isinstance(event, h2.events.StreamEnded):
                    session.send_headers(event.stream_id, [(":status", "200")])
                    session.send_data(event.stream_id, WALLET, end_stream=True)
            secured.sendall(session.data_to_send())


def test_http2_is_spoken_where_it_is_offered(listen: Listen) -> None:
    versions: list[str | None] = []
    listener = listen(lambda connection: serve_http2(connection, versions))
    url = f"https://localhost:{listener.port}"

    async def many() -> None:
        async with payglot.AsyncPaywintPlatform(
            platform_id="i", secret_key="k", base_url=url, ca_certificates=CA.read_bytes()
        ) as client:
            await client.wallets.get(USER)
            wallets = await asyncio.gather(*[client.wallets.get(USER) for _ in range(20)])
            assert all(wallet and wallet.user_id == "u" for wallet in wallets)

    asyncio.run(many())
    # All calls share one connection.
    assert versions == ["h2"]


def test_plain_calls_keep_their_connection(server: Server, platform: payglot.PaywintPlatform) -> None:
    server.play(data({"user_id": "u"}))
    for _ in range(100):
        assert user_of(platform) == "u"
    # Mostly one; one that is not back in the pool yet when the next call begins is not waited for.
    assert len({request.peer for request in server.requests}) < 10

"""Connections that are served by hand, byte by byte."""

from __future__ import annotations

import socket
import threading
from collections.abc import Callable
from contextlib import suppress

import payglot
from conftest import USER

WALLET = b'{"success": true, "data": {"user_id": "u", "is_first_payment": false}}'
RESPONSE = b"HTTP/1.1 200 OK\r\ncontent-length: %d\r\n%s\r\n" + WALLET.replace(b"%", b"%%")


def response(more: bytes = b"") -> bytes:
    return RESPONSE % (len(WALLET), more)


class Listener:
    """Serves each connection with a function, in a thread of its own."""

    def __init__(self, serve: Callable[[socket.socket], None]) -> None:
        self._listening = socket.create_server(("0.0.0.0", 0))
        self.port: int = self._listening.getsockname()[1]
        self.connections = 0
        self._serve = serve
        threading.Thread(target=self._accept, daemon=True).start()

    def _accept(self) -> None:
        with suppress(OSError):
            while True:
                connection, _ = self._listening.accept()
                self.connections += 1
                threading.Thread(target=self._guarded, args=(connection,), daemon=True).start()

    def _guarded(self, connection: socket.socket) -> None:
        # The client may go at any time.
        with suppress(OSError), connection:
            self._serve(connection)

    def close(self) -> None:
        self._listening.close()


def read_head(connection: socket.socket) -> bytes:
    head = b""
    while b"\r\n\r\n" not in head:
        received = connection.recv(4096)
        if not received:
            raise ConnectionError
        head += received
    return head


def user_of(client: payglot.PaywintPlatform) -> str | None:
    wallet = client.wallets.get(USER)
    return wallet and wallet.user_id


def fund(client: payglot.PaywintPlatform) -> object:
    return client.wallets.fund(USER, amount="10.10", bank_id=USER)

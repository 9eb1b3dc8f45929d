"""Runs a command where `vendor.test` has two addresses, of which the first is silent (issue 12.16).

python3 world.py COMMAND …

The command finds the vendor at `VENDOR_URL`. The first address is a black hole, as behind a firewall that
drops what comes; at the second a server responds to everything with a wallet. It is a world of its own in a
mount namespace of Linux. Where there can be none, the exit status is 77; else it is the command's, or 1 where
nothing reached the server.
"""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import tempfile
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

NAME = "vendor.test"
ADDRESSES = ("127.0.0.2", "127.0.0.3")
INSIDE = "PAYGLOT_TEST_WORLD"
NO_WORLD = 77

requests: list[str] = []


class Vendor(BaseHTTPRequestHandler):
    """Responds to everything with a wallet."""

    protocol_version = "HTTP/1.1"

    def do_GET(self) -> None:
        """Respond, and remember that it came."""
        requests.append(self.path)
        body = b'{"success": true, "data": {"current_balance": 1.5}}'
        self.send_response(200)
        self.send_header("content-type", "application/json")
        self.send_header("content-length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: object) -> None:
        """Say nothing."""


def outside() -> int:
    """Make the world, and run this program in it."""
    with tempfile.TemporaryDirectory() as folder:
        hosts = Path(folder) / "hosts"
        hosts.write_text("".join(f"{address} {NAME}\n" for address in ADDRESSES))
        hide = 'mount --bind "$1" /etc/hosts || exit 77; shift; exec "$@"'
        unshare = ["unshare", "--map-root-user", "--mount", "sh", "-c", hide, "sh", str(hosts)]
        try:
            if subprocess.run([*unshare, "true"], capture_output=True, check=False).returncode != 0:
                return NO_WORLD
        except OSError:
            return NO_WORLD
        return subprocess.call([*unshare, sys.executable, *sys.argv], env={**os.environ, INSIDE: "1"})


def inside() -> int:
    """Be the black hole and the vendor, and run the command."""
    known = [entry[4][0] for entry in socket.getaddrinfo(NAME, 80, type=socket.SOCK_STREAM)]
    assert sorted(known) == sorted(ADDRESSES), known
    first, second = known
    server = ThreadingHTTPServer((second, 0), Vendor)
    port = server.server_address[1]
    threading.Thread(target=server.serve_forever, daemon=True).start()
    # A queue that is full: the kernel drops what else wants to connect.
    hole = socket.socket()
    hole.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    hole.bind((first, port))
    hole.listen(0)
    waiting = [socket.socket() for _ in range(3)]
    for one in waiting:
        one.setblocking(False)
        one.connect_ex((first, port))
    with socket.socket() as probe:
        probe.settimeout(0.3)
        try:
            probe.connect((first, port))
        except TimeoutError:
            pass
        else:
            raise AssertionError("the first address is not silent")
    environment = {**os.environ, "VENDOR_URL": f"http://{NAME}:{port}", "PAYGLOT_ALLOW_INSECURE_HTTP": "1"}
    status = subprocess.call(sys.argv[1:], env=environment)
    return status if status != 0 or requests else 1


sys.exit(inside() if INSIDE in os.environ else outside())

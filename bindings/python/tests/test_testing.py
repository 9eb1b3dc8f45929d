"""The sandbox of `payglot.testing`, the pytest plugin and the command, as they were installed."""

from __future__ import annotations

import json
import os
import re
import shlex
import signal
import socket
import sqlite3
import subprocess
import sys
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from http.client import HTTPConnection
from http.server import BaseHTTPRequestHandler, HTTPServer
from importlib.metadata import requires
from pathlib import Path
from typing import Any

import payglot
import pytest
from payglot._command import find
from payglot.testing import Sandbox, SandboxError

ROOT = Path(__file__).parents[3]


def is_open(base_url: str) -> bool:
    host, port = base_url.removeprefix("http://").split(":")
    with socket.socket() as there:
        return there.connect_ex((host, int(port))) == 0


def is_gone(base_url: str) -> bool:
    """Whether it goes, in the time that a busy machine may need."""
    deadline = time.monotonic() + 10
    while is_open(base_url) and time.monotonic() < deadline:
        time.sleep(0.02)
    return not is_open(base_url)


def test_issue_15_2_each_response_names_its_request() -> None:
    with Sandbox() as sandbox, sandbox.client(payglot.PaywintPlatform) as client:
        link = client.cards.create_add_link(sandbox.user_id, card_purpose="PAYMENT")
        assert link is not None and link.request_id == "req-1"
        with pytest.raises(payglot.NotFoundError) as caught:
            client.cards.list("00000000-0000-0000-0000-000000000000")
        assert caught.value.request_id == "req-2"
        assert [request["id"] for request in sandbox.requests()] == [1, 2]


def test_it_starts_takes_its_clients_and_stops() -> None:
    with Sandbox() as sandbox:
        with sandbox.client(payglot.PaywintPlatform, timeout=5) as client:
            link = client.cards.create_add_link(sandbox.user_id, card_purpose="PAYMENT")
        assert link is not None and link.secure_link is not None
        assert link.secure_link.startswith(sandbox.base_url)
        for other in (payglot.PaywintDeveloper, payglot.Linora):
            # Its own credentials: the sandbox knows the path, or it does not.
            with sandbox.client(other) as client, pytest.raises(payglot.NotFoundError):
                client.request("GET", "/no-such-path", replay="read")
        with pytest.raises(TypeError, match="PaywintPlatform"):
            sandbox.client(dict)  # type: ignore[type-var]
        assert sandbox.base_url in repr(sandbox) and sandbox.credentials["secret_key"] not in repr(sandbox)
    assert not is_open(sandbox.base_url)
    sandbox.stop()


def test_clients_find_it_by_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    with Sandbox() as sandbox:
        for name, value in sandbox.environment.items():
            monkeypatch.setenv(name, value)
        with payglot.PaywintPlatform() as client:
            assert client.wallets.get(sandbox.user_id) is not None


def test_options(tmp_path: Path) -> None:
    first, second = Sandbox(seed=7), Sandbox(seed=7)
    assert (first.user_id, first.credentials) == (second.user_id, second.credentials)
    first.stop()
    second.stop()

    file = tmp_path / "state"
    with Sandbox(state=file, strict=True, webhook="http://127.0.0.1:1/", webhook_secret="top") as sandbox:
        sandbox.fund(sandbox.user_id, "10.10")
        assert sandbox.webhooks == [{"url": "http://127.0.0.1:1/", "secret": "top"}]
        assert "webhooks" not in sandbox.credentials
        client = sandbox.client(payglot.PaywintPlatform)
        with client, pytest.raises(payglot.UnprocessableEntityError):
            path = f"/api/platform/card/add/secure-link/{sandbox.user_id}"
            client.request("POST", path, json={"card_purpose": "PAYMENT", "no_such_field": 1})
    with Sandbox(state=file) as again:
        assert again.user_id == sandbox.user_id
        assert again.fund(again.user_id, 1)["balance"] == "11.10"


def test_what_does_not_start_says_why(tmp_path: Path) -> None:
    with pytest.raises(SandboxError, match="cannot be started.*payglot\\[testing\\]"):
        Sandbox(binary="/no/such/binary")
    with pytest.raises(SandboxError, match="(?i)state"):
        Sandbox(state=tmp_path / "no-folder" / "state")
    with pytest.raises(SandboxError, match="said nothing"):
        Sandbox(binary="true")


def asked(sandbox: Sandbox, path: str, headers: dict[str, str], method: str = "POST") -> int:
    """The status of a request to the interface for tests."""
    connection = HTTPConnection(sandbox.base_url.removeprefix("http://"))
    connection.request(method, f"/_sandbox/api/{path}", headers=headers)
    status = connection.getresponse().status
    connection.close()
    return status


def test_issue_12_28_changes_need_the_token(payglot_sandbox: Sandbox) -> None:
    sandbox = payglot_sandbox
    assert len(sandbox.token) > 16 and sandbox.token not in sandbox.credentials.values()
    assert sandbox.environment["PAYGLOT_SANDBOX_TOKEN"] == sandbox.token
    assert sandbox.token not in repr(sandbox)
    right = {"Authorization": f"Bearer {sandbox.token}"}
    assert asked(sandbox, "reset", {}) == 401
    assert asked(sandbox, "reset", {"Authorization": "Bearer another-one-of-the-test"}) == 401
    assert asked(sandbox, "reset", right) == 200
    assert asked(sandbox, "snapshot", {}, "GET") == 200
    for foreign in ({"Host": "evil.example"}, {"Sec-Fetch-Site": "cross-site"}):
        assert asked(sandbox, "reset", {**right, **foreign}) == 403
        assert asked(sandbox, "snapshot", foreign, "GET") == 403


def test_issue_12_28_the_token_can_be_given(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PAYGLOT_SANDBOX_TOKEN", "a-token-of-the-test")
    with Sandbox() as sandbox:
        assert sandbox.token == "a-token-of-the-test"
        assert sandbox.reset()["user_id"] == sandbox.user_id


@pytest.mark.skipif(os.name == "nt", reason="Windows has no such permissions")
def test_issue_12_29_the_state_file_is_a_file_and_its_owners_alone(tmp_path: Path) -> None:
    file = tmp_path / "state.db"
    with Sandbox(state=file):
        assert file.stat().st_mode & 0o777 == 0o600
    with pytest.raises(SandboxError, match="not that of a file"):
        Sandbox(state=":memory:")
    other = tmp_path / "shop.db"
    with closing(sqlite3.connect(other)) as database:
        database.execute("CREATE TABLE orders (id INTEGER)")
    before = other.read_bytes()
    with pytest.raises(SandboxError, match="database of another program"):
        Sandbox(state=other)
    assert other.read_bytes() == before


@pytest.mark.skipif(os.name == "nt", reason="the command is a shell's script")
def test_issue_12_34_no_secret_stands_among_the_arguments(tmp_path: Path) -> None:
    script, seen = tmp_path / "payglot-that-notes", tmp_path / "arguments"
    script.write_text(f'#!/bin/sh\necho "$@" > {shlex.quote(str(seen))}\nexec {shlex.quote(find())} "$@"\n')
    script.chmod(0o755)
    urls = ["http://ada:pa55@127.0.0.1:1/?token=t0ken", "http://127.0.0.1:1/"]
    with Sandbox(binary=str(script), webhook=urls, webhook_secret="s3cret") as sandbox:
        assert sandbox.webhooks == [{"url": url, "secret": "s3cret"} for url in urls]
    arguments = seen.read_text()
    assert arguments.startswith("sandbox ")
    assert not any(secret in arguments for secret in ("pa55", "t0ken", "s3cret", sandbox.token))


@pytest.mark.skipif(os.name == "nt", reason="it limits the size of files by a shell")
def test_issue_12_27_a_full_disk_changes_nothing(tmp_path: Path) -> None:
    script = tmp_path / "payglot-on-a-full-disk"
    script.write_text(f"#!/bin/sh\ntrap '' XFSZ\nulimit -f 2048\nexec {shlex.quote(find())} \"$@\"\n")
    script.chmod(0o755)
    file = tmp_path / "state.db"
    funded = 0
    with Sandbox(binary=str(script), state=file) as sandbox:
        user = sandbox.user_id
        with pytest.raises(SandboxError, match="nothing was changed"):
            while funded < 10_000:
                sandbox.fund(user, 1)
                funded += 1
        with pytest.raises(SandboxError, match="nothing was changed"):
            while True:  # the smallest change takes what room is left
                sandbox.advance(1)
        before = sandbox.snapshot()
        for change in (sandbox.reset, lambda: sandbox.advance(60), lambda: sandbox.kyc(user, "approved")):
            with pytest.raises(SandboxError, match="nothing was changed"):
                change()
        after = sandbox.snapshot()
        assert (after["rows"], after["clock_offset_seconds"]) == (
            before["rows"],
            before["clock_offset_seconds"],
        )
    with Sandbox(state=file) as sandbox:
        assert sandbox.fund(user, 1)["balance"] == f"{funded + 1}.00"
        assert sandbox.ledger()["balanced"]


def test_the_interface_for_tests(payglot_sandbox: Sandbox) -> None:
    sandbox, user = payglot_sandbox, payglot_sandbox.user_id
    assert sandbox.info()["user_id"] == user
    start = sandbox.snapshot()
    assert sandbox.fund(user, "100.50") == {"id": user, "balance": "100.50"}
    assert sandbox.advance(60)["offset_seconds"] == 60
    assert sandbox.kyc(user, "approved")["kyc_status"] == "approved"
    assert sandbox.forget_kyc(user) == {"user_id": user}
    assert sandbox.kyb(user, "rejected")["status"] == "rejected"
    assert sandbox.forget_kyb(user) == {"user_id": user}
    assert sandbox.ledger()["balanced"] is True
    sandbox.restore(start)
    assert sandbox.fund(user, 1)["balance"] == "1.00"
    assert sandbox.reset()["user_id"] == user
    for refused in (sandbox.pay, sandbox.reject, sandbox.refund, sandbox.add_payee_card):
        with pytest.raises(SandboxError, match="404"):
            refused(user)
    with pytest.raises(SandboxError, match="404"):
        sandbox.spend(user, "1.00")
    sandbox.stop()
    with pytest.raises(SandboxError, match="does not respond"):
        sandbox.info()


def test_faults(payglot_sandbox: Sandbox, sandbox_paywint_platform: payglot.PaywintPlatform) -> None:
    sandbox, wallets = payglot_sandbox, sandbox_paywint_platform.wallets
    sandbox.add_fault("paywint-platform/wallets.get", "status", status=429, retry_after=2)
    with pytest.raises(payglot.RateLimitError) as caught:
        wallets.get(sandbox.user_id, max_retries=0)
    assert caught.value.retry_after == 2
    wallets.get(sandbox.user_id)
    assert sandbox.faults() == []
    fault = sandbox.add_fault("*", "refuse", times=None)  # issue 12.29: the one, not all
    assert fault["times"] is None
    assert sandbox.remove_fault(fault["id"]) == []
    sandbox.add_fault("linora/*", "delay", delay_ms=5)
    sandbox.clear_faults()
    assert sandbox.faults() == []
    assert [entry["status"] for entry in sandbox.requests()].count(429) == 1


def test_issue_12_10_the_classic_double_payment(
    payglot_sandbox: Sandbox, sandbox_paywint_platform: payglot.PaywintPlatform
) -> None:
    """A call that timed out has been done: whoever makes it again does it twice."""
    sandbox, users = payglot_sandbox, sandbox_paywint_platform.users
    sandbox.add_fault("paywint-platform/users.create", "delay_after_commit", delay_ms=60_000)
    with pytest.raises(payglot.OutcomeUnknownError):
        users.create(name="Ada", email="ada@example.com", timeout=0.3)
    assert [user.name for user in users.list()].count("Ada") == 1
    (waiting,) = [entry for entry in sandbox.requests() if entry["status"] is None]
    assert (waiting["operation"], waiting["fault"]) == ("users.create", "delay_after_commit")
    users.create(name="Ada", email="ada2@example.com")
    assert [user.name for user in users.list()].count("Ada") == 2


def test_issue_12_10_a_delayed_request_stands_in_the_log(
    payglot_sandbox: Sandbox, sandbox_paywint_platform: payglot.PaywintPlatform
) -> None:
    sandbox, wallets = payglot_sandbox, sandbox_paywint_platform.wallets
    sandbox.add_fault("paywint-platform/wallets.get", "delay", delay_ms=700)
    with ThreadPoolExecutor(1) as pool:
        call = pool.submit(wallets.get, sandbox.user_id)
        wait_until(lambda: [entry["status"] for entry in sandbox.requests()] == [None])
        assert not call.done()
        call.result()
    assert [entry["status"] for entry in sandbox.requests()] == [200]


def test_payments_and_webhooks(
    payglot_sandbox: Sandbox, sandbox_paywint_platform: payglot.PaywintPlatform
) -> None:
    seen: list[bytes] = []

    class Receiver(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            seen.append(self.rfile.read(int(self.headers["content-length"])))
            self.send_response(200)
            self.end_headers()

        def log_message(self, *_: object) -> None:
            pass

    server = HTTPServer(("127.0.0.1", 0), Receiver)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    sandbox, user = payglot_sandbox, payglot_sandbox.user_id
    endpoint = sandbox.add_webhook(f"http://127.0.0.1:{server.server_port}/", copies=2)
    assert endpoint["secret"] and sandbox.webhook_endpoints()[0]["id"] == endpoint["id"]
    sandbox.hold_webhooks(endpoint["id"])
    sandbox.kyc(user, "approved")
    sandbox.kyc(user, "rejected")
    assert {event["event"] for event in sandbox.webhook_events()} >= {"kyc.approved", "kyc.rejected"}
    assert not seen
    sandbox.release_webhooks(endpoint["id"], order="reversed")
    wait_until(lambda: len(seen) >= 4)
    newest = sandbox.webhook_events()[0]["id"]
    sandbox.resend_webhook(newest)
    wait_until(lambda: len(seen) >= 5)
    assert json.loads(seen[0])["id"] == newest
    sandbox.remove_webhook(endpoint["id"])
    assert sandbox.webhook_endpoints() == []
    server.shutdown()
    server.server_close()


def wait_until(holds: Any) -> None:
    deadline = time.monotonic() + 10
    while not holds():
        assert time.monotonic() < deadline, "it did not happen"
        time.sleep(0.02)


def test_everything_that_is_documented_has_a_method() -> None:
    """The table of docs/sandbox.md is kept true by the sandbox's own tests."""
    text = (ROOT / "docs/sandbox.md").read_text()
    documented = set(re.findall(r"/_sandbox/api/([a-z/{}_-]+)", text))
    source = Path(str(payglot.__file__)).with_name("_generated_sandbox_api.py").read_text()
    there = {re.sub(r"\{[^}]*\}", "{}", path) for path in re.findall(r'f?"([a-z/{}_()-]+)"', source)}
    missing = {path for path in documented if re.sub(r"\{[^}]*\}", "{}", path) not in there}
    assert documented and not missing


def test_many_at_once() -> None:
    with ThreadPoolExecutor(8) as pool:
        sandboxes = list(pool.map(lambda _: Sandbox(), range(16)))
    assert len({sandbox.base_url for sandbox in sandboxes}) == 16
    for sandbox in sandboxes:
        sandbox.info()
        sandbox.stop()


@pytest.mark.skipif(os.name == "nt", reason="Windows has no SIGKILL")
def test_it_ends_with_a_process_that_is_killed() -> None:
    program = (
        "import payglot.testing, time; print(payglot.testing.Sandbox().base_url, flush=True); time.sleep(60)"
    )
    with subprocess.Popen([sys.executable, "-c", program], stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        base_url = process.stdout.readline().strip()
        assert is_open(base_url)
        process.send_signal(signal.SIGKILL)
    assert is_gone(base_url)


def test_ten_thousand_events_are_kept() -> None:
    """Issue 12.29, over a socket: one more makes the oldest go."""
    with Sandbox() as sandbox:
        sandbox.kyc(sandbox.user_id, "pending")
        [first] = sandbox.webhook_events()
        host = sandbox.base_url.removeprefix("http://")
        body = b'{"status":"approved"}'
        head = (
            f"POST /_sandbox/api/kyc/{sandbox.user_id} HTTP/1.1\r\nhost: {host}\r\n"
            f"authorization: Bearer {sandbox.token}\r\ncontent-type: application/json\r\n"
            f"content-length: {len(body)}\r\n\r\n"
        )
        address, port = host.split(":")
        with socket.create_connection((address, int(port))) as there, there.makefile("rb") as responses:
            for _ in range(101):
                there.sendall((head.encode() + body) * 100)
                for _ in range(100):
                    assert responses.readline() == b"HTTP/1.1 200 OK\r\n"
                    fields = dict(line.lower().split(b": ") for line in iter(responses.readline, b"\r\n"))
                    responses.read(int(fields[b"content-length"]))
        events = sandbox.webhook_events()
        assert len(events) == 10_000 and first["id"] not in {event["id"] for event in events}


@pytest.mark.payglot_sandbox(seed=7)
def test_the_marker_gives_options(payglot_sandbox: Sandbox) -> None:
    with Sandbox(seed=7) as same:
        assert payglot_sandbox.user_id == same.user_id


def test_a_client_of_every_api(request: pytest.FixtureRequest) -> None:
    for name in ("sandbox_paywint_platform", "sandbox_paywint_developer", "sandbox_linora"):
        with pytest.raises(payglot.NotFoundError):
            request.getfixturevalue(name).request("GET", "/no-such-path", replay="read")


def run(*command: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(command, capture_output=True, text=True, timeout=20)


@pytest.mark.skipif(bool(os.environ.get("PAYGLOT_BIN")), reason="PAYGLOT_BIN names another")
def test_the_command_comes_with_the_extra() -> None:
    needed = requires("payglot") or []
    assert any(f"payglot-cli=={payglot.__version__}" in one and "testing" in one for one in needed), needed
    script = Path(sys.executable).with_name("payglot")
    for command in ([sys.executable, "-m", "payglot"], [str(script)]):
        ended = run(*command, "--version")
        assert (ended.returncode, ended.stdout) == (0, f"payglot {payglot.__version__}\n")
        sandbox = subprocess.run(
            [*command, "sandbox", "--listen", "127.0.0.1:0", "--json", "--exit-with-stdin"],
            stdin=subprocess.DEVNULL,
            capture_output=True,
            timeout=20,
        )
        assert sandbox.returncode == 0 and b"base_url" in sandbox.stdout


def test_a_command_that_is_not_there(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PAYGLOT_BIN", "/no/such/binary")
    ended = run(sys.executable, "-m", "payglot", "--version")
    assert ended.returncode == 1 and "payglot[testing]" in ended.stderr

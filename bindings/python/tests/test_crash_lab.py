"""Issue 13: the crash lab from a test, with programs that pay, and with receivers of webhooks."""

from __future__ import annotations

import socket
import sys
import textwrap
from pathlib import Path

import pytest
from payglot.testing import CrashReport, SandboxError, crash_lab

PAY = """
import os, pathlib, sys
import payglot
here = pathlib.Path(os.environ["CRASH_LAB_DIR"])
client = payglot.PaywintPlatform(timeout=5)
user = os.environ["SANDBOX_USER_ID"]
def payee():
    known = here / "payee"
    if not known.exists():
        known.write_text(client.payees.create(user, name="Ann", email="ann@example.com").payee_id)
    return known.read_text()
def pay(invoice):
    client.payments.create(user_id=user, payee_id=payee(), amount="10.00", payment_method="WALLET",
                           receiving_method="WALLET", invoice_no=invoice)
"""

SERVE = """
import os, pathlib, threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
import payglot
from payglot.webhooks import paywint_platform
here = pathlib.Path(os.environ["CRASH_LAB_DIR"])
client = payglot.PaywintPlatform(timeout=5)
user = os.environ["SANDBOX_USER_ID"]
def effect(event):
    # What handling does can be seen by the sandbox: one payee for each event.
    client.payees.create(user, name=event.id, email=f"{event.id}@example.com")
class Receiver(BaseHTTPRequestHandler):
    def do_POST(self):
        body = self.rfile.read(int(self.headers["content-length"]))
        secret = os.environ["PAYGLOT_WEBHOOK_SECRET"]
        event = paywint_platform.construct_event(body, self.headers.items(), secret)
        receive(self, event)
    def respond(self, status):
        self.send_response(status)
        self.send_header("content-length", "0")
        self.end_headers()
    def log_message(self, *args): pass
def serve():
    ThreadingHTTPServer(("127.0.0.1", PORT), Receiver).serve_forever()
"""


def program(folder: Path, setup: str, text: str) -> list[str]:
    path = folder / "program.py"
    path.write_text(setup + textwrap.dedent(text))
    return [sys.executable, str(path)]


def wrong(report: CrashReport) -> list[str]:
    return [run.name.partition("/")[2] or run.name for run in report.wrong]


def test_a_payment_that_is_made_anew(tmp_path: Path) -> None:
    report = crash_lab(program(tmp_path, PAY, "pay('INV-1')"))
    assert report.usual == {"paywint-platform/payees.create": 1, "paywint-platform/payments.create": 1}
    assert wrong(report) == [
        "payees.create #1, committed",
        "payees.create #1, in the response",
        "payments.create #1, committed",
        "payments.create #1, in the response",
    ]
    assert report.shortest_wrong == "paywint-platform/payees.create #1, committed"


def test_an_intent_made_anew_at_each_start(tmp_path: Path) -> None:
    """The marker is of no use where its name is another after a restart."""
    text = """
    import uuid
    payee()
    marker = here / str(uuid.uuid4())
    if not marker.exists():
        marker.touch()
        pay(marker.name[:20])
    """
    report = crash_lab(program(tmp_path, PAY, text))
    assert "payments.create #1, committed" in wrong(report)


def test_a_program_that_says_what_is_open(tmp_path: Path) -> None:
    text = """
    def once(name, act):
        done, begun = here / f"{name}.done", here / f"{name}.begun"
        if done.exists():
            return
        if begun.exists():
            sys.exit(f"{name} is open")
        begun.touch()
        act()
        done.touch()
    once("payee", payee)
    once("payment", lambda: pay("INV-1"))
    """
    report = crash_lab(program(tmp_path, PAY, text), random=3)
    assert report.wrong == []
    assert len(report.runs) == 9
    again = crash_lab(program(tmp_path, PAY, text), only=report.runs[0].name)
    assert [run.name for run in again.runs] == [report.runs[0].name]


def receiver(tmp_path: Path, text: str, only: str | None = None) -> CrashReport:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    command = program(tmp_path, SERVE.replace("PORT", str(port)), text)
    trigger = tmp_path / "trigger.py"
    trigger.write_text(
        "import os, urllib.request\n"
        "base, user = os.environ['PAYWINT_BASE_URL'], os.environ['SANDBOX_USER_ID']\n"
        "import payglot\n"
        "client = payglot.PaywintPlatform()\n"
        "payee = client.payees.create(user, name='Ann', email='ann@example.com')\n"
        "client.payments.create(user_id=user, payee_id=payee.payee_id, amount='1.00', invoice_no='INV-1',\n"
        "                       payment_method='WALLET', receiving_method='WALLET')\n"
    )
    url = f"http://127.0.0.1:{port}/"
    return crash_lab(command, webhook=url, trigger=f"'{sys.executable}' '{trigger}'", only=only)


def test_an_event_that_is_acknowledged_before_it_is_handled_is_lost(tmp_path: Path) -> None:
    text = """
    import time
    def receive(self, event):
        self.respond(200)
        time.sleep(0.05)
        effect(event)
    serve()
    """
    report = receiver(tmp_path, text, "payment.success #1, after the delivery")
    assert "nothing says so" in report.wrong[0].problems[0]


def test_an_event_that_is_known_before_it_is_handled_is_lost(tmp_path: Path) -> None:
    """The guard stands before the effect, and outlives the process."""
    text = """
    def receive(self, event):
        known = here / event.id
        if not known.exists():
            known.touch()
            effect(event)
        self.respond(200)
    serve()
    """
    report = receiver(tmp_path, text, "paywint-platform/payees.create #1, lost")
    assert "nothing says so" in report.wrong[0].problems[0]


def test_an_event_that_is_handled_and_then_known_is_not_lost(tmp_path: Path) -> None:
    text = """
    def receive(self, event):
        known = here / event.id
        if not known.exists():
            effect(event)
            known.touch()
        self.respond(200)
    serve()
    """
    report = receiver(tmp_path, text)
    assert not [run for run in report.wrong if "nothing says so" in run.problems[0]]


def test_what_cannot_be_learned_from(tmp_path: Path) -> None:
    with pytest.raises(SandboxError, match="never calls the sandbox"):
        crash_lab([sys.executable, "-c", ""])
    with pytest.raises(SandboxError, match="no disk"):
        crash_lab([sys.executable, "-c", "raise SystemExit('no disk')"])
    with pytest.raises(SandboxError, match="PAYGLOT_BIN"):
        crash_lab(["true"], binary="/nowhere/payglot")

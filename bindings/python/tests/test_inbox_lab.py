"""The inbox in the crash lab (issue 16): receivers and workers of a sandbox's webhooks, killed at random.

An outage of all receivers that is longer than all attempts, deliveries to two receivers at once, some of them
again, and some in reverse order. Every event that the sandbox delivered, or that a list can show, is handled
at least once or stale; none while another of its object is, and none backwards. `PAYGLOT_INBOX_LAB_KILLS`
says how many kills there are.
"""

from __future__ import annotations

import os
import random
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import payglot
import pytest
from payglot.testing import Sandbox, SandboxError
from payglot.webhooks import paywint_developer

KILLS = int(os.environ.get("PAYGLOT_INBOX_LAB_KILLS", "10"))
WORKERS = 4
SECRET = "whsec_canary"
# A database may have events of other tests.
ACCOUNT = f"lab-{os.getpid()}"
# What a payment goes through, in this order.
STEPS = ["initiated", "opened", "processing", "success", "failed", "rejected", "expired", "retried"]

RECEIVER = """
import sys
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from payglot.webhooks.paywint_developer import Inbox

inbox = Inbox(sys.argv[1], sys.argv[2], account=sys.argv[3])

class Handler(BaseHTTPRequestHandler):
    def do_POST(self):
        body = self.rfile.read(int(self.headers["content-length"]))
        self.send_response(inbox.receive(body, dict(self.headers)))
        self.send_header("content-length", "0")
        self.end_headers()

    def log_message(self, *words):
        pass

ThreadingHTTPServer(("127.0.0.1", int(sys.argv[4])), Handler).serve_forever()
"""

WORKER = """
import os, random, sys, time, uuid
from payglot.webhooks import WebhookEvent
from payglot.webhooks.paywint_developer import Inbox

inbox = Inbox(sys.argv[1], sys.argv[2], account=sys.argv[3], backoff=0.02, max_attempts=10_000)
log = os.open(sys.argv[4], os.O_WRONLY | os.O_APPEND)
# A system gives the number of a process that is gone to another one.
me = uuid.uuid4().hex

@inbox.on(WebhookEvent)
def handle(event):
    def write(what):
        line = f"{me} {what} {event.data.payment_id} {event.event} {event.id.replace(' ', '_')}\\n"
        os.write(log, line.encode())

    write("begin")
    time.sleep(random.random() / 100)
    if random.random() < 0.1:
        write("fail")
        raise ValueError("unlucky")
    write("end")

inbox.work(threads=1)
"""


class Lab:
    """Receivers and workers of one store, which can be killed and started again."""

    def __init__(self, store: str, log: Path, ports: list[int]) -> None:
        self.commands = [
            [sys.executable, "-c", RECEIVER, store, SECRET, ACCOUNT, str(port)] for port in ports
        ]
        self.commands += [
            [sys.executable, "-c", WORKER, store, SECRET, ACCOUNT, str(log)] for _ in range(WORKERS)
        ]
        self.receivers = range(len(ports))
        self.running: dict[int, subprocess.Popen[bytes]] = {}

    def start(self, which: int) -> None:
        self.running[which] = subprocess.Popen(self.commands[which], stderr=subprocess.DEVNULL)

    def kill(self, which: int) -> None:
        child = self.running.pop(which)
        child.kill()
        child.wait()


@contextmanager
def lab_of(store: str, log: Path, ports: list[int]) -> Iterator[Lab]:
    lab = Lab(store, log, ports)
    try:
        for which in range(len(lab.commands)):
            lab.start(which)
        yield lab
    finally:
        for which in list(lab.running):
            lab.kill(which)


def free_port() -> int:
    with socket.socket() as there:
        there.bind(("127.0.0.1", 0))
        port: int = there.getsockname()[1]
        return port


def stores(tmp_path: Path) -> list[str]:
    found = [str(tmp_path / "events.db")]
    if url := os.environ.get("PAYGLOT_POSTGRES"):
        found.append(f"{url}postgres")
    return found


def make_payments(sandbox: Sandbox, client: payglot.PaywintDeveloper, lucky: random.Random) -> None:
    """Begin a payment or two, pay most of them, and let time go on."""
    for _ in range(lucky.randrange(1, 3)):
        link = client.payments.create_link(amount="10.10", description="Lab")
        assert link is not None and link.payment_id is not None
        if lucky.random() < 0.8:
            sandbox.pay(link.payment_id)
    sandbox.advance(lucky.randrange(1, 30))


def test_nothing_delivered_or_shown_is_lost_nothing_overlaps_and_nothing_goes_backwards(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    for store in stores(tmp_path):
        strike(store, tmp_path, capsys)


def strike(store: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    log = tmp_path / "handled.log"
    log.write_bytes(b"")
    lucky = random.Random(KILLS)
    ports = [free_port(), free_port()]
    urls = [f"http://127.0.0.1:{port}/" for port in ports]
    inbox = paywint_developer.Inbox(store, SECRET, account=ACCOUNT)
    outages = 0
    with Sandbox(webhook=urls, webhook_secret=SECRET) as sandbox, lab_of(store, log, ports) as lab:
        client = sandbox.client(payglot.PaywintDeveloper)
        endpoints = [endpoint["id"] for endpoint in sandbox.webhook_endpoints()]
        for killed in range(KILLS):
            held = lucky.choice([*endpoints, None])
            if held is not None:
                sandbox.hold_webhooks(held)
            make_payments(sandbox, client, lucky)
            # An outage of all receivers, longer than all attempts.
            is_outage = killed % 10 == 4
            victims = list(lab.receivers) if is_outage else [lucky.randrange(len(lab.commands))]
            for victim in victims:
                lab.kill(victim)
            if is_outage:
                outages += 1
                make_payments(sandbox, client, lucky)
                for seconds in (60, 300, 600):
                    time.sleep(0.3)
                    sandbox.advance(seconds)
                time.sleep(0.3)
            for victim in victims:
                lab.start(victim)
            if held is not None:
                sandbox.release_webhooks(held, order=lucky.choice(["reversed", "as_made"]))
            if events := sandbox.webhook_events():
                with suppress(SandboxError):
                    sandbox.resend_webhook(lucky.choice(events)["id"])
            time.sleep(0.2)
        # The vendor's last attempts, with everybody there.
        for _ in range(4):
            time.sleep(0.5)
            sandbox.advance(600)
        time.sleep(1)
        caught = len(inbox.catch_up(client).stored)
        deadline = time.monotonic() + 120
        while open_events := [one for one in inbox.list() if one.state in ("waiting", "handling")]:
            assert time.monotonic() < deadline, open_events
            time.sleep(0.1)
        delivered = [
            (event["id"], event["event"])
            for event in sandbox.webhook_events()
            if any(attempt["status"] == 200 for one in event["deliveries"] for attempt in one["attempts"])
        ]
        lost = len(sandbox.webhook_events()) - len(delivered)
        shown = [(one.payment_id, f"payment.{one.status}") for one in client.payments.list_received()]
    handled = judge(log.read_text())
    states = {one.id: one.state for one in inbox.list()}
    assert not [one for one in states.values() if one == "dead"]
    for id, name in delivered:
        assert states.get(id) == "stale" or id in handled, (
            f"{name} {id} was delivered and is {states.get(id)}"
        )
    known = {(one.object.removeprefix("payment "), one.event) for one in inbox.list()}
    names = {f"payment.{step}" for step in STEPS}
    for payment, name in shown:
        assert name not in names or (payment, name) in known, (
            f"{name} of {payment} is shown and was not found"
        )
    assert len(delivered) > KILLS
    assert lost > 0 or outages == 0, "an outage loses deliveries"
    assert caught > 0 or outages == 0, "the lists show what was lost"
    with capsys.disabled():
        print(
            f"\n{KILLS} kills, {outages} outages: {len(delivered)} events delivered, {lost} never, "
            f"{caught} caught up, {len(shown)} payments"
        )


def judge(log: str) -> set[str]:
    """The identifiers of what was handled, from what the workers have written, in their order."""
    lines = [line.split(" ") for line in log.splitlines()]
    last = {words[0]: position for position, words in enumerate(lines)}
    holders: dict[str, tuple[str, str]] = {}
    reached: dict[str, int] = {}
    handled: set[str] = set()
    for position, (process, what, payment, event, id) in enumerate(lines):
        if what == "begin":
            if payment in holders:
                # A process that was killed writes nothing any more.
                holder, other = holders[payment]
                assert last[holder] < position, f"{other} and {id} of {payment} were handled at once"
            holders[payment] = (process, id)
            step = STEPS.index(event.removeprefix("payment."))
            assert reached.get(payment, 0) <= step, f"{event} of {payment} was handled after a later event"
            reached[payment] = step
        else:
            assert holders.pop(payment) == (process, id), f"{id} of {payment} ended twice"
            if what == "end":
                handled.add(id)
    return handled


@pytest.mark.parametrize(
    ("log", "words"),
    [
        ("1 begin p payment.opened a\n2 begin p payment.success b\n1 end p payment.opened a\n", "at once"),
        (
            "1 begin p payment.success b\n1 end p payment.success b\n1 begin p payment.opened a\n",
            "after a later event",
        ),
    ],
)
def test_the_judge_sees_what_is_wrong(log: str, words: str) -> None:
    with pytest.raises(AssertionError, match=words):
        judge(log)


def test_the_judge_takes_what_is_right() -> None:
    killed = "1 begin p payment.opened a\n2 begin p payment.opened a\n2 end p payment.opened a\n"
    assert judge(killed) == {"a"}

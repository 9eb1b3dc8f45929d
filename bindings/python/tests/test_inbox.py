"""The inbox (issue 16): what is acknowledged is handled, at least once, one at a time for each object."""

from __future__ import annotations

import asyncio
import json
import os
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path
from typing import Any

import payglot
import pytest
from conftest import USER
from payglot import webhooks
from payglot.webhooks import UnknownEvent, WebhookEvent, paywint_developer, paywint_platform
from payglot.webhooks.paywint_platform import (
    AsyncInbox,
    Inbox,
    KycApprovedEvent,
    PaymentProcessingEvent,
    PaymentSuccessEvent,
    sample_delivery,
)
from scripted import Reply, Server, data

SECRET = "whsec_canary"


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "payments.db"


def inbox_at(path: Path, **given: Any) -> Inbox:
    return Inbox(path, SECRET, **{"backoff": 0.01, **given})


def deliver(inbox: Inbox, event: Any = "payment.success", **given: Any) -> int:
    delivery = sample_delivery(event, SECRET, data=given)
    return inbox.receive(delivery.body, delivery.headers)


def test_what_is_acknowledged_is_handled_once(path: Path) -> None:
    inbox = inbox_at(path)
    delivery = sample_delivery("payment.success", SECRET, data={"payment_id": "p-1"})
    assert [inbox.receive(delivery.body, delivery.headers) for _ in range(2)] == [200, 200]
    assert inbox.receive(delivery.body + b" ", delivery.headers) == 401
    assert inbox.receive(delivery.body, {}) == 401
    seen: list[PaymentSuccessEvent] = []

    # Another process, later.
    worker = inbox_at(path)

    @worker.on(PaymentSuccessEvent)
    def handle(event: PaymentSuccessEvent) -> None:
        seen.append(event)

    assert worker.work_off() == 1
    assert worker.work_off() == 0
    (event,) = seen
    assert event.data is not None
    assert (event.event, event.data.payment_id) == ("payment.success", "p-1")
    stored = inbox.get(event.id)
    assert stored is not None
    assert (stored.state, stored.attempts, stored.object) == ("handled", 1, "payment p-1")
    assert inbox.get("none") is None
    assert b"whsec_canary" not in path.read_bytes()


def test_a_store_that_cannot_be_used_acknowledges_nothing(path: Path) -> None:
    inbox = inbox_at(path)
    with pytest.raises(payglot.JournalError):
        Inbox(path.parent, SECRET)
    inbox._journal.close()
    path.unlink()
    path.mkdir()
    assert deliver(inbox) == 503


def test_a_handler_that_fails_is_tried_again_until_the_event_is_dead(
    path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    inbox = inbox_at(path, max_attempts=2, backoff=1)

    @inbox.on(PaymentSuccessEvent)
    def handle(event: PaymentSuccessEvent) -> None:
        raise LookupError("canary of a payload")

    deliver(inbox)
    assert inbox.work_off() == 1
    time.sleep(1.1)
    assert inbox.work_off() == 1
    (dead,) = inbox.dead()
    assert (dead.state, dead.attempts, dead.last_error) == ("dead", 2, "LookupError")
    assert "canary" not in caplog.text
    assert "canary" not in repr(dead)
    again = inbox.retry(dead.id)
    assert (again.state, again.attempts) == ("waiting", 0)
    handled: list[str] = []
    inbox.on(PaymentSuccessEvent)(lambda event: handled.append(event.id))
    assert inbox.work_off() == 1
    assert handled == [dead.id]
    with pytest.raises(payglot.InvalidRequestError, match="`id` is of an event that is handled"):
        inbox.retry(dead.id)


def test_events_are_handled_in_threads_until_it_is_stopped(path: Path) -> None:
    inbox = inbox_at(path)
    lock = threading.Lock()
    at_once: dict[str, int] = {}
    seen: list[str] = []

    @inbox.on(PaymentSuccessEvent)
    def handle(event: PaymentSuccessEvent) -> None:
        assert event.data is not None
        payment = str(event.data.payment_id)
        with lock:
            at_once[payment] = at_once.get(payment, 0) + 1
            assert at_once[payment] == 1, "two events of one payment at once"
        time.sleep(0.005)
        with lock:
            at_once[payment] -= 1
            seen.append(event.id)
            if len(seen) == 20:
                inbox.stop()

    for number in range(20):
        assert deliver(inbox, payment_id=f"p-{number % 3}") == 200
    worker = threading.Thread(target=inbox.work)
    worker.start()
    worker.join(30)
    assert not worker.is_alive()
    assert len(set(seen)) == 20
    assert {event.state for event in inbox.list()} == {"handled"}


def test_asyncio_handles_events_at_once_and_ends_when_it_is_cancelled(path: Path) -> None:
    seen: list[str] = []
    running = 0
    most = 0

    async def main() -> None:
        inbox = AsyncInbox(path, SECRET, backoff=0.01)
        done = asyncio.Event()

        @inbox.on(WebhookEvent)
        async def handle(event: WebhookEvent) -> None:
            nonlocal running, most
            running += 1
            most = max(most, running)
            await asyncio.sleep(0.05)
            running -= 1
            if len(seen) == 1:
                seen.append("failed")
                raise ValueError("once")
            seen.append(event.id)
            if len(seen) == 9:
                done.set()

        for number in range(8):
            delivery = sample_delivery("payment.success", SECRET, data={"payment_id": f"p-{number}"})
            assert await inbox.receive(delivery.body, delivery.headers) == 200
        working = asyncio.create_task(inbox.work(at_once=4))
        await asyncio.wait_for(done.wait(), 30)
        await asyncio.sleep(0.1)
        working.cancel()
        with pytest.raises(asyncio.CancelledError):
            await working
        assert {event.state for event in await inbox.list()} == {"handled"}
        assert await inbox.dead() == []
        assert await inbox.work_off() == 0

    asyncio.run(main())
    assert 1 < most <= 4


def test_the_object_is_read_as_it_is_now_and_tells_of_unknown_intents(path: Path, server: Server) -> None:
    journal = payglot.Journal(path)
    client = payglot.PaywintPlatform(
        platform_id="id", secret_key="key", base_url=server.url, journal=journal, max_retries=0, tag=True
    )
    payment: dict[str, Any] = {
        "user_id": USER,
        "payee_id": USER,
        "amount": "10.10",
        "payment_method": "WALLET",
        "receiving_method": "WALLET",
        "invoice_no": "",
    }
    server.play(Reply(500))
    with pytest.raises(payglot.OutcomeUnknownError):
        client.payments.create(**payment, intent="invoice 1")
    (unknown,) = journal.unknown()
    inbox = Inbox(journal, SECRET)
    objects: list[Any] = []

    @inbox.on(PaymentSuccessEvent, refresh=client)
    def handle(event: PaymentSuccessEvent, now: Any) -> None:
        objects.append(now)

    deliver(inbox, payment_id=USER)
    record = f'{{"payment_id": "{USER}", "status": "success", "invoice_no": "{unknown.reference}"}}'
    server.play(data(record))
    assert inbox.work_off() == 1
    assert (objects[0].status, objects[0].invoice_no) == ("success", unknown.reference)
    intent = journal.get("invoice 1")
    assert intent is not None
    assert (intent.state, intent.response["payment_id"]) == ("succeeded", USER)
    assert [change.by for change in intent.log()][-1] == "inbox"


def test_a_process_that_is_killed_in_a_handler_loses_nothing(path: Path, tmp_path: Path) -> None:
    inbox = inbox_at(path)
    assert deliver(inbox) == 200
    program = f"""
import sys, time
from payglot.webhooks.paywint_platform import Inbox, PaymentSuccessEvent
inbox = Inbox({str(path)!r}, {SECRET!r})
@inbox.on(PaymentSuccessEvent)
def handle(event):
    print("handling", flush=True)
    time.sleep(60)
inbox.work(threads=1)
"""
    worker = subprocess.Popen([sys.executable, "-c", program], stdout=subprocess.PIPE, text=True)
    assert worker.stdout is not None
    assert worker.stdout.readline() == "handling\n"
    handled: list[int] = []
    inbox.on(PaymentSuccessEvent)(lambda event: handled.append(1))
    assert inbox.work_off() == 0, "while another process handles it"
    worker.send_signal(signal.SIGKILL)
    worker.wait()
    worker.stdout.close()
    assert inbox.work_off() == 1
    assert handled == [1]


@pytest.mark.skipif(not hasattr(os, "fork"), reason="there is no fork")
def test_a_child_of_a_fork_has_the_same_inbox(path: Path) -> None:
    inbox = inbox_at(path)
    inbox.on(PaymentSuccessEvent)(lambda event: None)
    deliver(inbox)
    child = os.fork()
    if child == 0:
        os._exit(0 if inbox.work_off() == 1 else 1)
    assert os.waitpid(child, 0)[1] == 0
    assert inbox.work_off() == 0


def test_what_cannot_be_is_refused(path: Path) -> None:
    inbox = inbox_at(path)
    for wrong in (paywint_developer.PaymentSuccessEvent, str, "payment.success"):
        with pytest.raises(payglot.InvalidRequestError, match="`event` must be a class"):
            inbox.on(wrong)  # type: ignore[arg-type,type-var]
    with pytest.raises(payglot.InvalidRequestError, match="`refresh`"):
        inbox.on(UnknownEvent, refresh=payglot.PaywintPlatform(platform_id="a", secret_key="b"))
    with pytest.raises(payglot.InvalidRequestError, match="`max_attempts` must be 1 or more"):
        inbox_at(path, max_attempts=0)
    with pytest.raises(payglot.InvalidRequestError, match="`lease`"):
        inbox_at(path, lease=0)
    with pytest.raises(payglot.ConfigurationError, match="secret is empty"):
        Inbox(path, "")
    with pytest.raises(payglot.InvalidRequestError, match="`body`"):
        inbox.receive({}, {})  # type: ignore[arg-type]
    assert repr(inbox) == "Inbox()"


def test_events_wait_for_a_handler_and_accounts_are_apart(path: Path) -> None:
    inbox, other = inbox_at(path), inbox_at(path, account="platform 2")
    deliver(inbox, "kyc.approved", user_id=USER)
    inbox.on(PaymentProcessingEvent)(lambda event: None)
    assert inbox.work_off() == 0
    other.on(WebhookEvent)(lambda event: None)
    assert other.work_off() == 0
    assert [event.object for event in inbox.list(state="waiting")] == [f"kyc {USER}"]
    inbox.on(KycApprovedEvent)(lambda event: None)
    assert inbox.work_off() == 1
    assert paywint_platform.Inbox is Inbox


def test_what_was_never_delivered_is_found_by_what_the_vendor_shows(path: Path, server: Server) -> None:
    client = payglot.PaywintDeveloper(api_key="k", api_secret="s", base_url=server.url)
    inbox = paywint_developer.Inbox(path, SECRET)
    seen: list[tuple[str, str]] = []

    @inbox.on(WebhookEvent)
    def handle(event: WebhookEvent) -> None:
        seen.append((event.event, str(event.data.payment_id)))

    one, two = USER, USER[:-1] + ("0" if USER[-1] != "0" else "1")
    delivery = paywint_developer.sample_delivery("payment.success", SECRET, data={"payment_id": one})
    assert inbox.receive(delivery.body, delivery.headers) == 200
    rows = [{"payment_id": one, "status": "success"}, {"payment_id": two, "status": "failed"}]
    record = data({"payment_id": one, "status": "success"})
    page = Reply(body=json.dumps({"success": True, "message": "ok", "records": rows, "totalRecords": 2}))
    server.play(page, record)
    caught = inbox.catch_up(client)
    assert caught.stored == (f"catch-up payment.failed {two}",)
    assert caught.not_shown == ()
    assert inbox.work_off() == 2
    assert sorted(seen) == sorted([("payment.success", one), ("payment.failed", two)])
    # Nothing is found twice.
    states = {one: "success", two: "failed"}
    server.play(page, *(data({"payment_id": each, "status": states[each]}) for each in sorted(states)))
    assert inbox.catch_up(client).stored == ()
    # A delivery that comes after all is a duplicate: it arose before.
    late = paywint_developer.sample_delivery("payment.failed", SECRET, data={"payment_id": two})
    fields = {**json.loads(late.body), "eventGeneratedTime": 1_000_000_000}
    body, now = json.dumps(fields), int(time.time())
    headers = {"X-Webhook-Timestamp": str(now), "X-Webhook-Signature": webhooks.sign(body, now, SECRET)}
    assert inbox.receive(body, headers) == 200
    assert inbox.work_off() == 0
    with pytest.raises(payglot.InvalidRequestError, match="`client` is not of the inbox's provider"):
        inbox.catch_up(payglot.PaywintPlatform(platform_id="a", secret_key="b"))

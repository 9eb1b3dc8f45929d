"""The journal (issue 13): nothing is done twice, by whatever process, after whatever crash."""

from __future__ import annotations

import asyncio
import os
import pickle
import signal
import sqlite3
import subprocess
import sys
import time
from collections.abc import Callable
from decimal import Decimal
from pathlib import Path
from shutil import which
from typing import Any

import payglot
import pytest
from conftest import USER
from payglot.testing import Sandbox
from scripted import Drop, Hang, Reply, Server, data

PAYMENT: dict[str, Any] = {
    "user_id": USER,
    "payee_id": USER,
    "amount": "10.10",
    "payment_method": "WALLET",
    "receiving_method": "WALLET",
    "invoice_no": "INV-1",
}
RECORD = '{"payment_id": "p-1", "amount": 10.10, "status": "success", "extra-canary": 1}'

Run = Callable[[str], str]


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "payments.db"


@pytest.fixture
def journal(path: Path) -> payglot.Journal:
    return payglot.Journal(path)


@pytest.fixture
def client(server: Server, journal: payglot.Journal) -> payglot.PaywintPlatform:
    return client_of(server, journal)


def client_of(server: Server, journal: payglot.Journal, **given: Any) -> payglot.PaywintPlatform:
    return payglot.PaywintPlatform(
        platform_id="id",
        secret_key="canary-key",
        base_url=server.url,
        journal=journal,
        max_retries=0,
        **given,
    )


def pay(client: Any, intent: str | None, **given: Any) -> Any:
    return client.payments.create(**PAYMENT, **given, intent=intent)


def test_an_intent_is_done_once(server: Server, client: payglot.PaywintPlatform, path: Path) -> None:
    server.play(data(RECORD))
    payment = pay(client, "invoice 1")
    # Another process, later.
    again = client_of(server, payglot.Journal(path))
    replayed = pay(again, "invoice 1")
    assert (payment.payment_id, replayed.payment_id) == ("p-1", "p-1")
    assert replayed.amount == Decimal("10.10")
    raw = again.with_raw_response.payments.create(**PAYMENT, intent="invoice 1")
    assert (raw.is_replay, raw.status, raw.parse()) == (True, 200, replayed)
    assert len(server.requests) == 1
    assert not client.with_raw_response.payments.create(**PAYMENT, intent="invoice 2").is_replay


def test_an_intent_of_an_awaited_call(server: Server, journal: payglot.Journal) -> None:
    server.play(data(RECORD))

    async def main() -> None:
        async with payglot.AsyncPaywintPlatform(
            platform_id="id", secret_key="key", base_url=server.url, journal=journal
        ) as client:
            calls = [client.payments.create(**PAYMENT, intent="invoice 1") for _ in range(20)]
            assert {payment.payment_id for payment in await asyncio.gather(*calls)} == {"p-1"}
            raw = await client.request("POST", "/x", json={}, intent="raw")
            assert not raw.is_replay
            assert (await client.request("POST", "/x", json={}, intent="raw")).is_replay

    asyncio.run(main())
    assert len(server.requests) == 2


def test_what_a_call_under_an_intent_refuses(
    server: Server, client: payglot.PaywintPlatform, journal: payglot.Journal
) -> None:
    with pytest.raises(payglot.InvalidRequestError, match=r"payments.create: `intent` is missing"):
        pay(client, None)
    for name in ("", "x" * 256, "a\nb"):
        with pytest.raises(payglot.InvalidRequestError, match="1 to 255 printable"):
            pay(client, name)
    with pytest.raises(payglot.InvalidRequestError, match="`intent` must be text"):
        pay(client, 7)  # type: ignore[arg-type]
    with pytest.raises(payglot.InvalidRequestError, match="needs a client that was built with a `journal`"):
        pay(payglot.PaywintPlatform(platform_id="id", secret_key="key", base_url=server.url), "a")
    with pytest.raises(payglot.ConfigurationError, match="`journal` must be a payglot.Journal"):
        client_of(server, "payments.db")  # type: ignore[arg-type]
    assert server.requests == []
    server.play(data(RECORD))
    pay(client_of(server, journal, require_intent=False), None)
    assert len(server.requests) == 1


def test_other_arguments_are_another_intent(server: Server, client: payglot.PaywintPlatform) -> None:
    server.play(data(RECORD))
    pay(client, "invoice 1")
    with pytest.raises(payglot.IntentMismatchError) as caught:
        client.payments.create(**{**PAYMENT, "amount": "10.11"}, intent="invoice 1")
    assert not caught.value.may_have_happened
    assert len(server.requests) == 1


def test_what_is_unknown_is_not_sent_again_until_a_person_says_so(
    server: Server, client: payglot.PaywintPlatform, journal: payglot.Journal
) -> None:
    server.play(Drop(), Drop(), data(RECORD))
    for name in ("a", "b"):
        for _ in range(2):
            with pytest.raises(payglot.OutcomeUnknownError) as caught:
                pay(client, name)
            assert caught.value.may_have_happened
    assert len(server.requests) == 2
    assert [intent.name for intent in journal.unknown()] == ["a", "b"]
    done, not_done = journal.unknown()
    done = done.succeeded(by="Ada", because="the vendor's page shows it")
    not_done.release(by="Ada", because="the vendor's page does not show it")
    assert done.state == "succeeded"
    assert pay(client, "a") is None
    assert pay(client, "b").payment_id == "p-1"
    assert len(server.requests) == 3
    assert journal.unknown() == []
    with pytest.raises(payglot.InvalidRequestError, match="only what is unknown"):
        done.release(by="Ada", because="why")
    with pytest.raises(payglot.InvalidRequestError, match="`by` must be"):
        done.release(by="", because="why")


def test_what_a_journal_tells(
    server: Server, client: payglot.PaywintPlatform, journal: payglot.Journal
) -> None:
    rejection = Reply(422, '{"detail": "no"}', {"x-request-id": "r-1"})
    server.play(rejection, data(RECORD), Drop())
    with pytest.raises(payglot.UnprocessableEntityError):
        pay(client, "a")
    intent = journal.get("a")
    assert intent is not None
    assert (intent.state, intent.status, intent.request_id) == ("refused", 422, "r-1")
    assert (intent.provider, intent.account, intent.operation) == (
        "paywint-platform",
        "id",
        "payments.create",
    )
    pay(client, "a")
    intent = journal.get("a")
    assert intent is not None
    assert intent.response == {"payment_id": "p-1", "amount": Decimal("10.10"), "status": "success"}
    assert intent.attempts == 2
    assert intent.created_at.tzinfo is not None and intent.created_at <= intent.updated_at
    changes = intent.log()
    assert [change.state for change in changes] == ["sending", "refused", "sending", "succeeded"]
    assert all(f"process {os.getpid()}" in change.by and change.because for change in changes)
    assert "p-1" not in repr(intent)
    with pytest.raises(payglot.OutcomeUnknownError):
        pay(client, "b")
    assert journal.get("c") is None
    assert [found.name for found in journal.list(operation="payments.create")] == ["a", "b"]
    assert [found.name for found in journal.list(state="succeeded", name="a")] == ["a"]
    with pytest.raises(payglot.InvalidRequestError, match="`state` must be one of"):
        journal.list(state="gone")  # type: ignore[arg-type]


def test_a_location_that_cannot_be_used(tmp_path: Path) -> None:
    with pytest.raises(payglot.ConfigurationError, match="`location` has the scheme `mysql`"):
        payglot.Journal("mysql://user:canary@host/db")
    with pytest.raises(payglot.JournalError, match="make the folder") as caught:
        payglot.Journal(tmp_path / "missing" / "payments.db")
    assert caught.value.__cause__ is not None
    with pytest.raises(payglot.JournalError) as caught:
        payglot.Journal("postgresql://user:canary@127.0.0.1:1/db")
    frames: list[object] = []
    traceback = caught.value.__traceback__
    while traceback is not None:
        if (
            "payglot" in traceback.tb_frame.f_code.co_filename
            and "tests" not in traceback.tb_frame.f_code.co_filename
        ):
            frames += [name for name, value in traceback.tb_frame.f_locals.items() if "canary" in repr(value)]
        traceback = traceback.tb_next
    assert frames == []
    assert "canary" not in str(caught.value)


def test_nothing_is_sent_when_the_journal_cannot_be_written(
    server: Server, client: payglot.PaywintPlatform, journal: payglot.Journal, path: Path
) -> None:
    server.play(data(RECORD))
    pay(client, "a")
    journal.close()
    path.write_bytes(b"no journal any more" * 100)
    for suffix in ("-wal", "-shm"):
        path.with_name(path.name + suffix).unlink(missing_ok=True)
    with pytest.raises(payglot.JournalError, match="nothing was sent") as caught:
        pay(client, "b")
    assert not caught.value.may_have_happened
    assert len(server.requests) == 1


def test_a_call_that_is_cancelled_is_unknown(server: Server, journal: payglot.Journal) -> None:
    server.play(Hang())

    async def main() -> None:
        async with payglot.AsyncPaywintPlatform(
            platform_id="id", secret_key="key", base_url=server.url, journal=journal
        ) as client:
            with pytest.raises(asyncio.TimeoutError):
                await asyncio.wait_for(client.payments.create(**PAYMENT, intent="a"), 0.3)
            with pytest.raises(payglot.OutcomeUnknownError):
                await client.payments.create(**PAYMENT, intent="a")

    asyncio.run(main())
    assert len(server.requests) == 1


def test_another_process_waits_or_learns_of_a_death(server: Server, path: Path) -> None:
    server.play(Hang())
    program = f"""
import payglot
journal = payglot.Journal({str(path)!r})
client = payglot.PaywintPlatform(
    platform_id="id", secret_key="key", base_url={server.url!r}, journal=journal
)
client.payments.create(**{PAYMENT!r}, intent="a")
"""
    worker = subprocess.Popen([sys.executable, "-c", program])
    while not server.requests:
        assert worker.poll() is None
        time.sleep(0.01)
    client = client_of(server, payglot.Journal(path))
    with pytest.raises(payglot.IntentInProgressError) as caught:
        pay(client, "a", timeout=0.3)
    assert caught.value.may_have_happened
    worker.send_signal(signal.SIGKILL)
    worker.wait()
    with pytest.raises(payglot.OutcomeUnknownError):
        pay(client, "a")
    assert len(server.requests) == 1


@pytest.mark.skipif(not hasattr(os, "fork"), reason="no fork here")
def test_a_journal_is_usable_on_both_sides_of_a_fork(server: Server, path: Path) -> None:
    server.play(data(RECORD))
    program = f"""
import os, payglot, threading
journal = payglot.Journal({str(path)!r})
client = payglot.PaywintPlatform(platform_id="id", secret_key="key", base_url={server.url!r}, journal=journal)
payment = {PAYMENT!r}
client.payments.create(**payment, intent="before")
stop = threading.Event()
def others():
    count = 0
    while not stop.is_set():
        client.payments.create(**payment, intent=f"thread {{count}}")
        count += 1
thread = threading.Thread(target=others)
thread.start()
children = []
for number in range(20):
    child = os.fork()
    if child == 0:
        status = 1
        try:
            assert client.payments.create(**payment, intent="before").payment_id == "p-1"
            client.payments.create(**payment, intent=f"child {{number}}")
            client.payments.create(**payment, intent="one of all")
            assert journal.get(f"child {{number}}").state == "succeeded"
            status = 0
        finally:
            os._exit(status)
    children.append(child)
    client.payments.create(**payment, intent=f"parent {{number}}")
for child in children:
    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0
stop.set()
thread.join()
names = [intent.name for intent in journal.list(state="succeeded")]
assert len(names) == len(journal.list()), journal.unknown()
assert len([name for name in names if name.startswith("child")]) == 20
print(len(names))
"""
    run = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, timeout=120)
    assert run.returncode == 0, run.stderr
    assert len(server.requests) == int(run.stdout)


@pytest.mark.skipif(not hasattr(os, "fork"), reason="no fork here")
def test_a_fork_that_python_does_not_see_is_told(path: Path) -> None:
    program = f"""
import ctypes, os, payglot
journal = payglot.Journal({str(path)!r})
child = ctypes.PyDLL(None).fork()
if child == 0:
    status = 1
    try:
        journal.unknown()
    except payglot.JournalError as error:
        status = 0 if "open the journal in the child" in str(error) else 2
    finally:
        os._exit(status)
assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0
assert journal.unknown() == []
"""
    subprocess.run([sys.executable, "-c", program], check=True, timeout=60)


def test_nothing_secret_is_in_the_file(
    server: Server, client: payglot.PaywintPlatform, journal: payglot.Journal, path: Path
) -> None:
    server.play(data('{"payment_id": "p-1", "memo": "canary-unmodelled", "amount": 1}'))
    client.payments.create(**{**PAYMENT, "description": "canary-argument"}, intent="a")
    server.play(data('{"secure_link": "https://canary-link"}'))
    client.cards.create_update_link(USER, card_id=USER, card_purpose="PAYMENT", intent="b")
    journal.close()
    for file in path.parent.iterdir():
        assert b"canary" not in file.read_bytes(), file
    replayed = client.cards.create_update_link(USER, card_id=USER, card_purpose="PAYMENT", intent="b")
    with pytest.raises(payglot.ResponseFormatError, match="a journal that replays a response"):
        _ = replayed.secure_link


def settle(path: Path) -> None:
    with sqlite3.connect(path) as file:
        file.execute("UPDATE payglot_intent SET updated_at = updated_at - 120000")


def test_a_payment_carries_its_reference_where_that_is_asked_for(
    server: Server, journal: payglot.Journal
) -> None:
    server.play(*[data(RECORD) for _ in range(4)])
    tagging = client_of(server, journal, tag=True)
    free = {**PAYMENT, "invoice_no": ""}
    tagging.payments.create(**free, intent="a")
    intent = journal.get("a")
    assert intent is not None and len(intent.reference) == 15
    assert server.requests[0].json["invoice_no"] == intent.reference
    assert server.requests[0].json["amount"] == 10.1
    # What the caller gave is sent as it is, and without being asked nothing is put there.
    tagging.payments.create(**PAYMENT, intent="b")
    client_of(server, journal).payments.create(**free, intent="c")
    assert [request.json["invoice_no"] for request in server.requests[1:]] == ["INV-1", ""]
    # It is the same intent, with a tag or without.
    assert client_of(server, journal).payments.create(**free, intent="a").payment_id == "p-1"

    async def main() -> None:
        async with payglot.AsyncPaywintPlatform(
            platform_id="id", secret_key="key", base_url=server.url, journal=journal, tag=True
        ) as client:
            await client.payments.create(**free, intent="d")

    asyncio.run(main())
    other = journal.get("d")
    assert other is not None and server.requests[3].json["invoice_no"] == other.reference
    assert other.reference != intent.reference
    with pytest.raises(payglot.ConfigurationError, match="`tag` must be"):
        client_of(server, journal, tag="yes")


def test_what_became_of_an_intent_is_looked_up(journal: payglot.Journal, path: Path) -> None:
    with Sandbox() as sandbox:
        given: dict[str, Any] = {"journal": journal, "max_retries": 0}
        client = sandbox.client(payglot.PaywintPlatform, **given)
        users = len(list(client.users.list()))
        for name, kind in [("done", "reset_after_commit"), ("not done", "reset_before")]:
            sandbox.add_fault("paywint-platform/users.create", kind)
            with pytest.raises(payglot.OutcomeUnknownError):
                client.users.create(name="Ada", email=f"{kind}@example.com", intent=name)
        done, not_done = journal.unknown()
        early = done.resolve(client)
        assert (early.found, early.intent.state) == ("too_early", "unknown")
        assert early.wait is not None and 30 < early.wait <= 60
        settle(path)

        found = done.resolve(client)
        assert (found.found, found.intent.state) == ("found", "succeeded")
        assert found.intent.response["email"] == "reset_after_commit@example.com"
        assert [change.by for change in done.log()][-1] == "look-up"
        replayed = client.users.create(name="Ada", email="reset_after_commit@example.com", intent="done")
        assert replayed is not None and replayed.user_id == found.intent.response["user_id"]

        async def look() -> payglot.Resolution:
            return await not_done.resolve(sandbox.client(payglot.AsyncPaywintPlatform, **given))

        absent = asyncio.run(look())
        assert (absent.found, absent.proves_absence, absent.intent.state) == ("not_found", True, "released")
        client.users.create(name="Ada", email="reset_before@example.com", intent="not done")
        assert len(list(client.users.list())) == users + 2

        with pytest.raises(payglot.InvalidRequestError, match="only what is unknown can be looked up"):
            done.resolve(client)
        other = sandbox.client(payglot.PaywintDeveloper)
        with pytest.raises(payglot.InvalidRequestError, match="`client` is not of the intent's account"):
            done.resolve(other)


def test_what_may_be_it_is_shown(server: Server, client: payglot.PaywintPlatform, path: Path) -> None:
    journal = payglot.Journal(path)
    server.play(Drop())
    with pytest.raises(payglot.OutcomeUnknownError):
        transfer = {"from_bank_id": USER, "destination": "WALLET", "memo": "canary"}
        client.withdrawals.transfer_from_pw_bank(USER, amount="10.10", **transfer, intent="a")
    settle(path)
    record = f'{{"id": "t-1", "pw_bank_id": "{USER}", "amount": 10.1, "is_credit": false}}'
    server.play(Reply(body=f'{{"success": true, "records": [{record}], "totalRecords": 1}}'))
    [unknown] = journal.unknown()
    told = unknown.resolve(client)
    assert (told.found, told.intent.state) == ("ambiguous", "unknown")
    assert told.candidates == (
        {"id": "t-1", "pw_bank_id": USER, "amount": Decimal("10.1"), "is_credit": False},
    )
    assert "pw_bank_accounts.list_transactions" in told.advice
    assert "t-1" not in repr(told)

    # A list that fails is an error, and the intent stays as it was.
    server.play(Reply(401, body="{}"))
    with pytest.raises(payglot.AuthenticationError):
        unknown.resolve(client)
    server.play(Drop())
    with pytest.raises(payglot.OutcomeUnknownError):
        client.payments.create(**PAYMENT, intent="b")
    [_, payment] = journal.unknown()
    told = payment.resolve(client)
    assert (told.found, told.candidates) == ("not_published", ())
    assert "is given `user_id`" in told.advice
    settle(path)
    sent = '{"payment_id": "p-1", "amount": 10.1, "invoice_no": "INV-1"}'
    server.play(Reply(body=f'{{"success": true, "records": [{sent}], "totalRecords": 1}}'))
    [_, payment] = journal.unknown()
    told = payment.resolve(client, user_id=USER)
    assert (told.found, len(told.candidates)) == ("ambiguous", 1)
    assert server.requests[-1].target.endswith(f"/list-received-payment/{USER}")
    with pytest.raises(payglot.InvalidRequestError, match="`payee` is not what the look-up"):
        payment.resolve(client, payee=USER)


def test_a_look_up_leaves_no_connection_that_awaited_calls_cannot_use(
    server: Server, journal: payglot.Journal, path: Path
) -> None:
    """A look-up runs on the thread that waits for it, and its connection with it."""
    record = f'{{"id": "t-1", "pw_bank_id": "{USER}", "amount": 10.1, "is_credit": false}}'
    rows = f'{{"success": true, "records": [{record}], "totalRecords": 1}}'

    async def main() -> None:
        async with payglot.AsyncPaywintPlatform(
            platform_id="id", secret_key="canary-key", base_url=server.url, journal=journal, max_retries=0
        ) as client:
            server.play(Drop())
            with pytest.raises(payglot.OutcomeUnknownError):
                await client.withdrawals.transfer_from_pw_bank(
                    USER, amount="10.10", from_bank_id=USER, destination="WALLET", intent="a"
                )
            settle(path)
            [unknown] = journal.unknown()
            server.play(Reply(body=rows))
            told = await unknown.resolve(client)
            assert told.found == "ambiguous"
            for _ in range(3):
                await client.bank_accounts.list(USER, timeout=2)

    asyncio.run(main())


def test_a_journal_is_no_argument_of_another_process(journal: payglot.Journal) -> None:
    assert repr(journal) == "Journal()"
    with pytest.raises(TypeError):
        pickle.dumps(journal)


@pytest.mark.skipif(
    "PAYGLOT_POSTGRES" not in os.environ or which("psql") is None,
    reason="no server of PostgreSQL is named, or there is no psql",
)
def test_what_a_transaction_recorded_is_sent_once(server: Server) -> None:
    """The outbox: `payglot_record` is called by the owner of the order, here through psql."""
    url = os.environ["PAYGLOT_POSTGRES"] + "postgres"
    journal = payglot.Journal(url)
    account = f"shop-{os.getpid()}"
    client = payglot.PaywintPlatform(
        platform_id=account, secret_key="key", base_url=server.url, journal=journal, max_retries=0
    )
    server.play(Reply(422, "{}"), data(RECORD))
    names = ["order 1", "order 2"]
    for name in names:
        record = f"SELECT payglot_record('paywint-platform', '{account}', 'payments.create', '{name}')"
        subprocess.run(
            ["psql", "--quiet", "--no-psqlrc", url, "-c", record], check=True, stdout=subprocess.DEVNULL
        )

    def send(intent: payglot.Intent) -> None:
        assert intent.state == "recorded"
        pay(client, intent.name)

    mine = [(i.name, e) for i, e in journal.send_recorded(send) if i.account == account]
    assert [name for name, _ in mine] == names
    assert isinstance(mine[0][1], payglot.UnprocessableEntityError) and mine[1][1] is None
    assert journal.send_recorded(send) == []
    states = {i.name: i.state for i in journal.list() if i.account == account}
    assert states == {"order 1": "refused", "order 2": "succeeded"}

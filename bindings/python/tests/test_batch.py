"""Batches (issue 16): each row is paid at most once, however often the batch is run."""

from __future__ import annotations

import asyncio
import json
import signal
import subprocess
import sys
from decimal import Decimal
from pathlib import Path
from typing import Any

import payglot
import pytest
from conftest import USER
from scripted import Drop, Reply, Server, data
from test_journal import RECORD, client_of

COMMON: dict[str, Any] = {
    "user_id": USER,
    "payee_id": USER,
    "payment_method": "WALLET",
    "receiving_method": "WALLET",
}


def row(number: int, amount: Any = "10.10", **given: Any) -> dict[str, Any]:
    return {"key": f"e-{number}", "amount": amount, "invoice_no": f"INV-{number}", **COMMON, **given}


def rows(count: int) -> list[dict[str, Any]]:
    return [row(number) for number in range(1, count + 1)]


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "payments.db"


@pytest.fixture
def client(server: Server, path: Path) -> payglot.PaywintPlatform:
    return client_of(server, payglot.Journal(path))


def states(report: payglot.BatchReport) -> list[str]:
    return [row.state for row in report.rows]


def test_each_row_is_paid_once(server: Server, client: payglot.PaywintPlatform) -> None:
    server.play(data(RECORD))
    seen: list[payglot.BatchProgress] = []
    batch = client.batch("payroll", rows(3), at_most="50000")
    report = batch.run(progress=seen.append)
    assert states(report) == ["paid"] * 3 and report.end == "complete"
    first = report.rows[0]
    assert (first.key, first.amount, first.intent) == ("e-1", Decimal("10.10"), "payroll/e-1")
    assert (first.id, first.status, first.error) == ("p-1", 200, None)
    assert report.paid == Decimal("30.30") and report.count("paid") == 3
    assert [one.rows for one in seen] == [3] * len(seen)
    assert sorted(request.json["invoice_no"] for request in server.requests) == ["INV-1", "INV-2", "INV-3"]
    # Another process, later.
    again = client.batch("payroll", iter(rows(3)))
    assert states(again.run()) == ["already_paid"] * 3
    assert states(again.status()) == ["paid"] * 3 and again.status().end is None
    assert len(server.requests) == 3


def test_the_api_says_what_pays_the_rows_where_no_operation_is_named(
    server: Server, client: payglot.PaywintPlatform, path: Path
) -> None:
    server.play(data(RECORD))
    link = {"key": "l-1", "user_id": USER, "amount": "10.10", "description": "x"}
    client.batch("links", [link], operation="payments.create_link").run()
    client.batch("payroll", rows(1)).run()
    client.payments.create(amount="10.10", invoice_no="INV-1", **COMMON, intent="the same")
    linked, by_itself, by_name = (request.target for request in server.requests)
    assert by_itself == by_name != linked
    linora = payglot.Linora(api_key="key", base_url=server.url, journal=payglot.Journal(path))
    with pytest.raises(payglot.InvalidRequestError, match=r"such as .*cards\.top_up") as raised:
        linora.batch("payroll", rows(1))
    assert raised.value.argument == "operation"


def test_async(server: Server, path: Path) -> None:
    server.play(data(RECORD))

    async def run() -> None:
        given: dict[str, Any] = {"platform_id": "id", "secret_key": "key", "base_url": server.url}
        async with payglot.AsyncPaywintPlatform(**given, journal=payglot.Journal(path)) as client:
            batch = client.batch("payroll", rows(3))
            check = await batch.check()
            assert (check.to_pay.rows, check.to_pay.amount) == (3, Decimal("30.30"))
            assert states(await batch.run()) == ["paid"] * 3
            assert states(await batch.status()) == ["paid"] * 3

    asyncio.run(run())


def test_wrong_rows_are_named_and_none_is_paid(server: Server, client: payglot.PaywintPlatform) -> None:
    wrong = [
        row(1),
        row(1),
        {**row(2), "key": None},
        row(3, amount=1.5),
        row(4, amount="-1"),
        row(5, memo="x"),
    ]
    batch = client.batch("payroll", wrong)
    check = batch.check()
    assert [bad.row for bad in check.bad] == [2, 3, 4, 5, 6]
    assert [bad.key for bad in check.bad] == ["e-1", None, "e-3", "e-4", "e-5"]
    assert "row 1 has the same key" in check.bad[0].problem and "float" in check.bad[2].problem
    with pytest.raises(payglot.InvalidRequestError, match="must all be right"):
        batch.run()
    # A balance may have been read; nothing was paid.
    assert all(request.method == "GET" for request in server.requests)


def test_what_a_batch_is_told_is_checked(server: Server, client: payglot.PaywintPlatform) -> None:
    given: list[tuple[dict[str, Any], str]] = [
        ({"operation": "wallets.get"}, "operation"),
        ({"operation": "nothing"}, "operation"),
        ({"per_second": 0}, "per_second"),
        ({"at_most": "-1"}, "at_most"),
        ({"at_most": "much"}, "at_most"),
        ({"in_flight": 0}, "in_flight"),
        ({"operation": "payments.create_link", "at_most": "1"}, "at_most"),
    ]
    for options, argument in given:
        with pytest.raises(payglot.InvalidRequestError) as refused:
            client.batch("payroll", rows(1), **options)
        assert refused.value.argument == argument, options
    with pytest.raises(payglot.InvalidRequestError, match="name"):
        client.batch("pay/roll", rows(1))
    without = payglot.PaywintPlatform(platform_id="id", secret_key="key", base_url=server.url)
    with pytest.raises(payglot.InvalidRequestError, match="journal"):
        without.batch("payroll", rows(1))


def test_limits(server: Server, client: payglot.PaywintPlatform) -> None:
    server.play(data(RECORD))
    report = client.batch("payroll", rows(4), at_most=Decimal("20.20"), in_flight=1).run()
    assert report.end == "limit" and states(report) == ["paid", "paid", "not_tried", "not_tried"]
    check = client.batch("payroll", rows(4), at_most="20.20").check()
    assert check.is_over_limit and check.spent == Decimal("20.2") and check.paid.rows == 2


def test_it_stops_at_the_first_unknown_outcome(server: Server, client: payglot.PaywintPlatform) -> None:
    server.play(data(RECORD), Drop(), data(RECORD))
    report = client.batch("payroll", rows(4), in_flight=1).run()
    assert report.end == "unknown" and report.problem
    assert states(report) == ["paid", "unknown", "not_tried", "not_tried"]
    assert client.batch("payroll", rows(4), in_flight=1).run().end == "unknown"
    assert len(server.requests) == 2
    report = client.batch("payroll", rows(4), in_flight=1, go_on=True).run()
    assert report.end == "complete" and states(report) == ["already_paid", "unknown", "paid", "paid"]


def test_a_vendor_that_is_too_busy_is_asked_again(server: Server, client: payglot.PaywintPlatform) -> None:
    server.play(Reply(429, "{}", {"retry-after": "0"}), Reply(422, "{}"), data(RECORD))
    report = client.batch("payroll", rows(2), in_flight=1).run()
    assert sorted(states(report)) == ["paid", "refused"] and len(server.requests) == 3


def test_another_thread_stops_it(server: Server, client: payglot.PaywintPlatform) -> None:
    server.play(data(RECORD))
    batch = client.batch("payroll", rows(50), per_second=20)
    report = batch.run(progress=lambda progress: progress.paid >= 2 and batch.stop())
    assert report.end == "stopped" and 2 <= report.count("paid") < 50
    assert report.count("paid") == len(server.requests)
    assert batch.run().count("paid") == 50 - report.count("paid")


PROGRAM = """
import json, signal, sys
import payglot
# What a shell starts in the background ignores it.
signal.signal(signal.SIGINT, signal.default_int_handler)
given = json.loads(sys.argv[1])
client = payglot.PaywintPlatform(
    platform_id="id", secret_key="key", base_url=given["url"], journal=payglot.Journal(given["journal"])
)
batch = client.batch("payroll", given["rows"], per_second=20)
try:
    batch.run(progress=lambda one: print(one.paid, flush=True))
except KeyboardInterrupt:
    print("interrupted", flush=True)
"""


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no SIGINT for a child")
def test_ctrl_c_leaves_nothing_unknown(server: Server, path: Path) -> None:
    server.play(data(RECORD))
    given = json.dumps({"url": server.url, "journal": str(path), "rows": rows(60)})
    with subprocess.Popen(
        [sys.executable, "-c", PROGRAM, given], stdout=subprocess.PIPE, text=True
    ) as program:
        assert program.stdout is not None
        for line in program.stdout:
            if int(line) >= 3:
                break
        program.send_signal(signal.SIGINT)
        rest = program.stdout.read()
    assert rest.endswith("interrupted\n")
    report = client_of(server, payglot.Journal(path)).batch("payroll", rows(60)).status()
    assert report.count("unknown") == 0 and 3 <= report.count("paid") < 60
    assert report.count("paid") == len(server.requests)


def test_the_balance_is_read(server: Server, client: payglot.PaywintPlatform) -> None:
    server.play(data('{"current_balance": 25.00, "available_balance": 20.00}'))
    check = client.batch("payroll", rows(3)).check()
    (balance,) = check.balances
    assert (balance.of, balance.available, balance.needed) == (
        f"user_id={USER}",
        Decimal("20.00"),
        Decimal("30.30"),
    )
    assert [request.method for request in server.requests] == ["GET"] and check.balance_problem is None
    # A card is not the wallet.
    card = [row(1, payment_method="CARD", card_id=USER)]
    check = client.batch("cards", card).check()
    assert check.balances == () and check.balance_problem is not None
    assert len(server.requests) == 1

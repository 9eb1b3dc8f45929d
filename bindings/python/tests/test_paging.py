"""Pages: iteration over all records, prefetch, and always an end."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any

import payglot
import pytest
from conftest import USER
from payglot._loops import discard
from scripted import Hang, Reply, Server, records

AsyncPlatform = Callable[..., payglot.AsyncPaywintPlatform]


def serve(server: Server, count: int, *, total: bool = True) -> None:
    """Pages of this many payments."""

    def page(request: Any) -> Reply:
        number, size = request.json["page_no"], request.json["rows_per_page"]
        first = (number - 1) * size
        items = [{"payment_id": str(index)} for index in range(first, min(first + size, count))]
        return records(items, count if total else None)

    server.play(page)


@pytest.mark.parametrize("total", [True, False])
@pytest.mark.parametrize("count", [0, 1, 100, 101, 2350])
def test_all_records(
    server: Server, platform: payglot.PaywintPlatform, async_platform: AsyncPlatform, count: int, total: bool
) -> None:
    expected = [str(index) for index in range(count)]
    # Without a total an empty page is the end.
    calls = max(1, -(-count // 100)) if total else -(-count // 100) + 1
    serve(server, count, total=total)
    assert [payment.payment_id for payment in platform.payments.list_received(USER)] == expected
    assert len(server.requests) == calls

    async def collect() -> list[str | None]:
        async with async_platform() as client:
            return [payment.payment_id async for payment in client.payments.list_received(USER)]

    serve(server, count, total=total)
    assert asyncio.run(collect()) == expected
    assert len(server.requests) == calls


def test_exact_bytes(server: Server, platform: payglot.PaywintPlatform) -> None:
    serve(server, 0)
    platform.payments.list_received(USER)
    platform.payments.list_received(USER, rows_per_page=10, page_no=3)
    assert [request.body for request in server.requests] == [
        b'{"rows_per_page":100,"page_no":1}',
        b'{"rows_per_page":10,"page_no":3}',
    ]


def test_page(server: Server, platform: payglot.PaywintPlatform) -> None:
    serve(server, 25)
    page = platform.payments.list_received(USER, rows_per_page=10)
    assert (page.number, page.size, page.total, len(page), page.has_next()) == (1, 10, 25, 10, True)
    assert repr(page) == "Page(number=1, total=25, records=[10 records])"
    assert len(server.requests) == 1
    second = page.next_page()
    assert second is not None and second.records[0].payment_id == "10"
    assert [len(each) for each in page.pages()] == [10, 10, 5]
    third = second.next_page()
    assert third is not None and not third.has_next() and third.next_page() is None
    assert [payment.payment_id for payment in third] == ["20", "21", "22", "23", "24"]


def test_page_for_asyncio(server: Server, async_platform: AsyncPlatform) -> None:
    serve(server, 25)

    async def walk() -> None:
        client = async_platform()
        pager = client.payments.list_received(USER, rows_per_page=10)
        assert server.requests == []
        page = await pager
        assert (page.number, page.total, len(page.records), page.has_next()) == (1, 25, 10, True)
        second = await page.next_page()
        assert second is not None and second.number == 2
        assert [len(each.records) async for each in pager.pages()] == [10, 10, 5]
        assert len([payment async for payment in second]) == 15

    asyncio.run(walk())


def test_the_next_page_is_on_its_way(
    server: Server, platform: payglot.PaywintPlatform, async_platform: AsyncPlatform
) -> None:
    serve(server, 25)
    for position, _ in enumerate(platform.payments.list_received(USER, rows_per_page=10)):
        if position == 0:
            wait_for(server, 2)
            break

    async def walk() -> None:
        async for _ in async_platform().payments.list_received(USER, rows_per_page=10):
            await asyncio.to_thread(wait_for, server, 2)
            break

    serve(server, 25)
    asyncio.run(walk())


def wait_for(server: Server, requests: int) -> None:
    import time

    until = time.monotonic() + 5
    while len(server.requests) < requests:
        assert time.monotonic() < until
        time.sleep(0.005)


def test_leaving_stops_the_prefetch(
    server: Server,
    platform: payglot.PaywintPlatform,
    async_platform: AsyncPlatform,
    caplog: pytest.LogCaptureFixture,
) -> None:
    def play(then: Reply | Hang) -> None:
        # By the page: a request that was given up may still arrive late.
        first = records([{"payment_id": "1"}], 1000)
        server.play(lambda request: first if request.json["page_no"] == 1 else then)

    play(Hang())
    for _ in platform.payments.list_received(USER):
        break

    async def walk() -> None:
        async for _ in async_platform(max_retries=0).payments.list_received(USER):
            await asyncio.sleep(0.1)
            break

    asyncio.run(walk())
    # Nor does asyncio complain of an exception that was never retrieved.
    play(Reply(400, "{}"))
    asyncio.run(walk())
    assert caplog.records == []


def test_closing_a_walk_stops_the_prefetch_at_once(
    server: Server, async_platform: AsyncPlatform, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = records([{"payment_id": "1"}], 1000)
    server.play(lambda request: first if request.json["page_no"] == 1 else Hang())
    stopped: list[Any] = []

    def stop(future: Any, running: Any) -> None:
        stopped.append(future)
        discard(future, running)

    monkeypatch.setattr("payglot._paging_async.discard", stop)

    async def walk() -> None:
        payments = async_platform().payments.list_received(USER).__aiter__()
        assert (await payments.__anext__()).payment_id == "1"
        await payments.aclose()  # type: ignore[attr-defined]
        # Not once the event loop gets to it.
        assert len(stopped) == 1
        assert stopped[0].cancelled()

    asyncio.run(walk())


def test_an_error_within(
    server: Server, platform: payglot.PaywintPlatform, async_platform: AsyncPlatform
) -> None:
    def play() -> None:
        server.play(records([{"payment_id": "1"}], 1000), Reply(403, '{"message": "no more"}'))

    play()
    seen = []
    with pytest.raises(payglot.PermissionDeniedError, match="no more"):
        for payment in platform.payments.list_received(USER):
            seen.append(payment.payment_id)
    assert seen == ["1"]

    async def walk() -> None:
        async for payment in async_platform().payments.list_received(USER):
            seen.append(payment.payment_id)

    play()
    with pytest.raises(payglot.PermissionDeniedError, match="no more"):
        asyncio.run(walk())
    assert seen == ["1", "1"]


@pytest.mark.parametrize(
    ("page", "argument"),
    [
        ({"rows_per_page": 7}, "rows_per_page"),
        ({"rows_per_page": "100"}, "rows_per_page"),
        ({"page_no": 0}, "page_no"),
        ({"page_no": None}, "page_no"),
    ],
)
def test_bad_pages(
    server: Server, platform: payglot.PaywintPlatform, page: dict[str, Any], argument: str
) -> None:
    with pytest.raises(payglot.InvalidRequestError) as raised:
        platform.payments.list_received(USER, **page)
    assert raised.value.argument == argument
    assert server.requests == []


def test_raw_pages(server: Server, platform: payglot.PaywintPlatform, async_platform: AsyncPlatform) -> None:
    serve(server, 15)
    raw = platform.with_raw_response.payments.list_received(USER, rows_per_page=10)
    assert raw.status == 200 and raw.message == "ok"
    assert len(list(raw.parse())) == 15

    async def walk() -> int:
        raw = await async_platform().with_raw_response.payments.list_received(USER, rows_per_page=10)
        return len([payment async for payment in raw.parse()])

    assert asyncio.run(walk()) == 15


def test_issue_12_7_what_cannot_be_right_is_a_warning(
    server: Server,
    platform: payglot.PaywintPlatform,
    async_platform: AsyncPlatform,
    caplog: pytest.LogCaptureFixture,
) -> None:
    """The total says 5, and there are 25: a warning, whether calls are logged or not, and no early end."""

    def play() -> None:
        def page(request: Any) -> Reply:
            number = request.json["page_no"]
            return records(
                [{"payment_id": str(index)} for index in range(10 * number - 10, min(10 * number, 25))], 5
            )

        server.play(page)

    expected = [
        "payments.list_received: the vendor counts 5 records, but its pages have more; "
        "the walk goes on to an empty page"
    ]
    for level in ("WARNING", "DEBUG"):
        caplog.set_level(level, "payglot")
        caplog.clear()
        play()
        assert len(list(platform.payments.list_received(USER, rows_per_page=10))) == 25
        warnings = [record.getMessage() for record in caplog.records if record.levelname == "WARNING"]
        assert warnings == expected

        async def walk() -> int:
            async with async_platform() as client:
                return len(
                    [payment async for payment in client.payments.list_received(USER, rows_per_page=10)]
                )

        caplog.clear()
        play()
        assert asyncio.run(walk()) == 25
        assert [record.levelname for record in caplog.records].count("WARNING") == 1


def test_issue_12_7_a_page_knows_what_was_asked_for(
    server: Server, platform: payglot.PaywintPlatform
) -> None:
    def page(request: Any) -> Reply:
        size = min(request.json["rows_per_page"], 50)
        first = (request.json["page_no"] - 1) * size
        return records([{"payment_id": str(index)} for index in range(first, min(first + size, 120))], 120)

    server.play(page)
    pages = platform.payments.list_received(USER).pages()
    assert [(each.number, each.size, len(each)) for each in pages] == [(1, 100, 50), (2, 50, 50), (3, 50, 20)]

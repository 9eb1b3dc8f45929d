"""Known values are planted in what is sent and received: none may be in what is printed or logged."""

from __future__ import annotations

import asyncio
import json
import logging
import pprint
import traceback
import warnings
from collections.abc import Awaitable, Callable, Iterator
from typing import Any

import payglot
import pytest
from conftest import USER
from scripted import Drop, Hang, Reply, Script, Server

# Words, so that no rule about digits can be what keeps them out; digits for what must be some.
CANARIES = {
    "secret": "canary-secret-key",
    "proxy": "canary-proxy-password",
    "card number": "4929000000006123",
    "cvv": "canary-cvv",
    "otp": "canary-otp",
    "name": "CanaryFirstName",
    "ssn": "078-05-1120",
    "account": "canary-account",
    "routing": "canary-rt",
    "link": "canary-secure-link",
    "token": "canary-checkout-token",
    "response's header": "canary-response-header",
    "sent header": "canary-sent-header",
    "query": "canary-query",
    "idempotency key": "canary-idempotency-key",
    "error body": "canary-error-body",
    "input in a detail": "canary-detail-input",
    "unknown field": "canary-unknown-field",
}
C = CANARIES

# A canary in every sensitive field, and in one that nobody knows.
DATA = {
    "secure_link": f"https://pay.example.com/{C['link']}",
    "checkout_token": C["token"],
    "account_number": C["account"],
    "routing_number": C["routing"],
    "first_name": C["name"],
    "ssn": C["ssn"],
    "inquiry_url": f"https://kyc.example.com/{C['link']}",
    "number": C["card number"],
    "cvv": C["cvv"],
    "otp": C["otp"],
    "later_field": C["unknown field"],
}
HEADERS = {"retry-after": "0", "set-cookie": C["response's header"], "x-own": C["response's header"]}


def error_reply(status: int, body: dict[str, Any]) -> Reply:
    return Reply(status, json.dumps({"echo": C["error body"], **body}), HEADERS)


RESPONSES: dict[str, Script] = {
    "success": Reply(200, json.dumps({"success": True, "message": "ok", "data": DATA}), HEADERS),
    "plain success": Reply(200, json.dumps(DATA), HEADERS),
    "400": error_reply(400, {"detail": "no", "card": C["card number"], "ssn": C["ssn"]}),
    "401": error_reply(401, {"message": f"the card {C['card number']} is not known"}),
    "422": error_reply(
        422, {"detail": [{"loc": ["body", "cvv"], "msg": "wrong", "input": C["input in a detail"]}]}
    ),
    "503": error_reply(503, {}),
    "HTML": Reply(200, f"<html>{C['error body']}", HEADERS),
    "refused": Reply(200, json.dumps({"success": False, "message": "no", "data": C["error body"]}), HEADERS),
    "another shape": Reply(200, json.dumps({"success": True, "data": [C["error body"]]}), HEADERS),
    "redirect": Reply(302, "", {"location": "https://example.com/" + C["response's header"]}),
    "drop": Drop(),
    "hang": Hang(),
}

Call = Callable[[Any], Any]
SENT: dict[str, Call] = {
    "sensitive fields": lambda client: client.bank_accounts.add(
        user_id=USER,
        account_number=C["account"],
        routing_number=C["routing"],
        account_holder_name=C["name"],
        bank_name=C["name"],
        idempotency_key=C["idempotency key"],
    ),
    "a link": lambda client: client.cards.create_add_link(USER, card_purpose="PAYMENT"),
    "money": lambda client: client.wallets.fund(USER, amount="10.10", bank_id=USER),
    "a read with headers": lambda client: client.kyc.get(USER, headers={"x-own": C["sent header"]}),
    "a call outside the document": lambda client: client.request(
        "POST", "/own", query={"q": C["query"]}, json={"cvv": C["cvv"], "n": C["card number"]}
    ),
    "a raw response": lambda client: client.with_raw_response.kyc.get_inquiry(USER),
    "a page": lambda client: client.users.list(),
}
REFUSED: dict[str, Call] = {
    "a wrong argument": lambda client: client.cards.get(C["card number"]),
    "a wrong field": lambda client: client.bank_accounts.add(
        user_id=USER, account_number=[C["account"]], account_holder_name="a", bank_name="b"
    ),
    "a wrong header": lambda client: client.cards.get(USER, headers={"x-own": f"{C['sent header']}\n"}),
    "a wrong key": lambda client: client.cards.get(USER, idempotency_key=f"{C['idempotency key']}\n"),
    "an argument too many": lambda client: client.cards.get(USER, cvv=C["cvv"]),
    "text for money": lambda client: client.wallets.fund(USER, amount=C["card number"] + "x", bank_id=USER),
}


def given(server: Server) -> dict[str, Any]:
    return {
        "platform_id": "platform",
        "secret_key": C["secret"],
        "base_url": server.url,
        "timeout": 0.1,
        "max_retries": 1,
    }


def printed(value: object) -> Iterator[str]:
    """Every way to print a value."""
    yield from (repr(value), str(value), f"{value}", pprint.pformat({"nested": [value]}))
    seen: BaseException | None = value if isinstance(value, BaseException) else None
    while seen is not None:
        yield from traceback.format_exception(type(seen), seen, seen.__traceback__)
        yield repr(seen.args)
        # The response is there for those who read it; nothing else of it may be.
        yield repr({name: there for name, there in vars(seen).items() if name not in READ_ON_PURPOSE})
        seen = seen.__cause__ or seen.__context__


READ_ON_PURPOSE = ("body", "headers", "detail")


def expect_none(texts: Iterator[str] | list[str], what: str) -> None:
    for text in texts:
        for kind, canary in CANARIES.items():
            assert canary not in text, f"{what}: it shows the {kind}:\n{text}"


def outcome(call: Callable[[], object]) -> object:
    try:
        return call()
    except payglot.PayglotError as error:
        return error


@pytest.fixture
def everything_logged() -> Iterator[list[str]]:
    """What is logged anywhere, at the most verbose level, with all that its records hold."""
    logged: list[str] = []

    class Keep(logging.Handler):
        def emit(self, record: logging.LogRecord) -> None:
            logged.append(f"{self.format(record)} {vars(record)}")

    handler = Keep(1)
    loggers = [logging.getLogger(name) for name in (None, "payglot", "asyncio")]
    levels = [logger.level for logger in loggers]
    for logger in loggers:
        logger.setLevel(1)
    loggers[0].addHandler(handler)
    yield logged
    loggers[0].removeHandler(handler)
    for logger, level in zip(loggers, levels, strict=True):
        logger.setLevel(level)


@pytest.mark.parametrize("response", RESPONSES)
def test_nothing_sensitive_is_printed_or_logged(
    server: Server, everything_logged: list[str], capfd: pytest.CaptureFixture[str], response: str
) -> None:
    with warnings.catch_warnings(record=True) as warned:
        warnings.simplefilter("always")
        client = payglot.PaywintPlatform(**given(server))
        expect_none(printed(client), "the client")
        for what, call in {**SENT, **REFUSED}.items():
            server.play(RESPONSES[response])
            result = outcome(lambda call=call: call(client))  # type: ignore[misc]
            assert len(server.requests) >= 1 if what in SENT else len(server.requests) == 0, what
            assert isinstance(result, payglot.InvalidRequestError) == (what in REFUSED)
            expect_none(printed(result), f"{what} with the response {response}")
            if what == "a raw response" and isinstance(result, payglot.RawResponse):
                expect_none(printed(outcome(result.parse)), f"{what} with the response {response}")
        asyncio.run(on_a_loop(server, RESPONSES[response]), debug=True)
    assert len(everything_logged) > 20
    expect_none(everything_logged, "the log")
    expect_none([str(warning.message) for warning in warned], "a warning")
    shown = capfd.readouterr()
    expect_none([shown.out, shown.err], "the terminal")


async def on_a_loop(server: Server, response: Script) -> None:
    async def awaited(call: Awaitable[object]) -> object:
        try:
            return await call
        except payglot.PayglotError as error:
            return error

    async with payglot.AsyncPaywintPlatform(**given(server)) as client:
        expect_none(printed(client), "the client")
        for what, call in {**SENT, **REFUSED}.items():
            server.play(response)
            started = outcome(lambda call=call: call(client))  # type: ignore[misc]
            if not isinstance(started, Awaitable):
                expect_none(printed(started), what)
                continue
            expect_none(printed(started), what)
            expect_none(printed(await awaited(started)), what)
        # An exception that nobody takes is logged by the loop.
        forgotten = asyncio.ensure_future(client.cards.get(USER))
        await asyncio.wait([forgotten])
        expect_none(printed(forgotten), "a task")
        del forgotten


def test_cards_and_one_time_codes_do_not_show(server: Server, linora: payglot.Linora) -> None:
    server.play(Reply(200, json.dumps({**DATA, "cardId": "c"})))
    for value in (linora.cards.get("c"), linora.cards.get_otp("c")):
        expect_none(printed(value), "a response")
    assert linora.cards.get_otp("c").otp == C["otp"]  # type: ignore[union-attr]


def test_values_are_there_for_those_who_read_them(server: Server, platform: payglot.PaywintPlatform) -> None:
    server.play(RESPONSES["success"])
    link = platform.cards.create_add_link(USER, card_purpose="PAYMENT")
    assert link is not None and link.secure_link == DATA["secure_link"]
    assert link.to_dict()["later_field"] == C["unknown field"]
    server.play(RESPONSES["400"])
    with pytest.raises(payglot.BadRequestError) as raised:
        platform.kyc.get(USER)
    assert raised.value.body is not None and C["error body"] in raised.value.body
    assert raised.value.headers["x-own"] == C["response's header"]


@pytest.mark.parametrize(
    "wrong",
    [
        {"proxy": f"http://user:{C['proxy']}@["},
        {"proxy": C["proxy"].encode()},
        {"base_url": f"https://user:{C['secret']}@example.com"},
        {"base_url": f"not a url {C['secret']}"},
        {"secret_key": f"{C['secret']}\n"},
        {"secret_key": [C["secret"]]},
        {"ca_certificates": C["secret"]},
        {"timeout": C["secret"]},
        {"environment": C["secret"], "base_url": None},
    ],
)
def test_what_cannot_be_configured_is_not_repeated(wrong: dict[str, Any]) -> None:
    right: dict[str, Any] = {"platform_id": "p", "secret_key": C["secret"], "base_url": "https://example.com"}
    with pytest.raises(payglot.ConfigurationError) as raised:
        payglot.PaywintPlatform(**{**right, **wrong})
    if "environment" not in wrong:
        # Which environment there is not is worth telling.
        expect_none(printed(raised.value), "the error")


def test_a_proxy_s_password_does_not_show() -> None:
    client = payglot.Linora(
        api_key=C["secret"], base_url="http://127.0.0.1:9", proxy=f"http://a:{C['proxy']}@127.0.0.1:1"
    )
    expect_none(printed(client), "the client")
    expect_none(printed(outcome(lambda: client.users.get("1", max_retries=0))), "the error")


def test_a_process_that_dies_of_an_error_prints_nothing_sensitive(
    server: Server, start_python: Callable[[str], Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("RUST_LOG", "trace")
    monkeypatch.setenv("RUST_BACKTRACE", "full")
    monkeypatch.setenv("PYTHONDEVMODE", "1")
    for response in ("400", "422", "503", "HTML", "refused", "another shape", "drop"):
        server.play(RESPONSES[response])
        secrets = repr({"account": C["account"], "header": C["sent header"], "secret": C["secret"]})
        process = start_python(
            f"""
import faulthandler, logging
secrets = {secrets}
logging.basicConfig(level=1)
client = payglot.PaywintPlatform(**{{**GIVEN, "secret_key": secrets["secret"]}})
faulthandler.dump_traceback_later(0.05)
def call():
    return client.bank_accounts.add(
        user_id=USER, account_number=secrets["account"], account_holder_name="a", bank_name="b",
        headers={{"x-own": secrets["header"]}}, max_retries=0,
    )
threading.Thread(target=call).start()
time.sleep(0.2)
call()
"""
        )
        out, err = process.communicate(timeout=20)
        assert process.returncode == 1
        assert "bank_accounts.add" in err and "DEBUG:payglot:" in err
        # The line of the program that holds them is shown by Python itself.
        expect_none([out, err], f"with the response {response}")

"""The whole story: identity, card, wallet, payments, issued cards, and the webhooks that report them.

Needs `payglot sandbox`: it prints the environment variables that this reads.
"""

import json
import os
import queue
import threading
import urllib.error
import urllib.parse
import urllib.request
from collections.abc import Iterable
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from payglot import (
    EventInProgressError,
    Linora,
    PaywintDeveloper,
    PaywintPlatform,
    WebhookVerificationError,
)
from payglot.webhooks import ReplayGuard, paywint_developer, paywint_platform

SECRET = "the secret of these webhooks"
PERSON = {
    "address": "100 Main Street",
    "city": "Austin",
    "state": "TX",
    "country": "US",
}
CARD = PERSON | {
    "cardholder_name": "Robin Diaz",
    "card_number": "4242 4242 4242 4242",
    "expiry": "12/40",
    "cvv": "123",
    "postal_code": "78701",
}
IDENTITY = PERSON | {
    "first_name": "Robin",
    "last_name": "Diaz",
    "dob": "1990-04-01",
    "zip": "78701",
    "decision": "approve",
}


def submit(page: str, form: dict[str, str]) -> int:
    """What a person does in a browser: open the page, fill it in, submit."""
    urllib.request.urlopen(page).read()
    with urllib.request.urlopen(page, data=urllib.parse.urlencode(form).encode()) as response:
        return response.status


def sandbox(path: str, body: dict[str, object] | None = None) -> None:
    """What happens outside of the APIs: a bank that sends money, time that goes by."""
    url = os.environ["PAYWINT_BASE_URL"] + "/_sandbox/api/" + path
    data = json.dumps(body or {}).encode()
    token = os.environ["PAYGLOT_SANDBOX_TOKEN"]
    headers = {"content-type": "application/json", "authorization": f"Bearer {token}"}
    urllib.request.urlopen(urllib.request.Request(url, data, headers)).close()


# What the webhooks told: a line, and the id of the event.
heard: queue.Queue[tuple[str, str]] = queue.Queue()
guard = ReplayGuard()


def receive(path: str, body: bytes, headers: Iterable[tuple[str, str]]) -> tuple[int, str]:
    """Takes a delivery that is genuine, and handles each event once."""
    api = paywint_developer if path == "/developer" else paywint_platform
    try:
        event = api.construct_event(body, headers, SECRET)
    except WebhookVerificationError as error:
        return 400, str(error)
    try:
        with guard.handling(event.id) as first:
            line = told(event) if first else f"{event.event} again"
            if line is not None:
                heard.put((line, event.id))
    except EventInProgressError as error:
        return 503, str(error)
    return 200, "received"


def told(event: paywint_platform.Event | paywint_developer.Event) -> str | None:
    """What an event says."""
    match event:
        case paywint_platform.KycApprovedEvent():
            return "identity approved"
        case paywint_platform.CardAddedEvent():
            return "card added"
        case paywint_platform.PaymentSuccessEvent(data=payment) if payment is not None:
            return f"paid: {payment.amount} {payment.currency}"
        case paywint_developer.PaymentSuccessEvent(data=payment) if payment is not None:
            return f"card loaded: {payment.amount_cents} cents"
        case _:
            return None


class Receiver(BaseHTTPRequestHandler):
    """The server that is told."""

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["content-length"]))
        status, text = receive(self.path, body, self.headers.items())
        self.send_response(status)
        self.end_headers()
        self.wfile.write(text.encode())

    def log_message(self, format: str, *args: object) -> None:
        pass


def deliver(url: str, body: bytes, headers: dict[str, str]) -> str:
    """Posts a delivery as a vendor would, or somebody who pretends to be one."""
    try:
        with urllib.request.urlopen(urllib.request.Request(url, body, headers)) as response:
            return f"{response.status} {response.read().decode()}"
    except urllib.error.HTTPError as error:
        return f"{error.code} {error.read().decode()}"


server = ThreadingHTTPServer(("127.0.0.1", 0), Receiver)
threading.Thread(target=server.serve_forever, daemon=True).start()
address = f"http://127.0.0.1:{server.server_port}"
for path, provider in (("platform", "paywint-platform"), ("developer", "paywint-developer")):
    sandbox("webhooks/endpoints", {"url": f"{address}/{path}", "secret": SECRET, "provider": provider})

# Paywint Platform API: a user who pays and is paid.
platform = PaywintPlatform()
user = platform.users.create(name="Robin Diaz", email="robin@example.com")
user_id = user.user_id
print("user:", user_id)

inquiry = platform.kyc.get_inquiry(user_id)
assert inquiry.inquiry_url is not None
print("identity page submitted:", submit(inquiry.inquiry_url, IDENTITY))
kyc = platform.kyc.get(user_id)
print("identity:", kyc.kyc_status)

link = platform.cards.create_add_link(user_id, card_purpose="PAYMENT")
print("card page submitted:", submit(link.secure_link, CARD))
for card in platform.cards.list(user_id):
    print(f"card: {card.card_id} ending in {card.card_number}")

sandbox(f"wallets/{user_id}/fund", {"amount": "250.00"})
wallet = platform.wallets.get(user_id)
print("wallet:", wallet.available_balance)

payee = platform.payees.create(user_id, name="Jordan Rivera", email="jordan@example.com")
street = platform.payee_addresses.create(
    user_id,
    payee_id=payee.payee_id,
    first_name="Jordan",
    last_name="Rivera",
    address_line_1="200 Oak Avenue",
    city="Denver",
    state="CO",
    zipcode="80202",
    country="US",
)
print(f"payee: {payee.name}, {street.city}")

payment = platform.payments.create(
    user_id=user_id,
    payee_id=payee.payee_id,
    amount="100.10",
    payment_method="WALLET",
    receiving_method="WALLET",
    invoice_no="INV-1",
)
print("payment:", payment.amount, payment.status)

platform.checks.add_address(
    user_id, address_line_1="100 Main Street", city="Austin", state="TX", zipcode="78701", country="US"
)
check = platform.payments.mail_check(
    user_id, payee_id=payee.payee_id, payee_address_id=street.address_id, amount="25.00", invoice_no="INV-2"
)
print(f"mailed check: {check.amount} {check.status}, postage {check.delivery_fee}")

link = platform.payments.create_link(user_id, amount="150.75", description="June invoice")
print("payment page submitted:", submit(link.payment_link, CARD))
for received in platform.payments.list_received(user_id):
    print("received:", received.amount, received.status)

# Paywint Developer API: a card for a payee.
developer = PaywintDeveloper()
wallet = developer.wallets.get()
sandbox(f"wallets/{wallet.user_id}/fund", {"amount": "100.00"})
payee = developer.payees.create(name="Sam Ortiz", email="sam@example.com")
developer.payee_addresses.create(
    payee_id=payee.payee_id,
    first_name="Sam",
    last_name="Ortiz",
    address_line_1="300 Pine Street",
    city="Boise",
    state="ID",
    zipcode="83702",
    country="US",
    is_default=True,
)
request = developer.paywint_cards.issue(payee_id=payee.payee_id, amount="20.00", card_nick_name="Travel")
print("Paywint card:", request.amount, request.status)
sandbox("clock/advance", {"seconds": 60})
issued = developer.paywint_cards.get(request.request_id)
assert issued.payee_card_id is not None
print(f"a minute later: {issued.status}, {issued.card_number}")
reload = developer.paywint_cards.reload(payee_card_id=issued.payee_card_id, amount="5.50")
print("reloaded:", reload.amount, reload.status)
wallet = developer.wallets.get()
print("developer's wallet:", wallet.available_balance)

# Linora: a virtual card.
linora = Linora()
holder = linora.users.create()
assert holder.user_id is not None
sandbox(f"wallets/{holder.user_id}/fund", {"amount": "100.00"})
virtual = linora.cards.create(holder.user_id, card_name="Groceries", initial_balance="40.00")
print(f"virtual card: {virtual.balance} {virtual.status}, issued for {virtual.issuance_fee}")
loaded = linora.cards.top_up(virtual.card_id, amount="10.00")
print("topped up:", loaded.balance)
password = linora.cards.get_otp(virtual.card_id)
assert password.otp is not None
print(f"one-time password: {len(password.otp)} digits")

# The post takes days, on the sandbox's clock.
sandbox("clock/advance", {"seconds": 7 * 24 * 60 * 60})
arrived = platform.payments.get(check.payment_id)
print("a week later, the check:", arrived.status)

# The webhooks come in any order.
events = sorted(heard.get(timeout=10) for _ in range(7))
for line, _ in events:
    print("told of:", line)

delivery = paywint_platform.sample_delivery("payment.success", SECRET, data={"amount": "12.50"})
tampered = delivery.body.replace(b"12.50", b"99.50")
print("tampered:", deliver(f"{address}/platform", tampered, delivery.headers))

sandbox(f"webhooks/events/{events[-1][1]}/resend")
line, _ = heard.get(timeout=10)
print("told of:", line)

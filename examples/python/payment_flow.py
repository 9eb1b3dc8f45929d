"""A payment: wallet, payee, money sent, one that the wallet does not cover, and a link that a payer pays.

Needs `payglot sandbox`: it prints the environment variables that this reads.
"""

import json
import os
import urllib.request
from decimal import Decimal

from payglot import PaywintPlatform


def sandbox(path: str, body: dict[str, str]) -> None:
    """What happens outside of the API: a bank that sends money, a payer who pays."""
    url = os.environ["PAYWINT_BASE_URL"] + "/_sandbox/api/" + path
    token = os.environ["PAYGLOT_SANDBOX_TOKEN"]
    headers = {"content-type": "application/json", "authorization": f"Bearer {token}"}
    request = urllib.request.Request(url, json.dumps(body).encode(), headers)
    urllib.request.urlopen(request).close()


user_id = os.environ["SANDBOX_USER_ID"]
client = PaywintPlatform()

sandbox(f"wallets/{user_id}/fund", {"amount": "250.00"})
wallet = client.wallets.get(user_id)
print("wallet:", wallet.available_balance)

payee = client.payees.create(user_id, name="Jordan Rivera", email="jordan@example.com")
print("payee:", payee.name)


def pay(amount: Decimal | str, invoice: str) -> None:
    """Sends money from the wallet, and prints what came of it."""
    payment = client.payments.create(
        user_id=user_id,
        payee_id=payee.payee_id,
        amount=amount,
        payment_method="WALLET",
        receiving_method="WALLET",
        invoice_no=invoice,
    )
    print("payment:", payment.amount, payment.status)
    if payment.failure_reason:
        print("because:", payment.failure_reason)
    again = client.payments.get(payment.payment_id)
    assert again.amount == payment.amount


pay(Decimal("100.10"), "INV-1")
pay("9999.99", "INV-2")

wallet = client.wallets.get(user_id)
print("wallet:", wallet.available_balance)

link = client.payments.create_link(user_id, amount="150.75", description="June invoice")
print("payment link:", "made" if "/hosted/pay/" in (link.payment_link or "") else "missing")
sandbox(f"payments/{link.payment_id}/pay", {"payer_name": "Pat"})

for received in client.payments.list_received(user_id):
    print("received:", received.amount, received.status)

"""Payouts that can be killed at any moment: start it again, and each is made at most once.

A script for cron. What it has sent is remembered in `payments.db`. Of two that run at once, each payout is
sent by one.
Needs `payglot sandbox`: it prints the environment variables that this reads.
"""

import os
import sys

from payglot import Journal, OutcomeUnknownError, PaywintPlatform

PAYOUTS = {"2026-11-0041": "10.10", "2026-11-0042": "20.20", "2026-11-0043": "30.30"}

user_id = os.environ["SANDBOX_USER_ID"]
journal = Journal("payments.db")
client = PaywintPlatform(journal=journal)

payee = client.payees.create(
    user_id, name="Jordan Rivera", email="jordan@example.com", intent="payee Jordan Rivera"
)

for number, amount in PAYOUTS.items():
    try:
        payment = client.payments.create(
            user_id=user_id,
            payee_id=payee.payee_id,
            amount=amount,
            payment_method="WALLET",
            receiving_method="WALLET",
            invoice_no=number,
            intent=f"payout {number}",
        )
    except OutcomeUnknownError:
        # Not sent again, whatever happens: a person looks it up.
        continue
    print(number, payment.amount, payment.status)

for intent in journal.unknown():
    print(
        f"{intent.name}: nobody knows; look it up, then `payglot journal resolve` or `release`",
        file=sys.stderr,
    )
sys.exit(1 if journal.unknown() else 0)

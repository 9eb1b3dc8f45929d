"""Receives webhooks with FastAPI. Needs `fastapi` and `uvicorn`, and PORT, PAYMENTS_FILE (a file) and
PAYGLOT_WEBHOOK_SECRET set."""

from __future__ import annotations

import os

import uvicorn
from fastapi import FastAPI, HTTPException, Request
from payglot import EventInProgressError, WebhookVerificationError
from payglot.webhooks import ReplayGuard, paywint_platform

app = FastAPI()
# Remembers within this process. With several, keep the ids in a table with a unique key.
guard = ReplayGuard()


def write(event: paywint_platform.Event) -> None:
    """Writes a payment to the file. Where this fails, the event comes again."""
    match event:
        case paywint_platform.PaymentSuccessEvent(data=payment) if payment is not None:
            with open(os.environ["PAYMENTS_FILE"], "a") as file:
                print("paid:", payment.payment_id, payment.amount, payment.currency, file=file)
        case _:
            print("not handled:", event.event)


@app.post("/webhooks")
async def receive(request: Request) -> dict[str, bool]:
    # The raw bytes: a model as argument would have parsed them.
    body = await request.body()
    try:
        event = paywint_platform.construct_event(body, request.headers, os.environ["PAYGLOT_WEBHOOK_SECRET"])
    except WebhookVerificationError as error:
        raise HTTPException(400, str(error)) from error
    try:
        with guard.handling(event.id) as first:
            if first:
                write(event)
    except EventInProgressError as error:
        raise HTTPException(503, str(error)) from error
    return {"received": True}


if __name__ == "__main__":
    uvicorn.run(app, host="127.0.0.1", port=int(os.environ["PORT"]), log_level="warning")

"""Receives webhooks with FastAPI. Needs `fastapi` and `uvicorn`, and PORT, INBOX (a file, or a
PostgreSQL URL), PAYMENTS_FILE (a file) and PAYGLOT_WEBHOOK_SECRET set."""

from __future__ import annotations

import asyncio
import os
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import uvicorn
from fastapi import FastAPI, Request, Response
from payglot.webhooks.paywint_platform import AsyncInbox, PaymentSuccessEvent

inbox = AsyncInbox(os.environ["INBOX"], os.environ["PAYGLOT_WEBHOOK_SECRET"])


@inbox.on(PaymentSuccessEvent)
async def write(event: PaymentSuccessEvent) -> None:
    """Writes a payment to the file. What fails is tried again; after a crash it may be called twice."""
    if event.data is not None:
        with open(os.environ["PAYMENTS_FILE"], "a") as file:
            print("paid:", event.data.payment_id, event.data.amount, event.data.currency, file=file)


@asynccontextmanager
async def lifespan(_: FastAPI) -> AsyncIterator[None]:
    # In this process; a program of its own can do it as well.
    working = asyncio.create_task(inbox.work())
    yield
    inbox.stop()
    await working


app = FastAPI(lifespan=lifespan)


@app.post("/webhooks")
async def receive(request: Request) -> Response:
    # The raw bytes: a model as argument would have parsed them.
    status = await inbox.receive(await request.body(), request.headers)
    return Response(status_code=status)


if __name__ == "__main__":
    uvicorn.run(app, host="127.0.0.1", port=int(os.environ["PORT"]), log_level="warning")

"""An API with FastAPI whose routes give payglot's models.

Needs `fastapi` and `uvicorn`, PORT, and `payglot sandbox`: it prints the other environment variables that
this reads.
"""

import os
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from decimal import Decimal
from typing import Annotated, Any
from uuid import UUID

import uvicorn
from fastapi import Depends, FastAPI, Request
from fastapi.responses import JSONResponse
from payglot import AsyncPaywintPlatform, InvalidRequestError, NotFoundError, PayglotError
from payglot.types.paywint_platform import PlatformPaymentLinkRead, PlatformWalletRead
from pydantic import BaseModel


class PaymentLink(BaseModel):
    """What a caller sends for a payment link."""

    user_id: UUID
    amount: Decimal


@asynccontextmanager
async def lifespan(app: FastAPI) -> AsyncIterator[None]:
    async with AsyncPaywintPlatform() as client:
        app.state.client = client
        yield


def platform(request: Request) -> AsyncPaywintPlatform:
    """The client of this process, which a test can replace with `app.dependency_overrides`."""
    return request.app.state.client


Platform = Annotated[AsyncPaywintPlatform, Depends(platform)]
app = FastAPI(lifespan=lifespan)


@app.get("/wallets/{user_id}", response_model=PlatformWalletRead)
async def read_wallet(user_id: UUID, client: Platform) -> Any:
    return await client.wallets.get(user_id)


@app.post("/payment-links", response_model=PlatformPaymentLinkRead, status_code=201)
async def make_payment_link(link: PaymentLink, client: Platform) -> Any:
    return await client.payments.create_link(link.user_id, amount=link.amount)


@app.exception_handler(PayglotError)
async def explain(_: Request, error: PayglotError) -> JSONResponse:
    """Says whether it may have happened all the same: only where it has not, a caller may try again."""
    status = 502
    if isinstance(error, NotFoundError):
        status = 404
    elif isinstance(error, InvalidRequestError):
        status = 422
    return JSONResponse({"error": error.message, "may_have_happened": error.may_have_happened}, status)


if __name__ == "__main__":
    uvicorn.run(app, host="127.0.0.1", port=int(os.environ["PORT"]), log_level="warning")

"""Pages of 100 records, all fields of interest read: `pages.py payglot|aiohttp|aiohttp-exact URL SECONDS`.

payglot gives exact amounts and aware datetimes; plain aiohttp and json give floats and text, and
`aiohttp-exact` converts them to what payglot gives.
"""

from __future__ import annotations

import sys

import uvloop

from common import ID, PAGE, PAYMENTS, PLATFORM_ID, SECRET, rate_async, signed


async def payglot(url: str, seconds: float) -> None:
    from payglot import AsyncPaywintPlatform

    async with AsyncPaywintPlatform(platform_id=PLATFORM_ID, secret_key=SECRET, base_url=url) as client:

        async def call() -> int:
            count = 0
            async for payment in client.payments.list_received(ID):
                fields = (payment.payment_id, payment.payee_id, payment.amount, payment.processing_fee)
                texts = (payment.invoice_no, payment.currency, payment.created_at, payment.status)
                if not all(fields) or not all(texts):
                    raise ValueError("a payment without its fields")
                count += 1
            return count // PAGE

        await rate_async(call, seconds, 1)


async def walk(url: str, seconds: float, *, exact: bool) -> None:
    import json
    from datetime import datetime
    from decimal import Decimal

    import aiohttp

    def convert(payment: dict[str, object]) -> dict[str, object]:
        payment["created_at"] = datetime.fromisoformat(str(payment["created_at"]))
        return payment

    def exact_json(text: str) -> dict[str, list[dict[str, object]]]:
        response: dict[str, list[dict[str, object]]] = json.loads(text, parse_float=Decimal)
        response["records"] = [convert(payment) for payment in response["records"]]
        return response

    loads = exact_json if exact else json.loads
    async with aiohttp.ClientSession(url, raise_for_status=True) as session:

        async def page(number: int) -> dict[str, list[dict[str, object]]]:
            body = b'{"page_no":%d,"rows_per_page":100}' % number
            headers = {**signed("POST", PAYMENTS, body), "Content-Type": "application/json"}
            async with session.post(PAYMENTS, data=body, headers=headers) as response:
                return await response.json(loads=loads)

        async def call() -> int:
            count, total = 0, 1
            while count < total:
                response = await page(count // PAGE + 1)
                total = response["totalRecords"]
                for payment in response["records"]:
                    fields = (
                        payment["payment_id"],
                        payment["payee_id"],
                        payment["amount"],
                        payment["processing_fee"],
                    )
                    texts = (
                        payment["invoice_no"],
                        payment["currency"],
                        payment["created_at"],
                        payment["status"],
                    )
                    if not all(fields) or not all(texts):
                        raise ValueError("a payment without its fields")
                    count += 1
            return count // PAGE

        await rate_async(call, seconds, 1)


if __name__ == "__main__":
    who, url, seconds = sys.argv[1], sys.argv[2], float(sys.argv[3])
    uvloop.run(payglot(url, seconds) if who == "payglot" else walk(url, seconds, exact=who != "aiohttp"))

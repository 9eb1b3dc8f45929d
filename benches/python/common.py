"""What the bench programs share: credentials, signing by hand, and how a rate is measured and told."""

from __future__ import annotations

import asyncio
import hashlib
import hmac
import os
import time
from collections.abc import Awaitable, Callable, Sequence
from pathlib import Path
from typing import Any

ID = "f47ac10b-58cc-4372-a567-0e02b2c3d479"
PLATFORM_ID = "bench-platform"
SECRET = "bench-secret-key-of-some-length"
CARD = f"/api/platform/card/get-card/{ID}"
PAYMENT = "/api/platform/payment/create-payment"
PAYMENTS = f"/api/platform/payment/list-received-payment/{ID}"
PAGE = 100
WARM_UP = 0.5
"""Part of the measured time that is spent before it."""

HTTP2 = "BENCH_HTTP2" in os.environ
"""Whether clients that have to be told are to speak HTTP/2."""

KEY = SECRET.encode()
NOTHING = hashlib.sha256(b"").hexdigest()


def signed(method: str, path: str, body: bytes = b"") -> dict[str, str]:
    """The headers of a signed request, the fastest way that the standard library has."""
    digest = hashlib.sha256(body).hexdigest() if body else NOTHING
    signature = hmac.digest(KEY, f"{method}{path}{digest}".encode(), "sha256").hex()
    return {"X-Platform-ID": PLATFORM_ID, "X-Signature": signature}


def check(card: dict[str, object]) -> None:
    """Read the fields that every client reads."""
    fields = (card["card_id"], card["card_number"], card["card_exp"], card["first_name"])
    if not all(fields) or card["is_blocked"] is not False:
        raise ValueError("a response without its fields")


def check_payment(payment: dict[str, object]) -> None:
    """The same for a payment that was made."""
    if not payment["payment_id"] or not payment["amount"] or payment["status"] != "success":
        raise ValueError("a response without its fields")


def trusting(builder: Any) -> Any:
    """A builder of pyreqwest that trusts and speaks what the environment says."""
    file = os.environ.get("SSL_CERT_FILE")
    return builder.http2(HTTP2).add_root_certificate_pem(Path(file).read_bytes()) if file else builder


def is_postgres(store: str) -> bool:
    """Whether a journal is in PostgreSQL, and not in a file."""
    return store.startswith("postgresql://")


def percentiles(seconds: Sequence[float]) -> str:
    """Latency at 50 and 99 per cent, in microseconds."""
    ordered = sorted(seconds)
    return " ".join(str(ordered[len(ordered) * share // 100] * 1e6) for share in (50, 99))


def memory(name: str) -> int:
    """KB of memory of this process: `VmRSS`, now, or `VmHWM`, at most so far."""
    for line in Path("/proc/self/status").read_text().splitlines():
        if line.startswith(name):
            return int(line.split()[1])
    raise OSError(f"the system does not say {name}")


class Meter:
    """How much was done, in which time and with how much of the processor."""

    def __init__(self) -> None:
        self.started = time.perf_counter()
        self.processor = time.process_time()

    def report(self, units: int, more: str = "") -> None:
        """One line that the xtask reads: units, seconds, seconds of processor time, and `more`."""
        seconds = time.perf_counter() - self.started
        print(units, seconds, time.process_time() - self.processor, more, flush=True)


def rate(call: Callable[[], int], seconds: float) -> int:
    """Call over and over, first to warm up, and then for `seconds`, of which it gives how much was done.

    `call` gives what it has done.
    """
    done = 0
    for duration, is_measured in ((seconds * WARM_UP, False), (seconds, True)):
        meter = Meter()
        until = time.perf_counter() + duration
        done = 0
        while time.perf_counter() < until:
            done += call()
        if is_measured:
            meter.report(done)
    return done


async def rate_async(call: Callable[[], Awaitable[int]], seconds: float, in_flight: int) -> int:
    """Keep `in_flight` calls on their way, first to warm up, and then for `seconds`, as `rate` does."""

    async def worker(until: float) -> int:
        done = 0
        while time.perf_counter() < until:
            done += await call()
        return done

    done = 0
    for duration, is_measured in ((seconds * WARM_UP, False), (seconds, True)):
        meter = Meter()
        until = time.perf_counter() + duration
        done = sum(await asyncio.gather(*(worker(until) for _ in range(in_flight))))
        if is_measured:
            meter.report(done)
    return done

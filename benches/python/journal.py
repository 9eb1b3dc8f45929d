"""Payments that no crash makes twice: `journal.py payglot|by-hand URL SECONDS IN_FLIGHT STORE`.

STORE is a folder, for a file of SQLite, or `postgresql://…/`, a server in which databases may be made. Every
payment has a name of its own. One in flight is synchronous, more are asynchronous under uvloop. Prints the
latency at 50 and 99 per cent too, in microseconds. At the end the store must have as many payments as were
made.
"""

from __future__ import annotations

import importlib
import os
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager

import psycopg
import uvloop

from common import is_postgres, rate, rate_async

PROGRAMS = {"payglot": "journal_payglot", "by-hand": "journal_by_hand"}


@contextmanager
def fresh(store: str) -> Iterator[str]:
    """Give a store with nothing in it, which is removed at the end."""
    if not is_postgres(store):
        with tempfile.TemporaryDirectory(dir=store) as folder:
            yield os.path.join(folder, "journal.db")
        return
    with psycopg.connect(f"{store}postgres", autocommit=True) as server:
        settings = "SELECT current_setting('fsync'), current_setting('synchronous_commit')"
        if server.execute(settings).fetchone() != ("on", "on"):
            raise ValueError("a server that does not flush what it commits")
        name = f"bench_{os.getpid()}"
        server.execute(f"CREATE DATABASE {name}")
        yield store + name
        server.execute(f"DROP DATABASE {name} WITH (FORCE)")


class Payments:
    """Names payments, and notes how long each takes."""

    def __init__(self) -> None:
        self.begun = 0
        self.seconds: list[float] = []

    @contextmanager
    def next(self) -> Iterator[str]:
        """Give a name that no other payment has, and note how long it is used."""
        self.begun += 1
        name, started = f"payout-{self.begun}", time.perf_counter()
        yield name
        self.seconds.append(time.perf_counter() - started)

    def report(self, measured: int) -> None:
        """Print the latencies of the last payments, those that were measured."""
        latencies = sorted(self.seconds[-measured:])
        print(*(latencies[measured * share // 100] * 1e6 for share in (50, 99)))


def run(who: str, url: str, seconds: float, in_flight: int, store: str) -> None:
    program = importlib.import_module(PROGRAMS[who])
    payments = Payments()

    def one_at_a_time() -> int:
        with program.payer(url, store) as pay:

            def call() -> int:
                with payments.next() as name:
                    pay(name)
                return 1

            return rate(call, seconds)

    async def many_at_a_time() -> int:
        async with program.async_payer(url, store, in_flight) as pay:

            async def call() -> int:
                with payments.next() as name:
                    await pay(name)
                return 1

            return await rate_async(call, seconds, in_flight)

    payments.report(one_at_a_time() if in_flight == 1 else uvloop.run(many_at_a_time()))
    made, written = len(payments.seconds), program.written(store)
    if made != written:
        raise ValueError(f"{made} payments were made, {written} are written down")


if __name__ == "__main__":
    who, url, seconds, in_flight, store = sys.argv[1:]
    with fresh(store) as empty:
        run(who, url, float(seconds), int(in_flight), empty)

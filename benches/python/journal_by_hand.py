"""Payments written down by hand: what a careful program does that has no journal.

A payment's name and a fingerprint are committed before it is sent, and its response after. httpx sends.
SQLite has one connection, used by one thread; PostgreSQL has a pool with a connection for each payment in
flight.
"""

from __future__ import annotations

import asyncio
import hashlib
import json
import sqlite3
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import asynccontextmanager, contextmanager
from typing import Protocol

import httpx
import psycopg
import psycopg_pool

from common import ID, PAYMENT, check_payment, is_postgres, signed

TABLE = """CREATE TABLE IF NOT EXISTS intents
    (name text PRIMARY KEY, state text NOT NULL, fingerprint text NOT NULL, response text)"""
BEGIN = "INSERT INTO intents (name, state, fingerprint) VALUES ({0}, 'sending', {0}) ON CONFLICT DO NOTHING"
END = "UPDATE intents SET state = 'succeeded', response = {0} WHERE name = {0}"
COUNT = "SELECT count(*) FROM intents WHERE state = 'succeeded'"


class Store(Protocol):
    """A table in which every statement is a transaction of its own."""

    def write(self, sql: str, *values: str) -> int:
        """Run a statement, and give how many rows it has written."""

    def count(self) -> int:
        """Return how many payments are written down."""


class Sqlite:
    """A file with a write-ahead log, flushed to the disk at every commit."""

    def __init__(self, store: str) -> None:
        self.connection = sqlite3.connect(store, isolation_level=None, check_same_thread=False)
        self.connection.execute("PRAGMA journal_mode = WAL")
        self.connection.execute("PRAGMA synchronous = FULL")
        self.connection.execute(TABLE)

    def write(self, sql: str, *values: str) -> int:
        return self.connection.execute(sql.format("?"), values).rowcount

    def count(self) -> int:
        return int(self.connection.execute(COUNT).fetchone()[0])


class Postgres:
    """One connection to a server."""

    def __init__(self, store: str) -> None:
        self.connection = psycopg.connect(store, autocommit=True)
        self.connection.execute(TABLE)

    def write(self, sql: str, *values: str) -> int:
        return self.connection.execute(sql.format("%s"), values).rowcount

    def count(self) -> int:
        row = self.connection.execute(COUNT).fetchone()
        return int(row[0]) if row else 0


def open_store(store: str) -> Store:
    return Postgres(store) if is_postgres(store) else Sqlite(store)


Write = Callable[..., Awaitable[int]]


@asynccontextmanager
async def open_async(store: str, in_flight: int) -> AsyncIterator[Write]:
    """`write` for asyncio."""
    opened = open_store(store)
    if not is_postgres(store):
        loop = asyncio.get_running_loop()
        with ThreadPoolExecutor(1) as thread:
            # All in one thread, so that none waits for a lock while others could run.
            yield lambda *words: loop.run_in_executor(thread, opened.write, *words)
        return

    async def write(sql: str, *values: str) -> int:
        async with pool.connection() as connection:
            return (await connection.execute(sql.format("%s"), values)).rowcount

    settings = {"autocommit": True}
    pool = psycopg_pool.AsyncConnectionPool(
        store, min_size=in_flight, max_size=in_flight, kwargs=settings, open=False
    )
    async with pool:
        await pool.wait()
        yield write


@contextmanager
def payer(url: str, store: str) -> Iterator[Callable[[str], None]]:
    """What makes a payment of a name, one at a time."""
    opened = open_store(store)

    def pay(name: str) -> None:
        body, fingerprint, headers = prepared(name)
        if opened.write(BEGIN, name, fingerprint) != 1:
            raise ValueError("a name that was used before")
        response = client.post(PAYMENT, content=body, headers=headers).raise_for_status()
        opened.write(END, response.text, name)
        check_payment(response.json()["data"])

    with httpx.Client(base_url=url) as client:
        yield pay


@asynccontextmanager
async def async_payer(
    url: str, store: str, in_flight: int
) -> AsyncIterator[Callable[[str], Awaitable[None]]]:
    """What makes payments, many at a time."""

    async def pay(name: str) -> None:
        body, fingerprint, headers = prepared(name)
        if await write(BEGIN, name, fingerprint) != 1:
            raise ValueError("a name that was used before")
        response = (await client.post(PAYMENT, content=body, headers=headers)).raise_for_status()
        await write(END, response.text, name)
        check_payment(response.json()["data"])

    # By itself httpx would close what is more than 20 connections.
    limits = httpx.Limits(max_connections=in_flight, max_keepalive_connections=in_flight)
    async with (
        httpx.AsyncClient(base_url=url, limits=limits) as client,
        open_async(store, in_flight) as write,
    ):
        yield pay


def written(store: str) -> int:
    """Return how many payments are written down."""
    return open_store(store).count()


def prepared(name: str) -> tuple[bytes, str, dict[str, str]]:
    """A payment's body, its fingerprint, and the headers of its request."""
    payment = {
        "user_id": ID,
        "payee_id": ID,
        "amount": 10.10,
        "payment_method": "WALLET",
        "invoice_no": name,
        "receiving_method": "WALLET",
    }
    body = json.dumps(payment).encode()
    headers = {**signed("POST", PAYMENT, body), "Content-Type": "application/json"}
    return body, hashlib.sha256(body).hexdigest(), headers

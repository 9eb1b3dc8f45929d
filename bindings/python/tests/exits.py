"""Processes that end with calls in flight, in every way that one can; for a test and `scripts/exits.py`."""

from __future__ import annotations

import itertools
import json
import os
import random
import socket
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field

from listening import Listener, read_head, response

# A process that is not gone by then hangs.
DEADLINE = 30.0

PRELUDE = """
import asyncio, atexit, logging, sys, threading, time
from concurrent.futures import ThreadPoolExecutor
USER = "f47ac10b-58cc-4372-a567-0e02b2c3d479"
GIVEN = dict(platform_id="id", secret_key="key", max_retries=0)

def first_import():
    import payglot
    payglot.PaywintPlatform

def client(url):
    import payglot
    return payglot.PaywintPlatform(base_url=url, **GIVEN)

def call(url):
    try:
        client(url).wallets.get(USER)
    except payglot.PayglotError:
        pass

def again(url):
    made = client(url)
    while True:
        try:
            made.wallets.get(USER)
        except payglot.PayglotError:
            pass

async def many(url, count=20, rounds=1):
    made = payglot.AsyncPaywintPlatform(base_url=url, **GIVEN)
    while rounds:
        await asyncio.gather(*[made.wallets.get(USER) for _ in range(count)], return_exceptions=True)
        rounds -= 1

class NoReaders(asyncio.SelectorEventLoop):
    def add_reader(self, *args):
        raise NotImplementedError

def on_a_loop(work, loop=None):
    loop = loop or asyncio.new_event_loop()
    loop.run_until_complete(work)

def in_threads(count, target, *given):
    for _ in range(count):
        threading.Thread(target=target, args=given, daemon=True).start()
"""

# What a process does before it comes to its end. HOST responds, SILENT never does, and PAGES never end.
WAYS = {
    "threads wait for responses that never come": "in_threads(5, call, SILENT); time.sleep(WAIT)",
    "threads call while responses arrive": "in_threads(5, again, HOST); time.sleep(WAIT)",
    "at once": "in_threads(5, again, HOST)",
    "a loop in a thread waits": "in_threads(1, lambda: on_a_loop(many(SILENT))); time.sleep(WAIT)",
    "a loop in a thread takes responses": """
in_threads(2, lambda: on_a_loop(many(HOST, 20, -1))); time.sleep(WAIT)
""",
    "a loop that watches no sockets takes responses": """
in_threads(2, lambda: on_a_loop(many(HOST, 20, -1), NoReaders())); time.sleep(WAIT)
""",
    "threads and loops": """
in_threads(3, again, HOST); in_threads(3, call, SILENT)
in_threads(1, lambda: on_a_loop(many(HOST, 10, -1))); in_threads(1, lambda: on_a_loop(many(SILENT)))
time.sleep(WAIT)
""",
    "a loop that is left with calls in flight": """
async def main():
    calls = [asyncio.ensure_future(many(url, 10, -1)) for url in (HOST, SILENT)]
    await asyncio.sleep(WAIT)
asyncio.run(main())
""",
    "sys.exit within a loop": """
async def main():
    calls = asyncio.ensure_future(many(HOST, 20, -1))
    await asyncio.sleep(WAIT)
    sys.exit(0)
asyncio.run(main())
""",
    "a loop that is never closed": """
loop = asyncio.new_event_loop()
calls = loop.create_task(many(SILENT, 20))
loop.run_until_complete(asyncio.sleep(WAIT))
calls._log_destroy_pending = False
del loop, calls
""",
    "a pool of threads that is waited for": """
pool = ThreadPoolExecutor(5)
calls = [pool.submit(call, HOST) for _ in range(50)]
""",
    "calls at the exit": "call(HOST); in_threads(3, again, HOST); atexit.register(call, HOST)",
    "logged calls while responses arrive": """
logging.getLogger("payglot").addHandler(logging.NullHandler())
logging.getLogger("payglot").propagate = False
logging.getLogger("payglot").setLevel("DEBUG")
in_threads(3, again, HOST); in_threads(1, lambda: on_a_loop(many(HOST, 10, -1))); time.sleep(WAIT)
""",
}

# The same for daemon threads, which CPython ends where they stand: it unwinds who wants its lock when it
# has begun to finalize, and no frame of payglot's may be among what is unwound.
DAEMONS = {
    "first imports": "in_threads(3, first_import); time.sleep(WAIT)",
    "first clients": "import payglot; in_threads(3, client, HOST); time.sleep(WAIT / 2)",
    "first calls": "import payglot; in_threads(3, call, HOST); time.sleep(WAIT)",
    "synchronous calls": "import payglot; in_threads(3, again, HOST); time.sleep(WAIT)",
    "awaited calls": """
import payglot; in_threads(2, lambda: on_a_loop(many(HOST, 20, -1))); time.sleep(WAIT)
""",
    "pages": """
import payglot
def walk():
    while True:
        for user in client(PAGES).users.list():
            user.user_id, user.to_dict(), repr(user)
in_threads(3, walk); time.sleep(WAIT)
""",
    "deliveries": """
import payglot
from payglot.webhooks import paywint_platform as webhooks
def deliver():
    while True:
        sent = webhooks.sample_delivery("payment.success", "secret")
        event = webhooks.construct_event(sent.body, sent.headers, "secret")
        event.raw, event.generated_at, event.data.to_dict()
in_threads(3, deliver); time.sleep(WAIT)
""",
    "arguments that run code": """
import payglot
from collections import UserDict
from enum import Enum
class Word(Enum):
    A = "a"
class Slow(UserDict):
    def __getitem__(self, key):
        return sum(range(200)) and super().__getitem__(key)
def ask():
    made = client(HOST)
    while True:
        given = Slow({str(number): Word.A for number in range(50)})
        try:
            made.request("GET", "/api/x", query=given, replay="read", headers=Slow({"x-test": "1"}))
        except payglot.PayglotError:
            pass
in_threads(3, ask); time.sleep(WAIT)
""",
}

# The same shape without payglot: CPython lets such a process crash now and then by itself.
CONTROL_KIND = "control: ssl, zlib and hashlib, no payglot"
CONTROL = """
import hashlib, ssl, zlib
def work():
    while True:
        ssl.create_default_context()
        zlib.decompress(zlib.compress(bytes(200_000)))
        hashlib.sha256(bytes(200_000)).hexdigest()
in_threads(3, work); time.sleep(WAIT)
"""

# What makes the allocator show memory that is used after it was freed.
PERTURBED = {"MALLOC_PERTURB_": "165", "PYTHONMALLOC": "malloc"}


@dataclass
class Result:
    """What came of the runs; failures are empty where all is well."""

    runs: int = 0
    failures: list[str] = field(default_factory=list)
    slowest: float = 0.0


def _serve_host(connection: socket.socket) -> None:
    while True:
        read_head(connection)
        connection.sendall(response())


# No page is like another, or the walk would end.
_PAGES = itertools.count()


def _serve_pages(connection: socket.socket) -> None:
    head = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n"
    while True:
        read_head(connection)
        page = next(_PAGES)
        users = [{"user_id": f"{page}-{number}"} for number in range(100)]
        body = json.dumps({"success": True, "records": users, "totalRecords": 1_000_000}).encode()
        connection.sendall(head % len(body) + body)


def _serve_silent(connection: socket.socket) -> None:
    while connection.recv(65536):
        pass


def run_exits(count: int, parallel: int = 2) -> Result:
    """Run processes that end in all these ways, by turns."""
    return _run([(f"import payglot\n{way}", what) for what, way in WAYS.items()], count, {}, parallel)


def run_daemons(kind: str, count: int, *, perturbed: bool = False, parallel: int = 2) -> Result:
    """Run processes that end with daemon threads of one kind, or of the control."""
    program = CONTROL if kind == CONTROL_KIND else DAEMONS[kind]
    # Threads that change places often are more often inside payglot at the end.
    often = f"sys.setswitchinterval(0.0001)\n{program}"
    programs = [(program, kind), (often, f"{kind}, changing often")]
    return _run(programs, count, PERTURBED if perturbed else {}, parallel)


def _run(programs: list[tuple[str, str]], count: int, environment: dict[str, str], parallel: int) -> Result:
    result = Result()
    listeners = [Listener(serve) for serve in (_serve_host, _serve_pages, _serve_silent)]
    urls = [f"http://127.0.0.1:{listener.port}" for listener in listeners]

    def once(number: int) -> None:
        program, what = programs[number % len(programs)]
        given = f"HOST, PAGES, SILENT = {urls}\nWAIT = {random.random() * 0.06}\n"
        command = [sys.executable, "-X", "faulthandler", "-c", PRELUDE + given + program]
        started = time.monotonic()
        problem = _problem(command, environment)
        result.slowest = max(result.slowest, time.monotonic() - started)
        result.runs += 1
        if problem:
            result.failures.append(f"{what}: {problem}")

    with ThreadPoolExecutor(parallel) as pool:
        for _ in pool.map(once, range(count)):
            pass
    for listener in listeners:
        listener.close()
    return result


def _problem(command: list[str], environment: dict[str, str]) -> str | None:
    try:
        done = subprocess.run(
            command, capture_output=True, text=True, timeout=DEADLINE, env={**os.environ, **environment}
        )
    except subprocess.TimeoutExpired:
        return "it hung"
    if done.returncode != 0 or done.stdout or done.stderr:
        return f"status {done.returncode}; {done.stdout}{done.stderr}"
    return None

"""Processes that end with calls in flight, in every way that one can; for a test and `scripts/exits.py`."""

from __future__ import annotations

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
import payglot
USER = "f47ac10b-58cc-4372-a567-0e02b2c3d479"
GIVEN = dict(platform_id="id", secret_key="key", max_retries=0)

def client(url):
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

# What a process does before it comes to its end. HOST responds, SILENT never does.
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


def _serve_silent(connection: socket.socket) -> None:
    while connection.recv(65536):
        pass


def run_exits(count: int, parallel: int = 2) -> Result:
    """Run processes that end in all these ways, by turns."""
    host, silent = Listener(_serve_host), Listener(_serve_silent)
    result = Result()
    ways = [*WAYS.items()]

    def once(number: int) -> None:
        what, way = ways[number % len(ways)]
        hosts = f'HOST, SILENT = "http://127.0.0.1:{host.port}", "http://127.0.0.1:{silent.port}"\n'
        wait = f"WAIT = {random.random() * 0.06}\n"
        started = time.monotonic()
        problem = _problem([sys.executable, "-X", "faulthandler", "-c", PRELUDE + hosts + wait + way])
        result.slowest = max(result.slowest, time.monotonic() - started)
        result.runs += 1
        if problem:
            result.failures.append(f"{what}: {problem}")

    with ThreadPoolExecutor(parallel) as pool:
        for _ in pool.map(once, range(count)):
            pass
    for listener in (host, silent):
        listener.close()
    return result


def _problem(command: list[str]) -> str | None:
    try:
        done = subprocess.run(command, capture_output=True, text=True, timeout=DEADLINE)
    except subprocess.TimeoutExpired:
        return "it hung"
    if done.returncode != 0 or done.stdout or done.stderr:
        return f"status {done.returncode}; {done.stdout}{done.stderr}"
    return None

"""Forks: a child of any kind has connections of its own, and its client is the one that its parent made."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Callable
from pathlib import Path
from typing import Any

import payglot
import pytest
from conftest import USER
from scripted import Server, data

Run = Callable[[str], str]

# Names the process that sends, so that the server knows which process a connection belongs to.
CALLS = """
def call(client):
    return client.wallets.get(USER, headers={"x-process": str(os.getpid())}).user_id

async def call_async(client, count=5):
    calls = [client.wallets.get(USER, headers={"x-process": str(os.getpid())}) for _ in range(count)]
    return {wallet.user_id for wallet in await asyncio.gather(*calls)}

def in_a_child(work):
    child = os.fork()
    if child == 0:
        status = 1
        try:
            work()
            status = 0
        finally:
            os._exit(status)
    return child

def ended(child):
    return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
"""


@pytest.fixture
def processes(server: Server) -> Callable[[], int]:
    """How many processes have called; fails where two of them have used one connection."""
    server.play(data({"user_id": "u"}))

    def check() -> int:
        owners: dict[int, set[str]] = {}
        for request in server.requests:
            owners.setdefault(request.peer, set()).add(request.headers["x-process"])
        assert all(len(owner) == 1 for owner in owners.values()), owners
        assert len({request.headers["x-signature"] for request in server.requests}) == 1
        return len(set().union(*owners.values()))

    return check


@pytest.mark.parametrize("used", [False, True])
def test_inherited_and_new_clients(run_python: Run, processes: Callable[[], int], used: bool) -> None:
    out = run_python(
        f"""{CALLS}
other = AsyncClient()
if {used}:
    call(client)
    asyncio.run(call_async(other))
def work():
    assert call(client) == "u"
    assert asyncio.run(call_async(other)) == {{"u"}}
    assert call(payglot.PaywintPlatform(**GIVEN)) == "u"
    assert asyncio.run(call_async(AsyncClient())) == {{"u"}}
    assert ended(in_a_child(lambda: call(client))) == 0
for _ in range(3):
    child = in_a_child(work)
    call(client)
    asyncio.run(call_async(other))
    print(ended(child))
"""
    )
    assert out == "0\n0\n0\n"
    assert processes() == 7


def test_a_fork_while_models_are_loaded(run_python: Run, server: Server) -> None:
    """Nothing that the parent has begun keeps the child waiting."""
    server.play(data({"user_id": "u"}))
    out = run_python(
        f"""{CALLS}
import types
from payglot.types import linora
class Forks(types.ModuleType):
    @property
    def _MODELS(self):
        sys.modules[self.__name__] = linora
        print(ended(in_a_child(work)))
        return linora._MODELS
sys.modules[linora.__name__] = Forks(linora.__name__)
def work():
    other = payglot.Linora(api_key="key", base_url=GIVEN["base_url"])
    assert other.cards.get("id") is not None
    assert call(client) == "u"
work()
"""
    )
    assert out == "0\n"
    assert len(server.requests) == 4


def test_a_fork_while_threads_call(run_python: Run, processes: Callable[[], int]) -> None:
    out = run_python(
        f"""{CALLS}
stopped = threading.Event()
other = AsyncClient()
def again():
    while not stopped.is_set():
        call(client)
def again_async():
    while not stopped.is_set():
        asyncio.run(call_async(other))
threads = [threading.Thread(target=target) for target in (again, again, again_async)]
for thread in threads:
    thread.start()
def work():
    call(client)
    asyncio.run(call_async(other))
def fork_from_a_thread():
    for _ in range(5):
        statuses.append(ended(in_a_child(work)))
statuses = []
forking = threading.Thread(target=fork_from_a_thread)
forking.start()
for _ in range(10):
    statuses.append(ended(in_a_child(work)))
forking.join()
stopped.set()
for thread in threads:
    thread.join()
print(statuses.count(0), len(statuses))
"""
    )
    assert out == "15 15\n"
    assert processes() == 16


def test_what_the_environment_holds_by_then_alters_nothing(
    server: Server, run_python: Run, processes: Callable[[], int], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PAYWINT_PLATFORM_ID", "id")
    monkeypatch.setenv("PAYWINT_SECRET_KEY", "key")
    monkeypatch.setenv("PAYWINT_BASE_URL", server.url)
    out = run_python(
        f"""{CALLS}
from_environment = payglot.PaywintPlatform()
def work():
    os.environ.update(
        PAYWINT_SECRET_KEY="another", PAYWINT_BASE_URL="http://127.0.0.1:1", HTTP_PROXY="http://127.0.0.1:1",
        http_proxy="http://127.0.0.1:1", ALL_PROXY="http://127.0.0.1:1", SSL_CERT_FILE="/nowhere",
    )
    call(from_environment)
    call(client)
print(ended(in_a_child(work)))
"""
    )
    assert out == "0\n"
    assert processes() == 1


@pytest.mark.parametrize("method", ["fork", "forkserver", "spawn"])
def test_multiprocessing(server: Server, processes: Callable[[], int], tmp_path: Path, method: str) -> None:
    program = tmp_path / "program.py"
    program.write_text(
        f"""
import asyncio, multiprocessing, os
import payglot
USER = {USER!r}
{CALLS}
client = payglot.PaywintPlatform(platform_id="id", secret_key="key", base_url={server.url!r})

def work(number):
    return call(client)

if __name__ == "__main__":
    call(client)
    with multiprocessing.get_context({method!r}).Pool(3) as pool:
        print(set(pool.map(work, range(30), 1)))
"""
    )
    out = subprocess.check_output(
        [sys.executable, "-W", "ignore::DeprecationWarning", str(program)], text=True, timeout=20
    )
    assert out == "{'u'}\n"
    assert 2 <= processes() <= 4


def test_a_client_is_not_pickled(platform: payglot.PaywintPlatform) -> None:
    import pickle

    with pytest.raises(TypeError, match="pickle"):
        pickle.dumps(platform)


def program_of(tmp_path: Path, server: Server, more: str) -> None:
    (tmp_path / "program.py").write_text(
        f"""
import asyncio, os
import payglot
USER = {USER!r}
{CALLS}
GIVEN = dict(platform_id="id", secret_key="key", base_url={server.url!r})
client = payglot.PaywintPlatform(**GIVEN)
# Used before the fork.
call(client)
{more}
"""
    )


def test_gunicorn_with_preload(server: Server, processes: Callable[[], int], tmp_path: Path) -> None:
    program_of(
        tmp_path,
        server,
        """
other = payglot.AsyncPaywintPlatform(**GIVEN)
def app(environ, start_response):
    said = f"{call(client)} {asyncio.run(call_async(other))} {os.getpid()}"
    start_response("200 OK", [("content-type", "text/plain")])
    return [said.encode()]
""",
    )
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    options = [
        "--preload",
        "--workers",
        "3",
        "--bind",
        f"127.0.0.1:{port}",
        "--log-level",
        "warning",
        "--no-control-socket",
    ]
    command = [sys.executable, "-m", "gunicorn", *options, "program:app"]
    with subprocess.Popen(command, cwd=tmp_path, stderr=subprocess.PIPE, text=True) as gunicorn:
        try:
            workers = set()
            deadline = time.monotonic() + 15
            while len(workers) < 3 and time.monotonic() < deadline:
                try:
                    with urllib.request.urlopen(f"http://127.0.0.1:{port}", timeout=5) as response:
                        wallet, wallets, worker = response.read().decode().split()
                except OSError:
                    assert gunicorn.poll() is None, gunicorn.stderr and gunicorn.stderr.read()
                    time.sleep(0.05)
                    continue
                assert (wallet, wallets) == ("u", "{'u'}")
                workers.add(worker)
        finally:
            gunicorn.terminate()
            gunicorn.communicate(timeout=10)
    assert len(workers) == 3
    # The workers, and their parent, which called before.
    assert processes() == 4


def test_celery_prefork(server: Server, processes: Callable[[], int], tmp_path: Path) -> None:
    folders = {name: tmp_path / name for name in ("queue", "control", "results")}
    for folder in folders.values():
        folder.mkdir()
    program_of(
        tmp_path,
        server,
        f"""
from celery import Celery
app = Celery("program", broker="filesystem://", backend="file://{folders["results"]}")
app.conf.broker_transport_options = {{
    "data_folder_in": {str(folders["queue"])!r},
    "data_folder_out": {str(folders["queue"])!r},
    "control_folder": {str(folders["control"])!r},
}}

@app.task
def work():
    import time
    # Long enough for the other process to take some too.
    time.sleep(0.1)
    return call(client), sorted(asyncio.run(call_async(payglot.AsyncPaywintPlatform(**GIVEN))))

if __name__ == "__main__":
    results = [work.delay() for _ in range(6)]
    print([result.get(timeout=15) for result in results])
""",
    )
    options = ["worker", "--pool", "prefork", "--concurrency", "2", "--loglevel", "WARNING"]
    options += ["--without-gossip", "--without-mingle", "--without-heartbeat"]
    command = [sys.executable, "-m", "celery", "--app", "program", *options]
    environment = {**os.environ, "PYTHONWARNINGS": "ignore"}
    quiet: dict[str, Any] = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
    with subprocess.Popen(command, cwd=tmp_path, env=environment, **quiet) as worker:
        try:
            out = subprocess.check_output(
                [sys.executable, "program.py"], cwd=tmp_path, env=environment, text=True, timeout=30
            )
        finally:
            worker.terminate()
            worker.wait(10)
    assert out == f"{[['u', ['u']]] * 6}\n"
    # The worker and its two children, and the program that asks, which calls when it is imported.
    assert 3 <= processes() <= 4

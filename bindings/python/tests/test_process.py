"""What a process does around calls: Ctrl-C, signals, and an exit with calls in flight."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable

import pytest
from conftest import USER
from exits import DAEMONS, run_daemons, run_exits
from scripted import Hang, Reply, Server, data, records

Start = Callable[[str], "subprocess.Popen[str]"]
Run = Callable[[str], str]


@pytest.mark.parametrize(
    "program",
    [
        "print('ready', flush=True)\nclient.wallets.get(USER)",
        "print('ready', flush=True)\nclient.wallets.fund(USER, amount=1, bank_id=USER)",
        "print('ready', flush=True)\nasyncio.run(AsyncClient().wallets.get(USER))",
    ],
)
def test_ctrl_c_ends_a_call(server: Server, start_python: Start, program: str) -> None:
    server.play(Hang())
    process = start_python(program)
    assert process.stdout is not None
    assert process.stdout.readline() == "ready\n"
    while not server.requests:
        time.sleep(0.005)
    process.send_signal(signal.SIGINT)
    pressed = time.monotonic()
    _, err = process.communicate(timeout=10)
    took = time.monotonic() - pressed
    assert "KeyboardInterrupt" in err
    assert took < 0.3, took


def test_a_signal_handler_runs_while_a_call_waits(server: Server, run_python: Run) -> None:
    def answer_late(_: object) -> Reply:
        time.sleep(0.3)
        return data({})

    server.play(answer_late)
    out = run_python(
        """
signal.signal(signal.SIGALRM, lambda *_: print("alarm"))
signal.setitimer(signal.ITIMER_REAL, 0.1)
print(client.wallets.get(USER))
"""
    )
    assert out == "alarm\nPlatformWalletRead()\n"


def test_exits_with_calls_in_flight() -> None:
    """Each way once, and some twice; `scripts/exits.py` runs a thousand."""
    result = run_exits(20)
    assert result.failures == []
    assert result.runs == 20


@pytest.mark.parametrize("kind", DAEMONS)
def test_exits_with_daemon_threads_at_work(kind: str) -> None:
    """Issue 12.24: a few of each kind; `scripts/exits.py daemons` runs thousands, beside a control."""
    result = run_daemons(kind, 6, perturbed=True)
    assert result.failures == []
    assert result.runs == 6


def test_an_exit_hook_that_waits_for_a_thread(server: Server) -> None:
    """Issue 12.24: the gate is closed by then, but what comes to it waits for a second at most."""
    server.play(data({}))
    program = f"""
import atexit, threading
leaving = threading.Event()
def work():
    leaving.wait()
    for _ in range(3):
        client.wallets.get({USER!r})
worker = threading.Thread(target=work, daemon=True)
worker.start()
# Registered before payglot registers its own, and so called after that.
atexit.register(lambda: (leaving.set(), worker.join(), print("joined")))
import payglot
client = payglot.PaywintPlatform(platform_id="id", secret_key="key", base_url={server.url!r})
"""
    started = time.monotonic()
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, timeout=20)
    assert (done.returncode, done.stdout, done.stderr) == (0, "joined\n", "")
    assert len(server.requests) == 3
    assert 1 < time.monotonic() - started < 4


SLOW_ARGUMENT = """
import collections
inside = threading.Event()
class Slow(collections.UserDict):
    def __getitem__(self, name):
        inside.set()
        time.sleep(60)
def ask():
    client.request("GET", "/api/x", query=Slow({"a": "b"}))
threading.Thread(target=ask, daemon=True).start()
inside.wait()
"""


def test_an_exit_waits_a_second_at_most(run_python: Run) -> None:
    """Issue 12.24: for a caller's code that runs within a call."""
    out = run_python(f"import atexit\n{SLOW_ARGUMENT}\natexit.register(lambda: print(time.monotonic()))")
    assert time.monotonic() - float(out) < 3


@pytest.mark.skipif(not hasattr(os, "fork"), reason="needs fork")
def test_the_child_of_a_fork_waits_for_no_thread_of_its_parent(run_python: Run) -> None:
    """Issue 12.24: the thread that is inside does not exist in the child."""
    out = run_python(
        SLOW_ARGUMENT
        + """
started = time.monotonic()
child = os.fork()
if child == 0:
    sys.exit(0)
assert os.waitpid(child, 0)[1] == 0
print(time.monotonic() - started)
"""
    )
    assert float(out) < 0.9


def test_exit_with_a_page_on_its_way(server: Server, run_python: Run) -> None:
    server.play(records([{"user_id": "1"}], 1000), Hang())
    started = time.monotonic()
    run_python("pages = client.users.list().pages(); next(pages); sys.exit(0)")
    assert time.monotonic() - started < 3

"""What a process does around calls: Ctrl-C, signals, and an exit with calls in flight."""

from __future__ import annotations

import signal
import subprocess
import time
from collections.abc import Callable

import pytest
from exits import run_exits
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


def test_exit_with_a_page_on_its_way(server: Server, run_python: Run) -> None:
    server.play(records([{"user_id": "1"}], 1000), Hang())
    started = time.monotonic()
    run_python("pages = client.users.list().pages(); next(pages); sys.exit(0)")
    assert time.monotonic() - started < 3

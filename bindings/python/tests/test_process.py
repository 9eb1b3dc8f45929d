"""What a process does around calls: Ctrl-C, signals, and an exit with calls in flight."""

from __future__ import annotations

import signal
import subprocess
import time
from collections.abc import Callable

import pytest
from scripted import Hang, Reply, Request, Server, data, records

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


@pytest.mark.parametrize(
    "program",
    [
        # A thread of its own waits for an answer that never comes.
        "threading.Thread(target=lambda: client.wallets.get(USER), daemon=True).start(); time.sleep(0.1)",
        # A loop in a thread, with many calls.
        """
async def main():
    client = AsyncClient()
    await asyncio.gather(*[client.wallets.get(USER) for _ in range(50)])
threading.Thread(target=lambda: asyncio.run(main()), daemon=True).start()
time.sleep(0.1)
""",
        # Answers come while the interpreter goes.
        """
class Loop(asyncio.SelectorEventLoop):
    def add_reader(self, *args):
        raise NotImplementedError
async def main():
    client = AsyncClient()
    await asyncio.gather(*[client.users.create(name=str(n)) for n in range(50)])
def work():
    loop = Loop()
    loop.run_until_complete(main())
threading.Thread(target=work, daemon=True).start()
time.sleep(0.1)
""",
        # A page that is being prefetched.
        "pages = client.users.list().pages(); next(pages); sys.exit(0)",
    ],
)
def test_exit_with_calls_in_flight(server: Server, run_python: Run, program: str) -> None:
    def script(request: Request) -> Reply | Hang:
        if request.path.endswith("users/list") and len(server.requests) == 1:
            return records([{"user_id": "1"}], 1000)
        if request.path.endswith("users/create"):
            time.sleep(0.12)
            return data({})
        return Hang()

    server.play(script)
    for _ in range(3):
        server.requests.clear()
        started = time.monotonic()
        run_python(program)
        assert time.monotonic() - started < 3

"""Calls on asyncio event loops: sets the results of the futures that are awaited."""

from __future__ import annotations

import os
import sys
from asyncio import get_running_loop
from functools import partial
from typing import TYPE_CHECKING, Any
from weakref import WeakKeyDictionary, ref

from ._hooks import notify
from ._log import is_enabled, log
from ._payglot import Queue

if TYPE_CHECKING:
    from asyncio import AbstractEventLoop, Future
    from collections.abc import Awaitable, Callable

    from ._payglot import Core, Running

NO_LOOP = (
    "payglot's asynchronous clients run on asyncio, and no asyncio event loop is running here; "
    "nothing was sent. Under trio, use the synchronous client in a thread: "
    "`await trio.to_thread.run_sync(...)`"
)

_queues: WeakKeyDictionary[AbstractEventLoop, Queue] = WeakKeyDictionary()
# The loop that was used last, and its queue: nearly always the one that is used next.
_latest: tuple[Callable[[], AbstractEventLoop | None], Queue | None] = (lambda: None, None)


def awaiting() -> tuple[Queue, Future[Any], bool]:
    """The queue of the running loop, a new future of it, and whether the call is logged."""
    try:
        loop = get_running_loop()
    except RuntimeError:
        raise RuntimeError(NO_LOOP) from None
    latest, queue = _latest
    if queue is None or latest() is not loop:
        queue = _queue_of(loop)
    return queue, loop.create_future(), is_enabled()


def _queue_of(loop: AbstractEventLoop) -> Queue:
    global _latest
    queue = _queues.get(loop)
    if queue is None or queue.process != os.getpid():
        queue = _queues[loop] = _attach(loop)
    _latest = (ref(loop), queue)
    return queue


def _forget_latest() -> None:
    """The child of a fork has its own loops and queues."""
    global _latest
    _latest = (lambda: None, None)


if sys.platform != "win32":
    os.register_at_fork(after_in_child=_forget_latest)


def _attach(loop: AbstractEventLoop) -> Queue:
    try:
        queue = Queue()
        loop.add_reader(queue, partial(_drain, queue))
    except (NotImplementedError, AttributeError):
        # The loop or the platform watches no sockets: the loop has to be called.
        weak: list[ref[Queue]] = []
        queue = Queue.calling(loop, partial(_drain_weak, weak))
        weak.append(ref(queue))
    return queue


def _drain(queue: Queue) -> None:
    for future, value, is_exception in queue.take():
        if future.done():
            # Cancelled.
            continue
        if is_exception:
            future.set_exception(value)
        else:
            future.set_result(value)


def _drain_weak(weak: list[ref[Queue]]) -> None:
    queue = weak[0]()
    if queue is not None:
        _drain(queue)


async def finish(future: Awaitable[Any], running: Running, core: Core) -> Any:
    """Await a call of this client that was started; whoever cancels the awaiting stops the call."""
    try:
        return await future
    except BaseException as error:
        # Cancelled; for a call that has ended this does nothing.
        running.give_up(error)
        raise
    finally:
        log(running)
        notify(core)


def discard(future: Future[Any], running: Running) -> None:
    """Stop a call whose result is not needed any more."""
    running.stop()
    log(running)
    if not future.cancel() and not future.cancelled():
        # Retrieved, or asyncio would log that it never was.
        future.exception()

"""Runs a delivery in a fast event loop, with a garbage collector that runs rarely."""

import gc
from collections.abc import Coroutine, Iterator
from contextlib import contextmanager
from importlib.util import find_spec
from typing import Any, TypeVar

from destination.errors import RequestClientError
from destination.late import asyncio

T = TypeVar("T")

_GC_THRESHOLDS = (20_000, 20, 50)


def run_delivery(main: Coroutine[Any, Any, T]) -> T:
    """Runs a coroutine to its end, in uvloop's event loop if that is installed, otherwise in asyncio's own.

    pyreqwest answers from a thread of its own. asyncio wakes its loop with a system call for each answer. uvloop wakes
    it once for several answers, which allows two to three times as many requests a second.

    Example:
        >>> async def main() -> int:
        ...     return 5
        >>> run_delivery(main())
        5
    """
    factory = None
    if find_spec("uvloop") is not None:
        import uvloop

        factory = uvloop.new_event_loop
    with seldom_collected(), asyncio.Runner(loop_factory=factory) as runner:
        return runner.run(main)


def failure_of(task: "asyncio.Task[None]") -> Exception | None:
    """Returns the error of a task that has ended; one that was cancelled, possibly before it began, was abandoned.

    Example:
        >>> async def main() -> Exception | None:
        ...     task = asyncio.ensure_future(asyncio.sleep(60, None))
        ...     task.cancel()
        ...     await asyncio.wait([task])
        ...     return failure_of(task)
        >>> run_delivery(main())
        RequestClientError('abandoned before there was an answer: it may have arrived')
    """
    if task.cancelled():
        return RequestClientError("abandoned before there was an answer: it may have arrived")
    error = task.exception()
    return error if error is None or isinstance(error, Exception) else RequestClientError(str(error))


@contextmanager
def seldom_collected() -> Iterator[None]:
    """Makes the garbage collector run rarely, and ignore the objects that exist already.

    An event in flight has hundreds of objects, all of which reference counting frees. Checking them after every 700
    new objects takes a quarter of a run's time.

    Example:
        >>> with seldom_collected():
        ...     gc.get_threshold()
        (20000, 20, 50)
    """
    before = gc.get_threshold()
    gc.freeze()
    gc.set_threshold(*_GC_THRESHOLDS)
    try:
        yield
    finally:
        gc.set_threshold(*before)
        gc.unfreeze()

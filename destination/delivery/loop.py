"""The event loop of a delivery, and what the interpreter does beside it."""

import asyncio
import gc
from collections.abc import Coroutine, Iterator
from contextlib import contextmanager
from importlib.util import find_spec
from typing import Any, TypeVar

T = TypeVar("T")

_GC_THRESHOLDS = (20_000, 20, 50)


def run_delivery(main: Coroutine[Any, Any, T]) -> T:
    """Runs a coroutine to its end, in uvloop's event loop where that is installed, else in asyncio's own.

    pyreqwest answers from a thread of its own. asyncio wakes its loop with a system call for each answer, uvloop once
    for all that came meanwhile: two to three times as many requests a second.

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
    with _seldom_collected(), asyncio.Runner(loop_factory=factory) as runner:
        return runner.run(main)


@contextmanager
def _seldom_collected() -> Iterator[None]:
    """Has the garbage collector look for cycles less often, and never at what was there before.

    An event under way is hundreds of objects that nothing but counting has to free: looking through them after every
    700 takes a quarter of a run's time.
    """
    before = gc.get_threshold()
    gc.freeze()
    gc.set_threshold(*_GC_THRESHOLDS)
    try:
        yield
    finally:
        gc.set_threshold(*before)
        gc.unfreeze()

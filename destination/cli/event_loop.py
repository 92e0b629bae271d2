"""What a delivery runs in."""

import asyncio
import gc
from collections.abc import Coroutine, Iterator
from contextlib import contextmanager
from typing import Any, TypeVar

T = TypeVar("T")

_NEW_OBJECTS = 20_000
"""So many new objects call for a look at the young ones: what is in flight would be looked through at every turn."""


def run_delivery(delivery: Coroutine[Any, Any, T]) -> T:
    """Runs a delivery to its end."""
    with _patient_collector():
        return asyncio.run(delivery)


@contextmanager
def _patient_collector() -> Iterator[None]:
    """The garbage collector leaves alone what was there before, and looks less often at what is in flight."""
    thresholds = gc.get_threshold()
    gc.collect()
    gc.freeze()
    gc.set_threshold(_NEW_OBJECTS, *thresholds[1:])
    try:
        yield
    finally:
        gc.set_threshold(*thresholds)
        gc.unfreeze()

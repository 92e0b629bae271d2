"""Timing: warmed up, in rounds that take turns, and the median of them."""

import gc
import os
import statistics
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from time import process_time

ROUNDS = 5
WARM_UP = 8

Round = Callable[[], float]
"""Does the work once and gives the seconds it took."""


def on_one_core() -> int | None:
    """Binds this process, and those that it starts, to one core; gives its number where the system can do that."""
    if not hasattr(os, "sched_setaffinity"):
        return None
    core = max(os.sched_getaffinity(0))
    os.sched_setaffinity(0, {core})
    return core


@contextmanager
def all_cores() -> Iterator[None]:
    """Lets this process, and those that it starts, use every core again."""
    if not hasattr(os, "sched_setaffinity"):
        yield
        return
    bound = os.sched_getaffinity(0)
    os.sched_setaffinity(0, range(os.cpu_count() or 1))
    try:
        yield
    finally:
        os.sched_setaffinity(0, bound)


def timed(work: Callable[[], object]) -> Round:
    """The seconds on the core that a piece of work takes; what earlier rounds left over is collected before.

    Time on the core is time on the clock where nothing else runs; on a machine that others use, too, it tells more.
    """

    def round_() -> float:
        gc.collect()
        begin = process_time()
        work()
        return process_time() - begin

    return round_


def minimums(rounds: Sequence[Round], *, count: int = 25, warm_up: int = WARM_UP) -> list[float]:
    """The least seconds of each, measured in turns: what the machine adds to a round only makes it longer."""
    for round_ in rounds:
        for _ in range(warm_up):
            round_()
    seconds = [[round_() for round_ in rounds] for _ in range(count)]
    return [min(column) for column in zip(*seconds, strict=True)]


def medians(rounds: Sequence[Round], *, count: int = ROUNDS, warm_up: int = WARM_UP) -> list[float]:
    """The median seconds of each, measured in turns so that a slow minute of the machine hits all of them alike."""
    for round_ in rounds:
        for _ in range(warm_up):
            round_()
    seconds = [[round_() for round_ in rounds] for _ in range(count)]
    return [statistics.median(column) for column in zip(*seconds, strict=True)]

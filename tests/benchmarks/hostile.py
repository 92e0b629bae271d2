"""The row of hostile mappings: how long the worst of them takes, and how much memory."""

import gc
import multiprocessing
import resource
from collections.abc import Iterator
from contextlib import suppress
from time import process_time
from typing import Any

from destination.errors import DestinationError
from destination.mapping import CompiledMapping, compile_mapping
from tests.benchmarks.rows import Row

GROUP = "Hostile mappings"


def hostile_rows() -> Iterator[Row]:
    """Both rows: each mapping is resolved once, in a process of its own."""
    from tests.robustness.hostile_mappings import HOSTILE  # large: it would burden the other groups

    gc.collect()
    gc.freeze()  # the collector of cycles does not look through the events of all the others
    context = multiprocessing.get_context("fork")
    measured = {}
    for name in HOSTILE:
        with context.Pool(1) as pool:
            measured[name] = pool.apply(_measure, (name,))
    gc.unfreeze()
    slowest = max(measured, key=lambda name: measured[name][0])
    largest = max(measured, key=lambda name: measured[name][1])
    seconds, megabytes = measured[slowest][0], measured[largest][1]
    count = f"of {len(HOSTILE)} mappings"
    yield Row(GROUP, "the longest time of a mapping", seconds * 1e3, "at most", 500, f"{count}: {slowest}", "ms")
    yield Row(GROUP, "the largest memory of a mapping", megabytes, "at most", 64, f"{count}: {largest}", "MB")


def _measure(name: str) -> tuple[float, float]:
    """Seconds on the core and megabytes that a field takes."""
    from tests.robustness.hostile_mappings import HOSTILE

    value, found = HOSTILE[name]()
    mapping = compile_mapping({"f": value})
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    _resolve(mapping, found)
    grown_kb = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before
    begin = process_time()  # the first time also copied the pages that the events share with the parent
    _resolve(mapping, found)
    return process_time() - begin, grown_kb / 1024


def _resolve(mapping: CompiledMapping, found: Any) -> None:
    with suppress(DestinationError):
        mapping({"v": found})

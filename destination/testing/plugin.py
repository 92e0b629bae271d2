"""The pytest plugin; pytest finds it by its entry point, `pytest -p no:destination` leaves it out.

pytest loads this module in every run of every project that has this package installed: nothing is imported here that
costs time, and each fixture imports what it needs.
"""

from collections.abc import Iterator
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from destination.testing.clock import FrozenClock
    from destination.testing.collector import Collector


@pytest.fixture
def collector() -> "Collector":
    """A partner's API that answers by rule and tells what it was asked.

    Give it to an instance, or to a test integration, as its `transport`; see `destination.testing.Collector`.
    """
    from destination.testing.collector import Collector

    return Collector()


@pytest.fixture
def frozen_clock() -> "Iterator[FrozenClock]":
    """A clock that stands at the first moment of 2026, where test events happen; see `destination.testing.FrozenClock`.

    Frozen is what mappings read of the time, that is `now` and `today` in Liquid templates; give it to a `Delivery` as
    its `clock`, and the delivery's waits, rates and retries go by it. Nothing else is: `time.time()` and `datetime` go
    on, in a `perform` too, and so do the limits on how long a template or a request may take.
    """
    from destination.testing.clock import FrozenClock, frozen

    with frozen(FrozenClock()) as clock:
        yield clock

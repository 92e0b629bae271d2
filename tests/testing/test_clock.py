import pytest

from destination.delivery.retry import Clock
from destination.delivery.scheduling import TokenBucket
from destination.testing import FrozenClock


async def test_sleeping_moves_the_clock() -> None:
    clock = FrozenClock("2026-01-01T00:00:00Z")
    await clock.sleep(1.5)
    clock.move(1)
    assert (clock.now(), clock.time(), clock.slept) == (1_767_225_602.5, 2.5, [1.5])


async def test_a_delivery_goes_by_it() -> None:
    clock = FrozenClock()
    as_one_of_delivery: Clock = clock
    bucket = TokenBucket(1, as_one_of_delivery)
    for _ in range(3):
        await bucket.take()
    assert clock.slept == [1, 1]


def test_what_is_no_date_is_refused() -> None:
    with pytest.raises(ValueError, match="'soon' is not a date: write it like 2026-01-01T"):
        FrozenClock("soon")
    with pytest.raises(ValueError, match="is not a date"):
        FrozenClock().move_to("")

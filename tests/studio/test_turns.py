"""Long work lets the event loop answer other requests: no turn is longer than its time and one event."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any

import pytest

from destination.studio import turns
from destination.studio.comparing import samples
from destination.studio.searching import search
from destination.studio.session import Studio
from destination.studio.turns import TURN_S
from tests.studio.corpora import compared, loaded, studio_of
from tests.workbench.diff.post import subscription

EVENTS = 600
LOOK_S = TURN_S / 4
"""How long an event takes by the clock of these tests, which moves on when work looks at it."""


class Clock:
    """A clock that moves on by one event each time it is looked at."""

    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        self.now += LOOK_S
        return self.now


async def _longest_turn(clock: Clock, work: Awaitable[Any]) -> float:
    """Returns the longest time for which another task of the loop waits, while work is done."""
    longest, done = 0.0, False

    async def other() -> None:
        nonlocal longest
        before = clock.now
        while not done:
            await asyncio.sleep(0)
            longest, before = max(longest, clock.now - before), clock.now

    waiting = asyncio.create_task(other())
    await work
    done = True
    await waiting
    return longest


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    made = Clock()
    monkeypatch.setattr(turns, "perf_counter", made)
    return made


async def _compare(studio: Studio) -> None:
    await compared(studio)


async def _edit(studio: Studio) -> None:
    await compared(studio, [{**studio.saved[0], "mapping": {"name": "edited"}}])


async def _samples(studio: Studio) -> None:
    await _edit(studio)
    await samples(studio, {"limit": 200})


async def _search(studio: Studio) -> None:
    await search(studio, {"query": "$.event exists"})


@pytest.mark.parametrize("work", [_compare, _edit, _samples, _search])
def test_another_task_waits_for_one_turn_at_most(work: Callable[[Studio], Awaitable[None]], clock: Clock) -> None:
    events = [{"type": "track", "event": str(number)} for number in range(EVENTS)]
    studio = studio_of([subscription("Tracks", {"name": {"@path": "$.event"}})], loaded(events))
    longest = asyncio.run(_longest_turn(clock, work(studio)))
    assert 0 < longest <= TURN_S + 3 * LOOK_S

"""Time limits that share a timer, in an event loop whose time passes only while everyone waits."""

import asyncio
from collections.abc import Coroutine
from typing import Any

import pytest

from destination.request.limits import TimeLimit


class PatientLoop(asyncio.SelectorEventLoop):
    """Jumps to the next timer when nothing else is to do; counts the timers that were set."""

    def __init__(self) -> None:
        super().__init__()
        self._time = 0.0
        self.timers: list[float] = []

    def time(self) -> float:
        return self._time

    def call_at(self, when: float, callback: Any, *args: Any, context: Any = None) -> asyncio.TimerHandle:  # type: ignore[override]
        self.timers.append(when)
        return super().call_at(when, callback, *args, context=context)

    def _run_once(self) -> None:
        if not self._ready and self._scheduled:  # type: ignore[attr-defined]
            self._time = max(self._time, self._scheduled[0].when())  # type: ignore[attr-defined]
        super()._run_once()  # type: ignore[misc]


def run(main: Coroutine[Any, Any, Any]) -> tuple[Any, PatientLoop]:
    loop = PatientLoop()
    with asyncio.Runner(loop_factory=lambda: loop) as runner:
        return runner.run(main), loop


async def ends_at(limit: float, work: float) -> float:
    """When work that takes so long ends under a limit; negative where the limit ended it."""
    loop = asyncio.get_running_loop()
    try:
        with TimeLimit(limit):
            await wait(work)
    except TimeoutError:
        return -loop.time()
    return loop.time()


async def wait(seconds: float) -> None:
    loop = asyncio.get_running_loop()
    done = loop.create_future()
    handle = asyncio.SelectorEventLoop.call_at(loop, loop.time() + seconds, done.set_result, None)  # type: ignore[arg-type]
    try:
        await done
    finally:
        handle.cancel()


def test_what_is_quicker_than_its_limit_ends_as_it_would_and_what_is_not_is_ended_at_it() -> None:
    async def main() -> Any:
        return await asyncio.gather(ends_at(5, 3), ends_at(5, 8), ends_at(2, 3), ends_at(9, 8))

    found, _ = run(main())
    assert found == [3, -5, -2, 8]


def test_a_limit_that_began_later_runs_out_at_its_own_time() -> None:
    async def main() -> Any:
        async def later(begin: float, work: float) -> float:
            await wait(begin)
            return await ends_at(5, work)

        return await asyncio.gather(later(0, 1), later(1, 9), later(2, 1), later(3, 9), later(4, 4.5))

    found, _ = run(main())
    assert found == [1, -6, 3, -8, 8.5]


def test_limits_of_one_length_share_a_timer() -> None:
    async def main() -> Any:
        return await asyncio.gather(*(ends_at(10, 1) for _ in range(1_000)))

    found, loop = run(main())
    assert set(found) == {1}
    assert loop.timers == [10]


def test_limits_in_a_row_set_a_timer_once_in_their_length() -> None:
    async def main() -> float:
        for _ in range(100):
            await ends_at(10, 1)
        return asyncio.get_running_loop().time()

    found, loop = run(main())
    assert found == 100
    assert len(loop.timers) <= 12


def test_who_is_cancelled_by_another_is_cancelled_and_not_out_of_time() -> None:
    async def main() -> None:
        task = asyncio.create_task(ends_at(5, 9))
        await wait(2)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task

    run(main())


def test_who_is_cancelled_by_another_at_the_very_moment_is_cancelled() -> None:
    async def main() -> None:
        task = asyncio.create_task(ends_at(5, 9))
        await wait(0)
        asyncio.get_running_loop().call_at(5, task.cancel)
        with pytest.raises(asyncio.CancelledError):
            await task

    run(main())


def test_the_inner_of_two_limits_leaves_the_outer_one_alone() -> None:
    async def main() -> tuple[float, float]:
        loop = asyncio.get_running_loop()
        with TimeLimit(7) as outer:
            inner = await ends_at(3, 9)
            assert not outer.expired
        with pytest.raises(TimeoutError), TimeLimit(4):
            await ends_at(9, 9)
        return inner, loop.time()

    found, _ = run(main())
    assert found == (-3, 7)


def test_a_task_goes_on_after_its_time_was_up() -> None:
    async def main() -> tuple[float, float]:
        return await ends_at(2, 9), await ends_at(2, 1)

    found, _ = run(main())
    assert found == (-2, 3)


def test_each_event_loop_has_its_own_timers() -> None:
    for _ in range(2):
        found, loop = run(ends_at(2, 9))
        assert found == -2
        assert loop.timers == [2]


def test_any_number_of_lengths_is_taken() -> None:
    async def main() -> Any:
        return await asyncio.gather(*(ends_at(length, 500) for length in range(1, 200)))

    found, _ = run(main())
    assert found == [-length for length in range(1, 200)]

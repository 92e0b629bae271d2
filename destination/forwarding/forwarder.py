"""Delivers the events of a queue to its destinations, each by itself."""

import asyncio
import math
from collections.abc import Sequence
from typing import Final

from destination.delivery import Clock, LoopClock
from destination.forwarding.forwarded import ForwardedDestination, MaxBehind
from destination.forwarding.queue import Queue
from destination.forwarding.supervision import SupervisedDelivery
from destination.forwarding.watching import DestinationState, ForwardWatch

__all__ = ["DestinationState", "ForwardWatch", "ForwardedDestination", "Forwarder", "MaxBehind"]

_LOOK_S: Final = 1.0
"""How often it is determined whether a destination is too far behind, in seconds."""
_LONGEST_REFUSAL_S: Final = 60.0
_SHORTEST_REFUSAL_S: Final = 10.0


class Forwarder:
    """Delivers the events of a queue to its destinations. One that is slow or fails holds back no other.

    Args:
        queue: The queue.
        destinations: The destinations, each with a name of its own.
        watch: Is notified of what becomes of each event, or None.
        clock: The clock; tests pass one of their own.

    Raises:
        ValueError: Two destinations have the same name.

    Example:
        >>> import tempfile
        >>> from destination.forwarding.queue import Accepted
        >>> from destination.runtime import Destination
        >>> async def main():
        ...     demo = Destination(name="Demo", slug="demo", actions={}).instance({})
        ...     queue = Queue(tempfile.mkdtemp() + "/queue.db", {"demo": None})
        ...     forwarder = Forwarder(queue, [ForwardedDestination("demo", demo)])
        ...     running = asyncio.create_task(forwarder.run())
        ...     await queue.put([Accepted("wk", "m-1", b'{"type":"track"}', 1_700_000_000.0)])
        ...     await forwarder.stop(drain_s=10)
        ...     await running
        ...     print(forwarder.states()["demo"].depth.rows)
        ...     await queue.close()
        >>> asyncio.run(main())
        0
    """

    def __init__(
        self,
        queue: Queue,
        destinations: Sequence[ForwardedDestination],
        *,
        watch: ForwardWatch | None = None,
        clock: Clock | None = None,
    ) -> None:
        self._queue = queue
        self._watch = watch
        self._clock = clock or LoopClock()
        self._deliveries: dict[str, SupervisedDelivery] = {}
        self._tasks: dict[str, asyncio.Task[None]] = {}
        self._leaving: dict[asyncio.Task[None], SupervisedDelivery] = {}
        self._is_running = False
        self._is_stopped = asyncio.Event()
        self._is_behind: dict[str, bool] = {}
        self._looked: float | None = None
        self._set(destinations)

    def _set(self, destinations: Sequence[ForwardedDestination]) -> None:
        names = [destination.name for destination in destinations]
        if len(set(names)) < len(names):
            raise ValueError("two destinations have the same name")
        self._queue.replace_routes({destination.name: destination.write_keys for destination in destinations})
        for name in [name for name in self._deliveries if name not in names]:
            leaving = self._deliveries.pop(name)
            leaving.end()
            task = self._tasks.pop(name, None)
            if task is not None:
                self._leaving[task] = leaving
                task.add_done_callback(self._leaving.pop)
                task.set_name(name)
        for destination in destinations:
            running = self._deliveries.get(destination.name)
            if running is None:
                running = SupervisedDelivery(self._queue, destination, self._clock, self._watch)
                self._deliveries[destination.name] = running
                if self._is_running:
                    self._start(running)
            elif running.destination is not destination:
                running.replace(destination)
        self._looked = None

    def _start(self, delivery: SupervisedDelivery) -> None:
        name = delivery.destination.name
        before = [task for task in self._leaving if task.get_name() == name]

        async def run() -> None:
            if before:  # a destination of this name that left and has not ended yet
                await asyncio.wait(before)
            await delivery.run()

        self._tasks[name] = asyncio.get_running_loop().create_task(run(), name=name)

    async def run(self) -> None:
        """Delivers until `stop`."""
        self._is_running = True
        for delivery in self._deliveries.values():
            self._start(delivery)
        looking = asyncio.ensure_future(self._look_for_those_behind())
        try:
            await self._is_stopped.wait()
            tasks = [*self._tasks.values(), *self._leaving]
            if tasks:
                await asyncio.gather(*tasks)
        finally:
            looking.cancel()
            self._is_running = False

    async def _look_for_those_behind(self) -> None:
        while True:
            await self._clock.sleep(_LOOK_S)
            for delivery in tuple(self._deliveries.values()):
                await delivery.shed()

    async def stop(self, drain_s: float) -> None:
        """Delivers what is in the queue, within a limit of time; the rest stays there.

        Args:
            drain_s: The limit, in seconds.
        """
        drains = [delivery.drain(drain_s, self._tasks[name]) for name, delivery in self._running()]
        drains += [delivery.drain(drain_s, task) for task, delivery in self._leaving.items()]
        await asyncio.gather(*drains)
        self._is_stopped.set()

    def _running(self) -> list[tuple[str, SupervisedDelivery]]:
        return [(name, delivery) for name, delivery in self._deliveries.items() if name in self._tasks]

    def replace(self, destinations: Sequence[ForwardedDestination]) -> None:
        """Replaces all destinations between two events, such as after the configuration was read again.

        Instances that are not used any more are closed after their last call.

        Raises:
            ValueError: Two destinations have the same name; nothing is replaced.
        """
        self._set(destinations)

    def states(self) -> dict[str, DestinationState]:
        """Returns the state of each destination, by name."""
        return {name: delivery.state() for name, delivery in self._deliveries.items()}

    def behind(self, write_key: str) -> float | None:
        """Returns after how many seconds a client may try again, if a destination of its write key is too far behind.

        Args:
            write_key: The write key.
        """
        now = self._clock.time()
        if self._looked is None or now - self._looked >= _LOOK_S:
            self._looked = now
            self._is_behind = {
                name: delivery.destination.when_behind == "refuse" and delivery.is_behind()
                for name, delivery in self._deliveries.items()
            }
        wait: float | None = None
        for name, is_behind in self._is_behind.items():
            keys = self._deliveries[name].destination.write_keys
            if is_behind and (keys is None or write_key in keys):
                wait = max(wait or 0.0, self._wait_of(name))
        return wait

    def _wait_of(self, name: str) -> float:
        probe = self._deliveries[name].state().next_probe
        seconds = _SHORTEST_REFUSAL_S if probe is None else probe - self._clock.now()
        return float(math.ceil(min(max(seconds, _SHORTEST_REFUSAL_S), _LONGEST_REFUSAL_S)))

"""The queue beside a plain model of it: any order of accepting, reading, settling, configuring, killing and opening."""

import asyncio
import shutil
import tempfile
from collections.abc import Coroutine
from pathlib import Path
from typing import Any, TypeVar

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from destination.delivery import FailedSubscription, Record
from destination.forwarding.queue import Accepted, Queue, QueueFullError
from destination.forwarding.queue.duplicates import REMEMBERED_S
from tests.forwarding.events import RECEIVED, accepted, name_of
from tests.thorough import examples

T = TypeVar("T")

KEYS = ("one", "two", "three")
MAX_ROWS = 40

configurations = st.dictionaries(
    st.sampled_from("abc"), st.one_of(st.none(), st.frozensets(st.sampled_from(KEYS), max_size=2)), max_size=3
)
puts = st.lists(st.tuples(st.sampled_from(KEYS), st.integers(0, 60)), max_size=12)


class QueueBesideItsModel(RuleBasedStateMachine):
    def __init__(self) -> None:
        super().__init__()
        self.runner = asyncio.Runner()
        self.folder = Path(tempfile.mkdtemp())
        self.copies = 0
        self.now = RECEIVED
        self.path = self.folder / "queue.db"
        self.routes: dict[str, frozenset[str] | None] = {"a": None, "b": frozenset({"one"})}
        self.queue = self.opened()
        # The model.
        self.unsettled: dict[str, dict[str, tuple[FailedSubscription, ...] | None]] = {"a": {}, "b": {}}
        self.sizes: dict[str, int] = {}
        self.seen: dict[tuple[str, str], float] = {}
        self.read: dict[str, dict[str, Record]] = {}

    def opened(self) -> Queue:
        return Queue(self.path, self.routes, max_rows=MAX_ROWS, clock=lambda: self.now)

    def does(self, work: Coroutine[Any, Any, T]) -> T:
        return self.runner.run(work)

    def kept(self) -> set[str]:
        return {name for names in self.unsettled.values() for name in names}

    @rule(events=puts)
    def put(self, events: list[tuple[str, int]]) -> None:
        self.now += 1
        self.seen = {key: at for key, at in self.seen.items() if self.now - at <= REMEMBERED_S}
        given: list[Accepted] = []
        new: dict[str, str] = {}
        for key, number in events:
            name = f"{key}-{number}-{self._generation(key, number, new)}"
            given += accepted(name, key=key)
            if (key, name) not in self.seen:
                new.setdefault(name, key)
        owners = {
            name: [to for to, keys in self.routes.items() if keys is None or key in keys] for name, key in new.items()
        }
        if len(self.kept()) + sum(1 for owner in owners.values() if owner) > MAX_ROWS:
            try:
                self.does(self.queue.put(given))
            except QueueFullError:
                return
            raise AssertionError("it exceeds its bounds")
        assert self.does(self.queue.put(given)) == len(new)
        for event in given:
            if event.message_id in new:
                self.sizes[event.message_id] = len(event.body)
        for name, key in new.items():
            self.seen[key, name] = self.now
            for to in owners[name]:
                self.unsettled[to][name] = None

    def _generation(self, key: str, number: int, new: dict[str, str]) -> int:
        """An id that may come back is one that no destination has any more: else an event would be there twice."""
        generation = 0
        while (key, name := f"{key}-{number}-{generation}") not in self.seen and name in {*self.kept(), *new}:
            generation += 1
        return generation

    @precondition(lambda self: self.routes)
    @rule(data=st.data())
    def read_all(self, data: st.DataObject) -> None:
        to = data.draw(st.sampled_from(sorted(self.routes)))
        block = data.draw(st.sampled_from((1, 3, 256)))
        records: dict[str, Record] = {}
        self.read[to] = records
        source = self.queue.source(to, block=block)
        source.finish()
        while (batch := self.does(source.next())) is not None:
            records.update((name_of(record), record) for record in batch)
        assert list(records) == list(self.unsettled[to])
        assert [record.retry_only for record in records.values()] == list(self.unsettled[to].values())

    @precondition(lambda self: any(self.read.values()))
    @rule(data=st.data())
    def settle(self, data: st.DataObject) -> None:
        to = data.draw(st.sampled_from(sorted(to for to, records in self.read.items() if records)))
        chosen = data.draw(st.lists(st.sampled_from(sorted(self.read[to])), unique=True))
        for name in chosen:
            verdict = data.draw(st.sampled_from(("acknowledged", "dead", "deferred")))
            record = self.read[to].pop(name)
            if verdict == "deferred":
                remaining = data.draw(st.sampled_from((None, (FailedSubscription("Goals", 1),))))
                self.does(self._settled(to, record, verdict, remaining))
                if remaining is not None:
                    self.unsettled[to][name] = remaining
            else:
                self.does(self._settled(to, record, verdict, None))
                del self.unsettled[to][name]

    async def _settled(self, to: str, record: Record, verdict: Any, remaining: Any) -> None:
        self.queue.settled(to, record, verdict, remaining)

    @rule(routes=configurations, is_opened_again=st.booleans())
    def configure(self, routes: dict[str, frozenset[str] | None], is_opened_again: bool) -> None:
        self.routes = routes
        if is_opened_again:
            self.does(self.queue.close())
            self.queue = self.opened()
        else:
            self.does(self._replaced())
        self.read = {}
        for name in routes:
            self.unsettled.setdefault(name, {})

    async def _replaced(self) -> None:
        self.queue.replace_routes(self.routes)

    @precondition(lambda self: self.queue.gone())
    @rule()
    def drop(self) -> None:
        name = self.queue.gone()[0]
        assert self.does(self.queue.drop(name)) == len(self.unsettled.pop(name))

    @rule()
    def kill(self) -> None:
        """What a process that is killed leaves behind is its files as they are."""
        self.does(self.queue.flush())
        self.copies += 1
        path = self.folder / f"copy{self.copies}.db"
        for suffix in ("", "-wal"):
            shutil.copy(f"{self.path}{suffix}", f"{path}{suffix}")
        self.does(self.queue.close())
        self.path, self.read = path, {}
        self.queue = self.opened()

    @rule(hours=st.integers(1, 30))
    def wait(self, hours: int) -> None:
        self.now += hours * 3_600

    @invariant()
    def is_as_the_model(self) -> None:
        for name, owed in self.unsettled.items():
            depth = self.queue.depth(name)
            assert (depth.rows, depth.bytes) == (len(owed), sum(self.sizes[event] for event in owed)), name
        assert self.queue.gone() == [
            name for name, owed in self.unsettled.items() if owed and name not in self.routes
        ] or set(self.queue.gone()) == {
            name for name, owed in self.unsettled.items() if owed and name not in self.routes
        }
        self.does(self.queue.flush())
        assert self.queue.rows == len(self.kept())
        assert self.queue.bytes == sum(self.sizes[name] for name in self.kept())

    def teardown(self) -> None:
        self.does(self.queue.close())
        self.runner.close()
        shutil.rmtree(self.folder)


TestQueueBesideItsModel = QueueBesideItsModel.TestCase
TestQueueBesideItsModel.settings = settings(max_examples=examples(60), stateful_step_count=30, deadline=None)

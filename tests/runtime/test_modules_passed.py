"""How many modules of the project one event passes: who reads its way has to open each of them."""

import asyncio
import sys
from collections.abc import Callable
from pathlib import Path
from types import FrameType
from typing import Any

import destination
from destination.delivery import Delivery, Record
from destination.delivery.record import Piece
from destination.request import Request, Response
from destination.runtime import Instance
from destination.values import write_json
from tests.delivery.shop import shop, subscription, track

ROOT = str(Path(destination.__file__).parent) + "/"


class Accepting:
    """A transport that answers at once."""

    async def send(self, request: Request) -> Response:
        return Response(200, b"{}", {"content-type": "application/json"}, url=request.url)

    async def aclose(self) -> None:
        """Nothing is open."""


def make() -> Instance[Any]:
    return shop.instance({}, [subscription("A", "a")], transport=Accepting())


class Passed:
    """The modules that functions are called in, in order, while `start` has been called and `stop` has not."""

    def __init__(self) -> None:
        self.calls: list[str] = []

    def start(self) -> None:
        sys.setprofile(self._called)

    def stop(self) -> None:
        sys.setprofile(None)

    def _called(self, frame: FrameType, event: str, _argument: object) -> None:
        if event == "call" and frame.f_code.co_filename.startswith(ROOT):
            self.calls.append(frame.f_code.co_filename.removeprefix(ROOT))

    @property
    def modules(self) -> list[str]:
        return sorted(set(self.calls))

    @property
    def changes(self) -> int:
        return sum(before != after for before, after in zip(self.calls, self.calls[1:], strict=False))

    def of(self, package: str) -> list[str]:
        return [module for module in self.modules if module.startswith(package)]


def passed(work: Callable[[], object]) -> Passed:
    counted = Passed()
    work()  # what is made once and then remembered is made before
    counted.start()
    try:
        work()
    finally:
        counted.stop()
    return counted


def test_an_event_passes_few_modules() -> None:
    instance, event = make(), track(1)
    with asyncio.Runner() as runner:
        counted = passed(lambda: runner.run(instance.on_event(event)))
    assert counted.of("runtime/") == [f"runtime/{name}.py" for name in ("attempt", "instance", "payloads", "results")]
    assert len(counted.modules) <= 15, counted.modules
    assert counted.changes <= 25, counted.calls


def test_a_plan_passes_few_modules() -> None:
    instance, event = make(), track(1)
    counted = passed(lambda: instance.plan(event))
    assert len(counted.modules) <= 13, counted.modules


class Source:
    """Two records, one after the other; what the second one passes is counted from here until its verdict."""

    def __init__(self, counted: Passed) -> None:
        self._counted = counted
        self._left = [1, 2]
        self.first_settled = asyncio.Event()

    async def next(self) -> list[Record] | None:
        if not self._left:
            return None
        number = self._left.pop(0)
        if number == 2:
            await self.first_settled.wait()
            self._counted.start()
        return [Record("line", Piece(number, write_json(track(number)), True), ordinal=number)]

    def close(self) -> None:
        """Nothing is open."""


def test_a_delivered_event_passes_few_modules() -> None:
    counted = Passed()
    source = Source(counted)

    def settled(record: Record, verdict: str) -> None:
        source.first_settled.set()
        if record.ordinal == 2:
            counted.stop()

    try:
        report = asyncio.run(Delivery(make(), settled=settled).run(source))
    finally:
        counted.stop()
    assert report.sent == 2
    assert len(counted.of("runtime/")) == 4
    assert len(counted.modules) <= 25, counted.modules

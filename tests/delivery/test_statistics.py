import asyncio
import io
import json
import pickle
from typing import Any

import pytest

from destination.delivery import ByteInput, EventSource, Failure, Record, Report
from destination.delivery.statistics import ErrorSamples, RunStatistics, TimedTransport
from destination.errors import IntegrationError
from destination.request import MockTransport, Request, Response


def a_record(line: bytes) -> Record:
    (record,) = EventSource(ByteInput(io.BytesIO(line)))
    return record


def an_event(name: str = "Goal") -> Record:
    return a_record(json.dumps({"type": "track", "event": name}).encode())


def test_samples_are_ten_of_each_error_and_of_fifty_errors() -> None:
    samples = ErrorSamples()
    record = an_event()
    for number in range(60):
        for _ in range(30):
            samples.add(record, Failure(IntegrationError(f"Error {number}", "X", 400), "A", 0))
    assert len(samples.kept) == 50
    assert {len(kept) for kept in samples.kept.values()} == {10}
    assert set(samples.counts.values()) == {30}


@pytest.mark.thorough
def test_every_event_has_the_same_chance_to_be_a_sample() -> None:
    hits = 0
    for seed in range(200):
        samples = ErrorSamples(seed=seed)
        for number in range(100):
            samples.add(a_record(b"%d" % number), Failure(IntegrationError("E", "X", 400)))
        ((_, kept),) = samples.kept.items()
        hits += sum(int(sample.event) >= 50 for sample in kept)
    assert 900 <= hits <= 1100


def test_long_events_are_cut_and_deep_ones_named() -> None:
    samples = ErrorSamples()
    deep: dict[str, Any] = {}
    for _ in range(5000):
        deep = {"a": deep}
    record = an_event("x" * 10_000)
    samples.add(record, Failure(IntegrationError("E", "X", 400)))
    record.event = deep
    samples.add(record, Failure(IntegrationError("E", "X", 400)))
    long, nested = samples.kept[None, "E"]
    assert len(long.event) == 4_001
    assert nested.event.startswith(("(nested", '{"a":'))


def test_statistics_of_processes_are_merged() -> None:
    one, two = RunStatistics(clock=lambda: 0.0), RunStatistics(clock=lambda: 0.0)
    report = Report(["A"])
    for number in range(30):
        for statistics, message in ((one, "E"), (two, "F" if number % 2 else "E")):
            statistics.answered(0.01)
            statistics.settled(report, an_event(), [Failure(IntegrationError(message, "X", 400), "A", 0)])
    other: RunStatistics = pickle.loads(pickle.dumps(two))
    one.merge(other)
    assert one.samples.counts == {("A", "E"): 45, ("A", "F"): 15}
    assert len(one.samples.kept["A", "E"]) == 10
    assert one.latencies.count == 60
    assert sum(one.timeline.bad) == 60


def test_merged_samples_are_of_fifty_errors_too() -> None:
    one, two = ErrorSamples(), ErrorSamples()
    for number in range(40):
        one.add(an_event(), Failure(IntegrationError(f"one {number}", "X", 400)))
        two.add(an_event(), Failure(IntegrationError(f"two {number}", "X", 400)))
    one.merge(two)
    assert len(one.kept) == 50


def test_requests_are_timed_whether_they_fail_or_not() -> None:
    def refuse(_request: Request) -> Response:
        raise IntegrationError("E", "X", 400)

    async def main() -> list[float]:
        seconds: list[float] = []
        answering = TimedTransport(MockTransport(), seconds.append)
        await answering.send(Request("GET", "https://h/"))
        with pytest.raises(IntegrationError):
            await TimedTransport(MockTransport(refuse), seconds.append).send(Request("GET", "https://h/"))
        await answering.aclose()
        return seconds

    seconds = asyncio.run(main())
    assert len(seconds) == 2
    assert min(seconds) >= 0

"""Observes a delivery for its page: rates over time, latencies, and samples of the events that fail."""

from collections.abc import Callable, Sequence
from datetime import datetime
from random import Random
from time import monotonic
from typing import Any, Final

from destination.delivery.dead_letters import Failure
from destination.delivery.record import Record
from destination.delivery.report import OTHER, Report, short_reason
from destination.errors import HTTPError
from destination.pages import SAMPLES, ErrorSample, Latencies, RunFacts, Timeline
from destination.request import Request, Response, Transport
from destination.values import MISSING, write_json

_ERRORS: Final = 50
_LONGEST: Final = 4_000

Key = tuple[str | None, str]


class RunStatistics:
    """Collects what `Report` does not count, in memory that does not grow with the input.

    `settled` has the form of `Delivery`'s `observe`. `merge` adds the statistics of another process.

    Args:
        mask: Removes the secrets from a JSON value.
        clock: Returns seconds of a clock that all processes share and that never goes back.

    Attributes:
        timeline: The settled events over time.
        latencies: The duration of each request, redirects and failures included.
        samples: Events of each error.
    """

    def __init__(self, mask: Callable[[Any], Any] | None = None, clock: Callable[[], float] = monotonic) -> None:
        self.timeline = Timeline(clock())
        self.latencies = Latencies()
        self.samples = ErrorSamples(mask)
        self._clock = clock

    def settled(self, _report: Report, record: Record, failures: Sequence[Failure]) -> None:
        """Counts a record whose outcomes are all known."""
        self.timeline.add(self._clock(), failed=bool(failures))
        for failure in failures:
            self.samples.add(record, failure)

    def answered(self, seconds: float) -> None:
        """Counts a request that was answered, or failed, after that many seconds."""
        self.latencies.add(seconds)

    def merge(self, other: "RunStatistics") -> None:
        """Adds the statistics of another process."""
        self.timeline.merge(other.timeline)
        self.latencies.merge(other.latencies)
        self.samples.merge(other.samples)

    def facts(
        self,
        report: Report,
        *,
        destination: str,
        source: str,
        started: datetime,
        seconds: float,
        stopped: str | None = None,
    ) -> RunFacts:
        """Returns what the page of a delivery shows.

        Args:
            report: The counts.
            destination: The destination's name.
            source: The name of the input.
            started: When the delivery began.
            seconds: Its duration.
            stopped: Why it ended before the input did, in words, or None.
        """
        return RunFacts(
            destination=destination,
            source=source,
            started=started,
            seconds=seconds,
            report=report,
            other_reason=OTHER,
            timeline=self.timeline,
            latencies=self.latencies,
            samples=self.samples.kept,
            stopped=stopped,
        )

    def __getstate__(self) -> dict[str, Any]:
        """Returns what is sent to another process, without the mask and the clock."""
        samples = ErrorSamples()
        samples.counts, samples.kept = self.samples.counts, self.samples.kept
        return {"timeline": self.timeline, "latencies": self.latencies, "samples": samples, "_clock": monotonic}


class ErrorSamples:
    """Keeps samples by subscription and reason, of at most 50 different errors.

    Ten events of each error are kept, chosen so that each event has the same chance.

    Args:
        mask: Removes the secrets from a JSON value.
        seed: The seed of the random choice, so that a run can be repeated.

    Attributes:
        counts: The number of times that each error occurred.
        kept: The samples of each error.
    """

    def __init__(self, mask: Callable[[Any], Any] | None = None, seed: int = 0) -> None:
        self.counts: dict[Key, int] = {}
        self.kept: dict[Key, list[ErrorSample]] = {}
        self._mask = mask
        self._draw = Random(seed)  # noqa: S311  which samples are shown is no secret

    def add(self, record: Record, failure: Failure) -> None:
        """Counts a failure, and keeps the event if it is chosen."""
        # The reason is as `Report` counts it.
        key = (failure.subscription, short_reason(failure.error, self._mask, unreadable=record.event is None))
        count = self.counts.get(key, 0) + 1
        if count == 1 and len(self.counts) >= _ERRORS:
            return
        self.counts[key] = count
        kept = self.kept.setdefault(key, [])
        # Reservoir sampling: the n-th event is kept with a probability of 10 in n.
        index = len(kept) if len(kept) < SAMPLES else self._draw.randrange(count)
        if index < SAMPLES:
            kept[index : index + 1] = [self._sample(record, failure.error)]

    def merge(self, other: "ErrorSamples") -> None:
        """Adds the samples of another process."""
        for key, count in other.counts.items():
            if key not in self.counts and len(self.counts) >= _ERRORS:
                continue
            mine = self.counts.get(key, 0)
            pool = [(self._draw.random() ** (1 / max(mine, 1)), sample) for sample in self.kept.get(key, [])]
            pool += [(self._draw.random() ** (1 / count), sample) for sample in other.kept[key]]
            pool.sort(key=lambda pair: -pair[0])
            self.kept[key] = [sample for _, sample in pool[:SAMPLES]]
            self.counts[key] = mine + count

    def _sample(self, record: Record, error: Exception) -> ErrorSample:
        event = record.raw.decode("utf-8", "replace") if record.event is None else record.event
        response = ""
        if isinstance(error, HTTPError):
            data = error.answer
            response = f"{error.response.status} {self._text('(not JSON)' if data is MISSING else data)}"
        return ErrorSample(record.label, self._text(event), response)

    def _text(self, value: Any) -> str:
        # Masked before it is cut, because half a secret would not be recognised.
        if self._mask is not None:
            value = self._mask(value)
        if isinstance(value, str):
            text = value
        else:
            try:
                text = write_json(value).decode("utf-8")
            except ValueError:
                text = "(nested too deeply to be shown)"
        return text if len(text) <= _LONGEST else f"{text[:_LONGEST]}…"


class TimedTransport:
    """A transport that measures the duration of each request.

    Args:
        inner: The transport that sends the requests.
        notify: Called with the duration of each request, in seconds.
    """

    def __init__(self, inner: Transport, notify: Callable[[float], None]) -> None:
        self._inner = inner
        self._notify = notify

    async def send(self, request: Request) -> Response:
        """Sends a request.

        Raises:
            ConnectionError: As the transport does.
            RedirectError: As the transport does.
        """
        begin = monotonic()
        try:
            return await self._inner.send(request)
        finally:
            self._notify(monotonic() - begin)

    async def aclose(self) -> None:
        """Closes the transport."""
        await self._inner.aclose()

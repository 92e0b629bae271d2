"""What is watched of a delivery for its page."""

from collections.abc import Callable, Sequence
from time import monotonic
from typing import Any

from destination.delivery.dead_letters import Failure
from destination.delivery.page.samples import ErrorSamples
from destination.delivery.page.time_series import Latencies, Timeline
from destination.delivery.record import Record
from destination.delivery.report import Report
from destination.request import Request, Response, Transport


class RunStatistics:
    """Collects, in memory that does not grow with the input, what `Report` does not count.

    `settled` has the form of `Delivery`'s `observe`; several processes' are put together by `merge`.

    Args:
        mask: Takes the secrets out of a JSON value.
        clock: Seconds of a clock that all processes share and that never goes back.

    Attributes:
        timeline: Events settled, over time.
        latencies: How long each request took, redirects and failures included.
        samples: Events of each error.
    """

    def __init__(self, mask: Callable[[Any], Any] | None = None, clock: Callable[[], float] = monotonic) -> None:
        self.timeline = Timeline(clock())
        self.latencies = Latencies()
        self.samples = ErrorSamples(mask)
        self._clock = clock

    def settled(self, _report: Report, record: Record, failures: Sequence[Failure]) -> None:
        """Counts a record of which all is known."""
        self.timeline.add(self._clock(), failed=bool(failures))
        for failure in failures:
            self.samples.add(record, failure)

    def answered(self, seconds: float) -> None:
        """Counts a request that was answered, or failed, after so many seconds."""
        self.latencies.add(seconds)

    def merge(self, other: "RunStatistics") -> None:
        """Adds what another process collected."""
        self.timeline.merge(other.timeline)
        self.latencies.merge(other.latencies)
        self.samples.merge(other.samples)

    def __getstate__(self) -> dict[str, Any]:
        """For sending it to another process: the mask and the clock stay here."""
        samples = ErrorSamples()
        samples.counts, samples.kept = self.samples.counts, self.samples.kept
        return {"timeline": self.timeline, "latencies": self.latencies, "samples": samples, "_clock": monotonic}


class TimedTransport:
    """Tells how long each request took.

    Args:
        inner: What sends them.
        tell: Called with the seconds.
    """

    def __init__(self, inner: Transport, tell: Callable[[float], None]) -> None:
        self._inner = inner
        self._tell = tell

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
            self._tell(monotonic() - begin)

    async def aclose(self) -> None:
        """Closes the transport."""
        await self._inner.aclose()

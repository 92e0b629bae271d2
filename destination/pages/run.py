"""Renders the page of a delivery: counts, plots, and samples of the events that failed."""

from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, Final, Protocol

from destination.pages.page import Mask, render
from destination.pages.time_series import Latencies, Timeline
from destination.records import dataclass

SAMPLES: Final = 10
"""The maximum number of events shown for each error."""

_REASONS: Final = 50
_PERCENTILES: Final = (50, 75, 90, 95, 99, 99.9)

Reason = tuple[str | None, str]
"""The subscription that failed, or None, and why."""


class SubscriptionCounts(Protocol):
    """The counts of one subscription; see `destination.delivery.report.SubscriptionCount`."""

    @property
    def name(self) -> str: ...
    @property
    def matched(self) -> int: ...
    @property
    def sent(self) -> int: ...
    @property
    def failed(self) -> int: ...


class RunCounts(Protocol):
    """The counts of a delivery; `destination.delivery.Report` has all of these attributes."""

    @property
    def events(self) -> int: ...
    @property
    def sent(self) -> int: ...
    @property
    def failed(self) -> int: ...
    @property
    def unmatched(self) -> int: ...
    @property
    def opted_out(self) -> int: ...
    @property
    def duplicates(self) -> int: ...
    @property
    def unreadable(self) -> int: ...
    @property
    def deferred(self) -> int: ...
    @property
    def skipped(self) -> int: ...
    @property
    def subscriptions(self) -> Sequence[SubscriptionCounts]: ...
    @property
    def reasons(self) -> Counter[Reason]: ...
    @property
    def warnings(self) -> Counter[Reason]: ...


@dataclass(frozen=True, slots=True)
class ErrorSample:
    """An event that failed, as the page shows it.

    Attributes:
        line: The event's line in its input, such as `line 7`.
        event: The event as JSON, or the text of a line that holds no event. Secrets are masked; long text is cut.
        response: The partner's response, or `""`.

    Example:
        >>> ErrorSample("line 7", '{"type": "track"}', "400 Bad Request").line
        'line 7'
    """

    line: str
    event: str
    response: str


@dataclass(frozen=True, slots=True, kw_only=True)
class RunFacts:
    """The facts of a delivery that has ended.

    Attributes:
        destination: The destination's name.
        source: The name of the input.
        started: When the delivery began.
        seconds: Its duration in seconds.
        report: The counts.
        other_reason: The reason under which `report` counts all reasons beyond its bound; they have no samples.
        timeline: The settled events over time.
        latencies: How long each request took.
        samples: Some of the events that failed, for each reason.
        stopped: Why the delivery ended before its input, in words; None if it did not.

    Example:
        >>> from collections import Counter
        >>> from datetime import UTC
        >>> from destination.delivery import Report
        >>> facts = RunFacts(
        ...     destination="Demo",
        ...     source="events.ndjson",
        ...     started=datetime(2026, 1, 1, tzinfo=UTC),
        ...     seconds=0.5,
        ...     report=Report(["Goals"]),
        ...     other_reason="other",
        ...     timeline=Timeline(start=0.0),
        ...     latencies=Latencies(),
        ...     samples={},
        ... )
        >>> facts.report.events, facts.stopped
        (0, None)
    """

    destination: str
    source: str
    started: datetime
    seconds: float
    report: RunCounts
    other_reason: str
    timeline: Timeline
    latencies: Latencies
    samples: Mapping[Reason, Sequence[ErrorSample]]
    stopped: str | None = None


def render_run(facts: RunFacts, mask: Mask | None = None) -> str:
    """Renders the page of a delivery as HTML, which runs no script and loads nothing.

    Args:
        facts: The delivery.
        mask: Takes the secrets out of a text.

    Example:
        >>> from datetime import UTC
        >>> from destination.delivery import Report
        >>> html = render_run(RunFacts(
        ...     destination="Demo",
        ...     source="events.ndjson",
        ...     started=datetime(2026, 1, 1, tzinfo=UTC),
        ...     seconds=0.5,
        ...     report=Report(["Goals"]),
        ...     other_reason="other",
        ...     timeline=Timeline(start=0.0),
        ...     latencies=Latencies(),
        ...     samples={},
        ... ))
        >>> "events.ndjson" in html, "<script" in html
        (True, False)
    """
    report = facts.report
    reasons = [
        {"subscription": subscription, "reason": reason, "count": count, "samples": facts.samples.get(key, ())}
        for key, count in report.reasons.most_common(_REASONS)
        for subscription, reason in (key,)
    ]
    return render(
        __package__,
        "run.html",
        mask,
        facts=facts,
        report=report,
        reasons=reasons,
        more=len(report.reasons) - len(reasons),
        most_samples=SAMPLES,
        rate=round(report.events / facts.seconds) if facts.seconds else 0,
        outcomes=_outcomes(report),
        over_time=_plot(facts.timeline),
        percentiles=_percentiles(facts.latencies),
        most_matched=max((item.sent + item.failed for item in report.subscriptions), default=0),
        share=_share,
    )


def _plot(timeline: Timeline) -> Any:
    from markupsafe import Markup

    from destination.pages import charts

    has_events = any(timeline.good) or any(timeline.bad)
    return Markup(charts.over_time(timeline)) if has_events else ""  # noqa: S704  pygal escapes


def _percentiles(latencies: Latencies) -> list[tuple[str, float, str]]:
    """Lists how long requests took: a name, the share of the longest in percent, and the time in words."""
    if not latencies.count:
        return []
    times = [(f"{percent:g} % within", latencies.percentile(percent)) for percent in _PERCENTILES]
    times.append(("the longest", latencies.longest_s))
    return [(name, _share(seconds, latencies.longest_s), _duration(seconds)) for name, seconds in times]


def _share(part: float, whole: float) -> float:
    """Returns a share in percent with one decimal; 0 if there is no whole.

    Example:
        >>> _share(1, 3), _share(0, 0)
        (33.3, 0.0)
    """
    return round(100 * part / whole, 1) if whole else 0.0


def _duration(seconds: float) -> str:
    """Writes a time for people.

    Example:
        >>> _duration(0.0002345), _duration(0.01234), _duration(2.345)
        ('0.23 ms', '12 ms', '2.3 s')
    """
    if seconds >= 1:
        return f"{seconds:.1f} s"
    milliseconds = seconds * 1000
    return f"{milliseconds:.0f} ms" if milliseconds >= 10 else f"{milliseconds:.2g} ms"


def _outcomes(report: RunCounts) -> list[tuple[str, str, int]]:
    """Lists what became of the events, each event once: an identifier, words, and the number of events.

    The first number is the number of events, and the sum of all others.
    """
    failed = report.failed - report.unreadable
    rest = [
        ("failed", "failed", failed),
        ("deferred", "deferred: the run stopped first", report.deferred),
        ("unmatched", "matched no subscription", report.unmatched),
        ("opted-out", "opted out", report.opted_out),
        ("duplicates", "duplicates", report.duplicates),
    ]
    delivered = report.events - sum(count for _, _, count in rest)
    always = ("failed", "unmatched")
    shown = [item for item in rest if item[2] or item[0] in always]
    return [("events", "read", report.events), ("delivered", "delivered", delivered), *shown]

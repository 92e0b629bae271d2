"""The page of a delivery: counts, plots, and samples of the events that failed."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final, Protocol

from destination.pages.page import Mask, render
from destination.pages.time_series import Latencies, Timeline

SAMPLES: Final = 10
"""The maximum number of events that are shown of an error."""

_REASONS: Final = 50

Reason = tuple[str | None, str]
"""The subscription that failed, or None, and why."""


class SubscriptionCounts(Protocol):
    """The events of one subscription; see `destination.delivery.report.SubscriptionCount`."""

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
    def subscriptions(self) -> Sequence[SubscriptionCounts]: ...
    @property
    def reasons(self) -> Counter[Reason]: ...
    @property
    def warnings(self) -> Counter[Reason]: ...


@dataclass(frozen=True, slots=True)
class ErrorSample:
    """An event that failed, as the page shows it.

    Attributes:
        line: Where the event is in its input, such as `line 7`.
        event: The event as JSON, or the text that was no event. Secrets are masked, and a long text is cut.
        response: What the partner answered, or `""`.

    Example:
        >>> ErrorSample("line 7", '{"type": "track"}', "400 Bad Request").line
        'line 7'
    """

    line: str
    event: str
    response: str


@dataclass(frozen=True, slots=True, kw_only=True)
class RunFacts:
    """A delivery that has ended.

    Attributes:
        destination: The destination's name.
        source: The name of the input.
        started: When the delivery began.
        seconds: How long it took.
        report: The counts.
        other_reason: The reason under which `report` counts all those beyond its bound; no samples are kept of them.
        timeline: The settled events over time.
        latencies: How long each request took.
        samples: For each reason, some of the events that failed for it.
        stopped: Why the delivery ended before the input did, in words, or None.

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
    """Renders the page of a delivery as HTML: everything in it is text or SVG, and it loads nothing.

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
        plots=_plots(facts, mask),
    )


def _plots(facts: RunFacts, mask: Mask | None) -> dict[str, Any]:
    """Draws the plots that there is anything to show in; the others are empty."""
    from markupsafe import Markup

    from destination.pages import charts

    def masked(text: str) -> str:
        return text if mask is None else mask(text)

    report, timeline = facts.report, facts.timeline
    subscriptions = [(masked(item.name), item.sent, item.failed) for item in report.subscriptions]
    reasons: Counter[str] = Counter()
    for (_, reason), count in report.reasons.items():
        reasons[masked(reason)] += count
    plots = {
        "over_time": charts.over_time(timeline) if any(timeline.good) or any(timeline.bad) else "",
        "percentiles": charts.percentiles(facts.latencies) if facts.latencies.count else "",
        "by_subscription": charts.by_subscription(subscriptions)
        if any(sent or failed for _, sent, failed in subscriptions)
        else "",
        "by_error": charts.by_error(reasons.most_common()) if reasons else "",
    }
    return {name: Markup(svg) for name, svg in plots.items()}  # noqa: S704  pygal escapes

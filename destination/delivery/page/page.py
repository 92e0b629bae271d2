"""The page itself."""

import os
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from importlib.resources import files
from typing import Any

from destination.delivery.errors import RecordingError
from destination.delivery.page import charts
from destination.delivery.page.samples import SAMPLES
from destination.delivery.page.statistics import RunStatistics
from destination.delivery.report import OTHER, Report
from destination.private_files import open_private
from destination.values.printable import printable_on_page

_REASONS = 50


@dataclass(frozen=True, slots=True, kw_only=True)
class Facts:
    """A delivery that has ended.

    Attributes:
        destination: The destination's name.
        source: What the input is called.
        started: When it began.
        seconds: How long it took.
        report: The counts.
        statistics: What was watched.
        stopped: Why it ended before the input did, in words, or None.
    """

    destination: str
    source: str
    started: datetime
    seconds: float
    report: Report
    statistics: RunStatistics
    stopped: str | None = None


def render_page(facts: Facts, mask: Callable[[str], str] | None = None) -> str:
    """The page as HTML: everything in it is text or SVG, and it loads nothing.

    Args:
        facts: The delivery.
        mask: Takes the secrets out of a text.
    """
    import jinja2
    from markupsafe import Markup

    hide = mask or _as_it_is
    report, statistics = facts.report, facts.statistics
    reasons = [
        {
            "subscription": None if key[0] is None else hide(key[0]),
            "reason": hide(key[1]),
            "count": count,
            "samples": statistics.samples.kept.get(key, ()),
        }
        for key, count in report.reasons.most_common(_REASONS)
    ]
    subscriptions = report.subscriptions
    environment = jinja2.Environment(
        autoescape=True, undefined=jinja2.StrictUndefined, trim_blocks=True, finalize=printable_on_page
    )
    environment.filters["milliseconds"] = lambda seconds: charts.milliseconds(seconds * 1000) or "–"
    template = environment.from_string(files(__package__).joinpath("page.html").read_text(encoding="utf-8"))
    plots: dict[str, Any] = {
        "over_time": charts.over_time(statistics.timeline) if _settled(facts) else "",
        "percentiles": charts.percentiles(statistics.latencies) if statistics.latencies.count else "",
        "by_subscription": charts.by_subscription([(hide(item.name), item.sent, item.failed) for item in subscriptions])
        if any(item.sent or item.failed for item in subscriptions)
        else "",
        "by_error": charts.by_error(_by_reason(report, hide)) if reasons else "",
    }
    return template.render(
        facts=facts,
        hide=hide,
        report=report,
        latencies=statistics.latencies,
        percentiles=charts.PERCENTILES,
        reasons=reasons,
        more=len(report.reasons) - len(reasons),
        other=OTHER,
        samples=SAMPLES,
        rate=report.events / facts.seconds if facts.seconds else 0.0,
        plots={name: Markup(svg) for name, svg in plots.items()},  # noqa: S704  pygal escapes
    )


def write_page(path: str | os.PathLike[str], html: str) -> None:
    """Writes the page; the file is the owner's alone, since it holds events.

    Raises:
        RecordingError: It cannot be written.
    """
    try:
        with open_private(path) as file:
            file.write(html.encode("utf-8", "replace"))
    except (OSError, ValueError) as error:
        reason = (getattr(error, "strerror", None) or str(error)).lower()
        raise RecordingError(f"{path}: cannot be written: {reason}") from None


def _by_reason(report: Report, hide: Callable[[str], str]) -> list[tuple[str, int]]:
    counts: Counter[str] = Counter()
    for (_, reason), count in report.reasons.items():
        counts[hide(reason)] += count
    return counts.most_common()


def _settled(facts: Facts) -> bool:
    return any(facts.statistics.timeline.good) or any(facts.statistics.timeline.bad)


def _as_it_is(text: str) -> str:
    return text

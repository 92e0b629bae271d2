"""Plots for pages, as SVG elements without scripts."""

import sys
from collections.abc import Sequence
from typing import Any
from xml.etree.ElementTree import Element, tostring

from destination.pages.time_series import Latencies, Timeline
from destination.values.printable import printable

_PERCENTILES = (50, 75, 90, 95, 99, 99.9)

_GOOD, _BAD, _NEUTRAL = "#2563a8", "#c2410c", "#4b5f78"
_LONGEST_LABEL = 60
_BARS = 12


def over_time(timeline: Timeline) -> str:
    """Draws the number of events a second over the seconds of the run."""
    pygal = _pygal()
    rates = timeline.rates()
    chart = _chart(
        pygal.StackedLine,
        (_GOOD, _BAD),
        height=300,
        width=560,
        fill=True,
        max_scale=6,
        show_dots=False,
        legend_at_bottom=True,
    )
    chart.x_labels = [f"{seconds:.3g} s" for seconds, _, _ in rates]
    step = max(1, -(-len(rates) // 8))
    chart.x_labels_major_every = step
    chart.show_minor_x_labels = False
    chart.value_formatter = _rate
    chart.add("delivered or not to be sent", [round(good, 2) for _, good, _ in rates])
    if any(timeline.bad):
        chart.add("failed", [round(bad, 2) for _, _, bad in rates])
    return _svg(chart, "over-time")


def percentiles(latencies: Latencies) -> str:
    """Draws how long requests took, in milliseconds."""
    pygal = _pygal()
    values = [(f"p{percent:g}", latencies.percentile(percent) * 1000) for percent in _PERCENTILES]
    values.append(("longest", latencies.longest_s * 1000))
    spread = values[-1][1] / max(values[0][1], 1e-6)
    chart = _chart(
        pygal.Bar,
        (_NEUTRAL,),
        height=300,
        width=560,
        show_legend=False,
        print_values=True,
        print_values_position="top",
        max_scale=6,
        logarithmic=spread > 40,
    )
    chart.x_labels = [name for name, _ in values]
    chart.value_formatter = _milliseconds
    chart.add("time", [value for _, value in values])
    return _svg(chart, "percentiles")


def by_subscription(counts: Sequence[tuple[str, int, int]]) -> str:
    """Draws the delivered and failed events of each subscription.

    Args:
        counts: Name, delivered and failed events of each; the first 12 are drawn.
    """
    pygal = _pygal()
    shown = list(counts)[:_BARS][::-1]
    chart = _chart(pygal.HorizontalStackedBar, (_GOOD, _BAD), height=80 + 26 * len(shown), legend_at_bottom=True)
    chart.x_labels = [_label(name) for name, _, _ in shown]
    chart.value_formatter = _whole
    chart.add("delivered", [sent or None for _, sent, _ in shown])
    chart.add("failed", [failed or None for _, _, failed in shown])
    return _svg(chart, "by-subscription")


def by_error(counted: Sequence[tuple[str, int]]) -> str:
    """Draws how often events failed for each reason.

    Args:
        counted: Reason and count, the most frequent first; the first 12 are drawn.
    """
    pygal = _pygal()
    shown = list(counted)[:_BARS][::-1]
    chart = _chart(pygal.HorizontalBar, (_BAD,), height=50 + 26 * len(shown), show_legend=False, print_values=True)
    chart.x_labels = [_label(reason) for reason, _ in shown]
    chart.value_formatter = _whole
    chart.add("failures", [count for _, count in shown])
    return _svg(chart, "by-error")


def _milliseconds(value: float | None) -> str:
    """Writes a time in milliseconds as people read it; nothing for 0 or None.

    Example:
        >>> _milliseconds(0.2345), _milliseconds(12.34), _milliseconds(2345)
        ('0.23 ms', '12 ms', '2.3 s')
    """
    if not value:
        return ""
    if value >= 1000:
        return f"{value / 1000:.1f} s"
    return f"{value:.0f} ms" if value >= 10 else f"{value:.2g} ms"


def _rate(value: float | None) -> str:
    return f"{value or 0:,.0f}/s" if (value or 0) >= 10 or not value else f"{value:.1f}/s"


def _whole(value: float | None) -> str:
    return f"{value:,.0f}" if value else ""


def _label(text: str) -> str:
    text = printable(text)  # much of it is not legal in XML either
    return text if len(text) <= _LONGEST_LABEL else f"{text[: _LONGEST_LABEL - 1]}…"


def _pygal() -> Any:
    import pygal

    # It hangs a finder for its map plugins into every import of the process, of a form that Python warns of.
    sys.meta_path[:] = [finder for finder in sys.meta_path if not isinstance(finder, pygal.PluginImportFixer)]
    return pygal


def _chart(kind: Any, colors: tuple[str, ...], **options: Any) -> Any:
    from pygal.style import Style

    font = "system-ui, sans-serif"
    style = Style(
        background="transparent",
        plot_background="transparent",
        foreground="#334155",
        foreground_strong="#1e293b",
        foreground_subtle="#94a3b8",
        guide_stroke_color="#e2e8f0",
        major_guide_stroke_color="#e2e8f0",
        guide_stroke_dasharray="none",
        major_guide_stroke_dasharray="none",
        opacity=".85",
        opacity_hover=".85",
        colors=colors,
        value_colors=("#1e293b",) * 2,
        font_family=font,
        label_font_family=font,
        major_label_font_family=font,
        value_font_family=font,
        legend_font_family=font,
        label_font_size=12,
        major_label_font_size=12,
        value_font_size=12,
        legend_font_size=12,
    )
    settings: dict[str, Any] = {
        "js": (),  # pygal's own would be fetched from the network
        "style": style,
        "width": 1080,
        "margin": 8,
        "margin_right": 32,
        "max_scale": 8,
        "show_x_guides": False,
        "truncate_label": -1,
        "legend_box_size": 10,
        "include_x_axis": True,
    }
    return kind(**(settings | options))


def _svg(chart: Any, name: str) -> str:
    chart.uuid = name  # else a random one: the same run has the same page
    root: Element = chart.render_tree()
    # Its configuration, with all labels, stands in a script; an inline SVG in HTML would run it.
    for parent in list(root.iter()):
        for child in list(parent):
            if str(child.tag).rpartition("}")[2] == "script":
                parent.remove(child)
    return tostring(root, encoding="unicode")

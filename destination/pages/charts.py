"""Draws the plot of a page as an SVG element without scripts; its colours are those of `base.html`."""

import sys
from typing import Any
from xml.etree.ElementTree import Element, tostring

from destination.pages.time_series import Timeline

_FONT_SIZE = 16  # of 560 units, so that it can be read where the plot is 400 px wide


def over_time(timeline: Timeline) -> str:
    """Draws the events a second, failed ones on top of the others, over the seconds of the run."""
    pygal = _pygal()
    rates = timeline.rates()
    # Bars: an area of pygal's reaches down to zero, over what it is stacked on.
    chart = _chart(
        pygal.StackedBar,
        ("var(--good-fill)", "var(--bad-fill)"),
        height=320,
        width=560,
        spacing=0,
        max_scale=5,
        show_legend=False,
    )
    chart.x_labels = [f"{seconds:.3g} s" for seconds, _, _ in rates]
    chart.x_labels_major_every = max(1, -(-len(rates) // 4))
    chart.show_minor_x_labels = False
    chart.value_formatter = _rate
    chart.add("delivered or not to be sent", [round(good, 2) for _, good, _ in rates])
    if any(timeline.bad):
        chart.add("failed", [round(bad, 2) for _, _, bad in rates])
    return _svg(chart, "over-time")


def _rate(value: float | None) -> str:
    return f"{value or 0:,.0f}/s" if (value or 0) >= 10 or not value else f"{value:.1f}/s"


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
        foreground="var(--ink)",
        foreground_strong="var(--ink)",
        foreground_subtle="var(--soft)",
        guide_stroke_color="var(--line)",
        major_guide_stroke_color="var(--line)",
        guide_stroke_dasharray="none",
        major_guide_stroke_dasharray="none",
        opacity="1",
        opacity_hover=".85",
        colors=colors,
        value_colors=("var(--ink)",) * 2,
        font_family=font,
        label_font_family=font,
        major_label_font_family=font,
        value_font_family=font,
        legend_font_family=font,
        label_font_size=_FONT_SIZE,
        major_label_font_size=_FONT_SIZE,
        value_font_size=_FONT_SIZE,
        legend_font_size=_FONT_SIZE,
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

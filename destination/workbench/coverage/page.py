"""The coverage as one page: the source of each subscription with its marks."""

from collections.abc import Callable
from typing import Final

from destination.pages import render
from destination.workbench.coverage.coverage import Coverage, percent
from destination.workbench.coverage.source import mapping_lines, trigger_lines

_PATHS: Final = 100
"""Paths of one event type that are shown."""


def render_page(coverage: Coverage, source: str, mask: Callable[[str], str] | None = None) -> str:
    """The page as HTML; it loads nothing, and shows paths and counts but no value of any event.

    Args:
        coverage: The coverage.
        source: What was read: the name of a file of events, or `tests`.
        mask: Takes the secrets out of a text.

    Example:
        >>> "100.0 %" in render_page(Coverage([]), "events.ndjson")
        True
    """
    return render(
        __package__,
        "page.html",
        mask,
        coverage=coverage,
        source=source,
        percent=percent,
        trigger_lines=trigger_lines,
        mapping_lines=mapping_lines,
        shown_paths=_PATHS,
    )

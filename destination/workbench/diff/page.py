"""The page of a comparison."""

from collections.abc import Callable
from typing import Any, Final, NamedTuple

from destination.pages import render
from destination.values import MISSING, write_json
from destination.values.printable import indent_json
from destination.workbench.diff.groups import MAX_GROUPS, cut
from destination.workbench.diff.report import DiffReport

_LONGEST: Final = 8_000  # indentation can make a deep value of a few characters very long


class Versions(NamedTuple):
    """What was compared, as people call it.

    Attributes:
        destination: The destination's name.
        old: The old version.
        new: The new version.
        source: The input.
    """

    destination: str
    old: str
    new: str
    source: str


def render_page(report: DiffReport, versions: Versions, mask: Callable[[str], str] | None = None) -> str:
    """The report as one HTML page: everything in it is text, and it loads nothing.

    Args:
        report: What was found.
        versions: What was compared.
        mask: Takes the secrets out of the names; samples are masked when they are made.

    Example:
        >>> empty = DiffReport(0, 0, 0, 0, False, (), ())
        >>> "No event has another outcome" in render_page(empty, Versions("Demo", "a.json", "b.json", "events.ndjson"))
        True
    """
    return render(
        __package__,
        "page.html",
        mask,
        report=report,
        versions=versions,
        max_groups=MAX_GROUPS,
        missing=MISSING,
        shown=shown,
    )


def shown(value: Any) -> str:
    """A value of a sample for people: indented JSON.

    Example:
        >>> print(shown({"a": 1}), shown("x"), shown(None))
        {
          "a": 1
        } "x" null
    """
    return cut(indent_json(write_json(value).decode("utf-8")), _LONGEST)

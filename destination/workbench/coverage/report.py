"""The coverage for people: the source of each subscription with its points, as lines of text and as a page."""

from collections.abc import Iterator
from typing import Any, Final

from destination.mapping.compiler import ROOT_KEY
from destination.mapping.validate import MappingPath
from destination.pages import Mask, render
from destination.records import dataclass
from destination.workbench.coverage.coverage import Coverage, percent
from destination.workbench.coverage.json_lines import json_lines
from destination.workbench.coverage.points import Point
from destination.workbench.coverage.subscription import SubscriptionCoverage

_WIDTH: Final = 70
_PATHS: Final = 100
"""The maximum number of paths of an event type that the page shows."""


@dataclass(frozen=True, slots=True)
class Mark:
    """A point on a line.

    Attributes:
        point: The point.
        count: How often events reached it.
    """

    point: Point
    count: int


@dataclass(slots=True)
class Line:
    """A line of a mapping's JSON.

    Attributes:
        text: The text, indented.
        path: The keys that lead to what begins on it.
        marks: The points on it.
    """

    text: str
    path: MappingPath
    marks: list[Mark]

    @property
    def state(self) -> str:
        """`all`, `some` or `none` of its points were reached; empty where it has none."""
        reached = sum(mark.count > 0 for mark in self.marks)
        return "" if not self.marks else "all" if reached == len(self.marks) else "some" if reached else "none"


def trigger_lines(item: SubscriptionCoverage) -> list[Line]:
    """Returns a line for the trigger and for each of its conditions, with their marks."""
    lines: dict[MappingPath, Line] = {}
    for point in item.points:
        if point.path[0] == "subscribe":  # templates have conditions as well
            indent = "  " * (len(point.path) - 1)
            line = lines.setdefault(point.path, Line(f"{indent}{point.text}", point.path, []))
            line.marks.append(Mark(point, item.count(point)))
    return list(lines.values())


def mapping_lines(item: SubscriptionCoverage) -> list[Line]:
    """Returns the mapping as lines of indented JSON with their marks.

    Example:
        >>> from destination.definition import Subscription
        >>> mapping = {"name": {"@path": "$.event"}, "source": "web"}
        >>> item = SubscriptionCoverage(Subscription(subscribe="", partner_action="x", mapping=mapping), "A")
        >>> for line in mapping_lines(item):
        ...     print(line.text, [mark.point.result for mark in line.marks])
        { []
          "name": {"@path": "$.event"}, ['value', 'nothing']
          "source": "web" []
        } []
    """
    lines = [Line(text, path, []) for text, path in json_lines(item.mapping.raw)]
    by_path: dict[MappingPath, Line] = {}
    for line in lines:
        by_path.setdefault(line.path, line)
    for point in item.points:
        if point.path[0] == "mapping":
            path = point.path[1:]
            if point.kind == "branch":
                path += (point.text, point.result)
            path = _in_source(path, item.mapping.raw)
            while path not in by_path:
                path = path[:-1]
            by_path[path].marks.append(Mark(point, item.count(point)))
    return lines


def _in_source(path: MappingPath, mapping: Any) -> MappingPath:
    """Translates a path in the mapping as it is resolved into one in the mapping as it was written."""
    if not isinstance(mapping, dict) or ROOT_KEY not in mapping:
        return path
    return path[2:] if path[1:2] == ("mapping",) else (ROOT_KEY, *path)


def summary(coverage: Coverage, rows: int) -> Iterator[str]:
    r"""Yields the coverage as plain lines: each subscription, what was never reached, and the sum.

    Args:
        coverage: The coverage.
        rows: The maximum number of points that are listed as never reached.

    Example:
        >>> from destination.definition import Subscription
        >>> coverage = Coverage([Subscription(name="A", subscribe='type = "page"', partner_action="x")])
        >>> print("\n".join(summary(coverage, 1)))
        subscription  points  reached  percent
        A                  2        0    0.0 %
        never reached
          A  subscribe  type = "page": matched
          … and 1 more
        0.0 % reached: 0 of 2 points, by 0 events
    """
    width = max((len(item.name) for item in coverage.subscriptions), default=0)
    width = max(width, len("subscription"))
    if coverage.subscriptions:
        yield f"{'subscription':{width}}  points  reached  percent"
    for item in coverage.subscriptions:
        share = f"{percent(item.reached, item.total)} %"
        yield f"{item.name:{width}}  {item.total:6}  {item.reached:7}  {share:>7}"
    missed = [(item.name, point) for item in coverage.subscriptions for point in item.missed]
    if missed:
        yield "never reached"
    for name, point in missed[:rows]:
        yield f"  {name}  {'/'.join(point.path)}  {point.text}: {point.result}"
    if len(missed) > rows:
        yield f"  … and {len(missed) - rows:,} more"
    yield sum_line(coverage)


def annotated(item: SubscriptionCoverage) -> Iterator[str]:
    r"""Yields the source of a subscription: its trigger, the conditions and the mapping, each line with its marks.

    A line begins with `!` if any of its points was never reached.

    Example:
        >>> from destination.definition import Subscription
        >>> page = Subscription(subscribe='type = "page"', partner_action="x", mapping={"n": {"@path": "$.name"}})
        >>> item = SubscriptionCoverage(page, "Pages")
        >>> taken = item.take({"type": "page"})
        >>> print("\n".join(annotated(item)))
        ! type = "page"              matched 1, not matched never
          {
        !   "n": {"@path": "$.name"}  value never, nothing 1
          }
    """
    lines = [*trigger_lines(item), *mapping_lines(item)]
    width = min(max(len(line.text) for line in lines), _WIDTH)
    for line in lines:
        sign = "!" if line.state in ("some", "none") else " "
        marks = ", ".join(map(_mark, line.marks))
        yield f"{sign} {line.text:{width}}  {marks}".rstrip()


def _mark(mark: Mark) -> str:
    text = f"{mark.point.text} " if mark.point.text.startswith("{") else ""
    return f"{text}{mark.point.result} {f'{mark.count:,}' if mark.count else 'never'}"


def sum_line(coverage: Coverage) -> str:
    """Sums the coverage up in one line.

    Example:
        >>> sum_line(Coverage([]))
        '100.0 % reached: 0 of 0 points, by 0 events'
    """
    points = f"{coverage.reached:,} of {coverage.total:,} points"
    events = "1 event" if coverage.events == 1 else f"{coverage.events:,} events"
    opted_out = f"; {coverage.opted_out:,} more opted out by `integrations`" if coverage.opted_out else ""
    return f"{coverage.percent} % reached: {points}, by {events}{opted_out}"


def render_page(coverage: Coverage, source: str, mask: Mask | None = None) -> str:
    """Renders the page as HTML; it loads nothing, and shows paths and counts but no value of any event.

    Args:
        coverage: The coverage.
        source: The name of the input: a file of events, or `tests`.
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

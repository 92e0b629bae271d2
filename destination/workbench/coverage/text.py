"""The coverage as plain lines, for who has no tables."""

from collections.abc import Iterator
from typing import Final

from destination.workbench.coverage.coverage import Coverage, percent
from destination.workbench.coverage.source import Mark, mapping_lines, trigger_lines
from destination.workbench.coverage.subscription import SubscriptionCoverage

_WIDTH: Final = 70


def summary(coverage: Coverage, rows: int) -> Iterator[str]:
    r"""The lines: each subscription, what was never reached, and the sum.

    Args:
        coverage: The coverage.
        rows: How many points that were never reached are told of.

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
        yield f"  {name}  {'/'.join(point.place)}  {point.text}: {point.result}"
    if len(missed) > rows:
        yield f"  … and {len(missed) - rows:,} more"
    yield sum_line(coverage)


def annotated(item: SubscriptionCoverage) -> Iterator[str]:
    r"""The source of a subscription: its trigger, the conditions and the mapping, each line with its marks.

    `!` stands before a line of which a part, or all, was never reached.

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
    """Everything in one line.

    Example:
        >>> sum_line(Coverage([]))
        '100.0 % reached: 0 of 0 points, by 0 events'
    """
    points = f"{coverage.reached:,} of {coverage.total:,} points"
    events = "1 event" if coverage.events == 1 else f"{coverage.events:,} events"
    opted_out = f"; {coverage.opted_out:,} more opted out by `integrations`" if coverage.opted_out else ""
    return f"{coverage.percent} % reached: {points}, by {events}{opted_out}"

"""The source of a subscription, line by line, with the points that stand on each line."""

from dataclasses import dataclass
from typing import Any

from destination.mapping.compiler import ROOT_KEY
from destination.mapping.validate import MappingPath
from destination.workbench.coverage.json_lines import json_lines
from destination.workbench.coverage.points import Point
from destination.workbench.coverage.subscription import SubscriptionCoverage


@dataclass(frozen=True, slots=True)
class Mark:
    """A point on a line.

    Attributes:
        point: The point.
        count: How often it was reached.
    """

    point: Point
    count: int


@dataclass(slots=True)
class Line:
    """A line of a mapping's JSON.

    Attributes:
        text: The text, indented.
        place: Where in the mapping it begins.
        marks: The points on it.
    """

    text: str
    place: MappingPath
    marks: list[Mark]

    @property
    def state(self) -> str:
        """`all`, `some` or `none` of its points were reached; empty where it has none."""
        reached = sum(mark.count > 0 for mark in self.marks)
        return "" if not self.marks else "all" if reached == len(self.marks) else "some" if reached else "none"


def trigger_lines(item: SubscriptionCoverage) -> list[Line]:
    """The trigger, and below it its conditions, each with its marks."""
    lines: dict[MappingPath, Line] = {}
    for point in item.points:
        if point.place[0] == "subscribe":  # templates have conditions as well
            indent = "  " * (len(point.place) - 1)
            line = lines.setdefault(point.place, Line(f"{indent}{point.text}", point.place, []))
            line.marks.append(Mark(point, item.count(point)))
    return list(lines.values())


def mapping_lines(item: SubscriptionCoverage) -> list[Line]:
    """The mapping as indented JSON, each line with its marks.

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
    lines = [Line(text, place, []) for text, place in json_lines(item.mapping.raw)]
    by_place: dict[MappingPath, Line] = {}
    for line in lines:
        by_place.setdefault(line.place, line)
    for point in item.points:
        if point.place[0] == "mapping":
            place = point.place[1:]
            if point.kind == "branch":
                place += (point.text, point.result)
            place = in_source(place, item.mapping.raw)
            while place not in by_place:
                place = place[:-1]
            by_place[place].marks.append(Mark(point, item.count(point)))
    return lines


def in_source(place: MappingPath, mapping: Any) -> MappingPath:
    """A place in the mapping as it is resolved, in the mapping as it was written."""
    if not isinstance(mapping, dict) or ROOT_KEY not in mapping:
        return place
    return place[2:] if place[1:2] == ("mapping",) else (ROOT_KEY, *place)

"""Which points of one subscription events reached."""

from collections import Counter
from collections.abc import Mapping
from typing import Any

from destination.definition import Subscription
from destination.errors import EngineTypeError
from destination.fql import Trigger, compile_trigger
from destination.mapping import CompiledMapping, Evaluated, Read, TraceStep, compile_mapping
from destination.mapping.liquid.coerce import is_truthy
from destination.mapping.shape import Place
from destination.values import MISSING
from destination.workbench.coverage.points import (
    PLACEHOLDERS,
    Point,
    expression_place_text,
    placeholder_text,
    points_of,
    trigger_points_reached,
)

_Key = tuple[Place, str, str]
"""Place, what distinguishes points there (the text of what stands in a template, else nothing), result."""


class SubscriptionCoverage:
    """The points of a subscription, and how often each was reached.

    Attributes:
        subscription: The subscription.
        name: What it is called.
        points: What can be reached.
        matched: How many events its trigger matched.
        failed: How many of those its mapping failed on.

    Example:
        >>> trigger = 'type = "page"'
        >>> page = Subscription(subscribe=trigger, partner_action="x", mapping={"n": {"@path": "$.name"}})
        >>> coverage = SubscriptionCoverage(page, "Pages")
        >>> matched, reads = coverage.take({"type": "page", "name": "Home"})
        >>> coverage.reached, coverage.total, [str(point) for point in coverage.missed][-1]
        (2, 4, 'mapping/n @path: nothing')
    """

    def __init__(self, subscription: Subscription, name: str) -> None:
        self.subscription = subscription
        self.name = name
        text = subscription.subscribe
        self.trigger: Trigger | None = compile_trigger(text) if isinstance(text, str) and text else None
        self.mapping: CompiledMapping = compile_mapping(subscription.mapping)
        self.points = points_of(self.trigger, self.mapping)
        self.matched = self.failed = 0
        self._counts: Counter[_Key] = Counter()
        self._expressions = {_key(point) for point in self.points if point.text.startswith(("{{", "{%"))}

    @property
    def total(self) -> int:
        """How many points there are."""
        return len(self.points)

    @property
    def reached(self) -> int:
        """How many of them were reached."""
        return sum(self.count(point) > 0 for point in self.points)

    @property
    def missed(self) -> tuple[Point, ...]:
        """The points that no event reached."""
        return tuple(point for point in self.points if not self.count(point))

    def count(self, point: Point) -> int:
        """How often a point was reached."""
        return self._counts[_key(point)]

    def take(self, event: Any) -> tuple[bool, list[Read]]:
        """Notes what an event reaches.

        Returns:
            Whether the trigger matched it; and what was read of it, by the conditions that were asked and by the
            mapping where it was resolved.
        """
        if self.trigger is None:
            return False, []
        try:
            trace = self.trigger.trace(event)
        except EngineTypeError:
            return False, []
        for place, result in trigger_points_reached(trace):
            self._counts[place, "", result] += 1
        reads = _trigger_reads(trace)
        if trace:
            self.matched += 1
            reads += self._resolve(event)
        return bool(trace), reads

    def to_data(self) -> dict[str, Any]:
        """What was reached, as plain data for `add`: how the processes of a test run tell each other."""
        counts = [[list(place), text, result, count] for (place, text, result), count in self._counts.items()]
        return {"matched": self.matched, "failed": self.failed, "counts": counts}

    def add(self, data: Mapping[str, Any]) -> None:
        """Adds what another coverage of the same subscription gave by `to_data`."""
        self.matched += data["matched"]
        self.failed += data["failed"]
        for place, text, result, count in data["counts"]:
            self._counts[tuple(place), text, result] += count

    def _resolve(self, event: Any) -> list[Read]:
        done = self.mapping.steps(event)
        self.failed += done.error is not None
        reads: list[Read] = []
        for step in done.steps:
            found = [each for each in step.events if isinstance(each, Read)]
            if step.directive is not None:
                self._count_step(step, found)
            # The list whose items take another shape is not read as a whole.
            reads += [read for read in found if step.directive != "@arrayPath" or not _is_taken_apart(step, read)]
        return reads

    def _count_step(self, step: TraceStep, reads: list[Read]) -> None:
        counts, place = self._counts, ("mapping", *step.place)
        if step.directive == "@if":
            branch = _branch_taken(step)
            if branch is not None:
                counts[place, "", branch] += 1
        elif step.done:
            counts[place, "", "nothing" if step.value is None or step.value is MISSING else "value"] += 1
        if step.directive in PLACEHOLDERS:
            for read in reads:
                filled = read.value is not None and read.value is not MISSING
                counts[place, placeholder_text(read.asked), "filled" if filled else "empty"] += 1
        for event in step.events:
            if isinstance(event, Evaluated):
                key = place, expression_place_text(event.expression), _result(event)
                if key in self._expressions:
                    counts[key] += 1


def _key(point: Point) -> _Key:
    several = point.kind == "placeholder" or (point.kind == "condition" and point.place[0] == "mapping")
    return point.place, point.text if several else "", point.result


def _result(evaluated: Evaluated) -> str:
    if evaluated.expression.kind == "output":
        return "rendered"
    return "true" if is_truthy(evaluated.value) else "false"


def _branch_taken(step: TraceStep) -> str | None:
    """The branch of an `@if`: `else` leaves a step also where there is none, `then` only where it is resolved."""
    inner = {child.place[-1]: child for child in step.children}
    if "else" in inner:
        return "else"
    condition = inner.get("exists", inner.get("blank"))
    return "then" if condition is not None and condition.done else None


def _is_taken_apart(step: TraceStep, read: Read) -> bool:
    return isinstance(read.value, (dict, list)) and bool(step.children)


def _trigger_reads(trace: Any) -> list[Read]:
    reads, todo = [], [trace]
    while todo:
        node = todo.pop()
        if node.path and node.reached:
            reads.append(Read(node.path, node.value))
        todo.extend(node.children)
    return reads

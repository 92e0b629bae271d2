"""Counts which points of one subscription events reach."""

from collections import Counter
from collections.abc import Mapping
from typing import Any

from destination.definition import Subscription
from destination.errors import EngineTypeError
from destination.fql import Trigger, compile_trigger
from destination.mapping import CompiledMapping, Evaluated, Read, TraceStep, compile_mapping
from destination.mapping.directive import Directive
from destination.mapping.directives import DIRECTIVES
from destination.mapping.liquid.coerce import is_truthy
from destination.mapping.validate import MappingPath
from destination.values import MISSING
from destination.workbench.coverage.points import (
    Point,
    expression_text,
    placeholder_text,
    points_of,
    trigger_points_reached,
)

_Key = tuple[MappingPath, str, str]
"""The path, the text of a placeholder or condition of a template (else empty), and the result."""


class SubscriptionCoverage:
    """The points of a subscription, and how often each was reached.

    Attributes:
        subscription: The subscription.
        name: The name for reports.
        points: What can be reached.
        matched: The number of events that its trigger matched.
        failed: The number of matched events that its mapping failed on. Payloads are not validated.

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
        """The number of points."""
        return len(self.points)

    @property
    def reached(self) -> int:
        """The number of points that were reached."""
        return sum(self.count(point) > 0 for point in self.points)

    @property
    def missed(self) -> tuple[Point, ...]:
        """The points that no event reached."""
        return tuple(point for point in self.points if not self.count(point))

    def count(self, point: Point) -> int:
        """Returns how often a point was reached."""
        return self._counts[_key(point)]

    def take(self, event: Any) -> tuple[bool, list[Read]]:
        """Counts what an event reaches.

        Returns:
            Whether the trigger matched; and what was read of the event by the conditions that were evaluated and by
            the mapping if it was resolved.
        """
        if self.trigger is None:
            return False, []
        try:
            trace = self.trigger.trace(event)
        except EngineTypeError:
            return False, []
        for path, result in trigger_points_reached(trace):
            self._counts[path, "", result] += 1
        reads = _trigger_reads(trace)
        if trace:
            self.matched += 1
            reads += self._resolve(event)
        return bool(trace), reads

    def to_data(self) -> dict[str, Any]:
        """Returns the counts as plain data for `add`, to pass them between the processes of a test run."""
        counts = [[list(path), text, result, count] for (path, text, result), count in self._counts.items()]
        return {"matched": self.matched, "failed": self.failed, "counts": counts}

    def add(self, data: Mapping[str, Any]) -> None:
        """Adds the data that `to_data` of the same subscription returned elsewhere."""
        self.matched += data["matched"]
        self.failed += data["failed"]
        for path, text, result, count in data["counts"]:
            self._counts[tuple(path), text, result] += count

    def _resolve(self, event: Any) -> list[Read]:
        done = self.mapping.steps(event)
        self.failed += done.error is not None
        reads: list[Read] = []
        for step in done.steps:
            found = [each for each in step.events if isinstance(each, Read)]
            directive = DIRECTIVES.get(step.directive or "")
            if directive is not None:
                self._count_step(directive, step, found)
            reads += [read for read in found if directive is None or not _is_taken_apart(directive, step, read)]
        return reads

    def _count_step(self, directive: Directive, step: TraceStep, reads: list[Read]) -> None:
        counts, path = self._counts, ("mapping", *step.path)
        if directive.branches is not None:
            branch = directive.branches.taken({child.path[-1]: child.done for child in step.children})
            if branch is not None:
                counts[path, "", branch] += 1
        elif step.done:
            counts[path, "", "nothing" if step.value is None or step.value is MISSING else "value"] += 1
        if directive.has_placeholders:
            for read in reads:
                filled = read.value is not None and read.value is not MISSING
                counts[path, placeholder_text(read.asked), "filled" if filled else "empty"] += 1
        for event in step.events:
            if isinstance(event, Evaluated):
                key = path, expression_text(event.expression), _result(event)
                if key in self._expressions:
                    counts[key] += 1


def _key(point: Point) -> _Key:
    several = point.kind == "placeholder" or (point.kind == "condition" and point.path[0] == "mapping")
    return point.path, point.text if several else "", point.result


def _result(evaluated: Evaluated) -> str:
    if evaluated.expression.kind == "output":
        return "rendered"
    return "true" if is_truthy(evaluated.value) else "false"


def _is_taken_apart(directive: Directive, step: TraceStep, read: Read) -> bool:
    """Whether a value was read only for its items, which take another shape: then it is not read as a whole."""
    if not isinstance(read.value, (dict, list)):
        return False
    depth = len(step.path) + 1
    return any(child.path[depth:] in directive.derived for child in step.children)


def _trigger_reads(trace: Any) -> list[Read]:
    reads, todo = [], [trace]
    while todo:
        node = todo.pop()
        if node.path and node.reached:
            reads.append(Read(node.path, node.value))
        todo.extend(node.children)
    return reads

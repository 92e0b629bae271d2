"""Counts which points of one subscription events reach."""

from collections import Counter
from collections.abc import Iterator, Mapping
from typing import Any

from destination.definition import Subscription
from destination.errors import EngineTypeError
from destination.fql import Condition, Trigger, compile_trigger
from destination.fql.program import Branch
from destination.fql.steps import as_object
from destination.mapping import CompiledMapping, compile_mapping
from destination.mapping.validate import MappingPath
from destination.values import MISSING
from destination.workbench.coverage.counting import MappingCounter
from destination.workbench.coverage.points import Point, PointKey, points_of
from destination.workbench.coverage.reads import EventReads


class SubscriptionCoverage:
    """The points of a subscription, and how often each was reached.

    Args:
        subscription: The subscription.
        name: The name for reports.
        reads: Collects the paths that its conditions, where they are evaluated, and its mapping read of an event.

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
        >>> coverage.take({"type": "page", "name": "Home"})
        True
        >>> coverage.reached, coverage.total, [str(point) for point in coverage.missed][-1]
        (2, 4, 'mapping/n @path: nothing')
    """

    def __init__(self, subscription: Subscription, name: str, reads: EventReads | None = None) -> None:
        self.subscription = subscription
        self.name = name
        text = subscription.subscribe
        self.trigger: Trigger | None = compile_trigger(text) if isinstance(text, str) and text else None
        self.mapping: CompiledMapping = compile_mapping(subscription.mapping)
        self.points = points_of(self.trigger, self.mapping)
        self.matched = self.failed = 0
        self._counts: Counter[PointKey] = Counter()
        expressions = frozenset(_key(point) for point in self.points if point.text.startswith(("{{", "{%")))
        reads = EventReads() if reads is None else reads
        self._trigger = None if self.trigger is None else _TriggerCounter(self.trigger, reads)
        self._mapping = MappingCounter(subscription.mapping, reads, expressions)
        self._is_counted = True

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
        return self._counted()[_key(point)]

    def take(self, event: Any) -> bool:
        """Counts what an event reaches; returns whether the trigger matched."""
        if self._trigger is None:
            return False
        self._is_counted = False
        if not self._trigger.take(event):
            return False
        self.matched += 1
        self.failed += not self._mapping.take(event)
        return True

    def to_data(self) -> dict[str, Any]:
        """Returns the counts as plain data for `add`, to pass them between the processes of a test run."""
        counts = [[list(path), text, result, count] for (path, text, result), count in self._counted().items()]
        return {"matched": self.matched, "failed": self.failed, "counts": counts}

    def add(self, data: Mapping[str, Any]) -> None:
        """Adds the data that `to_data` of the same subscription returned elsewhere."""
        self.matched += data["matched"]
        self.failed += data["failed"]
        for path, text, result, count in data["counts"]:
            self._counts[tuple(path), text, result] += count

    def _counted(self) -> Counter[PointKey]:
        if not self._is_counted:
            self._is_counted = True
            if self._trigger is not None:
                self._counts.update(self._trigger.counts())
            self._counts.update(self._mapping.counts())
        return self._counts


def _key(point: Point) -> PointKey:
    several = point.kind == "placeholder" or (point.kind == "condition" and point.path[0] == "mapping")
    return point.path, point.text if several else "", point.result


class _TriggerCounter:
    """Counts the results of a trigger and of its conditions: of those that are evaluated, as in a trace."""

    def __init__(self, trigger: Trigger, reads: EventReads) -> None:
        program = trigger.program
        self._reads = reads
        self._steps = [
            (step.get, step.test, reads.bit_of(step.path) if step.path else 0, if_true, if_false)
            for step, if_true, if_false in zip(program.steps, program.if_true, program.if_false, strict=True)
        ]
        self._true, self._false = [0] * len(self._steps), [0] * len(self._steps)
        self._matched = self._not_matched = 0
        self._conditions = dict(_conditions_of(program.branches[0]))

    def take(self, event: Any) -> bool:
        """Counts what an event reaches; returns whether the trigger matches it."""
        matched = False
        if event is not MISSING:
            subject = as_object(event)
            try:
                matched = self._evaluate(subject, 1)
            except EngineTypeError:
                try:
                    self._evaluate(subject, -1)  # such an event reaches nothing
                except EngineTypeError:
                    return False
        if matched:
            self._matched += 1
        else:
            self._not_matched += 1
        return matched

    def _evaluate(self, subject: Any, by: int) -> bool:
        steps, true, false, mask, index = self._steps, self._true, self._false, 0, 0
        while index >= 0:
            get, test, bit, if_true, if_false = steps[index]
            mask |= bit
            if test(get(subject)):
                true[index] += by
                index = if_true
            else:
                false[index] += by
                index = if_false
        self._reads.mask |= mask
        return index == -1

    def counts(self) -> Counter[PointKey]:
        """Returns the counts since the last call."""
        root: MappingPath = ("subscribe",)
        counts = Counter({(root, "", "matched"): self._matched, (root, "", "not matched"): self._not_matched})
        for index, path in self._conditions.items():
            counts[path, "", "true"] += self._true[index]
            counts[path, "", "false"] += self._false[index]
        self._true, self._false = [0] * len(self._steps), [0] * len(self._steps)
        self._matched = self._not_matched = 0
        return +counts


def _conditions_of(root: Branch) -> Iterator[tuple[int, MappingPath]]:
    """Yields the step and the path of each condition; nothing for a trigger that is a single one."""
    inner = root
    while len(inner.children) == 1:
        inner = inner.children[0]
    todo: list[tuple[MappingPath, Branch]] = [(("subscribe",), root)] if inner.children else []
    while todo:
        path, branch = todo.pop()
        if isinstance(branch.node, Condition):
            yield branch.first, path
        todo.extend(((*path, str(index)), child) for index, child in enumerate(branch.children))

"""Coverage without a shortcut: counted from the trace of each event, value by value."""

from collections import Counter
from collections.abc import Iterable, Iterator
from typing import Any

from destination.definition import Subscription
from destination.errors import EngineTypeError
from destination.event import opted_out_by
from destination.fql import Condition, Trace
from destination.mapping import Evaluated, Read, TraceStep
from destination.mapping.directive import Directive
from destination.mapping.directives import DIRECTIVES
from destination.mapping.liquid.coerce import is_truthy
from destination.values import MISSING
from destination.workbench.coverage import SubscriptionCoverage
from destination.workbench.coverage.event_paths import MAX_PATHS, MAX_TYPES, NO_TYPE, OTHER_TYPES, TypePaths
from destination.workbench.coverage.points import PointKey, expression_text, placeholder_text
from destination.workbench.coverage.shapes import ITEM, MAX_DEPTH, Path, name_of


class TracedSubscription(SubscriptionCoverage):
    """The points of a subscription, counted from traces."""

    def traced(self, event: Any) -> tuple[bool, list[Read]]:
        """Counts what an event reaches; returns whether the trigger matched, and what was read."""
        if self.trigger is None:
            return False, []
        try:
            trace = self.trigger.trace(event)
        except EngineTypeError:
            return False, []
        for path, result in _of_trigger(trace):
            self._counts[path, "", result] += 1
        reads = _reads_of_trigger(trace)
        if trace:
            self.matched += 1
            reads += self._resolve(event)
        return bool(trace), reads

    def _has_point(self, key: PointKey) -> bool:
        _, text, _ = key
        is_expression = text.startswith("{%") or key[2] == "rendered"
        return not is_expression or key in {(point.path, point.text, point.result) for point in self.points}

    def _resolve(self, event: Any) -> list[Read]:
        done = self.mapping.steps(event)
        self.failed += done.error is not None
        reads: list[Read] = []
        for step in done.steps:
            found = [each for each in step.events if isinstance(each, Read)]
            directive = DIRECTIVES.get(step.directive or "")
            if directive is not None:
                self._counts.update(key for key in _of_step(directive, step, found) if self._has_point(key))
            reads += [read for read in found if directive is None or not _is_taken_apart(directive, step, read)]
        return reads


class TracedCoverage:
    """The points of subscriptions and the paths of events."""

    def __init__(self, subscriptions: Iterable[Subscription], destination: str | None = None) -> None:
        self.subscriptions = [TracedSubscription(item, item.name or "") for item in subscriptions if item.enabled]
        self.types: dict[str, TypePaths] = {}
        self.events = 0
        self._destination = destination

    def take(self, event: Any) -> None:
        name = self._destination
        if name is not None and isinstance(event, dict) and opted_out_by(event, name) is not None:
            return
        self.events += 1
        found = [item.traced(event) for item in self.subscriptions]
        self._count_paths(event, [read for _, reads in found for read in reads], any(matched for matched, _ in found))

    def _count_paths(self, event: Any, reads: list[Read], taken: bool) -> None:
        paths = self._paths_of(event)
        paths.events += 1
        paths.taken += taken
        read = {_without_indexes(event, each.keys) for each in reads if not each.derived}
        for keys, is_read in dict(_leaves(event, read)).items():
            if keys not in paths.seen and len(paths.seen) >= MAX_PATHS:
                paths.others += 1
                continue
            paths.seen[keys] += 1
            if is_read:
                paths.read.add(keys)

    def _paths_of(self, event: Any) -> TypePaths:
        kind = event.get("type") if isinstance(event, dict) else None
        name = name_of(kind) if isinstance(kind, str) else NO_TYPE
        if name not in self.types and len(self.types) >= MAX_TYPES:
            name = OTHER_TYPES
        return self.types.setdefault(name, TypePaths())


def _of_trigger(trace: Trace) -> Iterator[tuple[Path, str]]:
    inner = trace
    while len(inner.children) == 1:
        inner = inner.children[0]
    todo: list[tuple[Path, Trace]] = [(("subscribe",), trace)] if inner.children else []
    while todo:
        path, node = todo.pop()
        if isinstance(node.condition, Condition) and node.reached and node.verdict is not None:
            yield path, "true" if node.verdict else "false"
        todo.extend(((*path, str(index)), child) for index, child in enumerate(node.children))
    yield ("subscribe",), "matched" if trace else "not matched"


def _reads_of_trigger(trace: Trace) -> list[Read]:
    reads, todo = [], [trace]
    while todo:
        node = todo.pop()
        if node.path and node.reached:
            reads.append(Read(node.path, node.value))
        todo.extend(node.children)
    return reads


def _of_step(directive: Directive, step: TraceStep, reads: list[Read]) -> Iterator[PointKey]:
    path = ("mapping", *step.path)
    if directive.branches is not None:
        branch = directive.branches.taken({child.path[-1]: child.done for child in step.children})
        if branch is not None:
            yield path, "", branch
    elif step.done:
        yield path, "", "nothing" if step.value is None or step.value is MISSING else "value"
    if directive.has_placeholders:
        for read in reads:
            filled = read.value is not None and read.value is not MISSING
            yield path, placeholder_text(read.asked), "filled" if filled else "empty"
    for event in step.events:
        if isinstance(event, Evaluated):
            output = event.expression.kind == "output"
            result = "rendered" if output else "true" if is_truthy(event.value) else "false"
            yield path, expression_text(event.expression), result


def _is_taken_apart(directive: Directive, step: TraceStep, read: Read) -> bool:
    if not isinstance(read.value, (dict, list)):
        return False
    depth = len(step.path) + 1
    return any(child.path[depth:] in directive.derived for child in step.children)


def _leaves(event: Any, read: set[Path]) -> Iterator[tuple[Path, bool]]:
    todo: list[tuple[Path, Any, bool]] = [((), event, () in read)]
    while todo:
        keys, value, is_read = todo.pop()
        kind = value.__class__
        if (kind is not dict and kind is not list) or not value or len(keys) >= MAX_DEPTH:
            yield keys, is_read
        elif kind is dict:
            for key, item in value.items():
                inner = (*keys, name_of(key))
                todo.append((inner, item, is_read or inner in read))
        else:
            inner = (*keys, ITEM)
            todo.extend([(inner, item, is_read or inner in read) for item in value])


def _without_indexes(event: Any, keys: tuple[str, ...]) -> Path:
    plain: list[str] = []
    value = event
    for key in keys:
        if isinstance(value, list):
            if not key.isdecimal():
                break
            plain.append(ITEM)
            value = value[int(key)] if int(key) < len(value) else None
        else:
            plain.append(name_of(key))
            value = value.get(key) if isinstance(value, dict) else None
    return tuple(plain)


def counts_of(item: SubscriptionCoverage) -> Counter[PointKey]:
    """Returns all counts of a subscription."""
    return Counter({(tuple(path), text, result): count for path, text, result, count in item.to_data()["counts"]})

"""The time that the Liquid templates of a mapping take: Segment's `liquid.template.evaluation_ms`.

The same compiler makes a second variant of the mapping that measures; the usual variant does not measure.
"""

from collections.abc import Callable
from contextvars import ContextVar
from time import perf_counter
from typing import Any, TypeAlias

from destination.mapping.bounds import begin_work
from destination.mapping.compiler import Compiler, with_data_check
from destination.mapping.directive import Resolver
from destination.mapping.knowledge import directive_of
from destination.mapping.validate import MappingPath

Report: TypeAlias = Callable[[list[str], float], None]
"""Called for each template with its tags and its time in milliseconds.

The tags are `fieldKey:name` for each object key on the path, then `result:success` or `result:fail`.
"""

_REPORT: ContextVar[Report] = ContextVar("report")


class MeasuredMapping:
    """A mapping that reports how long its templates take.

    Templates inside other directives are not reported, as in the reference.

    Args:
        mapping: The mapping.

    Example:
        >>> reported = []
        >>> measured = MeasuredMapping({"name": {"@liquid": "{{ event }}"}})
        >>> measured({"event": "a"}, lambda tags, duration_ms: reported.append(tags))
        {'name': 'a'}
        >>> reported
        [['fieldKey:name', 'result:success']]
    """

    __slots__ = ("_run",)

    def __init__(self, mapping: Any) -> None:
        self._run = with_data_check(_MeasuringCompiler().program(mapping).run)

    def __call__(self, event: Any, report: Report) -> Any:
        """Returns the payload, and reports each template.

        Args:
            event: The event.
            report: Called for each template.

        Raises:
            DestinationError: As `CompiledMapping`.
        """
        token = _REPORT.set(report)
        begin_work()
        try:
            return self._run(event)
        finally:
            _REPORT.reset(token)


class _MeasuringCompiler(Compiler):
    shares = False

    def __init__(self) -> None:
        self._lists: set[MappingPath] = set()

    def _payload(self, value: Any, path: MappingPath) -> tuple[Resolver, bool]:
        if isinstance(value, list):
            self._lists.add(path)
        run, clean = super()._payload(value, path)
        directive = directive_of(value)
        if directive is not None and directive.is_timed:
            keys = [key for depth, key in enumerate(path) if path[:depth] not in self._lists]
            return _measured(run, [f"fieldKey:{key}" for key in keys]), clean
        return run, clean


def _measured(run: Resolver, tags: list[str]) -> Resolver:
    def resolve(event: Any) -> Any:
        result = "fail"
        started = perf_counter()
        try:
            found = run(event)
            result = "success"
            return found
        finally:
            _REPORT.get()([*tags, f"result:{result}"], (perf_counter() - started) * 1000)

    return resolve

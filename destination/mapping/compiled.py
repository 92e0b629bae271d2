"""A compiled mapping: a function from event to payload, and its problems."""

from collections.abc import Collection, Mapping
from typing import Any, TypeAlias

from destination.errors import MappingError
from destination.mapping.bounds import MAX_WORK, WORK, begin_work
from destination.mapping.compiler import Compiler, Program, SharingCompiler, with_data_check
from destination.mapping.directive import Constant, Resolver
from destination.mapping.directives import DIRECTIVES
from destination.mapping.trace import FieldTrace, MappingSteps, TracingCompiler, run_steps, run_traced, too_deep
from destination.mapping.validate import MappingProblem, is_directive
from destination.values import MISSING, real_type_of
from destination.values.pointers import pointer_part

_COMPILER = Compiler()
_SHARING_COMPILER = SharingCompiler()


class CompiledMapping:
    """A mapping, compiled once: call it with an event to get the payload.

    Making one never raises. `problems` lists what is wrong with the mapping. As in the reference, a call then raises
    for every event.

    Attributes:
        raw: The mapping as it was passed.

    Raises:
        MappingValidationError: On a call: the mapping holds invalid directives.
        MappingError: On a call: the event is not an object, the root directive is not one object, or a directive failed
            on a value.
        EngineTypeError: On a call: where the reference fails with a TypeError, such as for a mapping that is null.

    Example:
        >>> mapping = compile_mapping({"name": {"@path": "$.event"}, "plan": {"@path": "$.traits.plan"}})
        >>> mapping({"event": "Signed Up"})
        {'name': 'Signed Up'}
        >>> [str(problem) for problem in compile_mapping({"name": {"@path": 5}}).problems]
        ['/name/@path should be a string or a mapping directive but it is a number.']
    """

    __slots__ = ("_check", "_program", "_traced", "raw")

    def __init__(self, mapping: Any) -> None:
        self.raw = mapping
        self._program = _COMPILER.program(mapping)
        self._check = with_data_check(self._program.run)
        self._traced: Program | None = None

    def __repr__(self) -> str:
        return f"CompiledMapping({self.raw!r})"

    @property
    def problems(self) -> tuple[MappingProblem, ...]:
        """The reasons why every event fails: invalid directives, an invalid root directive, too many levels."""
        return self._program.problems

    def __call__(self, event: Any = MISSING) -> Any:
        WORK.left = MAX_WORK
        try:
            if event.__class__ is dict:
                return self._program.run(event)
            return self._check(event)
        except RecursionError:
            raise too_deep() from None

    def without_copies(self) -> Resolver:
        """Makes a faster variant for callers that only read: its payloads contain the event's own values, not copies.

        Events must be dicts, as JSON makes them. Inside the event's own values, undefined values and the key
        `__proto__` are not removed.

        Raises:
            RecursionError: The resolver, on a call: the event nests too deeply.

        Example:
            >>> event = {"properties": {"plan": "pro"}}
            >>> resolve = compile_mapping({"properties": {"@path": "$.properties"}}).without_copies()
            >>> resolve(event)["properties"] is event["properties"]
            True
        """
        run = _SHARING_COMPILER.program(self.raw).run

        def resolve(event: Any) -> Any:
            WORK.left = MAX_WORK
            return run(event)

        return resolve

    def without_coercion(self, kinds: Mapping[str, type], required: Collection[str]) -> Resolver | None:
        """Makes a variant like `without_copies` for payloads that need no coercion; None if that cannot be known.

        Args:
            kinds: The Python type that the value of a key must have; blank text is never accepted.
            required: The keys that must be present.

        Returns:
            A resolver that returns None for an event with any other payload.

        Example:
            >>> resolve = compile_mapping({"name": {"@path": "$.event"}}).without_coercion({"name": str}, ["name"])
            >>> resolve({"event": "Signed Up"}), resolve({"event": 5}), resolve({})
            ({'name': 'Signed Up'}, None, None)
        """
        if self.problems:
            return None
        return _SHARING_COMPILER.without_coercion(self.raw, kinds, frozenset(required))

    def batch(self, events: Any = MISSING) -> list[Any]:
        """Returns the payloads of many events, as `transformBatch` does. The first failure ends the whole call.

        Segment: an event that is not an object does not fail here (test_batch_takes_events_that_are_no_objects).

        Raises:
            MappingError: `events` is not a list, or a call raises it.
            MappingValidationError: See the class.
            EngineTypeError: See the class.

        Example:
            >>> compile_mapping({"name": {"@path": "$.event"}}).batch([{"event": "a"}, {"event": "b"}, 5])
            [{'name': 'a'}, {'name': 'b'}, {}]
        """
        if events is MISSING:
            events = []
        elif not isinstance(events, list):
            raise MappingError(f"data must be an array, got {real_type_of(events)}")
        run = self._program.run
        try:
            if self._program.problems:
                run({})
            return [_with_work(run, event) for event in events]
        except RecursionError:
            raise too_deep() from None

    def trace(self, event: Any = MISSING) -> tuple[Any, tuple[FieldTrace, ...]]:
        """Returns the payload, and for each of its values where it comes from.

        Raises:
            MappingValidationError: As a call.
            MappingError: As a call.
            EngineTypeError: As a call.

        Example:
            >>> payload, (name,) = compile_mapping({"name": {"@path": "$.event"}}).trace({"event": "Signed Up"})
            >>> name.position, name.directive, name.reads[0].path, name.value
            (('name',), '@path', '$.event', 'Signed Up')
        """
        traced = self._traced_run()
        begin_work()
        try:
            result: tuple[Any, tuple[FieldTrace, ...]] = with_data_check(lambda data: run_traced(traced, data))(event)
        except RecursionError:
            raise too_deep() from None
        return result

    def steps(self, event: Any = MISSING) -> MappingSteps:
        """Returns every directive that was resolved for an event, with its result. No event makes it raise.

        Example:
            >>> done = compile_mapping({"name": {"@path": "$.event"}}).steps({"event": "Signed Up"})
            >>> [(step.path, step.directive, step.value) for step in done.steps if step.directive]
            [(('name',), '@path', 'Signed Up')]
        """
        run = with_data_check(self._traced_run())
        begin_work()
        return run_steps(run, event)

    def _traced_run(self) -> Resolver:
        if self._traced is None:
            self._traced = TracingCompiler().program(self.raw)
        return self._traced.run


def _with_work(run: Resolver, event: Any) -> Any:
    begin_work()
    return run(event)


def is_constant(part: Any) -> bool:
    """Returns whether a part of a mapping has the same result for every event at any time.

    Example:
        >>> is_constant({"@case": {"operator": "upper", "value": "a"}}), is_constant({"@path": "$.event"})
        (True, False)
    """
    return isinstance(_COMPILER.resolver(part, ()), Constant)


def compile_mapping(mapping: Any) -> CompiledMapping:
    """Compiles a mapping: JSON with directives. Never raises; see `CompiledMapping`.

    Example:
        >>> name = compile_mapping({"name": {"@path": "$.event"}})
        >>> name({"event": "Signed Up"}), name({"event": "Order Completed"})
        ({'name': 'Signed Up'}, {'name': 'Order Completed'})
    """
    return CompiledMapping(mapping)


def transform(mapping: Any, data: Any = MISSING) -> Any:
    """Maps one event to its payload; for more than one event use `compile_mapping`.

    Undefined keys are left out. An undefined item of a list is `MISSING`, and so is the result if the whole mapping is
    a directive that finds nothing. Segment's function: `transform` of its mapping kit.

    Raises:
        MappingValidationError: The mapping holds invalid directives.
        MappingError: A directive failed on a value, or the event is not an object.
        EngineTypeError: The mapping, or its root directive, is null.

    Example:
        >>> transform({"name": {"@template": "Page: {{name}}"}}, {"name": "Home"})
        {'name': 'Page: Home'}
    """
    return CompiledMapping(mapping)(data)


def transform_batch(mapping: Any, events: Any = MISSING) -> list[Any]:
    """Maps a list of events to their payloads; see `CompiledMapping.batch`.

    Example:
        >>> transform_batch({"name": {"@path": "$.event"}}, [{"event": "a"}, {"event": "b"}])
        [{'name': 'a'}, {'name': 'b'}]
    """
    return CompiledMapping(mapping).batch(events)


def validate_mapping(mapping: Any) -> list[MappingProblem]:
    """Returns the problems that make a mapping fail for every event.

    Example:
        >>> [str(problem) for problem in validate_mapping({"a": {"@pth": "$.a"}, "b": {"@if": 1}})]
        ['/a has an invalid directive: @pth.', '/b/@if should be an object but it is a number.']
    """
    return list(CompiledMapping(mapping).problems)


def extensions_used(mapping: Any) -> list[tuple[str, str]]:
    """Finds the directives in a mapping that Segment does not know (`@jsonpath`, `@jinja`).

    Returns:
        Pairs of a JSON pointer (RFC 6901) to the directive's object, and the directive's name, in the mapping's order.

    Example:
        >>> extensions_used({"a": [{"@jinja": "{{ event }}"}], "b": {"@path": "$.event"}})
        [('/a/0', '@jinja')]
    """
    found: list[tuple[str, str]] = []
    todo: list[tuple[_Trail, Any]] = [(None, mapping)]
    while todo:
        trail, value = todo.pop()
        if isinstance(value, dict):
            directive = is_directive(value)
            if directive:
                names = [name for name in value if name in DIRECTIVES and not DIRECTIVES[name].portable]
                found += [(_pointer(trail), name) for name in names]
            entries = [(key, item) for key, item in value.items() if not (directive and key == "_metadata")]
        elif isinstance(value, list):
            entries = [(str(index), item) for index, item in enumerate(value)]
        else:
            continue
        todo.extend(((trail, key), item) for key, item in reversed(entries))
    return found


# A pointer for each part would fill the memory where a mapping nests without end.
_Trail: TypeAlias = "tuple[_Trail, str] | None"


def _pointer(trail: _Trail) -> str:
    keys = []
    while trail:
        trail, key = trail
        keys.append(pointer_part(key))
    return "".join(reversed(keys))

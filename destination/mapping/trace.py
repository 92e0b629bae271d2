"""Where each value of a payload comes from.

The traced variant of a mapping is made by the same compiler from the same directives: `TracingCompiler` only wraps the
resolvers and path readers that it hands out, so that each call leaves a `TraceStep`. Constants are not folded, and
values are cleaned at the end. A property test checks that payloads and errors equal those of the fast variant.
"""

from collections.abc import Collection, Iterator, Mapping
from contextvars import ContextVar
from dataclasses import field
from typing import Any, TypeAlias

from destination.errors import DestinationError, MappingError
from destination.mapping.bounds import spend_on
from destination.mapping.compiler import Compiler
from destination.mapping.directive import Expression, Expressive, Resolver
from destination.mapping.paths import compile_keys, join_path, split_path
from destination.mapping.resolvers import remove_undefined
from destination.mapping.validate import MappingPath, directive_name, is_directive
from destination.records import dataclass
from destination.values import MISSING

Position: TypeAlias = tuple[str | int, ...]
"""A path in a payload: keys of objects, indexes of lists."""


@dataclass(frozen=True, slots=True)
class Read:
    """A value that was read from the event.

    Attributes:
        keys: The path, from the root of the event; `()` is the event itself.
        value: What was found there, or `MISSING`.
        derived: Whether it was read from something made from the event: the payload of `apply` in a `@transform`, or an
            item under `@arrayPath` that is not an object. Then the keys begin there.
        asked: The keys as written in the mapping; in an item under `@arrayPath` they begin at the item.

    Example:
        >>> from destination.mapping import compile_mapping
        >>> payload, (plan,) = compile_mapping({"plan": {"@path": "$.traits.plan"}}).trace({"traits": {"plan": "pro"}})
        >>> plan.reads
        (Read(keys=('traits', 'plan'), value='pro', derived=False),)
    """

    keys: tuple[str, ...]
    value: Any
    derived: bool = False
    asked: tuple[str, ...] = field(default=(), compare=False, repr=False)

    @property
    def path(self) -> str:
        """The keys as a path for people.

        Example:
            >>> Read(("products", "0", "sku"), "a1").path
            '$.products[0].sku'
        """
        return join_path(self.keys)


@dataclass(frozen=True, slots=True)
class FieldTrace:
    """Where one value of a payload comes from.

    Attributes:
        position: The path of the value in the payload, even if the key is left out.
        value: The value, or `MISSING` where the key is left out.
        directive: The directive that made it, such as `@path`; None for a constant.
        path: The path of that directive, or of the constant, in the mapping.
        reads: The values that were read for it, in order, including those for conditions.
        resolved: The parts of the directive that were resolved (the last key of each), and whether that succeeded.
        part_reads: The values that were read for each of these parts.

    Example:
        >>> from destination.mapping import compile_mapping
        >>> payload, (name,) = compile_mapping({"name": {"@path": "$.event"}}).trace({"event": "Signed Up"})
        >>> name.position, name.value, name.directive, name.path
        (('name',), 'Signed Up', '@path', ('name',))
    """

    position: Position
    value: Any
    directive: str | None
    path: MappingPath
    reads: tuple[Read, ...]
    resolved: Mapping[str, bool] = field(default_factory=dict, compare=False, repr=False)
    part_reads: Mapping[str, tuple[Read, ...]] = field(default_factory=dict, compare=False, repr=False)


@dataclass(frozen=True, slots=True)
class Evaluated:
    """An expression of a template that was evaluated.

    Attributes:
        expression: The expression.
        value: Its value, or `MISSING`.

    Example:
        >>> from destination.mapping import compile_mapping
        >>> done = compile_mapping({"name": {"@liquid": "{{ name | upcase }}"}}).steps({"name": "Home"})
        >>> for step in done.steps:
        ...     for part in step.events:
        ...         if isinstance(part, Evaluated):
        ...             print(part.expression, part.value)
        Expression(kind='output', text='name | upcase', reads=True) HOME
    """

    expression: Expression
    value: Any


@dataclass(slots=True)
class TraceStep:
    """A part of a mapping while it was resolved for one event.

    Attributes:
        path: Where in the mapping the part stands. Under a root directive that is the mapping as it is resolved
            (`effective_mapping`).
        directive: The directive that it is; None for what is none.
        value: Its value, or `MISSING`.
        done: False where resolving it raised.
        events: What happened in it, in order: reads, expressions of a template, and the parts inside it.

    Example:
        >>> from destination.mapping import compile_mapping
        >>> mapping = compile_mapping({"name": {"@path": "$.event"}})
        >>> for step in mapping.steps({"event": "Signed Up"}).steps:
        ...     print(step.path, step.directive, step.value)
        () None {'name': 'Signed Up'}
        ('name',) @path Signed Up
    """

    path: MappingPath
    directive: str | None
    value: Any = MISSING
    done: bool = False
    events: list["TraceStep | Read | Evaluated"] = field(default_factory=list)

    @property
    def children(self) -> list["TraceStep"]:
        """The parts inside it that were resolved."""
        return [event for event in self.events if isinstance(event, TraceStep)]

    def walk(self) -> Iterator["TraceStep"]:
        """This step and all inside it, in the order in which they began."""
        todo = [self]
        while todo:
            step = todo.pop()
            yield step
            todo.extend(reversed(step.children))

    def reads(self, but: Collection[int] = ()) -> Iterator[Read]:
        """Returns everything that this step read, except the reads of some steps inside it, given by their ids."""
        todo: list[TraceStep | Read | Evaluated] = [self]
        while todo:
            event = todo.pop()
            if isinstance(event, Read):
                yield event
            elif isinstance(event, TraceStep) and id(event) not in but:
                todo.extend(reversed(event.events))


class _Recorder:
    """The steps of one event."""

    def __init__(self, event: Any) -> None:
        self.top = TraceStep((), None)
        self.open = [self.top]
        self._keys: dict[int, tuple[str, ...]] = {id(event): ()}
        """Where objects and lists of the event stand, by identity: they live as long as this recorder."""

    def read(self, event: Any, keys: tuple[str, ...], value: Any) -> None:
        """Notes that a path was read from the event, or from something else that replaced it."""
        asked = keys
        base = self._keys.get(id(event)) if isinstance(event, (dict, list)) else None
        if base is not None:
            keys = base + keys
            self._know(keys, value)
        self.open[-1].events.append(Read(keys, value, base is None, asked))

    def evaluated(self, expression: Expression, value: Any) -> None:
        """Notes what came of an expression of a template."""
        self.open[-1].events.append(Evaluated(expression, value))

    def _know(self, keys: tuple[str, ...], value: Any) -> None:
        if not isinstance(value, (dict, list)):
            return
        self._keys.setdefault(id(value), keys)
        if isinstance(value, list):
            for index, item in enumerate(value):
                if isinstance(item, dict):
                    self._keys.setdefault(id(item), (*keys, str(index)))


_recorder: ContextVar[_Recorder] = ContextVar("destination_mapping_recorder")


class TracingCompiler(Compiler):
    """Makes closures that leave a trace in the recorder of the current context."""

    shares = False

    def payload(self, value: Any, path: MappingPath) -> Resolver:
        """Resolves first and cleans at the end, as the reference does."""
        run = self.resolver(value, path)
        if not self.counts:
            return lambda event: remove_undefined(run(event))

        def counted(event: Any) -> Any:
            found = run(event)
            spend_on(found)
            return remove_undefined(found)

        return counted

    def resolver(self, value: Any, path: MappingPath) -> Resolver:
        """Wraps a resolver so that it opens a step, notes its value and closes the step."""
        run = super().resolver(value, path)
        directive = directive_name(value) if isinstance(value, dict) and is_directive(value) else None

        def traced(event: Any) -> Any:
            opened = _recorder.get().open
            step = TraceStep(path, directive)
            opened[-1].events.append(step)
            opened.append(step)
            try:
                step.value = run(event)
                step.done = True
            finally:
                opened.pop()
            return step.value

        return traced

    def getter(self, path: str) -> Resolver:
        """Wraps a getter so that each read is noted."""
        get, keys = super().getter(path), split_path(path)

        def traced(event: Any) -> Any:
            value = get(event)
            _recorder.get().read(event, keys, value)
            return value

        return traced

    def reading(self, run: Resolver, paths: tuple[MappingPath, ...]) -> Resolver:
        """Wraps such a function: notes all paths that it may read, and the values of a template's expressions."""
        if isinstance(run, Expressive):
            run = run.watched(lambda expression, value: _recorder.get().evaluated(expression, value))
        getters = [(keys, compile_keys(keys)) for keys in paths]

        def traced(event: Any) -> Any:
            for keys, get in getters:
                _recorder.get().read(event, keys, get(event))
            return run(event)

        return traced


@dataclass(frozen=True, slots=True)
class MappingSteps:
    """What a mapping did with one event, step by step.

    Attributes:
        payload: The payload; `MISSING` where there is none.
        error: What a call of the mapping would have raised, or None.
        steps: The parts that were resolved, in order, up to the error.

    Example:
        >>> from destination.mapping import compile_mapping
        >>> done = compile_mapping({"name": {"@path": "$.event"}}).steps({"event": "Signed Up"})
        >>> done.payload, done.error, len(done.steps)
        ({'name': 'Signed Up'}, None, 2)
    """

    payload: Any
    error: DestinationError | None
    steps: tuple[TraceStep, ...]


def run_traced(run: Resolver, event: Any) -> tuple[Any, tuple[FieldTrace, ...]]:
    """Calls a resolver of the tracing compiler; returns the payload and where it comes from."""
    payload, top = _record(run, event)
    return payload, tuple(_fields(top.children[0]))


def run_steps(run: Resolver, event: Any) -> MappingSteps:
    """Calls a resolver of the tracing compiler; returns what it did, also where it failed."""
    recorder = _Recorder(event)
    payload, error = MISSING, None
    try:
        payload, _ = _record(run, event, recorder)
    except DestinationError as raised:
        error = raised
    except RecursionError:
        error = too_deep()
    return MappingSteps(payload, error, tuple(step for child in recorder.top.children for step in child.walk()))


def too_deep() -> MappingError:
    """Makes the error for an event that nests too deeply."""
    return MappingError("the event nests too deeply for what the mapping does with it")


def _record(run: Resolver, event: Any, recorder: _Recorder | None = None) -> tuple[Any, TraceStep]:
    recorder = recorder or _Recorder(event)
    token = _recorder.set(recorder)
    try:
        payload = run(event)
    finally:
        _recorder.reset(token)
    return payload, recorder.top


def _fields(step: TraceStep) -> Iterator[FieldTrace]:
    todo: list[tuple[TraceStep, Position, tuple[Read, ...]]] = [(step, (), ())]
    while todo:
        step, position, before = todo.pop()
        inner = list(_inside(step))
        if inner:
            before += tuple(step.reads(but={id(child) for _, child in inner}))
            todo.extend((child, position + keys, before) for keys, child in reversed(inner))
        else:
            reads = before + tuple(step.reads())
            parts = {str(child.path[-1]): child for child in step.children if child.path}
            resolved = {key: child.done for key, child in parts.items()}
            part_reads = {key: tuple(child.reads()) for key, child in parts.items()}
            value = remove_undefined(step.value)
            yield FieldTrace(position, value, step.directive, step.path, reads, resolved, part_reads)


def _inside(step: TraceStep) -> Iterator[tuple[Position, TraceStep]]:
    """Returns the steps that made the parts of a step's value, each with its position inside the value.

    An object or a list of the mapping has one step a part. A directive whose value is, or whose list holds, the very
    object that a step inside it made has passed that through (`@if`, `@literal`, `@arrayPath`, `@transform`).
    """
    value = step.value
    if step.directive is None:
        if isinstance(value, dict):
            yield from (((child.path[-1],), child) for child in step.children if child.path[-1] in value)
        elif isinstance(value, list):
            yield from (((index,), child) for index, child in enumerate(step.children))
        return
    made = {id(child.value): child for child in step.children if isinstance(child.value, (dict, list)) and child.value}
    if id(value) in made:
        yield (), made[id(value)]
    elif isinstance(value, list) and value and all(id(item) in made for item in value):
        yield from (((index,), made[id(item)]) for index, item in enumerate(value))

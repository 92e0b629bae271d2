"""The variant of a mapping that counts which of its points events reach.

It is made by the same compiler from the same directives as the traced variant, and keeps numbers instead of a
trace. A property test holds the two equal.
"""

from collections import Counter
from collections.abc import Callable
from typing import Any, Final

from destination.errors import DestinationError
from destination.mapping.bounds import begin_work, spend_on
from destination.mapping.compiler import Compiler, with_data_check
from destination.mapping.directive import Directive, Expression, Expressive, Resolver
from destination.mapping.directives import DIRECTIVES
from destination.mapping.liquid.coerce import is_truthy
from destination.mapping.paths import compile_keys, split_path
from destination.mapping.resolvers import ATOMS
from destination.mapping.trace import TracingCompiler
from destination.mapping.validate import MappingPath, directive_name, is_directive
from destination.values import MISSING
from destination.workbench.coverage.points import PointKey, expression_text, placeholder_text
from destination.workbench.coverage.reads import EventReads, plain_path_of
from destination.workbench.coverage.shapes import ITEM, Path

_CONTAINERS: Final = (dict, list)


class MappingCounter:
    """Counts the results of a mapping's directives.

    Args:
        mapping: The mapping.
        reads: Collects the paths that it reads.
        expressions: The expressions of templates that are points.

    Example:
        >>> counter = MappingCounter({"name": {"@path": "$.event"}}, EventReads(), frozenset())
        >>> counter.take({"event": "Signed Up"}), counter.take({})
        (True, True)
        >>> sorted(counter.counts().items())
        [((('mapping', 'name'), '', 'nothing'), 1), ((('mapping', 'name'), '', 'value'), 1)]
    """

    def __init__(self, mapping: Any, reads: EventReads, expressions: frozenset[PointKey]) -> None:
        self._steps = _MappingReads(reads, expressions)
        self._run = with_data_check(_CountingCompiler(self._steps).program(mapping).run)
        self._steps.is_complete = True

    def take(self, event: Any) -> bool:
        """Counts what an event reaches; returns whether the mapping succeeded."""
        self._steps.begin(event)
        begin_work()
        try:
            self._run(event)
        except (DestinationError, RecursionError):
            return False
        return True

    def counts(self) -> Counter[PointKey]:
        """Returns the counts since the last call."""
        counts, self._steps.counts = self._steps.counts, Counter()
        for part in self._steps.parts:
            counts[part.point, "", "value"] += part.values
            counts[part.point, "", "nothing"] += part.nothings
            part.values = part.nothings = 0
        return +counts


class _Part:
    """A part of the mapping.

    Attributes:
        point: Its path as that of a point.
        values: How often it made a value.
        nothings: How often it made nothing.
        placeholders: Whether what it reads fills placeholders.
        is_plain: Whether what it reads needs only to be noted.
        expressions: Whether it may have expressions that are points.
        children: For a directive with branches, or one that takes a value apart: the parts in it that were resolved
            for the current event, and whether each succeeded.
        kept: For a directive that takes a value apart: the objects and lists that it read, as bits or paths.
    """

    __slots__ = ("children", "expressions", "is_plain", "kept", "nothings", "placeholders", "point", "values")

    def __init__(self, path: MappingPath, directive: Directive | None, *, expressions: bool) -> None:
        self.point = ("mapping", *path)
        self.values = self.nothings = 0
        self.placeholders = directive is not None and directive.has_placeholders
        self.expressions = expressions
        has_children = directive is not None and (directive.branches is not None or bool(directive.derived))
        self.children: dict[MappingPath, bool] | None = {} if has_children else None
        self.kept: list[int | Path] | None = [] if directive is not None and directive.derived else None
        self.is_plain = not self.placeholders and self.kept is None


class _MappingReads:
    """What a mapping does with the current event.

    Attributes:
        reads: Collects the paths that are read.
        parts: The directives of the mapping.
        counts: The counts of placeholders, branches and expressions.
        open: The innermost part that is being resolved.
        event: The event.
        is_complete: Whether the mapping is compiled; what is compiled later is text from an event.
    """

    def __init__(self, reads: EventReads, expressions: frozenset[PointKey]) -> None:
        self.reads = reads
        self.parts: list[_Part] = []
        self.counts: Counter[PointKey] = Counter()
        self.expressions = expressions
        self._templates = {path for path, _, _ in expressions}
        self._top = self.open = _Part((), None, expressions=False)
        self.event: Any = None
        self.is_complete = False
        self._waiting: list[tuple[Path, Any]] = []
        self._paths: dict[int, Path] = {}

    def begin(self, event: Any) -> None:
        """Prepares for an event."""
        self.open, self.event = self._top, event
        self._waiting.clear()
        self._paths.clear()

    def part(self, path: MappingPath, directive: Directive | None) -> _Part:
        """Makes a part, which is counted if it is a directive."""
        part = _Part(path, directive, expressions=("mapping", *path) in self._templates)
        if directive is not None:
            self.parts.append(part)
        return part

    def bit_of(self, keys: tuple[str, ...]) -> int | None:
        """Returns the bit of a path in the mapping's own text; None for one from an event, of which there is no end."""
        return None if self.is_complete else self.reads.bit_of(keys)

    def read(self, source: Any, keys: tuple[str, ...], value: Any, bit: int | None) -> None:
        """Notes that a path was read from the event, or from something else that replaced it.

        Args:
            source: What it was read from.
            keys: The keys.
            value: What was found.
            bit: The bit of the path if the source is the event; None if it has none.
        """
        part = self.open
        if part.placeholders:
            result = "empty" if value is None or value is MISSING else "filled"
            self.counts[part.point, placeholder_text(keys), result] += 1
        is_container = isinstance(value, _CONTAINERS)
        path: int | Path
        if source is self.event and isinstance(source, _CONTAINERS):
            path = plain_path_of(source, keys) if bit is None else bit
            if is_container:
                self._waiting.append((keys, value))
        else:
            base = self._path_of(source)
            if base is None:
                return
            path = base + plain_path_of(source, keys)
            if is_container:
                self._know(path, value)
        if is_container and part.kept is not None:
            part.kept.append(path)
        else:
            self._note(path)

    def end(self, part: _Part, directive: Directive) -> None:
        """Counts the branch that a directive took, and what it read as a whole."""
        children = part.children or {}
        if directive.branches is not None:
            branch = directive.branches.taken({path[-1]: done for path, done in children.items()})
            if branch is not None:
                self.counts[part.point, "", branch] += 1
        if part.kept:
            # What is read only for its items, which take another shape, is not read as a whole.
            depth = len(part.point)
            if not any(path[depth:] in directive.derived for path in children):
                for path in part.kept:
                    self._note(path)
            part.kept.clear()

    def evaluated(self, expression: Expression, value: Any) -> None:
        """Counts an expression of a template."""
        part = self.open
        if part.expressions:
            kind = expression.kind == "output"
            result = "rendered" if kind else "true" if is_truthy(value) else "false"
            key = part.point, expression_text(expression), result
            if key in self.expressions:
                self.counts[key] += 1

    def _note(self, path: int | Path) -> None:
        if isinstance(path, int):
            self.reads.mask |= path
        else:
            self.reads.others.add(path)

    def _path_of(self, source: Any) -> Path | None:
        """Returns the path of an object or a list of the event; None for anything else."""
        if not isinstance(source, _CONTAINERS):
            return None
        if self._waiting:
            # By identity: the event and its values live as long as it is resolved.
            if isinstance(self.event, _CONTAINERS):
                self._paths.setdefault(id(self.event), ())
            for keys, value in self._waiting:
                self._know(plain_path_of(self.event, keys), value)
            self._waiting.clear()
        return self._paths.get(id(source))

    def _know(self, path: Path, value: Any) -> None:
        self._paths.setdefault(id(value), path)
        if isinstance(value, list):
            for item in value:
                if isinstance(item, dict):
                    self._paths.setdefault(id(item), (*path, ITEM))


class _CountingCompiler(TracingCompiler):
    """Makes closures that count."""

    def __init__(self, steps: _MappingReads) -> None:
        self._steps = steps

    def payload(self, value: Any, path: MappingPath) -> Resolver:
        """Compiles a mapping; nobody needs the payload of the outermost one, so it is not cleaned."""
        if path:
            return super().payload(value, path)
        run = self.resolver(value, path)
        return _spending(run) if self.counts else run

    def resolver(self, value: Any, path: MappingPath) -> Resolver:
        """Wraps a resolver so that its results are counted."""
        run = Compiler.resolver(self, value, path)
        name = directive_name(value) if isinstance(value, dict) and is_directive(value) else ""
        directive = DIRECTIVES.get(name)
        part = self._steps.part(path, directive)
        if directive is None:
            return _uncounted(self._steps, part, run, path)
        if part.children is None:
            return _counted(self._steps, part, run, path, None)
        return _counted(self._steps, part, run, path, directive)

    def getter(self, path: str) -> Resolver:
        """Wraps a getter so that each read is noted."""
        get, keys, steps = Compiler.getter(self, path), split_path(path), self._steps
        bit, reads = steps.bit_of(keys), steps.reads

        def noted(event: Any) -> Any:
            value = get(event)
            if bit is not None and event is steps.event and steps.open.is_plain and value.__class__ in ATOMS:
                reads.mask |= bit  # the usual case, without a call
            else:
                steps.read(event, keys, value, bit)
            return value

        return noted

    def reading(self, run: Resolver, paths: tuple[MappingPath, ...]) -> Resolver:
        """Wraps a function that reads the event itself: all paths that it may read are noted."""
        steps = self._steps
        if isinstance(run, Expressive):
            run = run.watched(steps.evaluated)
        getters = [(keys, compile_keys(keys), steps.bit_of(keys)) for keys in paths]

        def noted(event: Any) -> Any:
            for keys, get, bit in getters:
                steps.read(event, keys, get(event), bit)
            return run(event)

        return noted


def _spending(run: Resolver) -> Resolver:
    def counted(event: Any) -> Any:
        found = run(event)
        spend_on(found)
        return found

    return counted


def _uncounted(steps: _MappingReads, part: _Part, run: Resolver, path: MappingPath) -> Resolver:
    def resolve(event: Any) -> Any:
        outer = steps.open
        children = outer.children
        if children is None:
            return run(event)
        steps.open, children[path] = part, False
        try:
            found = run(event)
        finally:
            steps.open = outer
        children[path] = True
        return found

    return resolve


def _counted(
    steps: _MappingReads, part: _Part, run: Resolver, path: MappingPath, directive: Directive | None
) -> Callable[[Any], Any]:
    has_results = directive is None or directive.branches is None

    def resolve(event: Any) -> Any:
        outer = steps.open
        children = outer.children
        if children is not None:
            children[path] = False
        steps.open = part
        if directive is not None and part.children:
            part.children.clear()
        try:
            found = run(event)
        finally:
            steps.open = outer
            if directive is not None:
                steps.end(part, directive)
        if has_results:
            if found is None or found is MISSING:
                part.nothings += 1
            else:
                part.values += 1
        if children is not None:
            children[path] = True
        return found

    return resolve

"""Compiles a mapping into a function, once; the function is then called for each event.

The mapping's own objects and lists are compiled to closures that leave out undefined values and copy values of the
event, so that a payload shares nothing with the event. The result of a directive is cleaned when it enters the payload.
Constant parts are computed once.
"""

from collections.abc import Callable, Mapping
from copy import copy
from typing import Any, ClassVar, Final

from destination.errors import DestinationError, EngineTypeError, MappingError, MappingValidationError
from destination.mapping.bounds import (
    FREE,
    MAX_FREE_COPIES,
    MAX_PARTS,
    begin_work,
    count_parts,
    spend,
    spend_on,
)
from destination.mapping.directive import Constant, Directive, Resolver
from destination.mapping.directives import DIRECTIVES
from destination.mapping.knowledge import copies, only_reads_paths, selects
from destination.mapping.paths import compile_path
from destination.mapping.resolvers import (
    ATOMS,
    PROTO,
    clean_list,
    clean_object,
    event_key,
    plain_list,
    plain_object,
    remove_undefined,
    uncoerced_object,
)
from destination.mapping.validate import Checker, MappingPath, MappingProblem, directive_name, is_directive
from destination.values import MISSING, ordered_items, real_type_of, spread

ROOT_KEY: Final = "__segment_internal_directive"
"""The key of a mapping with the root directive, which makes the payload from the mapping's other keys."""
MAX_DEPTH: Final = 100
"""The maximum number of nested objects and lists in a mapping."""

_CHECKER = Checker(DIRECTIVES)


class Program:
    """A compiled mapping: its problems, and the function that resolves it.

    Attributes:
        problems: The problems, in Segment's order; empty for a valid mapping.
        run: Resolves an event to a payload; raises the problems, if there are any.
    """

    __slots__ = ("problems", "run")

    def __init__(self, problems: tuple[MappingProblem, ...], run: Resolver) -> None:
        self.problems = problems
        self.run = run


def failing(make: Callable[[], Exception]) -> Resolver:
    """Makes a resolver that raises a new error for every event."""

    def fail(_event: Any) -> Any:
        raise make()

    return fail


def effective_mapping(mapping: Any) -> Any:
    """Returns the mapping that is resolved: a copy of the top level, or the root directive with the other keys in it.

    Raises:
        MappingError: The root directive is not one object under one key.
        EngineTypeError: The mapping, or its root directive, is null.

    Example:
        >>> effective_mapping({ROOT_KEY: {"@transform": {"apply": {}}}, "a": 1})
        {'@transform': {'apply': {}, 'mapping': {'a': 1}}}
        >>> effective_mapping([{"@path": "$.a"}])
        {'0': {'@path': '$.a'}}
    """
    if mapping is None or mapping is MISSING:
        raise EngineTypeError(f"a mapping must be an object, but it is {real_type_of(mapping)}")
    if not isinstance(mapping, dict) or ROOT_KEY not in mapping:
        return spread(mapping)
    root = mapping[ROOT_KEY]
    if root is None or root is MISSING:
        raise EngineTypeError(f"the root directive must be an object, but it is {real_type_of(root)}")
    entries = list(spread(root).items())
    if len(entries) > 1:
        raise MappingError("The root mapping must only have a single directive object")
    if not entries or not isinstance(entries[0][1], (dict, list)):
        raise MappingError("The root directive must be an object")
    name, options = entries[0]
    if isinstance(options, dict):
        options = {**options, "mapping": {key: item for key, item in mapping.items() if key not in (ROOT_KEY, PROTO)}}
    return [options] if isinstance(root, list) else {name: options}


class Compiler:
    """Compiles mappings to closures.

    Attributes:
        shares: Whether a nested mapping may be compiled by `SharingCompiler`.
        counts: Whether values in the payload are counted as work, because the payload may be many times the size of the
            event.
    """

    shares: ClassVar[bool] = True
    counts = False

    def program(self, mapping: Any, path: MappingPath = ()) -> Program:
        """Validates and compiles a whole mapping, with a cleaned result."""
        if _too_deep(mapping):
            return _refused(f"a mapping nests at most {MAX_DEPTH} levels deep, but this one goes deeper", path)
        if count_parts(mapping) > MAX_PARTS:
            return _refused(f"a mapping has at most {MAX_PARTS:,} objects, lists and directives", path)
        try:
            effective = effective_mapping(mapping)
        except DestinationError as error:
            kind, message = type(error), str(error)
            return Program((MappingProblem(message, path),), failing(lambda: kind(message)))
        try:
            problems = tuple(_CHECKER.problems(effective))
            if problems:
                return Program(problems, failing(lambda: MappingValidationError([str(each) for each in problems])))
            if not path:
                begin_work()  # for what is computed once, now
            compiler = self
            if not self.counts and copies(effective) > MAX_FREE_COPIES:
                compiler = copy(self)
                compiler.counts = True
            return Program((), compiler.payload(effective, path))
        except RecursionError:  # called from deep within other code
            return _refused("the mapping nests too deeply for what is left of the stack", path)

    def inner_program(self, mapping: Any, path: MappingPath) -> Program:
        """Compiles a whole mapping inside another one."""
        return self.program(mapping, path)

    def payload(self, value: Any, path: MappingPath) -> Resolver:
        """Makes a resolver whose results have no undefined keys and share nothing with event or mapping."""
        run, clean = self._payload(value, path)
        if clean:
            return run

        def cleaned(event: Any) -> Any:
            found = run(event)
            return found if found.__class__ in ATOMS else remove_undefined(found)

        return cleaned

    def _counted(self, run: Resolver) -> Resolver:
        def counted(event: Any) -> Any:
            found = run(event)
            if found.__class__ not in ATOMS:
                spend_on(found)
                return remove_undefined(found)
            if found.__class__ is str and len(found) > FREE:
                spend(len(found))
            return found

        return counted

    def _payload(self, value: Any, path: MappingPath) -> tuple[Resolver, bool]:
        """Makes a resolver, and returns whether its results are clean."""
        if isinstance(value, dict) and not is_directive(value):
            items = [
                (key, None if self.counts else event_key(item), *self._payload(item, (*path, key)))
                for key, item in ordered_items(value)
            ]
            return clean_object(items), True
        if isinstance(value, list):
            return clean_list([self._payload(item, (*path, str(index))) for index, item in enumerate(value)]), True
        scalar = False
        if isinstance(value, dict):
            name = directive_name(value)
            directive = DIRECTIVES.get(name)
            scalar = directive is not None and directive.scalar
            if directive is not None and directive.compile_clean is not None:
                scope = DirectiveScope(self, name, (*path, name))
                return scope.finish(directive, directive.compile_clean(value[name], scope)), True
        run = self.resolver(value, path)
        if self.counts:
            return self._counted(run), True
        if isinstance(run, Constant):
            return run, run.value.__class__ in ATOMS
        return run, scalar

    def resolver(self, value: Any, path: MappingPath) -> Resolver:
        """Compiles any part of a mapping without cleaning: undefined keys stay, the event's values are shared."""
        if isinstance(value, dict):
            if is_directive(value):
                name = directive_name(value)
                scope = DirectiveScope(self, name, (*path, name))
                directive = DIRECTIVES.get(name)
                if directive is None:
                    return scope.failure(f"{name} is not a valid directive, got undefined")
                return scope.finish(directive, directive.compile(value[name], scope))
            return plain_object([(key, self.resolver(item, (*path, key))) for key, item in ordered_items(value)])
        if isinstance(value, list):
            return plain_list([self.resolver(item, (*path, str(index))) for index, item in enumerate(value)])
        return Constant(value)

    def getter(self, path: str) -> Resolver:
        """Makes a function that reads a path from an event."""
        return compile_path(path)

    def reading(self, run: Resolver, _paths: tuple[MappingPath, ...]) -> Resolver:
        """Wraps a function that reads the event itself."""
        return run


class SharingCompiler(Compiler):
    """Compiles mappings to closures whose payloads contain the event's own values instead of copies.

    Events must come from JSON: they contain nothing undefined, and no key `__proto__`.
    """

    def inner_program(self, mapping: Any, path: MappingPath) -> Program:
        """Compiles a mapping inside another one with copies, because it reads undefined keys that are removed here."""
        return self.program(mapping, path) if self.counts else Compiler().program(mapping, path)

    def _payload(self, value: Any, path: MappingPath) -> tuple[Resolver, bool]:
        run, clean = super()._payload(value, path)
        return run, clean or (not self.counts and selects(value))

    def without_coercion(self, mapping: Any, kinds: Mapping[str, type], required: frozenset[str]) -> Resolver | None:
        """Compiles `CompiledMapping.without_coercion`; the mapping must have no problems."""
        if not isinstance(mapping, dict) or ROOT_KEY in mapping or is_directive(mapping) or PROTO in mapping:
            return None
        if not required <= mapping.keys() <= kinds.keys() or copies(mapping) > MAX_FREE_COPIES:
            return None
        items = [
            (key, event_key(item), self.payload(item, (key,)), kinds[key], key in required)
            for key, item in ordered_items(mapping)
        ]
        return uncoerced_object(items)


class DirectiveScope:
    """The scope that directives are compiled with; see `destination.mapping.directive.Scope`."""

    __slots__ = ("_compiler", "_constant", "_name", "_path")

    def __init__(self, compiler: Compiler, name: str, path: MappingPath) -> None:
        self._compiler = compiler
        self._name = name
        self._path = path
        self._constant = True

    def resolver(self, value: Any, *keys: str) -> Resolver:
        """See `Scope`."""
        run = self._compiler.resolver(value, self._path + keys)
        if not isinstance(run, Constant):
            self._constant = False
        return run

    def payload(self, value: Any, *keys: str) -> Resolver:
        """See `Scope`."""
        self._constant = False
        return self._compiler.payload(value, self._path + keys)

    def getter(self, path: str) -> Resolver:
        """See `Scope`."""
        self._constant = False
        return self._compiler.getter(path)

    def transform(self, mapping: Any, *keys: str) -> Resolver:
        """See `Scope`."""
        self._constant = False
        return with_data_check(self._compiler.inner_program(mapping, self._path + keys).run)

    def transform_for_reading(self, mapping: Any, *keys: str) -> Resolver:
        """See `Scope`."""
        if not self._compiler.shares or self._compiler.counts:
            return self.transform(mapping, *keys)
        self._constant = False
        return with_data_check(SharingCompiler().program(mapping, self._path + keys).run)

    def reading(self, run: Resolver, *paths: MappingPath) -> Resolver:
        """See `Scope`."""
        self._constant = False
        return self._compiler.reading(run, paths)

    def copies(self, value: Any) -> int:
        """See `Scope`."""
        return copies(value)

    def only_reads_paths(self, value: Any) -> bool:
        """See `Scope`."""
        return only_reads_paths(value)

    def error(self, message: str) -> MappingError:
        """See `Scope`."""
        return MappingError(message, self._name, self._path)

    def failure(self, message: str) -> Resolver:
        """See `Scope`."""
        self._constant = False
        return failing(lambda: self.error(message))

    def finish(self, directive: Directive, run: Resolver) -> Resolver:
        """Returns the resolver, or a constant if no event can change its value."""
        if not (directive.foldable and self._constant) or isinstance(run, Constant):
            return run
        try:
            return Constant(run(MISSING))
        except DestinationError:
            return run  # it fails for every event that reaches it


def data_error(data: Any) -> MappingError:
    """Makes the error for an event that is not an object."""
    return MappingError(f"data must be an object, got {real_type_of(data)}")


def with_data_check(run: Resolver) -> Resolver:
    """Makes the resolver for data of any kind, as in `transform`: a missing event counts as an empty object."""

    def checked(data: Any) -> Any:
        if data is MISSING:
            data = {}
        elif not isinstance(data, dict):
            raise data_error(data)
        return run(data)

    return checked


def _refused(message: str, path: MappingPath) -> Program:
    return Program((MappingProblem(message, path),), failing(lambda: MappingError(message)))


def _too_deep(mapping: Any) -> bool:
    level = [mapping] if isinstance(mapping, (dict, list)) else []
    for _ in range(MAX_DEPTH):
        inner = (item for value in level for item in (value.values() if isinstance(value, dict) else value))
        # by identity, so that a mapping that contains itself ends here too
        level = list({id(item): item for item in inner if isinstance(item, (dict, list))}.values())
        if not level:
            return False
    return True

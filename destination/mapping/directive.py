"""The definition of a directive: its name, its validation, its resolution, and facts for tools.

Each file in `directives/` defines one `Directive`. Its `validate` checks the directive's value, as Segment does, and
raises `Invalid`. Its `compile` makes the function that is called for every event. These two are enough. Everything else
has a default that is safe for any directive. `destination.mapping.knowledge` reads these facts for tools such as `lint`
and `coverage`.
"""

import sys
from collections.abc import Callable, Iterable, Mapping
from dataclasses import field
from typing import Any, Final, Literal, Protocol, TypeAlias, runtime_checkable

from destination.errors import MappingError
from destination.mapping.bounds import spend
from destination.mapping.changes import Changes
from destination.mapping.needs import Inverse
from destination.mapping.validate import Validate
from destination.records import dataclass
from destination.values import real_type_of

Resolver: TypeAlias = Callable[[Any], Any]
"""Returns the value for an event, or `MISSING`. The value may share objects with the event; nothing is changed."""


class Constant:
    """A resolver whose value does not depend on the event."""

    __slots__ = ("value",)

    def __init__(self, value: Any) -> None:
        self.value = value

    def __call__(self, _event: Any) -> Any:
        return self.value


class Scope(Protocol):
    """The functions that a directive's `compile` may use. They hide whether the result is traced."""

    def resolver(self, value: Any, *keys: str) -> Resolver:
        """Compiles the part of the directive's value under `keys`."""
        ...

    def payload(self, value: Any, *keys: str) -> Resolver:
        """Compiles a part that becomes part of the payload unchanged, for `Directive.compile_clean`."""
        ...

    def getter(self, path: str) -> Resolver:
        """Makes a function that reads a path (`paths.compile_path`) from an event."""
        ...

    def transform(self, mapping: Any, *keys: str) -> Resolver:
        """Compiles a whole mapping inside this one; it is validated and resolved separately."""
        ...

    def transform_for_reading(self, mapping: Any, *keys: str) -> Resolver:
        """Compiles a mapping whose payload is only read by paths, none of which has the key `__proto__`.

        The payload may contain the event's own values, because such a path finds the same in them as in a copy.
        """
        ...

    def reading(self, run: Callable[[Any], Any], *paths: tuple[str, ...]) -> Resolver:
        """Wraps a function that reads the event itself, such as a template engine; `paths` lists what it may read."""
        ...

    def copies(self, value: Any) -> int:
        """Returns how many times the size of the event a part can become, at most."""
        ...

    def only_reads_paths(self, value: Any) -> bool:
        """Returns whether a mapping consists only of constants and of directives with `Directive.only_reads_paths`."""
        ...

    def error(self, message: str) -> MappingError:
        """Makes an error that names the directive and its path."""
        ...

    def failure(self, message: str) -> Resolver:
        """Makes a resolver that raises `error(message)`."""
        ...


@dataclass(frozen=True, slots=True)
class Expression:
    """An expression in a template.

    Attributes:
        kind: `output` for one that is written, `condition` for one that decides what is.
        text: As people write it.
        reads: Whether its value depends on the event, or on a variable of the template.
    """

    kind: Literal["output", "condition"]
    text: str
    reads: bool = True


@runtime_checkable
class Expressive(Protocol):
    """A template that knows its expressions, and can report the value of each one while it renders."""

    def __call__(self, event: Any) -> Any:
        """Renders the template."""
        ...

    def expressions(self) -> tuple[Expression, ...]:
        """Returns the outputs and conditions in the template."""
        ...

    def watched(self, notify: Callable[[Expression, Any], None]) -> Resolver:
        """Makes a variant of the template that reports the value of each expression."""
        ...


_PER_CHARACTER = 20
"""Steps for each character of a path or template that comes from an event, since it is compiled for that event."""


Keys: TypeAlias = tuple[str, ...]
"""Keys below a directive's own that lead to a part of its value; `()` is the value as a whole."""
Knowledge: TypeAlias = Mapping[tuple[str, ...], str]
"""What is known about the event: whether a path has a `value` or `nothing`."""
Results: TypeAlias = frozenset[str]
"""The possible results of a part of a mapping: a `value`, `nothing` (null or undefined), or either."""
ResultsOf: TypeAlias = Callable[[Any, Knowledge], Results]

VALUE: Final[Results] = frozenset({"value"})
NOTHING: Final[Results] = frozenset({"nothing"})
EITHER: Final[Results] = VALUE | NOTHING


@dataclass(frozen=True, slots=True)
class Part:
    """A mapping inside a directive.

    Attributes:
        keys: The keys in the directive's value that lead to it.
        value: The mapping; `MISSING` if it is optional and left out.
        known: What is known of the event when the part is resolved.
    """

    keys: Keys
    value: Any
    known: Knowledge = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Branches:
    """The branches of a directive that takes one of several; its `inverse` says how an event gets into each.

    Attributes:
        names: The branches; each has the key of the part that it resolves. All other parts belong to the first branch.
        taken: Takes the parts that were resolved for an event (the last key of each, and whether it succeeded). Returns
            the branch, or None if no branch was reached.
        choices: Takes the directive's value and returns the ways that an event can lead into a branch, each with what
            the directive's condition then does, such as `finds nothing`.
    """

    names: tuple[str, ...]
    taken: Callable[[Mapping[str, bool]], str | None]
    choices: Callable[[Any], Mapping[str, str]]


@dataclass(frozen=True, slots=True)
class Directive:
    """One directive.

    Attributes:
        name: Its key, such as `@path`.
        validate: Takes the value, its path and the checker; raises `Invalid`.
        compile: Takes the value and the scope; never raises for what a value may be.
        form: A short and valid value of it, which an editor can insert.
        foldable: Whether the result is constant if all its parts are.
        portable: Whether Segment knows the directive. `lint` warns about the others, and exports to Segment's formats
            refuse them.
        compile_clean: Like `compile`, but the result has no undefined keys and shares nothing with the event. None if
            the result is cleaned afterwards.
        scalar: Whether the result is never an object or a list, so that there is nothing to clean.
        makes: The kind of value that it makes; None if that depends on the event.
        always: Whether it always makes a value, or fails.
        passes: The parts of which it returns one unchanged; empty if it makes a new value.
        derived: The parts that read something that the directive made, not the event.
        wraps: The part that can replace the directive without its change, such as the `value` of `@case`; None if there
            is none.
        has_placeholders: Whether its value is a text with placeholders for values of the event.
        is_timed: Whether Segment measures how long it takes (`liquid.template.evaluation_ms`).
        event_path: Takes the value and returns the path without which the result is nothing; None if the value does not
            say it.
        gives_path: Whether a text as its value is an `event_path`, and the result is the value at that path.
        only_reads_paths: Takes the value and returns whether the directive only looks up constant paths, none of them
            with `__proto__`.
        branches: Its branches, if it has any.
        parts: Takes the value and returns the mappings in it. None: those that `compile` asks the scope for.
        results: Takes the value, what is known about the event, and a function that returns the results of a part.
            Returns the possible results. None: what follows from `always`, `event_path` and `passes`, else either.
        changes: Makes small changes of the value, for `destination mutate`. None: changes of its parts, and of scalar
            options if the result is valid.
        inverse: Returns what an event needs so that the directive makes a wanted value, for the generated suite. None:
            a value at each path that the directive reads.
    """

    name: str
    validate: Validate
    compile: Callable[[Any, Scope], Resolver]
    form: Any = ""
    foldable: bool = True
    portable: bool = False
    compile_clean: Callable[[Any, Scope], Resolver] | None = None
    scalar: bool = False
    makes: Literal["text", "object", "list"] | None = None
    always: bool = False
    passes: tuple[Keys, ...] = ()
    derived: tuple[Keys, ...] = ()
    wraps: Keys | None = None
    has_placeholders: bool = False
    is_timed: bool = False
    event_path: Callable[[Any], tuple[str, ...] | None] = lambda _value: None
    gives_path: bool = False
    only_reads_paths: Callable[[Any], bool] = lambda _value: False
    branches: Branches | None = None
    parts: Callable[[Any], Iterable[Part]] | None = None
    results: Callable[[Any, Knowledge, ResultsOf], Results] | None = None
    changes: Changes | None = None
    inverse: Inverse | None = None

    @property
    def summary(self) -> str:
        """The result in a few words: the first line of the module's docstring, without the directive's name.

        Example:
            >>> from destination.mapping.directives.case import DIRECTIVE
            >>> DIRECTIVE.summary
            'text in lower or upper case'
        """
        text = sys.modules[self.compile.__module__].__doc__ or ""
        first = text.strip().partition("\n")[0]
        return first.removeprefix(f"`{self.name}`: ").removesuffix(".")


def compile_string(value: Any, scope: Scope, name: str, make: Callable[[str], Resolver]) -> Resolver:
    """Compiles a directive whose value is a string, or a directive that returns a string.

    Args:
        value: The directive's value.
        scope: The directive's scope.
        name: The directive's name, for the message.
        make: Makes the resolver of a given string.
    """
    if isinstance(value, str):
        return make(value)
    text = scope.resolver(value)
    if isinstance(text, Constant) and isinstance(text.value, str):
        return make(text.value)

    def run(event: Any) -> Any:
        found = text(event)
        if not isinstance(found, str):
            raise scope.error(f"{name}: expected string, got {real_type_of(found)}")
        spend(_PER_CHARACTER * len(found))
        return make(found)(event)

    return run

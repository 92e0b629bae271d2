"""What a directive is: a name, a validation, a resolution, and what it knows of itself.

Each file in `directives/` defines one `Directive`. Its `validate` looks at the directive's value and raises
`Invalid`, as Segment's validation does; its `compile` makes, once, the function that is called for every event.

These two are enough: all else that tools ask a directive has a default, which is right for any directive and says as
little as can be known of it. `destination.mapping.knowledge` asks, and falls back on the defaults.
"""

import sys
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, Final, Literal, Protocol, TypeAlias, runtime_checkable

from destination.errors import MappingError
from destination.mapping.bounds import spend
from destination.mapping.changes import Changes
from destination.mapping.needs import Inverse
from destination.mapping.validate import Validate
from destination.values import real_type_of

Resolver: TypeAlias = Callable[[Any], Any]
"""Gives the value for an event, or `MISSING`. It may share structure with the event and changes nothing."""


class Constant:
    """A resolver whose value does not depend on the event."""

    __slots__ = ("value",)

    def __init__(self, value: Any) -> None:
        self.value = value

    def __call__(self, _event: Any) -> Any:
        return self.value


class Scope(Protocol):
    """What a directive's `compile` may ask for. It does not see whether the result will be traced."""

    def resolver(self, value: Any, *keys: str) -> Resolver:
        """The resolution of a part of the directive's value that stands under `keys`."""
        ...

    def payload(self, value: Any, *keys: str) -> Resolver:
        """The same for a part that goes right into the payload, for `Directive.compile_clean`."""
        ...

    def getter(self, path: str) -> Resolver:
        """A function that reads a path (`paths.compile_path`) from an event."""
        ...

    def transform(self, mapping: Any, *keys: str) -> Resolver:
        """A whole mapping inside this one, validated and resolved as one of its own."""
        ...

    def transform_for_reading(self, mapping: Any, *keys: str) -> Resolver:
        """The same for a payload that paths alone will read, none of them a key `__proto__`.

        It may hold the event's own values: such a path finds in them what it would find in a copy.
        """
        ...

    def reading(self, run: Callable[[Any], Any], *paths: tuple[str, ...]) -> Resolver:
        """A function that reads the event by itself, such as a template engine's; `paths` are what it may read."""
        ...

    def copies(self, value: Any) -> int:
        """How many times the event a part of the directive's value can give, at most."""
        ...

    def only_reads_paths(self, value: Any) -> bool:
        """Whether a mapping consists of `Directive.only_reads_paths`, and of what stands in it."""
        ...

    def error(self, message: str) -> MappingError:
        """An error that knows the directive and its path."""
        ...

    def failure(self, message: str) -> Resolver:
        """A resolver that raises `error(message)`."""
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
    """A template whose expressions are known, and that can tell of each one as it is worked out."""

    def __call__(self, event: Any) -> Any:
        """Renders the template."""
        ...

    def expressions(self) -> tuple[Expression, ...]:
        """The outputs and conditions that stand in it."""
        ...

    def watched(self, notify: Callable[[Expression, Any], None]) -> Resolver:
        """The template in a variant that tells what came of each of them."""
        ...


_PER_CHARACTER = 20
"""Steps for a character of a path or a template that an event has made: it is compiled for this event."""


Keys: TypeAlias = tuple[str, ...]
"""Keys below a directive's own that lead to a part of its value; `()` is the value as a whole."""
Knowledge: TypeAlias = Mapping[tuple[str, ...], str]
"""What is known of the event: for a path whether there is a `value` or `nothing`."""
Results: TypeAlias = frozenset[str]
"""What a part of a mapping may give: a `value`, `nothing` (null or undefined), or either."""
ResultsOf: TypeAlias = Callable[[Any, Knowledge], Results]

VALUE: Final[Results] = frozenset({"value"})
NOTHING: Final[Results] = frozenset({"nothing"})
EITHER: Final[Results] = VALUE | NOTHING


@dataclass(frozen=True, slots=True)
class Part:
    """A mapping inside a directive.

    Attributes:
        keys: Where in the directive's value.
        value: The mapping; `MISSING` for one that the directive could have there and has not.
        known: What is known of the event when the part is resolved.
    """

    keys: Keys
    value: Any
    known: Knowledge = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Branches:
    """The branches of a directive that takes one of several; its `inverse` says how an event gets into each.

    Attributes:
        names: The branches; each is the key of the part that it resolves. All other parts belong to the first.
        taken: Takes the parts that were resolved for an event (the last key of each, and whether that succeeded) and
            returns the branch; None where none was reached.
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
        foldable: Whether the result is a constant when all its parts are.
        portable: Whether Segment knows it. Lint warns of the others, and an export to Segment's format refuses them.
        compile_clean: Like `compile`, for a result that goes right into the payload: without undefined keys, and
            sharing nothing with the event. None where it is cleaned afterwards.
        scalar: Whether the result never has parts, so that there is nothing to clean.
        makes: The kind of value that it makes, where it gives one; None where that depends.
        always: Whether it gives a value whatever comes, or fails.
        passes: The parts of which it gives one as it is; empty for a directive that makes values of its own.
        derived: The parts that are resolved against something that the directive made, not against the event.
        wraps: The part that could replace the directive, which changes it; None where none could.
        has_placeholders: Whether its value is a text in which values of the event stand.
        is_timed: Whether Segment measures how long it takes (`liquid.template.evaluation_ms`).
        event_path: Takes the value and returns the path without which the directive gives nothing; None where the
            value does not say it.
        gives_path: Whether a text as its value is an `event_path`, and what it gives is what stands there.
        only_reads_paths: Takes the value and returns whether the directive only looks up paths that stand in it, none
            of them `__proto__`.
        branches: Its branches, where it has any.
        parts: Takes the value and returns the mappings in it. None: those that `compile` asks the scope for.
        results: Takes the value, what is known of the event and the same for a part, and returns what the directive
            may give. None: what follows from `always`, `event_path` and `passes`, else either.
        changes: Makes small changes of the value, for `destination mutate`. None: those of its parts, and of options
            that are scalars where the result is valid.
        inverse: Says what an event needs so that the directive gives a wanted value, for the generated suite. None:
            that it has something at each path that the directive reads.
    """

    name: str
    validate: Validate
    compile: Callable[[Any, Scope], Resolver]
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
        """What it gives, in a few words: the first line of its module's docstring, without its name.

        Example:
            >>> from destination.mapping.directives.case import DIRECTIVE
            >>> DIRECTIVE.summary
            'text in lower or upper case'
        """
        text = sys.modules[self.compile.__module__].__doc__ or ""
        first = text.strip().partition("\n")[0]
        return first.removeprefix(f"`{self.name}`: ").removesuffix(".")


def compile_string(value: Any, scope: Scope, name: str, make: Callable[[str], Resolver]) -> Resolver:
    """The resolution of a directive that needs a string, given literally or by another directive.

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

"""What a directive is: a name, a validation and a resolution.

Each file in `directives/` defines one `Directive`. Its `validate` looks at the directive's value and raises
`Invalid`, as Segment's validation does; its `compile` makes, once, the function that is called for every event.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Literal, Protocol, TypeAlias, runtime_checkable

from destination.errors import MappingError
from destination.mapping.bounds import spend
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

    def error(self, message: str) -> MappingError:
        """An error that knows the directive and its place."""
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

    def watched(self, tell: Callable[[Expression, Any], None]) -> Resolver:
        """The template in a variant that tells what came of each of them."""
        ...


_PER_CHARACTER = 20
"""Steps for a character of a path or a template that an event has made: it is compiled for this event."""


@dataclass(frozen=True, slots=True)
class Directive:
    """One directive.

    Attributes:
        name: Its key, such as `@path`.
        validate: Takes the value, its place and the checker; raises `Invalid`.
        compile: Takes the value and the scope; never raises for what a value may be.
        foldable: Whether the result is a constant when all its parts are.
        portable: Whether Segment knows it. An export to Segment's format refuses the others.
        compile_clean: Like `compile`, for a result that goes right into the payload: without undefined keys, and
            sharing nothing with the event. None where it is cleaned afterwards.
        scalar: Whether the result never has parts, so that there is nothing to clean.
    """

    name: str
    validate: Validate
    compile: Callable[[Any, Scope], Resolver]
    foldable: bool = True
    portable: bool = True
    compile_clean: Callable[[Any, Scope], Resolver] | None = None
    scalar: bool = False


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

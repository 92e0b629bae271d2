"""How a mapping is validated: the rules that directives share, and the walk.

Segment collects every problem of the objects in a mapping, but does not look into lists. It checks the object under a
directive twice: first as a mapping, then, if that found nothing, key by key against the directive's rules. Messages and
order are Segment's.
"""

from collections.abc import Callable, Mapping
from typing import Any, Protocol, TypeAlias

from destination.records import dataclass
from destination.values import MISSING, ordered_items, quote, real_type_of, utf16_length

MappingPath: TypeAlias = tuple[str, ...]
"""A path in a mapping: the keys that lead there."""


def is_directive(value: dict[str, Any]) -> bool:
    """Returns whether an object is a directive: it has an `@` key, and no other keys but `_metadata`.

    Example:
        >>> is_directive({"@path": "$.a", "_metadata": {}}), is_directive({"@path": "$.a", "b": 1})
        (True, False)
    """
    found = False
    for key in value:
        if key.startswith("@"):
            found = True
        elif key != "_metadata":
            return False
    return found


def directive_name(value: dict[str, Any]) -> str:
    """Returns the key that names the directive: the first that begins with `@`."""
    return next(key for key in value if key.startswith("@"))


@dataclass(frozen=True, slots=True)
class MappingProblem:
    """A problem of a mapping, found when it is compiled.

    Attributes:
        message: Segment's sentence, which begins with the path as a pointer: `/a/@path should be …`.
        path: The keys that lead there.

    Example:
        >>> from destination.mapping import validate_mapping
        >>> [problem] = validate_mapping({"name": {"@path": 5}})
        >>> problem.path, problem.message
        (('name', '@path'), '/name/@path should be a string or a mapping directive but it is a number.')
    """

    message: str
    path: MappingPath = ()

    def __str__(self) -> str:
        return self.message


class Invalid(Exception):  # noqa: N818  never leaves this package: it carries problems from a rule to the walk
    """A part of a mapping is not valid."""

    def __init__(self, problems: list[MappingProblem]) -> None:
        super().__init__()
        self.problems = problems


def invalid(message: str, path: MappingPath) -> Invalid:
    """Makes one problem, in Segment's words."""
    return Invalid([MappingProblem(f"/{'/'.join(path)} {message}.", path)])


def kind_of(value: Any) -> str:
    """Returns the type of a value, `directive` for an object that has an `@` key."""
    if isinstance(value, dict) and any(key.startswith("@") for key in value):
        return "directive"
    return real_type_of(value)


def with_article(kind: str) -> str:
    """Returns `a string`, `an object`."""
    return f"{'an' if kind[0] in 'aeiou' else 'a'} {kind}"


Rule: TypeAlias = Callable[[Any, MappingPath], None]
"""Looks at a value and no deeper; raises `Invalid`."""


def string(value: Any, path: MappingPath) -> None:
    """Checks for a string."""
    kind = kind_of(value)
    if kind != "string":
        raise invalid(f"should be a string but it is {with_article(kind)}", path)


def boolean(value: Any, path: MappingPath) -> None:
    """Returns `true` or `false`."""
    kind = kind_of(value)
    if kind != "boolean":
        raise invalid(f"should be a boolean but it is {with_article(kind)}", path)


def array(value: Any, path: MappingPath) -> None:
    """Checks for a list, whatever it contains."""
    kind = real_type_of(value)
    if kind != "array":
        raise invalid(f"should be an array but it is {with_article(kind)}", path)


def raw(value: Any, path: MappingPath) -> None:
    """Checks for a directive or any JSON value."""
    kind = kind_of(value)
    if kind == "undefined":
        raise invalid(f"should be a mapping directive or a JSON value but it is {with_article(kind)}", path)


def string_or_directive(value: Any, path: MappingPath) -> None:
    """Checks for a string, or a directive that may return one."""
    kind = kind_of(value)
    if kind not in ("directive", "string"):
        raise invalid(f"should be a string or a mapping directive but it is {with_article(kind)}", path)


def object_or_directive(value: Any, path: MappingPath) -> None:
    """Checks for an object, or a directive that may return one."""
    kind = kind_of(value)
    if kind not in ("directive", "object"):
        raise invalid(f"should be a object or a mapping directive but it is {with_article(kind)}", path)


def string_of_length(minimum: int, maximum: int) -> Rule:
    """Makes the rule of a string of `minimum` to `maximum` UTF-16 code units."""

    def rule(value: Any, path: MappingPath) -> None:
        string(value, path)
        length = utf16_length(value)
        if length < minimum:
            raise invalid(f"should be a string of length {minimum} or greater", path)
        if length > maximum:
            raise invalid(f"should be a string of length {maximum} or less", path)

    return rule


def one_of(*allowed: str) -> Rule:
    """Makes the rule of one of some strings, in upper or lower case."""

    def rule(value: Any, path: MappingPath) -> None:
        string(value, path)
        if value.lower() not in allowed:
            raise invalid(f"should be one of {', '.join(allowed)} but it is {quote(value)}", path)

    return rule


@dataclass(frozen=True, slots=True)
class Key:
    """A key of a directive's object.

    Attributes:
        name: The key.
        rule: What its value must be.
        required: Whether it must be there.
    """

    name: str
    rule: Rule
    required: bool = False


Validate: TypeAlias = Callable[[Any, MappingPath, "Checker"], None]
"""A directive's validation: takes its value, its path and the walk, to look deeper; raises `Invalid`."""


class Validated(Protocol):
    """What can be validated: a directive."""

    @property
    def validate(self) -> Validate:
        """Its validation."""
        ...


class Checker:
    """The walk through a mapping, with the validations of the directives it knows."""

    def __init__(self, directives: Mapping[str, Validated]) -> None:
        self._directives = directives

    def problems(self, mapping: Any) -> list[MappingProblem]:
        """Returns all problems of a mapping, in Segment's order."""
        try:
            self.mapping(mapping, ())
        except Invalid as found:
            return found.problems
        return []

    def mapping(self, value: Any, path: MappingPath) -> None:
        """Checks any value: looks into objects and directives, not into lists."""
        kind = kind_of(value)
        if kind == "directive":
            self.directive(value, path)
        elif kind == "object":
            self.object(value, path)

    def directive(self, value: dict[str, Any], path: MappingPath) -> None:
        """Checks an object with an `@` key."""
        names = [key for key in value if key.startswith("@")]
        if len(names) > 1:
            raise invalid(f"should only have one @-prefixed key but it has {len(names)} keys", path)
        if not is_directive(value):
            raise invalid(f"should only have one @-prefixed key but it has {len(value)} keys", path)
        directive = self._directives.get(names[0])
        if directive is None:
            raise invalid(f"has an invalid directive: {names[0]}", path)
        directive.validate(value[names[0]], (*path, names[0]), self)

    def object(self, value: Any, path: MappingPath) -> None:
        """Checks an object that is not a directive: all problems under its keys."""
        kind = kind_of(value)
        if kind != "object":
            raise invalid(f"should be an object but it is {with_article(kind)}", path)
        problems: list[MappingProblem] = []
        for key, item in ordered_items(value):
            if isinstance(item, dict):
                try:
                    self.mapping(item, (*path, key))
                except Invalid as found:
                    problems += found.problems
        if problems:
            raise Invalid(problems)

    def keys(self, value: Any, keys: tuple[Key, ...], path: MappingPath) -> None:
        """Checks an object with keys that the directive knows; looks into other keys, too."""
        self.object(value, path)
        problems: list[MappingProblem] = []
        for key in keys:
            item = value.get(key.name, MISSING)
            try:
                if item is not MISSING:
                    key.rule(item, (*path, key.name))  # what lies deeper was found valid by `object`
                elif key.required:
                    raise invalid(f"should have field {quote(key.name)} but it doesn't", path)
            except Invalid as found:
                problems += found.problems
        if problems:
            raise Invalid(problems)

    def any(self, value: Any, path: MappingPath) -> None:
        """Checks a directive, or accepts any JSON value."""
        raw(value, path)
        self._deeper(value, path)

    def string(self, value: Any, path: MappingPath) -> None:
        """Checks a string, or a directive."""
        string_or_directive(value, path)
        self._deeper(value, path)

    def object_of(self, value: Any, path: MappingPath) -> None:
        """Checks an object or a directive."""
        object_or_directive(value, path)
        self.mapping(value, path)

    def _deeper(self, value: Any, path: MappingPath) -> None:
        if kind_of(value) == "directive":
            self.directive(value, path)

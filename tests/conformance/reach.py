"""What the committed vectors reach: directives inside directives, filters, tags, tokens, types with modifiers."""

import re
from collections.abc import Iterable, Iterator
from typing import Any

from destination.errors import FQLSyntaxError
from destination.fql import tokenize
from destination.values import real_type_of
from tests.conformance.generators.grids import MODIFIERS
from tests.conformance.vectors import Vector


def nested_directives(value: Any, outer: str | None = None) -> Iterator[tuple[str, str]]:
    """Pairs of a directive and one inside it, however many objects and lists lie between them."""
    if isinstance(value, list):
        for item in value:
            yield from nested_directives(item, outer)
    elif isinstance(value, dict):
        names = [key for key in value if isinstance(key, str) and key.startswith("@")]
        for key, item in value.items():
            is_directive = names == [key]
            if is_directive and outer is not None:
                yield outer, key
            yield from nested_directives(item, key if is_directive else outer)


def tags(template: str) -> set[str]:
    """The tags of a Liquid template."""
    return set(re.findall(r"{%-?\s*(\w+)", template))


def tokens(text: str) -> set[str]:
    """The types of the tokens of a trigger; none where the lexer refuses it."""
    try:
        return {token.type.value for token in tokenize(text)}
    except FQLSyntaxError:
        return set()


def field_cases(vectors: Iterable[Vector]) -> Iterator[tuple[str, str, str]]:
    """Type, modifier and the type of the value given, for each field of each payload."""
    for vector in vectors:
        fields, payload = vector.args.get("fields"), vector.args.get("payload")
        if not isinstance(fields, dict) or not isinstance(payload, dict):
            continue
        for key, field in fields.items():
            if isinstance(field, dict) and isinstance(field.get("type"), str) and key in payload:
                for modifier in MODIFIERS:
                    if all(field.get(name) for name in MODIFIERS[modifier]):
                        yield field["type"], modifier, real_type_of(payload[key])

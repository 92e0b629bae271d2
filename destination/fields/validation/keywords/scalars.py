"""Keywords for numbers and for strings."""

import operator
from collections.abc import Callable
from typing import Any, Final

from destination.errors import DefinitionError
from destination.fields.formats import ANY_TEXT, FORMATS, NumberFormat, TextFormat
from destination.fields.validation.nodes import Check, Node
from destination.values import number_to_string

_LIMITS: Final[dict[str, tuple[Callable[[float, float], bool], str]]] = {
    "maximum": (operator.gt, "<="),
    "minimum": (operator.lt, ">="),
    "exclusiveMaximum": (operator.ge, "<"),
    "exclusiveMinimum": (operator.le, ">"),
}
"""For each keyword, the comparison that fails it, and the sign in ajv's message."""


def _limit(keyword: str) -> Callable[[Node], Check]:
    beyond, sign = _LIMITS[keyword]

    def make(node: Node) -> Check:
        limit = node.schema[keyword]
        message = f"must be {sign} {number_to_string(limit)}"
        return node.check_when(keyword, limit, message, fails=lambda number: beyond(number, limit))

    return make


def _length(keyword: str, beyond: Callable[[float, float], bool], more: str) -> Callable[[Node], Check]:
    def make(node: Node) -> Check:
        limit = node.schema[keyword]
        message = f"must NOT have {more} than {number_to_string(limit)} characters"
        return node.check_when(keyword, limit, message, fails=lambda text: beyond(len(text), limit))

    return make


def _format(kind: type[TextFormat] | type[NumberFormat]) -> Callable[[Node], Check | None]:
    def make(node: Node) -> Check | None:
        name = node.schema["format"]
        if name not in FORMATS:
            raise DefinitionError(f'unknown format "{name}" ignored in schema at path "{node.path}"')
        form = FORMATS[name]
        if form is ANY_TEXT or not isinstance(form, kind) or not node.mode.coerce:
            return None  # ajv does not test formats when it validates a schema
        accepts: Callable[[Any], bool] = form.accepts
        return node.check_when("format", name, f'must match format "{name}"', fails=lambda data: not accepts(data))

    return make


NUMBER_KEYWORDS: Final[dict[str, Callable[[Node], Check | None]]] = {
    **{keyword: _limit(keyword) for keyword in _LIMITS},
    "format": _format(NumberFormat),
}
STRING_KEYWORDS: Final[dict[str, Callable[[Node], Check | None]]] = {
    "maxLength": _length("maxLength", operator.gt, "more"),
    "minLength": _length("minLength", operator.lt, "fewer"),
    "format": _format(TextFormat),
}

"""The committed vectors reach everything that there is: counted, not hoped for."""

from functools import cache
from itertools import product

from destination.fql import TokenType
from destination.mapping.directives import DIRECTIVES
from tests.conformance.figures import filters_in
from tests.conformance.generators.events import TIMESTAMPS
from tests.conformance.generators.fields import TYPES
from tests.conformance.generators.grids import GIVEN, MODIFIERS
from tests.conformance.generators.liquid_words import DISABLED_FILTERS, ENABLED_FILTERS
from tests.conformance.reach import field_cases, nested_directives, tags, tokens
from tests.conformance.vectors import VECTORS, Vector, read_vectors

TAGS = {
    "assign", "block", "break", "capture", "case", "comment", "continue", "cycle", "decrement", "echo", "else", "elsif",
    "for", "if", "include", "increment", "layout", "liquid", "raw", "render", "tablerow", "unless",
}  # fmt: skip


@cache
def recorded(op: str) -> list[Vector]:
    return [vector for vector in read_vectors(VECTORS) if vector.op == op]


def test_every_directive_stands_in_every_other() -> None:
    reached = {pair for one in recorded("mapping.transform") for pair in nested_directives(one.args["mapping"])}
    names = [name for name, directive in DIRECTIVES.items() if directive.portable]
    assert set(product(names, names)) - reached == set()


def test_every_type_meets_every_modifier_and_every_kind_of_value() -> None:
    reached = set(field_cases(recorded("schema.validate")))
    assert set(product(TYPES, MODIFIERS, GIVEN)) - reached == set()


def test_every_filter_is_used_whether_enabled_or_not() -> None:
    reached = {name for one in recorded("mapping.liquid") for name in filters_in(one)}
    assert {*ENABLED_FILTERS, *DISABLED_FILTERS} - {"nofilter", "Upcase", "type"} - reached == set()


def test_every_tag_is_used_whether_enabled_or_not() -> None:
    templates = [one.args["template"] for one in recorded("mapping.liquid")]
    reached = {name for text in templates if isinstance(text, str) for name in tags(text)}
    assert TAGS - reached == set()


def test_every_token_is_parsed() -> None:
    texts = [one.args["fql"] for one in recorded("fql.parse")]
    reached = {name for text in texts if isinstance(text, str) for name in tokens(text)}
    assert {kind.value for kind in TokenType} - reached == set()


def test_timestamps_stand_in_most_of_their_odd_forms() -> None:
    seen = {str(value) for op in ("schema.validate", "destination.on_event") for one in recorded(op)
            for value in _leaves(one.args)}  # fmt: skip
    missing = [value for value in TIMESTAMPS if isinstance(value, str) and value not in seen]
    assert len(missing) < len(TIMESTAMPS) / 10, missing


def _leaves(value: object) -> list[object]:
    if isinstance(value, dict):
        return [leaf for item in value.values() for leaf in _leaves(item)]
    if isinstance(value, list):
        return [leaf for item in value for leaf in _leaves(item)]
    return [value]

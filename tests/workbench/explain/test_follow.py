"""Positions before and after the fields have fitted a payload."""

from typing import Any

import pytest

from destination.fields import compile_fields, remove_empty_values
from destination.values import MISSING
from destination.workbench.explain.follow import Followed, follow
from destination.workbench.explain.locations import Position, value_at
from tests.workbench.explain.shop import FIELDS

FITTED = compile_fields({**FIELDS, "one": {"description": "", "label": "One", "type": "string"}})


def followed(raw: Any, position: Position) -> Followed:
    cleaned = remove_empty_values(raw, FITTED.schema, is_root=True)
    fitted, _ = FITTED.validator.examine(cleaned)
    found = follow(position, raw, cleaned, fitted)
    if found.position is not None:
        assert value_at(fitted, found.position) == found.fitted
    return found


@pytest.mark.parametrize(
    ("raw", "position", "value", "expected"),
    [
        ({"a": 5}, ("a",), "5", ("a",)),
        ({"p": {"x": "5", "y": 1}}, ("p", "x"), 5, ("p", "x")),
        ({"p": {"x": "5", "y": 1}}, ("p", "y"), MISSING, None),
        ({"x": "tag"}, ("x",), ["tag"], ("x",)),
        ({"x": [None, "s", "", 5]}, ("x", 3), "5", ("x", 2)),
        ({"x": [None, "s", "", 5]}, ("x", 0), MISSING, None),
        ({"one": ["s"]}, ("one", 0), "s", ("one",)),
        ({"one": ["s", "t"]}, ("one", 0), "s", ("one", 0)),  # it does not fit, and stays as it was
        ({"mapping": {"a": 5}}, ("mapping", "a"), "5", ("mapping", 0, "a")),
        ({"mapping": [{"a": 5}, {"a": "s", "c": 1}]}, ("mapping", 1, "c"), MISSING, None),
        ({"junk": {"a": [1]}}, ("junk", "a", 0), MISSING, None),
        ({"p": {"x": None}}, ("p", "x"), MISSING, None),
    ],
)
def test_positions_are_followed(raw: Any, position: Position, value: Any, expected: Position | None) -> None:
    found = followed({"a": "s", **raw}, position)
    assert (found.fitted, found.position) == (value, expected)

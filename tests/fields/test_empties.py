"""The removal of empty values."""

from typing import Any

import pytest

from destination.errors import DefinitionError
from destination.fields import remove_empty_values
from destination.values import MISSING
from tests.fields.support import coerce_and_validate, messages, one, value

Schema = dict[str, Any]


def test_blank_text_goes_from_the_root_whatever_the_type() -> None:
    assert value("string", "") is ...
    assert value("number", "") is ...
    assert coerce_and_validate(one("string"), {"unknown": ""}) == {}


def test_blank_text_in_a_required_field_is_a_missing_field() -> None:
    assert messages(one("string", required=True), {"f": ""}) == ["The root value is missing the required field 'f'."]


def test_blank_text_in_a_batch_stays_in_a_string() -> None:
    assert coerce_and_validate(one("string"), {"f": ""}, is_root=False) == {"f": ""}
    assert coerce_and_validate(one("number"), {"f": ""}, is_root=False) == {}


def test_null_goes_unless_it_is_allowed() -> None:
    assert value("string", None) is ...
    assert value("string", None, allowNull=True) is None
    assert value("string", None, multiple=True, allowNull=True) is ...


def test_an_inner_object_keeps_blank_text_in_strings() -> None:
    properties = {
        "s": {"label": "S", "type": "string"},
        "n": {"label": "N", "type": "number"},
        "o": {"label": "O", "type": "object"},
    }
    given = {"s": "", "n": "", "o": None}
    assert value("object", given, properties=properties) == {"s": ""}


def test_an_object_in_a_list_is_not_cleaned() -> None:
    fields = one("object", multiple=True, properties={"a": {"label": "A", "type": "number"}})
    assert messages(fields, {"f": [{"a": ""}]}) == ["A must be a number but it was a string."]
    assert coerce_and_validate(fields, {"f": [{"a": None}, None, ""]}) == {"f": [{"a": 0}]}


def test_empty_items_of_a_list_go() -> None:
    assert value("string", [None, ""], multiple=True) == [""]
    assert value("number", ["1", "", None, 2], multiple=True) == [1, 2]
    assert value("datetime", ["", None, 5], multiple=True) == ["", 5]


def test_a_list_in_a_single_field_is_left_alone() -> None:
    assert remove_empty_values({"f": [None, ""]}, {"type": "object", "properties": {"f": {"type": "string"}}}) == {
        "f": [None, ""]
    }


def test_without_a_type_or_choices_nothing_is_removed() -> None:
    schema: Schema = {"type": "object", "properties": {"a": {}, "b": {"enum": ["x"]}}}
    assert remove_empty_values({"a": None, "b": None, "c": None}, schema) == {"a": None, "c": None}
    assert remove_empty_values({"a": None}, None) == {"a": None}
    assert remove_empty_values({"a": None}, {}) == {"a": None}


@pytest.mark.parametrize(
    ("given", "schema", "expected"),
    [
        (None, {"type": "string"}, MISSING),
        (None, {"type": ["string", "null"]}, None),
        ("", {"type": "number"}, MISSING),
        ("", {"type": ["number", "string"]}, ""),
        ("x", {"type": "number"}, "x"),
        (0, {"type": "string"}, 0),
        ([None], {"type": "array"}, [None]),
        ([None, 1], {"type": "array", "items": {"type": "number"}}, [1]),
        ([None, 1], {"type": "array", "items": {}}, [None, 1]),
        ({"a": None}, {"type": "object"}, {"a": None}),
        (MISSING, {"type": "object"}, MISSING),
    ],
)
def test_single_values(given: Any, schema: Schema, expected: Any) -> None:
    assert remove_empty_values(given, schema) == expected


def test_what_has_nothing_empty_comes_back_itself() -> None:
    schema: Schema = {"type": "object", "properties": {"a": {"type": "array", "items": {"type": "string"}}}}
    payload = {"a": ["x"]}
    assert remove_empty_values(payload, schema) is payload


def test_the_value_given_is_not_changed() -> None:
    schema: Schema = {
        "type": "object",
        "properties": {"o": {"type": "object", "properties": {"n": {"type": "number"}}}},
    }
    payload = {"o": {"n": None, "m": 1}, "x": ""}
    assert remove_empty_values(payload, schema, is_root=True) == {"o": {"m": 1}}
    assert payload == {"o": {"n": None, "m": 1}, "x": ""}


def test_undefined_members_go() -> None:
    schema: Schema = {"type": "object", "properties": {}}
    assert remove_empty_values({"a": MISSING, "b": 1}, schema) == {"b": 1}


def test_several_members_of_an_object_are_cleaned() -> None:
    inner: Schema = {"type": "array", "items": {"type": "number"}}
    schema: Schema = {"type": "object", "properties": {"a": inner, "b": inner}}
    assert remove_empty_values({"a": [None, 1], "b": [2, ""]}, schema) == {"a": [1], "b": [2]}


def test_a_schema_that_is_too_deep_is_refused() -> None:
    schema: Schema = {"type": "string"}
    for _ in range(3000):
        schema = {"type": "object", "properties": {"a": schema}}
    with pytest.raises(DefinitionError, match="nest too deeply"):
        remove_empty_values({}, schema)

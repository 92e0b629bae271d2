"""Conversions, as ajv makes them with `coerceTypes: "array"`."""

import math
from typing import Any

import pytest

from destination.errors import SchemaValidationError
from tests.fields.support import coerce_and_validate, messages, one, refusal, value


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        (5, "5"),
        (1.5, "1.5"),
        (1e21, "1e+21"),
        (True, "true"),
        (False, "false"),
        (["x"], "x"),
        ([5], "5"),
        ([None], ""),
        ([True], "true"),
    ],
)
def test_strings_are_made_of_scalars_and_of_lists_with_one(given: Any, expected: str) -> None:
    assert value("string", given) == expected


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        (" ", 0),
        ("0x10", 16),
        ("5.", 5),
        ("-0", 0),
        ("1e3", 1000),
        (True, 1),
        (False, 0),
        ([2], 2),
        (["2"], 2),
        ([None], 0),
        (7, 7),
        (0.5, 0.5),
    ],
)
def test_numbers_are_made_of_text_as_javascript_reads_it(given: Any, expected: float) -> None:
    assert value("number", given) == expected


def test_infinity_in_text_is_a_number() -> None:
    assert math.isinf(value("number", "Infinity"))


def test_infinity_in_text_is_an_integer() -> None:
    assert math.isinf(value("integer", "Infinity"))


def test_infinity_itself_is_no_number() -> None:
    assert refusal("number", math.inf) == "F must be a number but it was a number."
    assert refusal("number", math.nan) == "F must be a number but it was a number."


@pytest.mark.parametrize(("given", "expected"), [("5", 5), ("5.0", 5), (5.0, 5), (True, 1), ([3], 3), ("1e2", 100)])
def test_integers_are_made_of_whole_numbers(given: Any, expected: int) -> None:
    assert value("integer", given) == expected


@pytest.mark.parametrize("given", ["x", "1,5", "1_0", "NaN", {}, [1, 2], [[1]], ["x"]])
def test_what_is_no_number_is_told(given: Any) -> None:
    kind: dict[type, str] = {str: "a string", dict: "an object", list: "an array"}
    seen = given[0] if isinstance(given, list) and len(given) == 1 else given
    assert refusal("number", given) == f"F must be a number but it was {kind[type(seen)]}."


@pytest.mark.parametrize("given", ["1.5", 1.5, "x"])
def test_what_is_no_integer_is_told(given: Any) -> None:
    kind = "a string" if isinstance(given, str) else "a number"
    assert refusal("integer", given) == f"F must be an integer but it was {kind}."


@pytest.mark.parametrize(
    ("given", "expected"), [("true", True), ("false", False), (1, True), (0, False), ([None], False), ([1], True)]
)
def test_booleans_are_made_of_few_values(given: Any, expected: bool) -> None:
    assert value("boolean", given) is expected


@pytest.mark.parametrize("given", ["True", "yes", "1", 2, -1, {}, []])
def test_other_values_are_no_booleans(given: Any) -> None:
    assert refusal("boolean", given).startswith("F must be a boolean but it was ")


@pytest.mark.parametrize("given", ["x", 5, True, [], [{}], ["x"]])
def test_objects_are_made_of_nothing(given: Any) -> None:
    assert refusal("object", given).startswith("F must be an object but it was ")


def test_an_object_in_a_list_is_not_unwrapped() -> None:
    assert refusal("object", [{"a": 1}]) == "F must be an object but it was an array."


def test_an_item_of_the_right_type_fails_where_two_types_are_allowed() -> None:
    assert refusal("datetime", ["2023-01-01"]) == "F must be a string or number but it was a string."
    assert value("datetime", [1]) == "1"
    assert refusal("boolean", [True], allowNull=True) == "F must be a boolean or null but it was a boolean."
    assert value("boolean", [1], allowNull=True) is True


def test_types_are_tried_in_order() -> None:
    assert value("string", [""], allowNull=True) is None
    assert value("string", 0, allowNull=True) == "0"
    assert value("string", False, allowNull=True) == "false"
    assert value("number", [None], allowNull=True) == 0
    assert value("object", 0, allowNull=True) is None
    assert value("object", False, allowNull=True) is None


def test_null_is_kept_where_it_is_allowed() -> None:
    assert value("string", None, allowNull=True) is None
    assert value("object", None, allowNull=True) is None


def test_properties_make_an_object_refuse_null_again() -> None:
    properties = {"a": {"label": "A", "type": "string"}}
    assert value("object", None, allowNull=True, properties=properties) is ...


def test_one_value_becomes_a_list_of_one() -> None:
    assert value("string", "x", multiple=True) == ["x"]
    assert value("number", "5", multiple=True) == [5]
    assert value("object", {"a": 1}, multiple=True) == [{"a": 1}]
    assert value("string", [["x"], 5], multiple=True) == ["x", "5"]


def test_a_list_is_wanted_inside_an_object_too() -> None:
    fields = one("object", properties={"a": {"label": "A", "type": "string", "multiple": True}})
    assert coerce_and_validate(fields, {"f": {"a": 5}}) == {"f": {"a": ["5"]}}
    assert messages(fields, {"f": {"a": {}}}) == ["A must be an array but it was an object."]


def test_whole_numbers_beyond_a_double_stay_as_they_are() -> None:
    assert value("number", 2**53 + 1) == 2**53 + 1
    assert value("string", 2**53 + 1) == "9007199254740992"


def test_unknown_keys_go_at_the_root_and_where_there_are_properties() -> None:
    properties = {"a": {"label": "A", "type": "string"}}
    fields = {
        "closed": {"label": "C", "type": "object", "properties": properties},
        "open": {"label": "O", "type": "object", "properties": properties, "additionalProperties": True},
        "free": {"label": "F", "type": "object"},
    }
    inner = {"a": "x", "b": None}
    assert coerce_and_validate(fields, {"closed": inner, "open": inner, "free": inner, "more": 1}) == {
        "closed": {"a": "x"},
        "open": inner,
        "free": inner,
    }


def test_more_properties_can_have_a_schema_of_their_own() -> None:
    properties = {"a": {"label": "A", "type": "string"}}
    fields = one("object", properties=properties, additionalProperties={"type": "number"})
    assert coerce_and_validate(fields, {"f": {"a": "x", "b": "5", "c": 1}}) == {"f": {"a": "x", "b": 5, "c": 1}}
    assert messages(fields, {"f": {"b": "x", "1": "y"}}) == [
        "The value at /f/1 must be a number but it was a string.",
        "The value at /f/b must be a number but it was a string.",
    ]


def test_dynamic_auth_settings_stay_whatever_the_fields_are() -> None:
    assert coerce_and_validate(one("string"), {"f": "x", "dynamicAuthSettings": {"oauth": 1}}) == {
        "f": "x",
        "dynamicAuthSettings": {"oauth": 1},
    }
    fields = {"dynamicAuthSettings": {"label": "D", "type": "string"}}
    assert coerce_and_validate(fields, {"dynamicAuthSettings": 5}) == {"dynamicAuthSettings": 5}


def test_an_exempt_object_with_a_field_of_its_own_is_converted_inside() -> None:
    properties = {"a": {"label": "A", "type": "string"}}
    fields = {"dynamicAuthSettings": {"label": "D", "type": "object", "properties": properties}}
    assert coerce_and_validate(fields, {"dynamicAuthSettings": {"a": 5, "b": 1}}) == {"dynamicAuthSettings": {"a": "5"}}
    several = {"dynamicAuthSettings": {"label": "D", "type": "object", "multiple": True, "properties": properties}}
    assert coerce_and_validate(several, {"dynamicAuthSettings": {"a": 5, "b": 1}}) == {
        "dynamicAuthSettings": {"a": "5"}
    }


def test_what_every_object_inherits_counts_as_given() -> None:
    fields = {"toString": {"label": "T", "type": "string", "required": True}}
    assert messages(fields, {}) == ["T must be a string but it was a function."]
    assert coerce_and_validate(fields, {"toString": 5}) == {"toString": "5"}


@pytest.mark.parametrize(
    ("payload", "found"),
    [([], "an array"), ("x", "a string"), (5, "a number"), (True, "a boolean"), ([{}], "an array")],
)
def test_a_payload_that_is_no_object_is_refused(payload: Any, found: str) -> None:
    assert messages(one("string"), payload) == [f"The root value must be an object but it was {found}."]


def test_nothing_is_ever_changed_in_place() -> None:
    inner = {"a": 5, "extra": 1}
    payload: dict[str, Any] = {"f": [inner], "g": {"a": "5"}}
    properties = {"a": {"label": "A", "type": "string"}}
    fields = {
        "f": {"label": "F", "type": "object", "multiple": True, "properties": properties},
        "g": {"label": "G", "type": "object", "properties": {"a": {"label": "A", "type": "number"}}},
    }
    assert coerce_and_validate(fields, payload) == {"f": [{"a": "5"}], "g": {"a": 5}}
    assert payload == {"f": [{"a": 5, "extra": 1}], "g": {"a": "5"}}
    assert payload["f"][0] is inner


def test_a_payload_as_deep_as_can_be_is_no_trouble() -> None:
    deep: Any = []
    for _ in range(100_000):
        deep = [deep]
    fitted = coerce_and_validate(one("object"), {"f": {"a": deep}})
    assert fitted["f"]["a"] is deep
    with pytest.raises(SchemaValidationError, match="must be a string but it was an array"):
        coerce_and_validate(one("string"), {"f": deep})

"""The sentences of validation errors, and their order."""

from typing import Any

import pytest

from destination.errors import SchemaValidationError
from destination.fields import ValidationFinding, compile_fields, compile_schema
from destination.fields.validation.findings import json_path
from tests.fields.support import Json, coerce_and_validate, messages, one, refusal

ITEMS: Json = {
    "items": {
        "label": "Items",
        "type": "object",
        "multiple": True,
        "properties": {
            "a.b": {"label": "", "type": "number"},
            "c/d~e": {"label": "C", "type": "string", "required": True},
        },
    }
}


def test_a_message_begins_with_the_label_or_the_place() -> None:
    assert messages(ITEMS, {"items": [{"a.b": "x"}, 5]}) == [
        "The value at /items/0 is missing the required field 'c/d~e'.",
        "The value at /items/0/a.b must be a number but it was a string.",
        "The value at /items/1 must be an object but it was a number.",
    ]


def test_a_finding_tells_its_place_in_two_ways() -> None:
    with pytest.raises(SchemaValidationError) as caught:
        coerce_and_validate(ITEMS, {"items": [{"a.b": "x", "c/d~e": {}}]})
    assert caught.value.errors == [
        ValidationFinding(
            "The value at /items/0/a.b must be a number but it was a string.", "$.items[0].a\\.b", "/items/0/a.b"
        ),
        ValidationFinding("C must be a string but it was an object.", "$.items[0].c/d~e", "/items/0/c~1d~0e"),
    ]
    assert str(caught.value) == (
        "The value at /items/0/a.b must be a number but it was a string. C must be a string but it was an object."
    )
    assert caught.value.status == 400


def test_every_reason_is_told_required_fields_first() -> None:
    fields = {
        "b": {"label": "B", "type": "number", "required": True},
        "a": {"label": "A", "type": "number"},
        "10": {"label": "Ten", "type": "boolean", "required": True},
        "c": {"label": "C", "type": "string", "required": True, "format": "email", "maximum": 2},
    }
    assert messages(fields, {"a": "x", "c": "abc"}) == [
        "The root value is missing the required field '10'.",
        "The root value is missing the required field 'b'.",
        "A must be a number but it was a string.",
        "C must be 2 characters or fewer but it was 3 characters.",
        "C must be a valid email address string but it was not.",
    ]


@pytest.mark.parametrize(
    ("label", "start"),
    [("goal name", "Goal name"), ("ß", "SS"), ("𐐨", "𐐨"), ("élan", "Élan"), ("", "The value at /f")],
)
def test_a_message_begins_with_a_capital(label: str, start: str) -> None:
    assert messages({"f": {"label": label, "type": "number"}}, {"f": "x"}) == [
        f"{start} must be a number but it was a string."
    ]


def test_lengths_are_tested_and_told_differently() -> None:
    assert coerce_and_validate(one("string", maximum=3), {"f": "🎉🎉🎉"}) == {"f": "🎉🎉🎉"}
    assert refusal("string", "🎉🎉🎉", maximum=2) == "F must be 2 characters or fewer but it was 6 characters."
    assert refusal("string", "x", minimum=2) == "F must be 2 characters or more but it was 1 character."
    assert refusal("string", "xx", maximum=1) == "F must be 1 character or fewer but it was 2 characters."


def test_limits_of_numbers() -> None:
    assert refusal("number", "0.5", minimum=1.5) == "F must be equal to or greater than 1.5."
    assert refusal("number", 9, maximum=5) == "F must be equal to or less than 5."


def test_limits_of_zero_are_ignored() -> None:
    assert coerce_and_validate(one("number", minimum=0, maximum=0), {"f": -5}) == {"f": -5}
    assert coerce_and_validate(one("string", maximum=0), {"f": "x"}) == {"f": "x"}


def test_integers_have_no_limits() -> None:
    assert coerce_and_validate(one("integer", minimum=5, maximum=1), {"f": 1}) == {"f": 1}


@pytest.mark.parametrize(
    ("choices", "allow_null", "words"),
    [
        (["x"], False, '"x"'),
        (["x", "y"], False, '"x" or "y"'),
        (["x", {"label": "Five", "value": 5}], True, '"x", 5, or null'),
        ([{"label": "List", "value": [1, {"a": "é"}]}], False, '[1,{"a":"é"}]'),
    ],
)
def test_choices(choices: list[Any], allow_null: bool, words: str) -> None:
    assert refusal("string", "z", choices=choices, allowNull=allow_null) == f"F must be one of: {words}."


def test_choices_of_a_list_are_those_of_its_items() -> None:
    assert refusal("string", ["x", "z"], multiple=True, choices=["x"]) == 'The value at /f/1 must be one of: "x".'
    assert coerce_and_validate(one("number", multiple=True, choices=[{"label": "5", "value": 5}]), {"f": ["5"]}) == {
        "f": [5]
    }


@pytest.mark.parametrize(
    ("form", "words"),
    [
        ("uri", "URI"),
        ("date-time", "date and time"),
        ("regex", "regular expression"),
        ("uuid", "uuid"),
        ("ipv6", "IPv6 address"),
    ],
)
def test_formats(form: str, words: str) -> None:
    assert refusal("string", "(", format=form) == f"F must be a valid {words} string but it was not."


def test_dates_are_called_date_like() -> None:
    assert refusal("datetime", "foo") == "F must be a valid date-like string but it was not."


def test_a_format_of_numbers_does_not_look_at_text() -> None:
    assert coerce_and_validate(one("string", format="int32"), {"f": "x"}) == {"f": "x"}
    assert refusal("number", 1.5, format="int32") == "F must be a valid int32 string but it was not."
    assert refusal("number", 2**31, format="int32") == "F must be a valid int32 string but it was not."
    assert coerce_and_validate(one("number", format="float"), {"f": 1.5}) == {"f": 1.5}
    assert refusal("number", 1.5, format="int64") == "F must be a valid int64 string but it was not."


@pytest.mark.parametrize(
    ("schema", "data", "expected"),
    [
        ({"const": [1]}, 1, ["The root value must be equal to constant."]),
        ({"not": {"type": "object"}}, {}, ["The root value must NOT be valid."]),
        ({"not": {}}, 5, ["The root value must NOT be valid."]),
        (
            {"anyOf": [{"const": 1}, {"const": 2}], "title": "t"},
            3,
            ["The root value must be equal to constant."] * 2 + ["T must match a schema in anyOf."],
        ),
        (
            {"oneOf": [{"const": 1}, {"enum": [1, 2]}]},
            1,
            ["The root value must match exactly one schema in oneOf."],
        ),
        (
            {"oneOf": [{"const": 1}, False]},
            2,
            [
                "The root value must be equal to constant.",
                "The root value boolean schema is false.",
                "The root value must match exactly one schema in oneOf.",
            ],
        ),
        (
            {"if": {"const": 1}, "then": {"const": 2}, "else": {"const": 3}},
            1,
            ["The root value must be equal to constant.", 'The root value must match "then" schema.'],
        ),
        (
            {"if": {"const": 1}, "then": {"const": 2}, "else": {"const": 3}},
            2,
            ["The root value must be equal to constant.", 'The root value must match "else" schema.'],
        ),
        ({"exclusiveMinimum": 1}, 1, ["The root value must be greater than 1."]),
        ({"exclusiveMaximum": 1}, 1, ["The root value must be less than 1."]),
        ({"minItems": 2}, [1], ["The root value must have 2 or more items but it has 1."]),
        ({"maxItems": 1}, [1, 2], ["The root value must have 1 or fewer items but it has 2."]),
        (
            {"uniqueItems": True},
            [1, [2], True, [2], 1],
            ["The root value must be unique but elements 0 and 4 are the same."],
        ),
        (
            {"uniqueItems": True, "items": {"type": "number"}},
            [1, 2, 2, 1],
            ["The root value must be unique but elements 2 and 1 are the same."],
        ),
    ],
)
def test_sentences_of_other_keywords(schema: Json, data: Any, expected: list[str]) -> None:
    with pytest.raises(SchemaValidationError) as caught:
        compile_schema(schema).validate(data)
    assert [finding.message for finding in caught.value.errors] == expected


@pytest.mark.parametrize(
    ("schema", "data"),
    [
        ({"oneOf": [{"const": 1}, {"const": 2}]}, 1),
        ({"anyOf": [{"const": 1}, True]}, 5),
        ({"allOf": [{}, True]}, 5),
        ({"if": {"const": 1}, "then": {}, "else": True}, 1),
        ({"if": True, "then": {"const": 1}}, 1),
        ({"if": {"const": 1}, "else": {"const": 2}}, 1),
        ({"uniqueItems": False}, [1, 1]),
        ({"uniqueItems": True, "items": {"type": ["string", "null"]}}, ["1", "2", None]),
        ({"items": True, "properties": {"a": True}, "additionalProperties": {}}, {"b": 1}),
        ({"required": [], "properties": {}}, {}),
        ({"required": ["toString"]}, {}),
        ({"type": "object", "properties": {"__proto__": False}}, {}),
    ],
)
def test_other_keywords_that_are_content(schema: Json, data: Any) -> None:
    assert compile_schema(schema).validate(data) == data


def test_json_paths() -> None:
    assert json_path("/a/0/b.c/~0~1") == "$.a[0].b\\.c.~/"


def test_a_long_list_of_choices_may_hold_what_has_no_value() -> None:
    choices = [5, *(str(number) for number in range(300))]
    assert refusal("string", "x", choices=choices).startswith('F must be one of: , "0", ')
    assert refusal("string", "x", choices=[*choices[1:], 5]).endswith('"299", or undefined.')
    assert compile_fields(one("string", choices=choices)).clean_and_validate({"f": "7"}) == {"f": "7"}

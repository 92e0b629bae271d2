"""Fields as a JSON Schema."""

from typing import Any

import pytest

from destination.errors import DefinitionError, DestinationError, EngineTypeError
from destination.fields import InputField, compile_fields, fields_to_json_schema
from destination.values import MISSING
from tests.fields.support import Json, coerce_and_validate, messages, one


def schema_of(kind: str, **more: Any) -> Json:
    schema: Json = fields_to_json_schema(one(kind, **more))["properties"]["f"]
    return schema


@pytest.mark.parametrize(
    ("kind", "expected"),
    [
        ("string", {"type": "string"}),
        ("text", {"type": "string", "format": "text"}),
        ("password", {"type": "string", "format": "password"}),
        ("number", {"type": "number"}),
        ("integer", {"type": "integer"}),
        ("boolean", {"type": "boolean"}),
        ("object", {"type": "object"}),
        ("datetime", {"type": ["string", "number"], "format": "date-like"}),
    ],
)
def test_types(kind: str, expected: Json) -> None:
    assert schema_of(kind) == {"title": "F", **expected}


def test_the_whole_of_a_schema() -> None:
    fields = {"b": InputField(label="B", type="string", required=True, description="d", default=None), **one("number")}
    assert fields_to_json_schema(fields) == {
        "$schema": "http://json-schema.org/schema#",
        "type": "object",
        "additionalProperties": False,
        "properties": {
            "b": {"title": "B", "description": "d", "type": "string", "default": None},
            "f": {"title": "F", "type": "number"},
        },
        "required": ["b"],
    }


def test_fields_come_in_the_order_of_javascript() -> None:
    field = {"label": "x", "type": "string", "required": True}
    schema = fields_to_json_schema({"b": field, "10": field, "9": field})
    assert list(schema["properties"]) == schema["required"] == ["9", "10", "b"]


def test_a_type_has_its_own_format() -> None:
    assert schema_of("text", format="uri")["format"] == "text"
    assert schema_of("string", format="uri")["format"] == "uri"


def test_limits_are_lengths_of_strings() -> None:
    assert schema_of("string", minimum=1, maximum=0) == {"title": "F", "type": "string", "minLength": 1}
    assert schema_of("number", minimum=0, maximum=2) == {"title": "F", "type": "number", "maximum": 2}
    assert schema_of("integer", minimum=1, maximum=2) == {"title": "F", "type": "integer"}
    assert schema_of("text", minimum=1) == {"title": "F", "type": "string", "format": "text"}


def test_null_is_one_more_type_and_choice() -> None:
    assert schema_of("string", allowNull=True, choices=["a"]) == {
        "title": "F",
        "type": ["string", "null"],
        "enum": ["a", None],
    }
    assert schema_of("datetime", allowNull=True)["type"] == ["string", "number", "null"]


def test_several_values_are_items() -> None:
    assert schema_of("datetime", multiple=True, choices=["a"], maximum=2) == {
        "title": "F",
        "type": "array",
        "format": "date-like",
        "items": {"type": ["string", "number"], "enum": ["a"]},
    }


PROPERTIES = {"a": {"label": "A", "type": "string", "required": True}}
INNER = {
    "$schema": "http://json-schema.org/schema#",
    "type": "object",
    "additionalProperties": False,
    "properties": {"a": {"title": "A", "type": "string"}},
    "required": ["a"],
}


def test_properties_make_a_schema_of_their_own() -> None:
    assert schema_of("object", properties=PROPERTIES, allowNull=True) == {"title": "F", **INNER}
    assert schema_of("object", properties=PROPERTIES, multiple=True) == {"title": "F", "type": "array", "items": INNER}
    assert schema_of("object", properties=PROPERTIES, additionalProperties=True)["additionalProperties"] is True


def test_properties_of_other_types_count_for_nothing() -> None:
    assert schema_of("string", properties=PROPERTIES) == {"title": "F", "type": "string"}


def test_options() -> None:
    fields = one("datetime", required={"conditions": [{"fieldKey": "g", "operator": "is", "value": 1}]})
    assert fields_to_json_schema(fields, additional_properties=True, additional_schema={"title": "t"}) == {
        "$schema": "http://json-schema.org/schema#",
        "type": "object",
        "additionalProperties": True,
        "properties": {"f": {"title": "F", "type": ["string", "number"], "format": "date-like"}},
        "required": [],
        "allOf": [{"if": {"required": ["g"], "properties": {"g": {"const": 1}}}, "then": {"required": ["f"]}}],
        "title": "t",
    }
    assert "required" not in fields_to_json_schema(fields, omit_required=True)
    noted = fields_to_json_schema({"f": {**fields["f"], "allowNull": True}}, ts_type=True)
    assert noted["properties"]["f"]["tsType"] == "string | number | null"
    assert "allOf" not in noted
    assert noted["required"] == []


# --- conditions ------------------------------------------------------------------------------------------


def rules(*conditions: Json, match: str | None = None) -> Any:
    required: Json = {"conditions": list(conditions)} | ({"match": match} if match else {})
    return fields_to_json_schema(one("string", required=required))["allOf"]


def on(key: str, operator: str, *given: Any) -> Json:
    return {"fieldKey": key, "operator": operator} | ({"value": given[0]} if given else {})


THEN = {"required": ["f"]}
NULL_G = {"properties": {"g": {"type": "null"}}}
G_IS_X = {"properties": {"g": {"const": "x"}}, "required": ["g"]}
G_IS_NOT_X = {"properties": {"g": {"not": {"const": "x"}}}, "required": ["g"]}


@pytest.mark.parametrize(
    ("condition", "expected"),
    [
        (on("g", "is", "x"), G_IS_X),
        (on("g", "is_not", "x"), G_IS_NOT_X),
        (on("g", "is", None), {"properties": {"g": {"const": None}}, "required": ["g"]}),
        (on("g", "is"), {"anyOf": [{"not": {"required": ["g"]}}, NULL_G]}),
        (on("g", "is_not"), {"allOf": [{"required": ["g"]}, {"not": NULL_G}]}),
        (
            on("o.a", "is", 5),
            {"properties": {"o": {"properties": {"a": {"const": 5}}, "required": ["a"]}}, "required": ["o"]},
        ),
        (on("o.a.b", "is"), {"properties": {"o": {"properties": {"a": {}}, "required": ["a"]}}, "required": ["o"]}),
        (
            on("o.a", "is_not"),
            {"properties": {"o": {"properties": {"a": {"not": {}}}, "required": ["a"]}}, "required": ["o"]},
        ),
    ],
)
def test_one_condition(condition: Json, expected: Json) -> None:
    assert rules(condition) == [{"if": expected, "then": THEN}]


def test_several_conditions() -> None:
    branches = [G_IS_X, {"not": {"required": ["h"]}}, {"required": ["h"]}]
    conditions = (on("g", "is", "x"), on("h", "is"), on("h", "is_not"))
    assert rules(*conditions) == [{"if": {"allOf": branches}, "then": THEN}]
    assert rules(*conditions, match="all") == [{"if": {"allOf": branches}, "then": THEN}]
    assert rules(*conditions, match="any") == [{"if": {"anyOf": branches}, "then": THEN}]


def nested(*conditions: Json) -> Json:
    """Object o whose property `a` is required, and whose `b` is required under conditions."""
    b = {"label": "B", "type": "string", "required": {"conditions": list(conditions)}}
    return {
        "o": {"label": "O", "type": "object", "properties": {**PROPERTIES, "b": b}},
        "g": {"label": "G", "type": "number"},
    }


def test_a_condition_inside_an_object_frees_it_all() -> None:
    schema = fields_to_json_schema(nested(on("g", "is", 1)))
    assert "required" not in schema["properties"]["o"]
    assert schema["allOf"] == [
        {
            "if": {"required": ["g"], "properties": {"g": {"const": 1}}},
            "then": {"required": ["o"], "properties": {"o": {"required": ["b"]}}},
        }
    ]
    assert coerce_and_validate(nested(on("g", "is", 1)), {"o": {}}) == {"o": {}}
    assert messages(nested(on("g", "is", 1)), {"o": {}, "g": 1}) == [
        "The value at /o is missing the required field 'b'.",
        'The root value must match "then" schema.',
    ]


def test_several_conditions_require_a_dotted_key_literally() -> None:
    conditions = on("g", "is", 1), on("g", "is_not", 2)
    assert fields_to_json_schema(nested(*conditions))["allOf"][0]["then"] == {"required": ["o.b"]}
    assert messages(nested(*conditions), {"o": {"b": "x"}, "g": 1}) == [
        "The root value is missing the required field 'o.b'.",
        'The root value must match "then" schema.',
    ]


def test_a_missing_field_under_a_condition_takes_two_sentences() -> None:
    fields = one("string", required={"conditions": [on("g", "is_not")]}) | {"g": {"label": "G", "type": "string"}}
    assert messages(fields, {"g": "x"}) == [
        "The root value is missing the required field 'f'.",
        'The root value must match "then" schema.',
    ]
    assert coerce_and_validate(fields, {}) == {}
    assert coerce_and_validate(fields, {"g": "x", "f": "y"}) == {"g": "x", "f": "y"}


def test_a_condition_sees_values_before_they_are_converted() -> None:
    fields = one("string", required={"conditions": [on("g", "is", 5)]}) | {"g": {"label": "G", "type": "number"}}
    assert coerce_and_validate(fields, {"g": "5"}) == {"g": 5}
    assert messages(fields, {"g": 5})[0] == "The root value is missing the required field 'f'."


def test_a_condition_turns_a_zero_into_null() -> None:
    fields = one("string", required={"conditions": [on("g", "is")]}) | {"g": {"label": "G", "type": "datetime"}}
    assert messages(fields, {"g": 0}) == [
        "The root value is missing the required field 'f'.",
        'The root value must match "then" schema.',
        "G must be a valid date-like string but it was not.",
    ]
    with_text = fields | {"g": {"label": "G", "type": "boolean", "choices": ["", "x"], "allowNull": True}}
    assert coerce_and_validate(with_text, {"g": False, "f": "x"}) == {"g": None, "f": "x"}
    assert coerce_and_validate(with_text, {"g": [0], "f": "x"}) == {"g": None, "f": "x"}


# --- what cannot be ---------------------------------------------------------------------------------------


@pytest.mark.parametrize("conditions", [[on("g", "isnt", 1)], [on("g", "isnt")], [on("a.b", "isnt", 1)]])
def test_an_unknown_operator_is_an_error_of_the_definition(conditions: list[Json]) -> None:
    with pytest.raises(DefinitionError) as caught:
        compile_fields(one("string", required={"conditions": conditions}))
    assert str(caught.value) == "Unsupported conditionally required field operator: isnt"


def test_among_several_conditions_an_unknown_operator_means_is_not() -> None:
    assert rules(on("g", "isnt", "x"), on("g", "is", "x")) == [{"if": {"allOf": [G_IS_NOT_X, G_IS_X]}, "then": THEN}]
    with pytest.raises(DefinitionError, match="operator: undefined"):
        rules({"fieldKey": "g"}, on("g", "is", "x"))


@pytest.mark.parametrize(
    "fields",
    [
        one("string", choices=[None]),
        one("string", choices="abc"),
        one("string", required=[]),
        one("string", required={}),
        one("string", required={"conditions": [{"type": "syncMode", "operator": "is", "value": "add"}]}),
        one("string", required={"conditions": [None]}),
        {"f": None},
        {"f": "x"},
        one("object", properties={"a": 5}),
        None,
    ],
)
def test_where_the_reference_dies_there_is_an_engine_error(fields: Any) -> None:
    with pytest.raises(EngineTypeError):
        compile_fields(fields)


def test_odd_declarations_that_the_reference_takes() -> None:
    assert fields_to_json_schema({"f": []})["properties"] == {"f": {}}
    assert schema_of("object", properties=5)["properties"] == {}
    assert schema_of("string", required="yes", multiple=0, choices=None) == {"title": "F", "type": "string"}
    assert fields_to_json_schema([{"label": "L", "type": "string"}])["properties"] == {  # type: ignore[arg-type]
        "0": {"title": "L", "type": "string"}
    }
    assert fields_to_json_schema({"f": {"multiple": True, "allowNull": True}})["properties"]["f"] == {
        "type": "array",
        "items": {},
    }


ENGINE = "a choice that is not a string must be written"


@pytest.mark.parametrize(
    ("fields", "message"),
    [
        (one("string", format="iso-time"), 'unknown format "iso-time" ignored in schema at path "#/properties/f"'),
        (
            {"a/b~ é": {"label": "F", "type": "string", "format": "x"}},
            'unknown format "x" ignored in schema at path "#/properties/a~1b~0%20%C3%A9"',
        ),
        (
            one("object", multiple=True, properties={"a": {"label": "A", "type": "string", "format": "x"}}),
            'unknown format "x" ignored in schema at path "#/properties/f/items/properties/a"',
        ),
        (
            one("foo"),
            (
                "schema is invalid: data/properties/f/type must be equal to one of the allowed values, "
                "data/properties/f/type must be array, data/properties/f/type must match a schema in anyOf"
            ),
        ),
        (
            one("string", choices=[]),
            "schema is invalid: data/properties/f/enum must NOT have fewer than 1 items",
        ),
        (
            one("string", choices=["a", "b", "a", "b"]),
            "schema is invalid: data/properties/f/enum must NOT have duplicate items (items ## 1 and 3 are identical)",
        ),
        (
            one("string", minimum=2.5, maximum=-1),
            "schema is invalid: data/properties/f/maxLength must be >= 0, data/properties/f/minLength must be integer",
        ),
        (
            {"f": {"label": 5, "type": "string", "minimum": "2"}},
            "schema is invalid: data/properties/f/title must be string, data/properties/f/minLength must be integer",
        ),
        (
            one("object", properties={}, additionalProperties={"type": "number", "foo": 1}),
            'strict mode: unknown keyword: "foo"',
        ),
        (
            one("string", required={"conditions": []}),
            "schema is invalid: data/allOf/0/if/allOf must NOT have fewer than 1 items",
        ),
        (
            {"f": {"label": "F", "allowNull": True}},
            (
                "schema is invalid: data/properties/f/type must be equal to one of the allowed values, "
                "data/properties/f/type/0 must be equal to one of the allowed values, "
                "data/properties/f/type must match a schema in anyOf"
            ),
        ),
    ],
)
def test_a_schema_that_cannot_be_compiled_is_found_at_the_first_payload(fields: Json, message: str) -> None:
    compiled = compile_fields(fields)
    assert str(compiled.error) == message
    for _ in range(2):
        with pytest.raises(DefinitionError) as caught:
            compiled.clean_and_validate({})
        assert str(caught.value) == message


def test_a_bare_number_among_choices_cannot_be_compiled() -> None:
    compiled = compile_fields(one("string", choices=[1]))
    assert compiled.schema["properties"]["f"]["enum"] == [MISSING]
    assert isinstance(compiled.error, EngineTypeError)
    with pytest.raises(EngineTypeError, match=ENGINE):
        compiled.clean_and_validate({"f": "1"})


def test_a_key_with_half_a_character_cannot_be_compiled() -> None:
    assert isinstance(compile_fields({"\ud800": {"label": "F", "type": "string"}}).error, EngineTypeError)


def test_fields_that_nest_too_deeply_are_refused() -> None:
    def nest(depth: int) -> Json:
        field: Json = {"label": "a", "type": "string"}
        for _ in range(depth):
            field = {"label": "a", "type": "object", "properties": {"a": field}}
        return {"a": field}

    assert compile_fields(nest(60)).clean_and_validate({"a": {"a": {"x": 1}}}) == {"a": {"a": {}}}
    error: DestinationError | None = compile_fields(nest(300)).error
    assert isinstance(error, DefinitionError)
    with pytest.raises(DefinitionError, match="nest too deeply"):
        compile_fields(nest(5000))

"""Compiled fields: acceptance without change, the full validation and the trace agree."""

import json
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from destination.errors import DefinitionError, SchemaValidationError
from destination.fields import (
    CompiledFields,
    ValidationFinding,
    compile_fields,
    compile_schema,
    fields_to_json_schema,
    remove_empty_values,
    validate_schema,
)
from destination.fields.clean_and_validate import accepts_unchanged
from destination.values import MISSING
from tests.fields.support import Json, one
from tests.thorough import examples

KEYS = ("a", "b", "c", "10", "toString", "dynamicAuthSettings")
SCALARS = st.sampled_from(
    [None, "", " ", "x", "abc", "1", "true", "2023-01-01T00:00:00Z", "a@b.co", 0, 1, -1, 1.5, 5.0, True, False]
)
VALUES = st.recursive(
    SCALARS,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(KEYS), inner, max_size=3),
    max_leaves=6,
)
CONDITIONS = st.builds(
    lambda match, conditions: {"match": match, "conditions": conditions},
    st.sampled_from(["any", "all"]),
    st.lists(
        st.builds(
            lambda key, operator, value: {"fieldKey": key, "operator": operator} | value,
            st.sampled_from([*KEYS, "a.b", "b.a"]),
            st.sampled_from(["is", "is_not"]),
            st.sampled_from([{}, {"value": "x"}, {"value": 1}, {"value": None}]),
        ),
        min_size=1,
        max_size=2,
    ),
)


def field_of(properties: st.SearchStrategy[Json] | None) -> st.SearchStrategy[Json]:
    more: dict[str, st.SearchStrategy[Any]] = {
        "required": st.booleans() | CONDITIONS,
        "multiple": st.booleans(),
        "allowNull": st.booleans(),
        "choices": st.sampled_from([["x", "1", "true"], ["", "abc"], [{"label": "One", "value": 1}, "x"]]),
        "format": st.sampled_from(["email", "date-like", "text", "int32", "nope"]),
        "minimum": st.sampled_from([0, 1, 2]),
        "maximum": st.sampled_from([0, 1, 3]),
        "additionalProperties": st.booleans(),
    }
    if properties is not None:
        more["properties"] = properties
    kinds = ["string", "text", "number", "integer", "datetime", "boolean", "password", "object", "object"]
    return st.fixed_dictionaries({"label": st.just("L"), "type": st.sampled_from(kinds)}, optional=more)


INNER = st.dictionaries(st.sampled_from(KEYS), field_of(None), max_size=3)
FIELDS = st.dictionaries(st.sampled_from(KEYS), field_of(INNER), min_size=1, max_size=4)
PAYLOADS = st.dictionaries(st.sampled_from([*KEYS, "unknown"]), VALUES, max_size=5) | VALUES


def outcome(step: Any) -> Any:
    try:
        return step()
    except SchemaValidationError as error:
        return [(finding.message, finding.path, finding.pointer) for finding in error.errors]
    except DefinitionError as error:
        return str(error)


@settings(max_examples=examples(400), deadline=None)
@given(FIELDS, PAYLOADS, st.booleans())
def test_a_payload_accepted_unchanged_is_what_validation_gives(fields: Json, payload: Any, is_root: bool) -> None:
    schema = fields_to_json_schema(fields)
    before = json.dumps(payload)

    def clean_then_validate() -> Any:
        return compile_schema(schema).validate(remove_empty_values(payload, schema, is_root))

    compiled = compile_fields(fields)
    expected = outcome(clean_then_validate)
    assert outcome(lambda: compiled.clean_and_validate(payload, is_root)) == expected
    assert outcome(lambda: traced(compiled, payload, is_root)) == expected
    assert json.dumps(payload) == before


def traced(compiled: CompiledFields, payload: Any, is_root: bool) -> Any:
    trace = compiled.trace(payload, is_root)
    if trace.findings:
        raise SchemaValidationError(list(trace.findings))
    return trace.payload


@settings(max_examples=examples(200), deadline=None)
@given(FIELDS, PAYLOADS)
def test_a_payload_that_fits_fits_again_unless_it_holds_blank_text(fields: Json, payload: Any) -> None:
    compiled = compile_fields(fields)
    try:
        fitted = compiled.validate(payload)
    except (SchemaValidationError, DefinitionError):
        return
    if '""' not in json.dumps(fitted) and "null" not in json.dumps(fitted):
        again = outcome(lambda: compiled.validate(fitted))
        assert again == fitted or "conditions" in json.dumps(fields)


@pytest.mark.parametrize(
    ("fields", "payload"),
    [
        (one("string"), {"f": "x"}),
        (one("string", minimum=1, maximum=3, format="email", choices=["a@b.co"]), {}),
        (one("string", minimum=1, maximum=3), {"f": "abc"}),
        (one("string", minimum=2, format="email"), {"f": "a@b.co"}),
        (one("string", choices=["x"], allowNull=True), {"f": None}),
        (one("datetime"), {"f": "2023-01-01T00:00:00.000Z"}),
        (one("datetime"), {"f": 1.5}),
        (one("number", minimum=1, maximum=3), {"f": 2}),
        (one("number", maximum=3), {"f": 2.5}),
        (one("number"), {"f": 2.5}),
        (one("integer"), {"f": 2}),
        (one("boolean"), {"f": False}),
        (one("object"), {"f": {"a": None}}),
        (one("object", multiple=True), {"f": [{}, {"a": ""}]}),
        (one("string", multiple=True), {"f": ["a", ""]}),
        (one("datetime", multiple=True), {"f": ["a", 5]}),
        (one("object", properties={"a": {"label": "A", "type": "string"}}), {"f": {"a": ""}}),
        (one("object", multiple=True, properties={"a": {"label": "A", "type": "string"}}), {"f": [{"a": ""}, {}]}),
        (
            one("string", required={"conditions": [{"fieldKey": "g", "operator": "is", "value": 1}]})
            | {"g": {"label": "G", "type": "number"}},
            {"g": 2},
        ),
    ],
)
def test_a_payload_that_fits_as_it_is_comes_back_itself(fields: Json, payload: Json) -> None:
    assert compile_fields(fields).clean_and_validate(payload) is payload


def test_only_empties_in_the_way() -> None:
    assert compile_fields(one("string")).clean_and_validate({"f": "x", "g": "", "h": None}) == {"f": "x"}


@pytest.mark.parametrize(
    "schema",
    [
        True,
        {},
        {"type": "foo"},
        {"type": "object", "allOf": [{}], "properties": {}},
        {"type": "object", "additionalProperties": False},
        {"type": "object", "additionalProperties": {"type": "string"}, "properties": {}},
        {"type": "object", "properties": {"toString": {"type": "string"}}},
        {"type": "string", "const": "x"},
        {"type": "string", "format": "int32"},
        {"type": "array", "items": {"const": 1}},
        {"type": "array", "minItems": 1},
    ],
)
def test_a_schema_without_a_cheap_test_has_none(schema: Any) -> None:
    assert accepts_unchanged(schema) is None


def test_lists_and_objects_without_keywords_are_accepted_by_type() -> None:
    assert accepts_unchanged({"type": "array"}) is list
    assert accepts_unchanged({"type": "object"}) is dict
    test = accepts_unchanged({"type": "object", "required": ["a"]})
    assert test is not None
    assert not isinstance(test, type)
    assert test({"a": 1})
    assert not test({})


def test_a_trace_tells_what_became_of_each_key() -> None:
    fields = {
        "a": {"label": "A", "type": "string", "required": True},
        "n": {"label": "N", "type": "number", "multiple": True},
        "m": {"label": "M", "type": "object", "properties": {"x": {"label": "X", "type": "number"}}},
    }
    compiled = compile_fields(fields)
    trace = compiled.trace({"n": [1, "x", None], "z": "", "m": {"x": {}, "y": 1}})
    findings = (
        ValidationFinding("The root value is missing the required field 'a'.", "$", ""),
        ValidationFinding("The value at /n/1 must be a number but it was a string.", "$.n[1]", "/n/1"),
        ValidationFinding("X must be a number but it was an object.", "$.m.x", "/m/x"),
    )
    assert trace.findings == findings
    assert trace.payload is MISSING
    assert [(one.key, one.raw, one.cleaned, one.findings) for one in trace.fields] == [
        ("n", [1, "x", None], [1, "x"], findings[1:2]),
        ("z", "", MISSING, ()),
        ("m", {"x": {}, "y": 1}, {"x": {}, "y": 1}, findings[2:]),
        ("a", MISSING, MISSING, ()),
    ]
    assert compiled.trace({"a": 5, "n": "1"}).payload == {"a": "5", "n": [1]}
    assert compiled.trace("x").findings[0].message == "The root value must be an object but it was a string."


def test_settings_are_validated_without_the_removal_of_empties() -> None:
    compiled = compile_fields(one("string", format="uri"))
    assert compiled.error is None
    with pytest.raises(SchemaValidationError, match="must be a valid URI"):
        compiled.validate({"f": ""})
    assert compile_fields(one("string")).validate({"f": None, "x": 1}) == {"f": ""}
    assert compile_fields(one("string", multiple=True)).validate({"f": None}) == {"f": [""]}


def test_a_schema_for_one_use() -> None:
    schema = {"type": "object", "properties": {"tags": {"type": "array", "items": {"type": "string"}}}}
    assert validate_schema({"tags": 5, "keep": 1}, schema, exempt=["keep"]) == {"tags": ["5"], "keep": 1}


@pytest.mark.parametrize(
    ("schema", "message"),
    [
        ({"if": {"const": 1}}, 'strict mode: "if" without "then" and "else" is ignored'),
        ({"then": {"const": 1}}, 'strict mode: "then" without "if" is ignored'),
        ({"type": "string", "errorMessage": "no"}, 'strict mode: unknown keyword: "errorMessage"'),
        ({"pattern": "a"}, 'the keyword "pattern" has no place in the schema of fields'),
        ({"$ref": "#"}, 'the keyword "$ref" has no place in the schema of fields'),
        ({"items": [True]}, "a list of schemas as `items` has no place in the schema of fields"),
        ({"$schema": 5}, "$schema must be a string"),
        ({"$schema": "https://example.com"}, 'no schema with key or ref "https://example.com"'),
        (5, "schema must be object or boolean"),
        (
            {"required": ["a", "b", "a"]},
            "schema is invalid: data/required must NOT have duplicate items (items ## 2 and 0 are identical)",
        ),
        ({"items": {"type": "array", "items": {"type": 5}}}, "schema is invalid: data/items/items/type must be equal"),
    ],
)
def test_schemas_that_ajv_refuses(schema: Any, message: str) -> None:
    validator = compile_schema(schema)
    assert str(validator.error).startswith(message)
    with pytest.raises(DefinitionError):
        validator.validate({})


@contextmanager
def little_stack(frames: int) -> Iterator[None]:
    """Lets Python go only so many calls deeper than it is."""
    depth = 0
    frame = sys._getframe()
    while frame := frame.f_back:  # type: ignore[assignment]
        depth += 1
    limit = sys.getrecursionlimit()
    sys.setrecursionlimit(depth + frames)
    try:
        yield
    finally:
        sys.setrecursionlimit(limit)


def test_a_stack_that_is_nearly_full_gives_an_error_of_this_project() -> None:
    field: Json = {"label": "a", "type": "string"}
    payload: Any = "x"
    for _ in range(40):
        field = {"label": "a", "type": "object", "properties": {"a": field}}
        payload = {"a": payload}
    compiled = compile_fields({"a": field})
    for given_payload in ({"a": payload}, {"a": {}, "x": 1}):
        assert compiled.clean_and_validate(given_payload)["a"] == given_payload["a"]
    with little_stack(30), pytest.raises(DefinitionError, match="nest too deeply"):
        compiled.clean_and_validate({"a": payload})
    with little_stack(30), pytest.raises(DefinitionError, match="nest too deeply"):
        compiled.validate({"a": payload})


def test_boolean_schemas() -> None:
    anything: Any = True
    nothing: Any = False
    assert compile_schema(anything).validate(5) == 5
    with pytest.raises(SchemaValidationError) as caught:
        compile_schema(nothing).validate(5)
    assert str(caught.value) == "The root value boolean schema is false."


def test_a_condition_stops_at_the_first_thing_it_misses() -> None:
    looks: Json = {"required": ["a"], "properties": {"b": {"type": "null"}}}
    schema: Json = {"if": looks, "then": {"required": ["c"]}, "else": True}
    # With `a` missing nobody looks at `b`, so that its zero stays one.
    assert compile_schema(schema).validate({"b": 0}) == {"b": 0}
    assert compile_schema(schema).validate({"a": 1, "b": 0, "c": 1}) == {"a": 1, "b": None, "c": 1}


@pytest.mark.parametrize(
    ("condition", "data", "holds"),
    [
        ({"type": "string", "minLength": 2}, 5, False),
        ({"type": "string", "minLength": 2}, "ab", True),
        ({"type": ["object", "null"], "required": ["a"]}, {"a": 1}, True),
        ({"type": "object", "required": ["a", "b"]}, 5, False),
        ({"required": ["a", "b"]}, {}, False),
        ({"items": {"const": 1}}, [2, 3], False),
        ({"additionalProperties": {"const": 1}}, {"a": 2, "b": 3}, False),
        ({"properties": {"a": {"const": 1}, "b": {"const": 1}}}, {"a": 2, "b": 3}, False),
        ({"allOf": [{"const": 1}, {"const": 2}]}, 1, False),
        ({"not": {"const": 1}, "const": 2}, 2, True),
        ({"const": 1, "enum": [1]}, 1, True),
    ],
)
def test_conditions_only_tell_whether(condition: Json, data: Any, holds: bool) -> None:
    schema = {"if": condition, "then": {"const": "then"}, "else": {"const": "else"}}
    with pytest.raises(SchemaValidationError) as caught:
        compile_schema(schema).validate(data)
    assert caught.value.errors[-1].message == f'The root value must match "{"then" if holds else "else"}" schema.'

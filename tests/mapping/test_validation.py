"""Validation: Segment's messages, their places and their order."""

from typing import Any

import pytest

from destination.errors import MappingError, MappingValidationError
from destination.mapping import compile_mapping, transform, validate_mapping
from destination.values import MISSING


def messages(mapping: Any) -> list[str]:
    found = [str(problem) for problem in validate_mapping(mapping)]
    if found:
        with pytest.raises(MappingValidationError) as caught:
            transform(mapping, {})
        assert caught.value.errors == found
        assert str(caught.value) == "\n".join(found)
    return found


STRING = "should be a string or a mapping directive but it is"
OBJECT = "should be a object or a mapping directive but it is"


@pytest.mark.parametrize(
    ("directive", "expected"),
    [
        ({"@path": 5}, [f"/v/@path {STRING} a number."]),
        ({"@path": None}, [f"/v/@path {STRING} a null."]),
        ({"@path": []}, [f"/v/@path {STRING} an array."]),
        ({"@path": {}}, [f"/v/@path {STRING} an object."]),
        ({"@path": {"@template": 1}}, [f"/v/@path/@template {STRING} a number."]),
        ({"@template": True}, [f"/v/@template {STRING} a boolean."]),
        ({"@literal": {"@path": 1}}, [f"/v/@literal/@path {STRING} a number."]),
        ({"@literal": {"a": {"@path": 1}}}, []),
        ({"@excludeWhenNull": {"@nope": 1}}, ["/v/@excludeWhenNull has an invalid directive: @nope."]),
        ({"@if": 5}, ["/v/@if should be an object but it is a number."]),
        ({"@if": {"@path": "x"}}, ["/v/@if should be an object but it is a directive."]),
        (
            {"@if": {"exists": {"@path": 1}, "then": {"@case": 2}, "blank": {"@path": 3}}},
            [
                f"/v/@if/exists/@path {STRING} a number.",
                "/v/@if/then/@case should be an object but it is a number.",
                f"/v/@if/blank/@path {STRING} a number.",
            ],
        ),
        (
            {"@case": {"operator": 5, "value": 6}},
            [
                "/v/@case/operator should be a string but it is a number.",
                f"/v/@case/value {STRING} a number.",
            ],
        ),
        (
            {"@replace": {}},
            [
                '/v/@replace should have field "pattern" but it doesn\'t.',
                '/v/@replace should have field "value" but it doesn\'t.',
            ],
        ),
        (
            {"@replace": {"pattern": "", "replacement": None, "value": [], "ignorecase": 1, "global": "x"}},
            [
                "/v/@replace/pattern should be a string of length 1 or greater.",
                "/v/@replace/replacement should be a string but it is a null.",
                f"/v/@replace/value {STRING} an array.",
                "/v/@replace/ignorecase should be a boolean but it is a number.",
                "/v/@replace/global should be a boolean but it is a string.",
            ],
        ),
        (
            {"@replace": {"pattern": "🎉🎉🎉🎉🎉🎉", "replacement": "abcdefghijk", "value": "x"}},
            [
                "/v/@replace/pattern should be a string of length 10 or less.",
                "/v/@replace/replacement should be a string of length 10 or less.",
            ],
        ),
        ({"@arrayPath": "x"}, ["/v/@arrayPath should be an array but it is a string."]),
        ({"@arrayPath": []}, [f"/v/@arrayPath {STRING} an undefined."]),
        ({"@arrayPath": [5, {"a": {"@path": 1}}]}, [f"/v/@arrayPath {STRING} a number."]),
        (
            {"@arrayPath": ["x", {"a": {"@path": 1}, "b": {"@path": 2}}]},
            [f"/v/@arrayPath/a/@path {STRING} a number.", f"/v/@arrayPath/b/@path {STRING} a number."],
        ),
        (
            {"@json": {"mode": "bad"}},
            [
                '/v/@json should have field "value" but it doesn\'t.',
                '/v/@json/mode should be one of encode, decode but it is "bad".',
            ],
        ),
        ({"@json": {"mode": "ENCODE", "value": 1}}, []),
        (
            {"@flatten": {"separator": {"@path": "$.s"}, "value": 1}},
            ["/v/@flatten/separator should be a string but it is a directive."],
        ),
        ({"@flatten": {}}, ['/v/@flatten should have field "value" but it doesn\'t.']),
        (
            {"@merge": {"direction": "up", "objects": {}}},
            [
                '/v/@merge/direction should be one of left, right but it is "up".',
                "/v/@merge/objects should be an array but it is an object.",
            ],
        ),
        ({"@merge": {"objects": [{"a": {"@path": 5}}]}}, [f"/a/@path {STRING} a number."]),
        (
            {"@transform": {"apply": 1, "mapping": []}},
            [f"/v/@transform/apply {OBJECT} a number.", f"/v/@transform/mapping {OBJECT} an array."],
        ),
        ({"@liquid": {"@path": "x"}}, ["/v/@liquid should be a string but it is a directive."]),
        ({"@bogus": 1}, ["/v has an invalid directive: @bogus."]),
        ({"@path": "x", "b": 1}, ["/v should only have one @-prefixed key but it has 2 keys."]),
        ({"@path": "x", "@template": "y", "b": 1}, ["/v should only have one @-prefixed key but it has 2 keys."]),
        ({"@path": "x", "_metadata": {"@path": 5}}, []),
    ],
)
def test_messages(directive: Any, expected: list[str]) -> None:
    assert messages({"v": directive}) == expected


def test_problems_come_in_the_order_of_javascripts_keys() -> None:
    assert messages({"b": {"@path": 1}, "2": {"@nope": 1}, "a": {"x": {"@if": []}}}) == [
        "/2 has an invalid directive: @nope.",
        f"/b/@path {STRING} a number.",
        "/a/x/@if should be an object but it is an array.",
    ]


def test_the_mapping_itself_may_be_a_directive() -> None:
    assert messages({"@path": 5}) == [f"/@path {STRING} a number."]
    assert messages({"@path": "x", "b": 1}) == ["/ should only have one @-prefixed key but it has 2 keys."]


def test_lists_are_not_looked_into() -> None:
    assert messages({"v": [{"@path": 5}]}) == []
    with pytest.raises(MappingError, match=r"^@path: expected string, got number$"):
        transform({"v": [{"@path": 5}]}, {})


def test_a_list_as_the_mapping_is_an_object_and_is_looked_into() -> None:
    assert messages([{"@path": 5}]) == [f"/0/@path {STRING} a number."]


def test_what_is_no_directive_inside_a_list_stays_an_object() -> None:
    assert transform({"v": [{"@path": "x", "b": 1}]}, {"x": 2}) == {"v": [{"@path": "x", "b": 1}]}
    with pytest.raises(MappingError, match=r"^@nope is not a valid directive, got undefined$"):
        transform({"v": [{"@nope": 1}]}, {})
    assert transform({"v": [{"@path": "x", "@template": "y", "_metadata": 1}]}, {"x": 2}) == {"v": [2]}


def test_problems_know_their_place() -> None:
    (problem,) = validate_mapping({"a/b": {"@if": {"then": {"@path": 5}}}})
    assert problem.path == ("a/b", "@if", "then", "@path")


def test_undefined_is_no_json_value() -> None:
    assert messages({"v": {"@literal": MISSING}}) == [
        "/v/@literal should be a mapping directive or a JSON value but it is an undefined."
    ]


def test_validation_takes_no_time_for_nested_directives() -> None:
    # every level is looked at twice by the reference, which doubles its work with each one
    mapping: Any = {"@path": 5}
    for _ in range(40):
        mapping = {"@if": {"exists": mapping}}
    assert len(validate_mapping({"v": mapping})) == 1


def test_every_event_gets_an_error_of_its_own() -> None:
    compiled = compile_mapping({"v": {"@path": 5}})
    errors = []
    for _ in range(2):
        with pytest.raises(MappingValidationError) as caught:
            compiled({})
        errors.append(caught.value)
    assert errors[0] is not errors[1]

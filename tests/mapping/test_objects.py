"""`@merge`, `@transform`, `@flatten`, `@json`: recorded from Segment's runtime."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from destination.errors import EngineTypeError, MappingError, MappingValidationError
from destination.mapping import compile_mapping, transform, validate_mapping
from destination.mapping.bounds import begin_work
from destination.mapping.directives.flatten import MAX_DEPTH, _flatten
from destination.values import MISSING, ordered_items


def value(directive: Any, event: dict[str, Any]) -> Any:
    return transform({"v": directive}, event).get("v", MISSING)


def failure(mapping: Any, event: dict[str, Any]) -> str:
    with pytest.raises(MappingError) as caught:
        transform(mapping, event)
    return str(caught.value)


def merge(*found: Any, direction: Any = "right") -> Any:
    event = {str(index): item for index, item in enumerate(found)}
    paths = [{"@path": f"$.{index}"} for index in range(len(found))]
    return value({"@merge": {"objects": paths, "direction": direction}}, event)


def test_the_later_object_wins_to_the_right_the_earlier_to_the_left() -> None:
    assert merge({"a": 1, "b": {"x": 1}}, {"b": {"y": 2}}) == {"a": 1, "b": {"y": 2}}
    assert merge({"a": 1, "b": 2}, {"b": 3, "c": 4}, direction="left") == {"a": 1, "b": 2, "c": 4}


def test_direction_is_compared_exactly() -> None:
    assert merge({"a": 1}, {"a": 2}, direction="LEFT") == {"a": 2}
    assert value({"@merge": {"objects": [{"a": 1}, {"a": 2}], "direction": "LEFT"}}, {}) == {"a": 2}


def test_lists_and_strings_merge_by_index_the_rest_is_skipped() -> None:
    assert merge("ab", [7], None, 5, True) == {"0": 7, "1": "b"}
    assert merge("🎉") == {"0": "\ud83c", "1": "\udf89"}
    assert merge() == {}


def test_an_undefined_key_overrides() -> None:
    objects = [{"a": 1, "b": 2}, {"a": {"@path": "$.no"}}]
    assert value({"@merge": {"objects": objects, "direction": "right"}}, {}) == {"b": 2}


def test_errors_of_merged_objects_lose_their_place() -> None:
    mapping = {"v": {"@merge": {"objects": [{}, "x", 5], "direction": "right"}}}
    assert [str(problem) for problem in validate_mapping(mapping)] == [
        "/ should be a object or a mapping directive but it is a string."
    ]


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (5, '@merge requires an object with an "objects" key and a "direction" key'),
        ({"objects": []}, '@merge requires a "direction" key'),
        ({"objects": [], "direction": ""}, '@merge requires a "direction" key'),
        ({"direction": "left"}, '@merge requires a "objects" key'),
        ({"direction": "left", "objects": 5}, "@merge: expected opts.array, got number"),
        ({"direction": "left", "objects": {"a": 1}}, "@merge: expected opts.array, got object"),
        ({"direction": {"@path": {}}, "objects": 5}, "@path: expected string, got object"),
    ],
)
def test_what_merge_needs(options: Any, message: str) -> None:
    assert failure({"v": [{"@merge": options}]}, {}) == message


def test_direction_may_be_missing_for_the_validation_alone() -> None:
    mapping: Any = {"v": {"@merge": {"objects": []}}}
    assert validate_mapping(mapping) == []
    assert failure(mapping, {}) == '@merge requires a "direction" key'


def test_a_direction_may_be_a_directive_where_validation_does_not_look() -> None:
    mapping = {"v": [{"@merge": {"objects": [{"a": 1}, {"a": 2}], "direction": {"@path": "$.d"}}}]}
    assert [transform(mapping, {"d": way}) for way in ("left", "right")] == [{"v": [{"a": 1}]}, {"v": [{"a": 2}]}]


def transformed(apply: Any, mapping: Any, event: dict[str, Any]) -> Any:
    return value({"@transform": {"apply": apply, "mapping": mapping}}, event)


def test_the_mapping_sees_what_apply_made() -> None:
    assert transformed({"who": {"@path": "$.userId"}}, {"id": {"@path": "$.who"}}, {"userId": "u"}) == {"id": "u"}
    assert transformed({"who": 1}, {"id": {"@path": "$.userId"}}, {"userId": "u"}) == {}


def test_a_table_look_up() -> None:
    mapping = {"v": {"@path": {"@template": "$.m.{{e}}"}}}
    assert transformed({"m": {"Order Completed": "order"}, "e": {"@path": "$.event"}}, mapping, {"event": "x"}) == {}
    found = transformed(
        {"m": {"Order Completed": "order"}, "e": {"@path": "$.event"}}, mapping, {"event": "Order Completed"}
    )
    assert found == {"v": "order"}


def test_apply_may_be_a_directive() -> None:
    assert transformed({"@path": "$.p"}, {"x": {"@path": "$.a"}}, {"p": {"a": 1}}) == {"x": 1}
    assert transformed({"@path": "$.p"}, {"x": {"@path": "$.length"}}, {"p": "abc"}) == {"x": 3}
    assert transformed({"@path": "$.no"}, {"x": {"@path": "$.a"}}, {}) == {}


def test_apply_is_a_mapping_with_a_root_directive_of_its_own() -> None:
    apply = {
        "__segment_internal_directive": {"@transform": {"apply": {"y": {"@path": "$.a"}}, "mapping": {}}},
        "x": {"@path": "$.y"},
    }
    assert transformed(apply, {"z": {"@path": "$.x"}}, {"a": 1}) == {"z": 1}


def test_apply_wants_an_object_as_data() -> None:
    shape = {"@transform": {"apply": {"x": {"@path": "$.a"}}, "mapping": {"y": {"@path": "$.x"}}}}
    mapping = {"v": {"@arrayPath": ["$.l", shape]}}
    assert transform(mapping, {"l": [{"a": 1}]}) == {"v": [{"y": 1}]}
    assert failure(mapping, {"l": [5]}) == "data must be an object, got number"
    assert failure(mapping, {"l": [None]}) == "data must be an object, got null"


def test_apply_takes_an_undefined_event_as_an_empty_object() -> None:
    shape = {"@transform": {"apply": {"x": 1}, "mapping": {"y": {"@path": "$.x"}}}}
    assert transform({"v": {"@transform": {"apply": {"@path": "$.no"}, "mapping": shape}}}, {}) == {"v": {"y": 1}}


def test_apply_is_validated_where_validation_did_not_look() -> None:
    mapping = {"v": [{"@transform": {"apply": {"x": {"@path": 5}}, "mapping": {"a": 1}}}]}
    assert validate_mapping(mapping) == []
    with pytest.raises(MappingValidationError) as caught:
        transform(mapping, {})
    assert caught.value.errors == ["/x/@path should be a string or a mapping directive but it is a number."]


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (5, '@transform requires an object with an "apply" key and a "mapping" key'),
        ({"apply": {}}, '@transform requires a "mapping" key'),
        ({"mapping": {}}, '@transform requires a "apply" key'),
        ({"apply": "x", "mapping": {}}, '@transform "apply" key should be an object'),
        ({"apply": [], "mapping": {}}, '@transform "apply" key should be an object'),
    ],
)
def test_what_transform_needs(options: Any, message: str) -> None:
    assert failure({"v": [{"@transform": options}]}, {}) == message


def flatten(found: Any, **options: Any) -> Any:
    return value({"@flatten": {"separator": ".", "value": {"@path": "$.a"}, **options}}, {"a": found})


def test_nested_keys_become_one() -> None:
    assert flatten({"a": {"b": {"c": 1}}, "d": 2}) == {"a.b.c": 1, "d": 2}
    assert flatten({"a": {"b": 1}}, separator="__") == {"a__b": 1}


def test_flatten_of_a_scalar() -> None:
    assert flatten(5) == {"": 5}
    assert value({"@flatten": {"separator": ".", "value": {"@path": "$.a"}}}, {}) == {}


def test_lists_are_flattened_unless_they_are_omitted() -> None:
    assert flatten({"a": [1, {"b": 2}]}) == {"a.0": 1, "a.1.b": 2}
    assert flatten([1, 2]) == {"0": 1, "1": 2}
    assert flatten({"a": [1, {"b": 2}]}, omitArrays=True) == {"a": [1, {"b": 2}]}
    assert flatten({"a": [1]}, omitArrays=0) == {"a.0": 1}


def test_what_is_empty_disappears() -> None:
    assert flatten({"a": {}, "b": [], "c": None}) == {"c": None}


def test_a_blank_key_adds_no_separator() -> None:
    assert flatten({"": {"a": {"": 1}}}) == {"a.": 1}


def test_equal_keys_keep_the_first_place_and_the_last_value() -> None:
    assert list(flatten({"a.b": 1, "c": 2, "a": {"b": 3}}).items()) == [("a.b", 3), ("c", 2)]
    undefined = {"a.b": 1, "a": {"b": {"@path": "$.no"}}}
    assert value({"@flatten": {"separator": ".", "value": undefined}}, {}) == {}


def _flattened_slowly(found: Any, prefix: str = "") -> list[tuple[str, Any]]:
    """As the reference has it, by recursion."""
    if not isinstance(found, (dict, list)):
        return [(prefix, found)]
    entries = ordered_items(found) if isinstance(found, dict) else [(str(at), item) for at, item in enumerate(found)]
    return [pair for key, item in entries for pair in _flattened_slowly(item, f"{prefix}.{key}" if prefix else key)]


_KEYS = st.sampled_from(["a", "b", "1", "0", "10", "", "a.b", ".", "__proto__x", "é"])
_NESTED = st.recursive(
    st.sampled_from([None, True, 0, 1.5, "x", ""]),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(_KEYS, inner, max_size=3)
        | st.dictionaries(_KEYS, inner, min_size=1, max_size=1)
    ),
    max_leaves=25,
)


@given(_NESTED)
def test_flattened_values_are_those_of_the_reference_in_its_order(found: Any) -> None:
    assert list(flatten(found).items()) == list(dict(_flattened_slowly(found)).items())


@pytest.mark.parametrize("width", [1, 2])
def test_a_chain_has_the_same_limit_whatever_is_beside_it(width: int) -> None:
    chain: Any = 1
    for _ in range(MAX_DEPTH):
        chain = {"a": chain} if width == 1 else {"b": 1, "a": chain}
    begin_work()
    assert len(_flatten(chain, ".", False)) == (1 if width == 1 else 1 + MAX_DEPTH)
    begin_work()
    with pytest.raises(EngineTypeError, match="2,000 levels"):
        _flatten([chain], ".", False)
    assert _flatten([{"a": {}}], ".", False) == {}


def test_integer_like_keys_come_first() -> None:
    assert list(flatten({"b": 1, "2": 2, "1": 3})) == ["1", "2", "b"]


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (5, '@flatten requires an object with a "separator" key'),
        ({"value": 1}, '@flatten requires a "separator" key'),
        ({"value": 1, "separator": ""}, '@flatten requires a "separator" key'),
        ({"value": 1, "separator": 5}, "@flatten requires a string separator"),
        ({"value": 1, "separator": {"@path": "$.no"}}, "@flatten requires a string separator"),
    ],
)
def test_what_flatten_needs(options: Any, message: str) -> None:
    assert failure({"v": [{"@flatten": options}]}, {}) == message


def test_a_separator_may_be_a_directive_where_validation_does_not_look() -> None:
    directive = {"@flatten": {"separator": {"@path": "$.s"}, "value": {"a": {"b": 1}}}}
    assert transform({"v": [directive]}, {"s": "-"}) == {"v": [{"a-b": 1}]}


def json(mode: str, found: Any) -> Any:
    event = {} if found is MISSING else {"a": found}
    return value({"@json": {"mode": mode, "value": {"@path": "$.a"}}}, event)


@pytest.mark.parametrize(
    ("found", "text"),
    [
        ({"b": 1.0, "1": "é\ud83c", "0": [None, True]}, '{"0":[null,true],"1":"é\\ud83c","b":1}'),
        (1e21, "1e+21"),
        (12345678901234567890, "12345678901234567000"),
        ("x\n", '"x\\n"'),
        (None, "null"),
        (MISSING, MISSING),
    ],
)
def test_encoded_json_is_javascripts(found: Any, text: Any) -> None:
    assert json("encode", found) == text


def test_undefined_is_null_in_an_encoded_list_and_missing_from_an_object() -> None:
    mapping = {"@json": {"mode": "encode", "value": {"l": [{"@path": "$.no"}], "o": {"@path": "$.no"}}}}
    assert value(mapping, {}) == '{"l":[null]}'


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ('{"a":[1,null]}', {"a": [1, None]}),
        (" 5 ", 5),
        ("12345678901234567890", 12345678901234567168),
        ('{"n":9007199254740993}', {"n": 9007199254740992}),
        ("1e400", float("inf")),
        ('"\\ud83c"', "\ud83c"),
        ('{"__proto__":1,"a":2}', {"a": 2}),
    ],
)
def test_decoded_json(text: str, found: Any) -> None:
    assert json("decode", text) == found


@pytest.mark.parametrize("text", ["NaN", "[1,]", "", "{a:1}", "01", "\u00a01"])
def test_json_keeps_text_that_it_cannot_decode(text: str) -> None:
    assert json("decode", text) == text


@pytest.mark.parametrize("found", [5, None, [1], {"a": 1}])
def test_json_decodes_only_text(found: Any) -> None:
    assert json("decode", found) == found


def test_json_mode_is_compared_exactly() -> None:
    assert json("ENCODE", 5) is MISSING
    assert json("Decode", "5") is MISSING


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (5, '@json requires an object with a "value" key'),
        ({"value": 1}, '@json requires a "mode" key'),
        ({"mode": "encode"}, '@json requires a "value" key'),
        ({"mode": "encode", "value": ""}, '@json requires a "value" key'),
    ],
)
def test_what_json_needs(options: Any, message: str) -> None:
    assert failure({"v": [{"@json": options}]}, {}) == message


def test_json_that_nests_too_deeply_is_an_error() -> None:
    deep: Any = 1
    for _ in range(5000):
        deep = [deep]
    encode = {"v": {"@json": {"mode": "encode", "value": {"@path": "$.a"}}}}
    assert failure(encode, {"a": deep}) == "@json: the value nests too deeply to be encoded"
    decode = {"v": {"@json": {"mode": "decode", "value": {"@path": "$.a"}}}}
    assert failure(decode, {"a": "[" * 5000 + "]" * 5000}) == "@json: the text nests too deeply to be decoded"


def test_what_is_no_json_value_cannot_be_encoded() -> None:
    assert failure({"v": {"@json": {"mode": "encode", "value": {"@path": "$.a"}}}}, {"a": {1, 2}}) == (
        "@json: set is not a JSON value"
    )


def test_flatten_of_a_value_that_nests_too_deeply() -> None:
    deep: dict[str, Any] = {"a": 1}
    for _ in range(2_000):
        deep = {"a": deep}
    compiled = compile_mapping({"v": {"@flatten": {"separator": ".", "value": {"@path": "$.deep"}}}})
    with pytest.raises(EngineTypeError, match="2,000 levels"):
        compiled({"deep": deep})
    assert len(next(iter(compiled({"deep": deep["a"]})["v"]))) == 2 * 2_000 - 1


@pytest.mark.parametrize(
    ("shown", "expected"),
    [
        ({"@path": "$.all"}, [{"a": 1, "b": None}]),
        ({"@path": "$.all[0].__proto__"}, MISSING),
        ({"@path": "$.all[0].'__proto__'"}, MISSING),
        ({"@path": "$.all[0].__pro'to__"}, MISSING),
        ({"@path": "$.all[0].c"}, MISSING),
        ({"@template": "{{all.0.__proto__}}-{{all.length}}"}, "-1"),
        ({"@template": "{{{text}}}"}, ""),
        ([{"@path": "$.all[0]"}, 5], [{"a": 1, "b": None}, 5]),
        ({"@json": {"mode": "encode", "value": {"@path": "$.all"}}}, '[{"a":1,"b":null}]'),
        ({"@flatten": {"separator": ".", "value": {"@path": "$.all"}}}, {"0.a": 1, "0.b": None}),
    ],
)
def test_what_apply_gives_has_nothing_undefined_and_no_proto(shown: Any, expected: Any) -> None:
    event = {"all": [{"a": 1, "b": None, "c": MISSING, "__proto__": {"d": 1}}], "text": "{{all.0.__proto__}}"}
    apply = {"all": {"@path": "$.all"}, "text": {"@path": "$.text"}}
    mapping = compile_mapping({"v": {"@transform": {"apply": apply, "mapping": {"w": shown}}}})
    assert mapping(event)["v"].get("w", MISSING) == mapping.trace(event)[0]["v"].get("w", MISSING) == expected

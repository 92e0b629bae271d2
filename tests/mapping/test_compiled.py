"""Whole mappings: the root, undefined, batches, depth."""

import gc
import json
from typing import Any

import orjson
import pytest

from destination.errors import EngineTypeError, MappingError, MappingValidationError
from destination.mapping import compile_mapping, remove_undefined, transform, transform_batch
from destination.mapping.compiler import MAX_DEPTH
from destination.mapping.resolvers import _copy_deep
from destination.values import MISSING

ROOT = "__segment_internal_directive"


def test_a_root_path_that_finds_nothing_is_undefined() -> None:
    assert transform({"@path": "$.no"}, {}) is MISSING


def test_a_root_directive_gives_the_payload() -> None:
    assert transform({"@path": "$.p"}, {"p": [1, {"a": 2}]}) == [1, {"a": 2}]
    assert transform({"@template": "{{p}}"}, {"p": 1}) == "1"


def test_undefined_goes_from_objects_and_stays_in_lists() -> None:
    mapping = {
        "a": {"@path": "$.no"},
        "o": {"b": {"@path": "$.no"}},
        "l": [{"@path": "$.no"}, {"c": {"@path": "$.no"}}],
    }
    assert transform(mapping, {}) == {"o": {}, "l": [MISSING, {}]}


def test_null_stays() -> None:
    assert transform({"a": None, "b": {"@path": "$.n"}}, {"n": None}) == {"a": None, "b": None}


def test_keys_come_in_javascripts_order() -> None:
    assert list(transform({"b": 1, "10": 2, "9": {"@path": "$.x"}}, {"x": 3})) == ["9", "10", "b"]


@pytest.mark.parametrize("more", [{}, {"list": [1]}], ids=["scalars", "with a list"])
def test_constants_keep_their_position_among_what_an_event_has(more: dict[str, Any]) -> None:
    mapping = {
        "first": {"@path": "$.x"},
        "k": 5,
        **more,
        "between": {"@path": "$.y.z"},
        "m": "s",
        "z": {"@path": "$.w"},
    }
    compiled = compile_mapping(mapping)
    kinds = {"first": str, "k": int, "list": list, "between": str, "m": str, "z": str}
    fitting = compiled.without_coercion({key: kinds[key] for key in mapping}, ["k", "m"])
    assert fitting is not None
    for resolve in (compiled, compiled.without_copies(), fitting):
        whole = resolve({"x": "a", "y": {"z": "b"}, "w": "c"})
        assert list(whole.items()) == [*zip(mapping, ["a", 5, *more.values(), "b", "s", "c"], strict=True)]
        assert list(resolve({"w": "c"}).items()) == [("k", 5), *more.items(), ("m", "s"), ("z", "c")]
        whole["k"] = "changed"
        assert resolve({}) == {"k": 5, **more, "m": "s"}


def test_proto_key_vanishes() -> None:
    assert transform({"__proto__": {"a": 1}, "b": 2}, {}) == {"b": 2}
    assert transform({"b": {"@path": "$.p"}}, {"p": {"__proto__": 1, "c": 2}}) == {"b": {"c": 2}}
    assert transform({"b": {"@literal": {"__proto__": {"@path": "$.p"}, "c": {"@path": "$.p"}}}}, {"p": 1}) == {
        "b": {"c": 1}
    }
    assert transform({"__proto__": {"@path": "$.p"}, "c": {"@path": "$.p"}}, {"p": 1}) == {"c": 1}
    with pytest.raises(MappingError):
        transform({"v": {"@literal": {"__proto__": {"@case": {}}}}}, {})


def test_a_root_directive_takes_the_other_keys_as_its_mapping() -> None:
    mapping: Any = {"a": {"@path": "$.x"}, ROOT: {"@transform": {"apply": {"x": {"@path": "$.y"}}, "mapping": 5}}}
    assert transform(mapping, {"y": 1}) == {"a": 1}
    assert mapping[ROOT]["@transform"]["mapping"] == 5


@pytest.mark.parametrize("root", [{}, [], 5, True, "a", {"@path": "x"}, {"@transform": None}, ["x"]])
def test_a_root_directive_must_be_an_object(root: Any) -> None:
    compiled = compile_mapping({ROOT: root, "a": 1})
    assert [str(problem) for problem in compiled.problems] == ["The root directive must be an object"]
    with pytest.raises(MappingError, match=r"^The root directive must be an object$"):
        compiled({})


@pytest.mark.parametrize("root", [{"@path": {}, "_metadata": {}}, {"a": {}, "b": {}}, "ab", [{}, {}]])
def test_a_root_directive_stands_alone(root: Any) -> None:
    with pytest.raises(MappingError, match=r"^The root mapping must only have a single directive object$"):
        transform({ROOT: root, "a": 1}, {})


def test_odd_root_directives_that_pass() -> None:
    assert transform({ROOT: {"name": {"x": 1}}, "a": 2}, {}) == {"name": {"x": 1, "mapping": {"a": 2}}}
    assert transform({ROOT: [{"x": 1}], "a": {"@path": "$.y"}}, {"y": 2}) == [{"x": 1, "mapping": {"a": 2}}]
    assert transform({ROOT: {"name": [1]}, "a": 2}, {}) == {"name": [1]}
    assert transform({ROOT: {"name": {}}, "__proto__": 1}, {}) == {"name": {"mapping": {}}}


@pytest.mark.parametrize("mapping", [None, MISSING, {ROOT: None}, {ROOT: MISSING}])
def test_null_as_a_mapping_is_an_engine_error(mapping: Any) -> None:
    compiled = compile_mapping(mapping)
    assert len(compiled.problems) == 1
    with pytest.raises(EngineTypeError):
        compiled({})


@pytest.mark.parametrize(
    ("mapping", "payload"), [("ab", {"0": "a", "1": "b"}), (5, {}), (True, {}), ([], {}), ({}, {}), ("", {})]
)
def test_a_mapping_that_is_no_object_is_spread(mapping: Any, payload: Any) -> None:
    assert transform(mapping, {}) == payload


def test_a_list_as_the_mapping_gives_an_object() -> None:
    assert transform([{"@path": "$.x"}, 5], {"x": 1}) == {"0": 1, "1": 5}


@pytest.mark.parametrize(
    ("event", "kind"), [(None, "null"), ([], "array"), ("x", "string"), (5, "number"), (False, "boolean")]
)
def test_an_event_must_be_an_object(event: Any, kind: str) -> None:
    for mapping in ({"a": 1}, {"a": {"@path": 5}}, None):  # before anything is said about the mapping
        compiled = compile_mapping(mapping)
        for call in (compiled, compiled.trace):
            with pytest.raises(MappingError, match=rf"^data must be an object, got {kind}$"):
                call(event)


def test_no_event_is_an_empty_one() -> None:
    assert transform({"a": {"@path": "."}}) == {"a": {}}
    assert compile_mapping({"a": {"@path": "."}}).trace()[0] == {"a": {}}


def test_subclasses_of_dict_are_events() -> None:
    class Event(dict[str, Any]):
        pass

    assert transform({"a": {"@path": "$.b.c"}, "d": {"@path": "$.b"}}, Event(b=Event(c=1))) == {"a": 1, "d": {"c": 1}}


def test_a_batch() -> None:
    assert transform_batch({"n": {"@path": "$.a"}}, [{"a": 1}, {}]) == [{"n": 1}, {}]
    assert transform_batch({"@path": "$.a"}, [{"a": 1}, {}]) == [1, MISSING]
    assert transform_batch({"n": 1}) == []


def test_batch_takes_events_that_are_no_objects() -> None:
    assert transform_batch({"n": {"@path": "$.length"}}, [None, "abc", [1], 5]) == [{"n": None}, {"n": 3}, {"n": 1}, {}]


@pytest.mark.parametrize(("events", "kind"), [({}, "object"), (None, "null"), ("x", "string")])
def test_a_batch_is_a_list(events: Any, kind: str) -> None:
    with pytest.raises(MappingError, match=rf"^data must be an array, got {kind}$"):
        transform_batch({"n": {"@path": 5}}, events)


def test_a_bad_mapping_fails_even_an_empty_batch() -> None:
    with pytest.raises(MappingValidationError):
        transform_batch({"n": {"@path": 5}}, [])


def test_one_bad_event_fails_the_batch() -> None:
    with pytest.raises(MappingError, match=r"^@path: expected string, got undefined$"):
        transform_batch({"n": {"@path": {"@path": "$.p"}}}, [{"p": "p"}, {}])


def test_constant_parts_are_new_for_every_event() -> None:
    compiled = compile_mapping({"a": {"b": [1, {"c": 2}]}, "d": {"@literal": {"e": [{"@template": "x"}]}}})
    first = compiled({})
    first["a"]["b"][1]["c"] = 99
    first["d"]["e"].append("y")
    assert compiled({}) == {"a": {"b": [1, {"c": 2}]}, "d": {"e": ["x"]}}


def test_a_mapping_changed_later_changes_nothing() -> None:
    mapping: dict[str, Any] = {"a": {"@literal": [1]}, "b": {"c": 1}}
    compiled = compile_mapping(mapping)
    mapping["a"]["@literal"].append(2)
    mapping["b"]["c"] = 2
    assert compiled({}) == {"a": [1], "b": {"c": 1}}


def test_a_constant_directive_that_fails_fails_for_every_event() -> None:
    compiled = compile_mapping(
        {"v": {"@if": {"exists": {"@path": "$.a"}, "then": {"@case": {"operator": "x", "value": "y"}}}}}
    )
    assert compiled.problems == ()
    assert compiled({}) == {}
    for _ in range(2):
        with pytest.raises(MappingError, match=r"^operator key should"):
            compiled({"a": 1})


def test_the_mapping_is_kept_as_it_was_given() -> None:
    mapping = {"v": {"@replace": {"pattern": "a", "value": "b"}}}
    compiled = compile_mapping(mapping)
    compiled({})
    assert compiled.raw is mapping
    assert mapping == {"v": {"@replace": {"pattern": "a", "value": "b"}}}
    assert repr(compiled) == f"CompiledMapping({mapping!r})"


def nested(levels: int, key: str, inner: Any) -> Any:
    for _ in range(levels):
        inner = {key: inner}
    return inner


@pytest.mark.parametrize("key", ["@literal", "@path", "@excludeWhenNull"])
def test_mappings_nest_up_to_a_limit(key: str) -> None:
    compiled = compile_mapping(nested(MAX_DEPTH, key, "$.a"))
    assert compiled({"$": {"a": "a"}, "a": "a"}) == compiled.trace({"$": {"a": "a"}, "a": "a"})[0]


@pytest.mark.parametrize("levels", [MAX_DEPTH + 1, 100_000])
def test_deeper_mappings_are_refused(levels: int) -> None:
    compiled = compile_mapping(nested(levels, "@literal", 1))
    (problem,) = compiled.problems
    assert str(problem) == "a mapping nests at most 100 levels deep, but this one goes deeper"
    with pytest.raises(MappingError, match=r"^a mapping nests at most 100 levels deep"):
        compiled({})


def test_a_mapping_that_holds_itself_is_refused() -> None:
    mapping: dict[str, Any] = {}
    mapping |= {"a": mapping, "b": [mapping, mapping]}
    assert len(compile_mapping(mapping).problems) == 1


def test_little_stack_is_left() -> None:
    compiled = compile_mapping(nested(90, "a", {"@path": "$.x"}))

    def deeper(levels: int) -> Any:
        return deeper(levels - 1) if levels else (compiled({}), 0)

    outcomes = set()
    for levels in range(600, 1000, 10):
        try:
            deeper(levels)
        except (MappingError, RecursionError) as error:
            outcomes.add(type(error).__name__)
    assert "MappingError" in outcomes


def test_little_stack_is_left_to_compile() -> None:
    def deeper(levels: int) -> Any:
        return deeper(levels - 1) if levels else compile_mapping(nested(90, "a", {"@path": "$.x"}))

    problems = set()
    for levels in range(500, 1000, 10):
        try:
            problems |= {str(problem) for problem in deeper(levels).problems}
        except RecursionError:
            break
    assert problems == {"the mapping nests too deeply for what is left of the stack"}


def test_events_may_nest_deeper_than_pythons_stack() -> None:
    event = nested(20_000, "a", {"b": MISSING, "__proto__": 1, "l": [[{"c": MISSING}]]})
    payload = transform({"v": {"@path": "$.a"}}, event)["v"]
    levels = 0
    while "a" in payload:
        payload, levels = payload["a"], levels + 1
    assert (levels, payload) == (19_999, {"l": [[{}]]})


def test_remove_undefined() -> None:
    value = {"a": MISSING, "b": [MISSING, {"c": MISSING, "d": None}], "__proto__": 1, "e": {1, 2}}
    expected = {"b": [MISSING, {"d": None}], "e": {1, 2}}
    assert remove_undefined(value) == _copy_deep(value) == expected
    assert remove_undefined(MISSING) is MISSING
    assert remove_undefined([value]) == [expected]


@pytest.mark.parametrize("part", [MISSING, {}, [], {"a": 1}, [1]])
def test_dict_that_is_not_tracked_is_flat(part: Any) -> None:
    written = [{"a": part}, dict(zip("a", [part], strict=True)), {"a": part}.copy(), {"b": 1}]
    written[-1]["a"] = part
    read = [] if part is MISSING else [orjson.loads(orjson.dumps({"a": part})), json.loads(json.dumps({"a": part}))]
    assert all(map(gc.is_tracked, written + read))


def test_flat_objects_are_copied_without_a_key_proto() -> None:
    flat = {"a": "x", "b": 1.5, "c": None, "__proto__": 1}
    copies = remove_undefined([flat] * 5 + [{"d": flat, "e": MISSING}])
    assert copies == [{"a": "x", "b": 1.5, "c": None}] * 5 + [{"d": {"a": "x", "b": 1.5, "c": None}}]
    assert len({id(copy) for copy in copies}) == 6
    assert "__proto__" in flat


def test_payloads_that_are_known_to_fit() -> None:
    mapping = {"name": {"@path": "$.event"}, "data": {"@path": "$.properties"}, "by": {"@template": "{{ userId }}"}}
    kinds = {"name": str, "data": dict, "by": str, "other": str}
    fitting = compile_mapping(mapping).without_coercion(kinds, ["name"])
    assert fitting is not None
    event = {"event": "a", "properties": {"b": {}}, "userId": 5}
    assert fitting(event) == {"name": "a", "data": {"b": {}}, "by": "5"}
    assert fitting(event)["data"] is event["properties"]
    assert fitting({"event": "a", "userId": "u"}) == {"name": "a", "by": "u"}
    for key, value in (("event", ""), ("event", None), ("event", MISSING), ("properties", [])):
        assert fitting({**event, key: value}) is None


@pytest.mark.parametrize(
    "mapping",
    [
        {"@path": "$.properties"},
        {"__segment_internal_directive": {"@merge": {"direction": "left", "objects": []}}, "name": "a"},
        {"name": "a", "__proto__": "b"},
        {"name": "a", "unknown": "b"},
        {"data": {}},
        {"name": {"@nope": 1}},
        None,
    ],
)
def test_payloads_of_which_nothing_can_be_known(mapping: Any) -> None:
    assert compile_mapping(mapping).without_coercion({"name": str, "data": dict}, ["name"]) is None

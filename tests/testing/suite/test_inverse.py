"""From a wanted payload back to an event."""

from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from destination.fields import InputField
from destination.mapping import compile_mapping
from destination.testing.suite.draft import Draft, branches, event_paths
from destination.testing.suite.inverse import invert
from tests.mapping.strategies import MAPPINGS
from tests.testing.suite.store import FIELDS, MAPPING

A, B = {"@path": "$.properties.a"}, {"@path": "$.context.b"}


def draft_of(mapping: Any, wanted: dict[str, Any], **options: Any) -> Draft:
    draft = Draft(("shop", "order"), **options)
    invert(draft, mapping, wanted, {})
    return draft


@pytest.mark.parametrize(
    ("part", "wanted"),
    [
        (A, "x"),
        (A, {"b": [1, {"c": None}]}),
        ({"@path": "$.list[1]['key']"}, 5),
        ({"@if": {"exists": A, "then": A, "else": "no"}}, "x"),
        ({"@if": {"exists": A, "then": B, "else": "no"}}, "x"),
        ({"@if": {"blank": A, "then": B}}, "x"),
        ({"@template": "{{properties.a}}"}, "x"),
        ({"@literal": {"a": A}}, {"a": "x"}),
        ({"a": A, "b": {"c": B}}, {"a": "x", "b": {"c": 2}}),
        ([A, B], ["x", "y"]),
        ({"@arrayPath": ["$.properties.list", {"id": {"@path": "$.sku"}}]}, [{"id": "x"}, {"id": "y"}]),
        ({"@arrayPath": ["$.properties.list", {}]}, ["x", "y"]),
        ({"@arrayPath": ["$.properties.list", {"@path": "$.sku"}]}, ["x", "y"]),
        ({"@case": {"operator": "lower", "value": A}}, "x"),
        ({"@replace": {"pattern": "q", "replacement": "r", "value": A}}, "x"),
        ({"@json": {"mode": "decode", "value": A}}, {"b": ["x"]}),
        ({"@excludeWhenNull": A}, {"b": "x"}),
        ({"@merge": {"direction": "left", "objects": [A]}}, {"b": "x"}),
        ({"@merge": {"direction": "right", "objects": [{"a": A}, {"b": B}]}}, {"a": "x", "b": "y"}),
    ],
)
def test_the_event_gives_what_was_wanted(part: Any, wanted: Any) -> None:
    draft = draft_of({"f": part}, {"f": wanted})
    assert compile_mapping({"f": part})(draft.event({"type": "track"})) == {"f": wanted}
    assert draft.notes == []


def test_a_whole_payload_comes_back() -> None:
    fields = {key: InputField.from_json(field) for key, field in FIELDS.items()}
    wanted = {key: f"value of {key}" for key in MAPPING} | {
        "address": {"street": "s", "city": "c"},
        "items": [{"sku": "a", "price": 1}],
    }
    draft = Draft(("store", "order"))
    invert(draft, MAPPING, wanted, fields)
    assert compile_mapping(MAPPING)(draft.event({})) == wanted


_KEYS = st.sampled_from(["a", "b", "c", "d d", "1"])
_PLACES = st.lists(_KEYS, min_size=1, max_size=3).map(tuple)


@given(st.dictionaries(st.sampled_from("fghij"), _PLACES, min_size=1), st.data())
def test_paths_that_do_not_cross_are_inverted_exactly(places: dict[str, tuple[str, ...]], data: st.DataObject) -> None:
    taken: list[tuple[str, ...]] = []
    mapping, wanted = {}, {}
    for field, place in places.items():
        if any(place[: len(other)] == other or other[: len(place)] == place for other in taken):
            continue
        # A list cannot hold a member that is no index.
        if any(len(place) > depth and place[depth] == "1" for depth in range(1, 3)):
            continue
        taken.append(place)
        mapping[field] = {"@path": "$." + ".".join(f"['{key}']" if " " in key else key for key in place)}
        wanted[field] = data.draw(st.text("xyz", min_size=1) | st.integers() | st.just({"x": [1]}))
    draft = draft_of(mapping, wanted)
    assert compile_mapping(mapping)(draft.event({})) == wanted


@settings(suppress_health_check=[HealthCheck.too_slow])
@given(MAPPINGS, st.sampled_from(["x", 5, {"a": 1}, ["x", "y"], None]))
def test_any_mapping_gives_an_event(mapping: Any, value: Any) -> None:
    wanted = dict.fromkeys(mapping, value) if isinstance(mapping, dict) else {"a": value}
    for branch in (None, *branches(mapping)):
        draft = draft_of(mapping, wanted, choices=branch.choices if branch is not None else None)
        event = draft.event({"type": "track"})
        assert isinstance(event, dict)
        assert event is not draft.event({"type": "track"})


def test_the_branch_that_is_chosen_is_taken() -> None:
    part = {
        "@if": {"exists": A, "then": {"@if": {"blank": B, "then": "inner then", "else": "inner else"}}, "else": "e"}
    }
    payloads = {}
    for branch in branches({"f": part}):
        draft = draft_of({"f": part}, {"f": "x"}, choices=branch.choices)
        event = draft.event({})
        payloads[branch.name] = (compile_mapping({"f": part})(event), event)
    assert {name: payload["f"] for name, (payload, _) in payloads.items()} == {
        "f @if then": "inner then",
        "f @if else": "e",
        "f.@if.then @if then": "inner then",
        "f.@if.then @if else": "inner else",
        "f.@if.then @if blank": "inner else",
    }
    assert payloads["f.@if.then @if blank"][1]["context"] == {"b": ""}
    assert "b" not in payloads["f.@if.then @if else"][1].get("context", {})


def test_an_if_inside_a_list_takes_its_branch() -> None:
    part = {"@arrayPath": ["$.list", {"id": {"@if": {"exists": {"@path": "$.sku"}, "then": "has", "else": "has not"}}}]}
    (then, otherwise) = branches({"f": part})
    for branch, expected in ((then, "has"), (otherwise, "has not")):
        draft = draft_of({"f": part}, {"f": [{"id": "x"}]}, choices=branch.choices)
        assert compile_mapping({"f": part})(draft.event({})) == {"f": [{"id": expected}]}


@pytest.mark.parametrize(
    ("part", "note"),
    [
        ("text", "f: is fixed in the mapping: no event changes it"),
        ({"@literal": 5}, "f: is fixed in the mapping: no event changes it"),
        ({"@path": "$."}, "f: is the whole event"),
        (
            {"@path": {"@path": "$.a"}},
            "f: made by a path that a directive makes: each path that it reads has a value",
        ),
        ({"@liquid": "{{ event | upcase }}"}, "f: made by @liquid: each path that it reads has a value of its own"),
        ({"@liquid": "fixed"}, "f: made by @liquid; which paths it reads is not known"),
        ({"@jsonpath": "$.products[*].sku"}, "f: made by @jsonpath: each path"),
        ({"@jinja": "{{ event }}"}, "f: made by @jinja"),
        ({"@template": "{{a}} {{b}}"}, "f: made by @template: each path that it reads has a value of its own"),
        ({"@transform": {"apply": {"x": A}, "mapping": {"@path": "$.x"}}}, "f: made by @transform: each path"),
        ({"@unknown": 1}, "f: made by @unknown; which paths it reads is not known"),
    ],
)
def test_what_no_event_can_bring_about_is_noted(part: Any, note: str) -> None:
    draft = draft_of({"f": part}, {"f": "x"})
    draft.event({})
    assert [found for found in draft.notes if found.startswith(note)], draft.notes


def test_two_fields_of_one_place_are_noted() -> None:
    draft = draft_of({"f": A, "g": A}, {"f": "x", "g": "y"})
    assert draft.event({}) == {"properties": {"a": "x"}}
    assert draft.notes == ["g: reads $.properties.a, which has the value for f"]


def test_of_two_fields_of_one_place_the_more_particular_one_has_its_value() -> None:
    fields = {"f": InputField(label="F", type="string"), "g": InputField(label="G", type="string", format="email")}
    draft = Draft(("shop", "order"))
    invert(draft, {"f": A, "g": A}, {"f": "x", "g": "a@example.com"}, fields)
    assert draft.event({}) == {"properties": {"a": "a@example.com"}}
    assert draft.notes == ["f: reads $.properties.a, which has the value for g"]


def test_a_place_in_a_text_is_noted() -> None:
    draft = draft_of({"f": A, "g": {"@path": "$.properties.a.b"}}, {"f": "x", "g": "y"})
    assert draft.event({}) == {"properties": {"a": "x"}}
    assert draft.notes == ["g: $.properties.a.b cannot have a value"]


def test_what_holds_others_is_put_first() -> None:
    mapping = {"g": {"@path": "$.properties.a.b"}, "f": {"@path": "$.properties"}}
    draft = draft_of(mapping, {"g": "y", "f": {"c": 1}})
    assert draft.event({}) == {"properties": {"c": 1, "a": {"b": "y"}}}


def test_a_template_language_gets_a_text_at_each_place() -> None:
    draft = draft_of({"f": {"@liquid": "{{ event }} {{ properties.plan }}"}}, {"f": "x"})
    event = draft.event({})
    assert event["event"].startswith("event-")
    assert event["properties"]["plan"].startswith("plan-")


def test_a_path_at_the_root_is_inverted_field_by_field() -> None:
    draft = draft_of({"@path": "$.properties"}, {"f": "x", "g": "y"})
    assert draft.event({}) == {"properties": {"f": "x", "g": "y"}}
    assert set(draft.sources) == {("f",), ("g",)}


@pytest.mark.parametrize(
    ("part", "paths"),
    [
        ({"@path": "$.a.b"}, (("a", "b"),)),
        ({"@path": {"@template": "{{c}}"}}, (("c",),)),
        ({"@template": "{{a.b}} {{{c}}}"}, (("c",), ("a", "b"))),
        ({"@arrayPath": ["$.list", {"x": {"@path": "$.sku"}}]}, (("list",),)),
        ({"@transform": {"apply": {"x": A}, "mapping": {"y": {"@path": "$.x"}}}}, (("properties", "a"),)),
        ({"@liquid": "{% if a.b %}{{ c }}{% endif %}"}, (("a", "b"), ("c",))),
        ({"@jsonpath": "$.products[*].sku"}, (("products",),)),
        ({"@jsonpath": "$["}, ()),
        ([A, {"x": B}, "text"], (("properties", "a"), ("context", "b"))),
        ({"@path": "."}, ()),
    ],
)
def test_the_places_that_a_part_reads_are_seen_without_an_event(part: Any, paths: Any) -> None:
    assert event_paths(part) == paths

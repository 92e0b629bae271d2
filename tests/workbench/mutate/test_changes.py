"""What is changed, in triggers and mappings."""

import copy
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings

from destination.fql import compile_trigger, parse_fql
from destination.mapping import (
    array_path,
    case,
    compile_mapping,
    exclude_when_null,
    flatten,
    if_blank,
    if_exists,
    jinja_template,
    json_decode,
    jsonpath,
    liquid_template,
    literal,
    merge,
    path,
    replace,
    template,
    transformed,
    validate_mapping,
)
from destination.mapping.changes import Change
from destination.values import deep_equals, write_json
from destination.workbench.mutate.mapping_changes import ValidMapping, mapping_changes
from destination.workbench.mutate.trigger_changes import trigger_changes
from tests.mapping.strategies import MAPPINGS
from tests.thorough import examples


def of_trigger(source: str) -> list[str]:
    return [change.value for change in trigger_changes(compile_trigger(source))]


def texts(part: Any) -> list[str]:
    """The changes of a part of a mapping, but for its own removal."""
    return [f"{'/'.join(change.path[1:])} {change.text}".strip() for change in mapping_changes({"k": part})][1:]


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        ('type = "page"', ['type != "page"', 'type = "page_"']),
        ("userId != null", ["userId = null"]),
        ("properties.a = true", ["properties.a = false", "properties.a_ = true"]),
        ("traits.n <= 5", ["traits.n < 5", "traits.n > 5", "traits.n <= 6", "traits.n_ <= 5"]),
        ('contains(event, "a")', ['!contains(event, "a")', 'contains(event, "a_")']),
        ('match(event, "a*")', ['!match(event, "a*")', 'contains(event, "a")', 'match(event, "a_*")']),
        ("type ~ 1", []),
    ],
)
def test_an_operator_a_value_and_a_path_become_others(source: str, expected: list[str]) -> None:
    assert of_trigger(source) == expected


def test_groups_are_joined_otherwise_and_conditions_left_out() -> None:
    found = of_trigger('type = "track" and (event = "a" or event = "b")')
    assert 'type = "track" or (event = "a" or event = "b")' in found
    assert 'type = "track" and (event = "a" and event = "b")' in found
    assert 'type = "track" and event = "b"' in found
    assert 'event = "a" or event = "b"' in found
    assert 'type = "track"' in found


def test_a_condition_of_a_trigger_has_the_place_that_coverage_gives_it() -> None:
    changes = trigger_changes(compile_trigger('type = "track" and (event = "a" or event = "b")'))
    places = {change.text: change.path for change in changes}
    assert places['type = "track" becomes type != "track"'] == ("subscribe", "0")
    assert places['event = "b" is left out'] == ("subscribe", "1", "1")
    assert places["or becomes and"] == ("subscribe", "1")


@pytest.mark.parametrize(
    ("part", "expected"),
    [
        ("web", ['"web" becomes "web_"']),
        ("", ['"" becomes "changed"']),
        (5, ["5 becomes 6"]),
        (None, ['null becomes "changed"']),
        ([True], ["0 true is left out", "0 true becomes false"]),
        (path("$.a.b"), ["$.a.b becomes $.a.b_", "$.a.b becomes $.a"]),
        (path("$.l[0]"), ["$.l[0] becomes $.l[1]", "$.l[0] becomes $.l"]),
        (path("$.p['a b']"), ["$.p['a b'] becomes $.p['a b_']", "$.p['a b'] becomes $.p"]),
        (literal("x"), ['@literal "x" becomes "x_"']),
        (
            template("Hi {{ a }}!"),
            ["{{ a }} becomes {{ a_ }}", "{{ a }} is left out", '"Hi " is left out', '"!" is left out'],
        ),
        (liquid_template("{{ a.b | upcase }}"), ["a.b becomes a.b_", "| upcase is left out"]),
        (jinja_template("{{ a|upper }}"), ["a becomes a_", "|upper is left out"]),
        (
            if_blank(path("$.a"), then="x", else_="y"),
            [
                "then and else are swapped",
                '@if/else the default "y" is left out',
                "blank becomes exists",
                "@if/blank $.a becomes $.a_",
                '@if/then "x" becomes "x_"',
                '@if/else "y" becomes "y_"',
            ],
        ),
        (
            case(path("$.a"), "upper"),
            [
                '@case/operator operator: "upper" becomes "lower"',
                "@case/value $.a becomes $.a_",
                "@case is left out, its value stays",
            ],
        ),
        (
            replace(path("$.a"), "b", "c"),
            [
                '@replace/pattern pattern: "b" becomes "b_"',
                '@replace/replacement replacement: "c" becomes "c_"',
                "@replace/global global: the default becomes false",
                "@replace/ignorecase ignorecase: the default becomes true",
                "@replace/value $.a becomes $.a_",
                "@replace is left out, its value stays",
            ],
        ),
        (
            merge(path("$.a")),
            [
                '@merge/direction direction: "right" becomes "left"',
                '@merge/objects/0 {"@path": "$.a"} is left out',
                "@merge/objects/0 $.a becomes $.a_",
            ],
        ),
        (
            flatten(path("$.a"), "."),
            [
                '@flatten/separator separator: "." becomes "._"',
                "@flatten/omitArrays omitArrays: the default becomes true",
                "@flatten/value $.a becomes $.a_",
                "@flatten is left out, its value stays",
            ],
        ),
        (
            json_decode(path("$.a")),
            [
                '@json/mode mode: "decode" becomes "encode"',
                "@json/value $.a becomes $.a_",
                "@json is left out, its value stays",
            ],
        ),
        (jsonpath("$.a[*].b"), ["$.a[*].b becomes $.a[*].b_", "$.a[*].b becomes $.a[*]", "mode: all becomes first"]),
        (
            array_path("$.l", {"i": path("$.i")}),
            [
                "@arrayPath/0 $.l becomes $.l_",
                '@arrayPath/1/i the key "i" is left out',
                "@arrayPath/1/i $.i becomes $.i_",
            ],
        ),
        (
            exclude_when_null(path("$.a")),
            ["@excludeWhenNull $.a becomes $.a_", "@excludeWhenNull is left out, its value stays"],
        ),
        (
            transformed(apply={}, mapping={"a": path("$.b")}),
            ['@transform/mapping/a the key "a" is left out', "@transform/mapping/a $.b becomes $.b_"],
        ),
        (path(template("{{ a }}")), ["@path {{ a }} becomes {{ a_ }}", "@path {{ a }} is left out"]),
    ],
)
def test_each_directive_is_changed_in_its_own_ways(part: Any, expected: list[str]) -> None:
    assert texts(part) == expected


def test_swapped_branches_stand_in_each_others_place() -> None:
    changed = [
        change.value["k"]
        for change in mapping_changes({"k": if_exists(path("$.a"), then="x")})
        if change.text == "then and else are swapped"
    ]
    assert changed == [{"@if": {"exists": {"@path": "$.a"}, "else": "x"}}]


def test_what_says_how_events_are_sent_is_left_alone() -> None:
    assert list(mapping_changes({"enable_batching": True, "batch_size": 5, "__segment_internal_x": 1})) == []


def test_below_a_root_directive_things_are_changed() -> None:
    mapping = {"__segment_internal_directive": {"@transform": {"apply": {"a": path("$.b")}}}, "c": path("$.a")}
    places = {"/".join(change.path) for change in mapping_changes(mapping)}
    assert places == {"__segment_internal_directive/@transform/apply/a", "c"}


@settings(max_examples=examples(80), deadline=None, suppress_health_check=list(HealthCheck))
@given(MAPPINGS)
def test_a_change_changes_something_and_leaves_the_mapping_alone(mapping: Any) -> None:
    before = copy.deepcopy(mapping)
    for change in mapping_changes(mapping):
        assert not deep_equals(change.value, mapping) or compile_mapping(mapping).problems, change
    assert deep_equals(mapping, before)


def test_every_changed_trigger_can_be_parsed_and_is_another() -> None:
    source = 'type = "track" and (properties.a\\ b.c > 1 or contains(traits.x, "y")) or userId = null'
    for changed in of_trigger(source):
        assert getattr(parse_fql(changed), "error", None) is None
        assert parse_fql(changed) != parse_fql(source)


def test_a_change_judged_by_its_part_is_judged_as_the_whole_mapping() -> None:
    """Also where two changes make one mapping, and where a change is not valid."""
    mapping = {
        "twice": ["a", "a", {"@path": "$.b"}],
        "object": {"text": "a", "inner": {"@if": {"exists": {"@path": "$.a"}, "then": {"@path": "$.a"}, "else": 1}}},
        "name": {"@template": "{{event}} {{name}}"},
        "case": {"@case": {"operator": "upper", "value": {"@path": "$.q"}}},
        "merge": {"@merge": {"direction": "left", "objects": [{"@path": "$.traits"}, {"source": "web"}]}},
        "empty": {},
    }
    known = {write_json(mapping)}
    expected = []
    for change in mapping_changes(mapping):
        written = write_json(change.value)
        expected.append(written not in known and not compile_mapping(change.value).problems)
        known.add(written)
    judged = ValidMapping(mapping)
    assert [judged.accepts(change) for change in mapping_changes(mapping)] == expected
    assert not all(expected)
    path, broken = ("object", "inner"), {"@path": 5}
    assert not judged.accepts(Change(path, "", {**mapping, "object": {"text": "a", "inner": broken}}))


def test_what_a_change_leaves_is_not_checked_again(monkeypatch: pytest.MonkeyPatch) -> None:
    sizes: list[int] = []

    def counted(mapping: Any) -> list[Any]:
        sizes.append(len(write_json(mapping)))
        return validate_mapping(mapping)

    mapping = {"properties": {f"key{number}": {"@path": f"$.properties.key{number}"} for number in range(100)}}
    judged = ValidMapping(mapping)
    monkeypatch.setattr("destination.workbench.mutate.mapping_changes.validate_mapping", counted)
    assert all(judged.accepts(change) for change in mapping_changes(mapping))
    assert len(sizes) >= 200
    assert max(sizes) < 60

"""What of a subscription can be reached."""

from typing import Any

import pytest

from destination.fql import compile_trigger
from destination.mapping import (
    array_path,
    case,
    compile_mapping,
    if_blank,
    if_exists,
    json_decode,
    json_encode,
    jsonpath,
    liquid_template,
    literal,
    merge,
    path,
    replace,
    template,
    transformed,
)
from destination.workbench.coverage import points_of

ALWAYS = 'type = "track" or type != "track"'  # says nothing of any path


def points(mapping: Any, trigger: str | None = None) -> list[str]:
    """The points of a mapping, or of a trigger with it."""
    found = points_of(compile_trigger(trigger or ALWAYS), compile_mapping(mapping))
    return [str(point) for point in found if trigger is not None or point.path[0] == "mapping"]


def test_a_trigger_has_its_verdicts_and_those_of_its_conditions() -> None:
    assert points({}, 'type = "track" and (event = "a" or properties.n > 5)') == [
        'subscribe type = "track" and (event = "a" or properties.n > 5): matched',
        'subscribe type = "track" and (event = "a" or properties.n > 5): not matched',
        'subscribe/0 type = "track": true',
        'subscribe/0 type = "track": false',
        'subscribe/1/0 event = "a": true',
        'subscribe/1/0 event = "a": false',
        "subscribe/1/1 properties.n > 5: true",
        "subscribe/1/1 properties.n > 5: false",
    ]


def test_a_single_condition_is_the_trigger() -> None:
    assert points({}, 'type = "page"') == ['subscribe type = "page": matched', 'subscribe type = "page": not matched']


def test_a_trigger_that_cannot_be_parsed_never_matches() -> None:
    assert points({}, "type ~") == ["subscribe type ~: matched", "subscribe type ~: not matched"]
    assert [str(point) for point in points_of(None, compile_mapping({}))] == [
        "subscribe : matched",
        "subscribe : not matched",
    ]


def test_a_mapping_that_is_not_valid_has_no_points() -> None:
    assert points({"a": {"@path": 5}, "b": path("$.b")}) == []


def test_directives_inside_directives_have_points_of_their_own() -> None:
    assert points({"a": if_exists(path("$.a"), then={"b": path("$.b")}, else_="none")}) == [
        "mapping/a @if: then",
        "mapping/a @if: else",
        "mapping/a/@if/exists @path: value",
        "mapping/a/@if/exists @path: nothing",
        "mapping/a/@if/then/b @path: value",
        "mapping/a/@if/then/b @path: nothing",
    ]


@pytest.mark.parametrize(
    ("mapping", "results"),
    [
        (literal("x"), ["value"]),
        (literal(None), ["nothing"]),
        (merge(path("$.a")), ["value"]),
        (replace(path("$.a"), "x", "y"), ["value"]),
        (case(path("$.a"), "lower"), ["value", "nothing"]),
        (case("text", "lower"), ["value"]),
        (json_encode(path("$.a")), ["value", "nothing"]),
        (json_encode({"a": 1}), ["value"]),
        (json_decode(path("$.a")), ["value", "nothing"]),
        (jsonpath("$..a"), ["value"]),
        (jsonpath("$..a", first=True), ["value", "nothing"]),
        (array_path("$.a", {"b": path("$.b")}), ["value", "nothing"]),
        (transformed(apply={}, mapping={"a": path("$.a")}), ["value"]),
        (path("$."), ["value"]),
        (path(template("{{a}}")), ["value", "nothing"]),
    ],
)
def test_only_what_can_come_of_a_directive_is_a_point(mapping: Any, results: list[str]) -> None:
    found = points_of(compile_trigger(ALWAYS), compile_mapping({"x": mapping}))
    assert [point.result for point in found if point.path == ("mapping", "x") and point.kind == "directive"] == results


def test_what_an_if_asked_for_is_there_in_its_then_and_not_in_its_else() -> None:
    asked = path("$.a")
    chain = if_exists(asked, then=template("{{ a }}"), else_={"a": asked, "b": path("$.b")})
    found = points({"x": chain})
    assert "mapping/x/@if/then {{ a }}: filled" in found
    assert "mapping/x/@if/then {{ a }}: empty" not in found
    assert "mapping/x/@if/else/a @path: nothing" in found
    assert "mapping/x/@if/else/a @path: value" not in found
    assert "mapping/x/@if/else/b @path: value" in found


def test_what_is_not_blank_is_there_but_what_is_blank_may_be() -> None:
    found = points({"x": if_blank(path("$.a"), then=case(path("$.a"), "upper"), else_={"a": path("$.a")})})
    assert "mapping/x/@if/then/@case/value @path: nothing" not in found
    assert "mapping/x/@if/else/a @path: value" in found


def test_an_item_is_another_event() -> None:
    inner = array_path("$.list", {"a": path("$.a")})
    found = points({"x": if_exists(path("$.a"), then={"list": inner})})
    assert "mapping/x/@if/then/list/@arrayPath/1/a @path: nothing" in found


def test_what_the_trigger_asked_for_is_there() -> None:
    mapping = {"type": path("$.type"), "plan": path("$.traits.plan"), "name": path("$.name")}
    found = points(mapping, 'type = "track" and traits.plan = null and name != "x"')
    assert [point for point in found if point.startswith("mapping")] == [
        "mapping/type @path: value",
        "mapping/plan @path: nothing",
        "mapping/name @path: value",
        "mapping/name @path: nothing",
    ]
    either = points(mapping, 'type = "track" or type = "page"')
    assert "mapping/type @path: nothing" in either


def test_placeholders_are_points() -> None:
    assert points({"a": template("{{ x.y }} and {{z}}"), "b": liquid_template("{{ q | upcase }}{{ r[0] }}")}) == [
        "mapping/a @template: value",
        "mapping/a {{ x.y }}: filled",
        "mapping/a {{ x.y }}: empty",
        "mapping/a {{ z }}: filled",
        "mapping/a {{ z }}: empty",
        "mapping/b @liquid: value",
        "mapping/b {{ q }}: filled",
        "mapping/b {{ q }}: empty",
        "mapping/b {{ r.0 }}: filled",
        "mapping/b {{ r.0 }}: empty",
    ]


def test_conditions_of_a_liquid_template_are_points_and_with_them_its_outputs() -> None:
    found = points({"x": liquid_template("{% if a %}{{ b | upcase }}{% elsif true %}{{ c }}{% endif %}")})
    assert [point.removeprefix("mapping/x ") for point in found if "%}" in point or "rendered" in point] == [
        "{% a %}: true",
        "{% a %}: false",
        "{{ b | upcase }}: rendered",
        "{{ c }}: rendered",
    ]
    assert not [point for point in points({"x": liquid_template("{{ b | upcase }}")}) if "rendered" in point]

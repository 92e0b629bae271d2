"""The page: the source with its marks."""

import re
from typing import Any

from destination.definition import Subscription
from destination.mapping import if_exists, path, template
from destination.workbench.coverage import Coverage
from destination.workbench.coverage.report import mapping_lines, render_page, trigger_lines

TRIGGER = 'type = "track" and event != "<b>"'


def covered(mapping: Any, *events: dict[str, Any]) -> Coverage:
    coverage = Coverage([Subscription(name="<S>", subscribe=TRIGGER, partner_action="x", mapping=mapping)])
    for event in events:
        coverage.take({"type": "track", **event})
    return coverage


def marks(lines: Any) -> list[tuple[str, str, list[tuple[str, int]]]]:
    return [(line.text, line.state, [(mark.point.result, mark.count) for mark in line.marks]) for line in lines]


def test_each_line_has_the_points_that_stand_on_it() -> None:
    mapping = {"name": path("$.event"), "x": if_exists(path("$.a"), then=path("$.a"), else_="none"), "list": [1, 2]}
    (item,) = covered(mapping, {"event": "E"}).subscriptions
    assert marks(mapping_lines(item)) == [
        ("{", "", []),
        ('  "name": {"@path": "$.event"},', "some", [("value", 1), ("nothing", 0)]),
        ('  "x": {', "", []),
        ('    "@if": {', "", []),
        ('      "exists": {"@path": "$.a"},', "some", [("value", 0), ("nothing", 1)]),
        ('      "then": {"@path": "$.a"},', "none", [("then", 0)]),
        ('      "else": "none"', "all", [("else", 1)]),
        ("    }", "", []),
        ("  },", "", []),
        ('  "list": [1, 2]', "", []),
        ("}", "", []),
    ]
    assert marks(trigger_lines(item)) == [
        (TRIGGER, "some", [("matched", 1), ("not matched", 0)]),
        ('  type = "track"', "some", [("true", 1), ("false", 0)]),
        ('  event != "<b>"', "some", [("true", 1), ("false", 0)]),
    ]


def test_a_branch_without_a_line_stands_with_its_if() -> None:
    (item,) = covered({"x": if_exists(path("$.a"), then=template("{{ a }} {{ b }}"))}, {}).subscriptions
    assert [(text.strip(), results) for text, _, results in marks(mapping_lines(item)) if results] == [
        ('"@if": {', [("else", 1)]),
        ('"exists": {"@path": "$.a"},', [("value", 0), ("nothing", 1)]),
        ('"then": {"@template": "{{ a }} {{ b }}"}', [("then", 0), ("value", 0), *[("filled", 0)] * 2, ("empty", 0)]),
    ]


def test_a_root_directive_stands_where_it_was_written() -> None:
    mapping = {"__segment_internal_directive": {"@transform": {"apply": {"a": path("$.b")}}}, "c": path("$.a")}
    (item,) = covered(mapping, {"b": 1}).subscriptions
    found = {text.strip(): results for text, _, results in marks(mapping_lines(item)) if results}
    assert found['"a": {"@path": "$.b"}'] == [("value", 1), ("nothing", 0)]
    assert found['"c": {"@path": "$.a"}'] == [("value", 1), ("nothing", 0)]


def test_every_point_stands_on_a_line() -> None:
    merge = {"@merge": {"direction": "right", "objects": [path("$.a"), {"y": template("{{ z }}")}]}}
    mapping = {"x": merge, "k": {}, "l": {"@liquid": "{% if a %}b{% endif %}"}}
    (item,) = covered(mapping).subscriptions
    shown = [mark.point for line in [*trigger_lines(item), *mapping_lines(item)] for mark in line.marks]
    assert sorted(map(str, shown)) == sorted(map(str, item.points))


def test_the_page_is_escaped_and_shows_no_value_of_an_event() -> None:
    event = {"event": "s3cr3t", "properties": {"card": "s3cr3t", "<script>": 1}}
    html = render_page(covered({"name": path("$.event"), "<img>": 1}, event), "<file>")
    assert "s3cr3t" not in html
    assert not re.search(r"<script|<img|<file|<S>|<b>\"", html)
    assert "$.properties.card" in html
    assert "http" not in html.replace("http-equiv", "")


def test_texts_are_masked() -> None:
    html = render_page(covered({"key": "s3cr3t"}), "events", lambda text: text.replace("s3cr3t", "***"))
    assert "s3cr3t" not in html
    assert "***" in html


def test_a_mapping_that_is_not_valid_is_told() -> None:
    assert "The mapping is not valid" in render_page(covered({"a": {"@path": 5}}), "events")


def test_a_mapping_that_nests_too_deeply_is_told() -> None:
    deep: dict[str, Any] = {}
    inner = deep
    for _ in range(3000):
        inner["a"] = inner = {}
    assert "cannot be shown: it nests too deeply" in render_page(covered(deep), "events")

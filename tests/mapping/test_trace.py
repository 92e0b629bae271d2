"""Traces: which directive made a value, from which parts of the event."""

from typing import Any

import pytest

from destination.errors import MappingError
from destination.mapping import (
    FieldTrace,
    Read,
    compile_mapping,
    if_exists,
    liquid_template,
    path,
    template,
    transformed,
)
from destination.values import MISSING

EVENT: dict[str, Any] = {
    "event": "Order",
    "userId": "u",
    "n": {"x": 1},
    "products": [{"sku": "a", "tags": ["t"]}, {"sku": "b"}],
}


def trace(mapping: Any, event: Any = None) -> dict[tuple[str | int, ...], FieldTrace]:
    payload, fields = compile_mapping(mapping).trace(EVENT if event is None else event)
    assert payload == compile_mapping(mapping)(EVENT if event is None else event)
    return {field.position: field for field in fields}


def paths(field: FieldTrace) -> list[str]:
    return [read.path for read in field.reads]


def test_each_key_has_a_trace() -> None:
    found = trace({"units": {"id": path("$.userId")}, "name": template("{{event}} {{n.x}}"), "list": [path("$.n"), 5]})
    assert list(found) == [("units", "id"), ("name",), ("list", 0), ("list", 1)]
    assert [(field.directive, field.value, paths(field)) for field in found.values()] == [
        ("@path", "u", ["$.userId"]),
        ("@template", "Order 1", ["$.event", "$.n.x"]),
        ("@path", {"x": 1}, ["$.n"]),
        (None, 5, []),
    ]
    assert found["list", 0].path == ("list", "0")


def test_a_key_that_is_left_out_has_a_trace_too() -> None:
    field = trace({"a": {"b": path("$.no")}})["a", "b"]
    assert field.value is MISSING
    assert [(read.path, read.value) for read in field.reads] == [("$.no", MISSING)]


def test_a_condition_is_read_too() -> None:
    library = path("$.context.library.name")
    field = trace({"agent": if_exists(library, then=library, else_="segment")})[("agent",)]
    assert (field.directive, field.value, paths(field)) == ("@if", "segment", ["$.context.library.name"])


def test_an_object_behind_a_condition_is_looked_into() -> None:
    found = trace({"o": if_exists(path("$.event"), then={"a": path("$.userId"), "b": {}})})
    assert found["o", "a"].directive == "@path"
    assert found["o", "a"].path == ("o", "@if", "then", "a")
    assert paths(found["o", "a"]) == ["$.event", "$.userId"]
    assert found["o", "b"].value == {}


def test_items_of_a_list_know_where_they_stand_in_the_event() -> None:
    found = trace({"items": {"@arrayPath": ["$.products", {"id": path("$.sku"), "tag": path("tags[0]")}]}})
    assert paths(found["items", 0, "id"]) == ["$.products", "$.products[0].sku"]
    assert paths(found["items", 1, "tag"]) == ["$.products", "$.products[1].tags[0]"]
    assert found["items", 1, "tag"].value is MISSING


def test_a_list_of_scalars_is_one_position() -> None:
    found = trace({"items": {"@arrayPath": ["$.products", path("$.sku")]}})
    assert found[("items",)].directive == "@arrayPath"
    assert paths(found[("items",)]) == ["$.products", "$.products[0].sku", "$.products[1].sku"]


def test_a_list_that_is_only_in_part_of_objects_is_one_position() -> None:
    found = trace({"items": {"@arrayPath": ["$.l", path("$.o")]}}, {"l": [{"o": {"a": 1}}, {"o": 2}]})
    assert list(found) == [("items",)]


def test_what_apply_made_is_no_part_of_the_event() -> None:
    found = trace({"t": transformed(apply={"who": path("$.userId")}, mapping={"id": path("$.who")})})
    assert [(read.path, read.derived) for read in found["t", "id"].reads] == [("$.userId", False), ("$.who", True)]


def test_items_that_are_no_objects_are_derived() -> None:
    found = trace({"items": {"@arrayPath": ["$.l", path("$.length")]}}, {"l": ["abc"]})
    assert [(read.path, read.derived) for read in found[("items",)].reads] == [("$.l", False), ("$.length", True)]


def test_a_root_directive_stands_at_the_root() -> None:
    found = trace(path("$.n"))
    assert list(found) == [()]
    assert found[()].value == {"x": 1}
    assert trace({})[()].value == {}


def test_templates_read_what_stands_in_them() -> None:
    text = (
        "{% assign q = n.x %}{{ q | plus: n['y'] }}{% if products[0].sku and products.size > 0 %}{{ x[y] }}{% endif %}"
    )
    found = trace({"a": liquid_template(text), "b": liquid_template("plain")})
    assert paths(found[("a",)]) == ["$.n.x", "$.n.y", "$.products[0].sku", "$.products", "$.x", "$.y"]
    assert found[("b",)].reads == ()


def test_extensions_read_what_stands_in_them() -> None:
    found = trace(
        {
            "a": {"@jsonpath": "$.products[*].sku"},
            "b": {"@jsonpath": "$..sku"},
            "c": {"@jinja": "{% for p in products %}{{ p.sku }}{% endfor %}{{ this.n['x'] }}{{ event }}{{ n[event] }}"},
        }
    )
    assert [paths(field) for field in found.values()] == [
        ["$.products"],
        ["$"],
        ["$.products", "$.n.x", "$.event", "$.n"],
    ]


def test_errors_are_the_same() -> None:
    compiled = compile_mapping({"v": path(path("$.n"))})
    for run in (compiled, compiled.trace):
        with pytest.raises(MappingError, match=r"^@path: expected string, got object$"):
            run(EVENT)
    with pytest.raises(MappingError, match=r"^The root directive"):
        compile_mapping({"__segment_internal_directive": {}}).trace(EVENT)


def test_tracing_inside_tracing() -> None:
    outer = compile_mapping({"a": path("$.n")})
    first = outer.trace(EVENT)
    compile_mapping({"b": path("$.event")}).trace(EVENT)
    assert outer.trace(EVENT) == first


def test_a_deep_mapping_is_traced_with_little_stack() -> None:
    mapping: Any = {"@path": "$.x"}
    for _ in range(90):
        mapping = {"@literal": mapping}

    compiled = compile_mapping({"v": mapping})

    def deeper(levels: int) -> Any:
        return deeper(levels - 1) if levels else (compiled.trace({}), 0)

    outcomes = set()
    for levels in range(600, 1000, 10):
        try:
            deeper(levels)
        except (MappingError, RecursionError) as error:
            outcomes.add(type(error).__name__)
    assert "MappingError" in outcomes


def test_steps_tell_of_every_directive_also_up_to_an_error() -> None:
    done = compile_mapping({"a": if_exists(path("$.no"), then=path("$.event")), "b": path(path("$.n"))}).steps(EVENT)
    assert [(step.path, step.directive, step.value, step.done) for step in done.steps if step.directive] == [
        (("a",), "@if", MISSING, True),
        (("a", "@if", "exists"), "@path", MISSING, True),
        (("b",), "@path", MISSING, False),
        (("b", "@path"), "@path", {"x": 1}, True),
    ]
    assert (("a", "@if", "else"), MISSING) in [(step.path, step.value) for step in done.steps]
    assert isinstance(done.error, MappingError)
    assert done.payload is MISSING


def test_steps_know_a_path_as_the_mapping_has_it() -> None:
    done = compile_mapping({"items": {"@arrayPath": ["$.products", {"id": path("$.sku")}]}}).steps(EVENT)
    reads = [event for step in done.steps for event in step.events if isinstance(event, Read)]
    assert [(read.path, read.asked) for read in reads] == [
        ("$.products", ("products",)),
        ("$.products[0].sku", ("sku",)),
        ("$.products[1].sku", ("sku",)),
    ]


def test_steps_of_what_is_no_event_are_an_error() -> None:
    assert isinstance(compile_mapping({}).steps(5).error, MappingError)

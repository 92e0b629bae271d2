"""Mappings written in code are Segment's JSON."""

from typing import Any

import pytest

from destination import mapping as kit
from destination.mapping import (
    array_path,
    case,
    exclude_when_null,
    flatten,
    if_blank,
    if_exists,
    jinja_template,
    json_decode,
    json_encode,
    jsonpath,
    liquid_template,
    literal,
    merge,
    path,
    replace,
    template,
    transform,
    transformed,
    validate_mapping,
)
from destination.mapping.directives import DIRECTIVES

EVENT: dict[str, Any] = {"event": "Order Completed", "p": {"a": 1, "b": None, "c": [1]}, "q": {"a": 2}, "s": "[1]"}


@pytest.mark.parametrize(
    ("directive", "result"),
    [
        (path("$.p.a"), 1),
        (template("<{{event}}>"), "<Order Completed>"),
        (literal([1]), [1]),
        (if_exists(path("$.no"), then=1, else_=2), 2),
        (if_exists(path("$.event"), then=0), 0),
        (if_blank(path("$.event"), then=1, else_=2), 1),
        (case(path("$.event"), "lower"), "order completed"),
        (replace(path("$.event"), "E", "", everywhere=False, ignorecase=True), "Ordr Completed"),
        (replace(path("$.event"), " ", "_", pattern2="O", replacement2="o"), "order_Completed"),
        (array_path("$.p", {"x": path("$.a")}), [{"x": 1}]),
        (array_path("$.p.c"), [1]),
        (merge(path("$.p"), path("$.q")), {"a": 2, "b": None, "c": [1]}),
        (merge(path("$.p"), path("$.q"), direction="left"), {"a": 1, "b": None, "c": [1]}),
        (transformed(apply={"x": path("$.p")}, mapping={"y": path("$.x.a")}), {"y": 1}),
        (flatten(path("$.p"), "_"), {"a": 1, "b": None, "c_0": 1}),
        (flatten(path("$.p"), omit_arrays=True), {"a": 1, "b": None, "c": [1]}),
        (json_encode(path("$.p")), '{"a":1,"b":null,"c":[1]}'),
        (json_decode(path("$.s")), [1]),
        (exclude_when_null(path("$.p")), {"a": 1, "c": [1]}),
        (liquid_template("{{ p.a | plus: 1 }}"), "2"),
        (jsonpath("$..a"), [1, 2]),
        (jsonpath("$..a", first=True), 1),
        (jinja_template("{{ p.a + 1 }}"), "2"),
    ],
)
def test_what_the_functions_return_is_valid_and_does_what_it_says(directive: dict[str, Any], result: Any) -> None:
    assert validate_mapping({"v": directive}) == []
    assert transform({"v": directive}, EVENT) == {"v": result}


def test_public_names_are_sorted_and_there() -> None:
    assert kit.__all__ == sorted(kit.__all__)
    assert all(hasattr(kit, name) for name in kit.__all__)


def test_every_directive_of_segment_is_in_the_table() -> None:
    portable = [name for name, directive in DIRECTIVES.items() if directive.portable]
    assert portable == [
        "@if",
        "@case",
        "@replace",
        "@arrayPath",
        "@path",
        "@template",
        "@literal",
        "@flatten",
        "@json",
        "@merge",
        "@transform",
        "@excludeWhenNull",
        "@liquid",
    ]

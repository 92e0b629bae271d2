"""Paths: how they are taken apart and what they select."""

from typing import Any

import pytest

from destination.mapping.paths import compile_path, join_path, split_path
from destination.values import MISSING

EVENT: dict[str, Any] = {
    "a": {"b": {"c": {"d": 1}}},
    "p": {"x": 5, "dot": {"key": "cut"}, "dot.key": "whole", "a b": 2},
    "its": 3,
    "p[a]": 4,
    "list": [{"sku": "s0"}, {"sku": "s1"}],
    "text": "héllo",
    "party": "🎉",
    "": "blank",
    "zero": 0,
    "no": False,
    "nul": None,
    "empty": "",
}


@pytest.mark.parametrize(
    ("path", "keys"),
    [
        ("a.b", ("a", "b")),
        ("a[0]", ("a", "0")),
        ("a['b c']", ("a", "b c")),
        ('a["b"]', ("a", "b")),
        ("a[0][1]", ("a", "0", "1")),
        ("a[0]]].b", ("a", "0", "b")),
        ("..a..b..", ("a", "b")),
        ("a['']", ("a", "")),
        ("", ()),
        ("a]", ("a]",)),
    ],
)
def test_paths_are_cut_at_dots_and_brackets(path: str, keys: tuple[str, ...]) -> None:
    assert split_path(path) == keys


def test_quotes_are_stripped_from_every_part() -> None:
    assert split_path('it\'s."x"') == ("its", "x")


def test_a_bracket_before_a_letter_does_not_cut() -> None:
    assert split_path("p[a]") == ("p[a]",)


def test_a_quoted_key_is_cut_at_its_dot_too() -> None:
    assert compile_path("p['dot.key']")(EVENT) == "cut"


@pytest.mark.parametrize(
    ("path", "value"),
    [
        ("its", 3),
        ("missing", MISSING),
        ("p.x", 5),
        ("p['a b']", 2),
        ("a.b.c", {"d": 1}),
        ("a.b.c.d", 1),
        ("a.b.c.d.e", MISSING),
        ("a.b.x.y.z", MISSING),
        ("x.y", MISSING),
        ("x.y.z", MISSING),
        ("x.y.z.w", MISSING),
        ("p[a]", 4),
        ("list[1].sku", "s1"),
        ("list.1.sku", "s1"),
        ("list[7]", MISSING),
        ("list.length", 2),
        ("list[0].sku.length", 2),
        ("text[1]", "é"),
        ("text.length", 5),
        ("party.length", 2),
        ("party[0]", "\ud83c"),
        ("its.x", MISSING),
        ("['']", "blank"),
    ],
)
def test_values(path: str, value: Any) -> None:
    assert compile_path(path)(EVENT) == value


@pytest.mark.parametrize("path", ["", ".", ".."])
def test_a_path_without_keys_is_the_whole_event(path: str) -> None:
    assert compile_path(path)(EVENT) is EVENT


@pytest.mark.parametrize("rest", ["", ".x", ".x.y", ".x.y.z"])
@pytest.mark.parametrize(("key", "value"), [("zero", 0), ("no", False), ("nul", None), ("empty", "")])
def test_a_falsy_value_ends_the_path_and_is_the_result(key: str, value: Any, rest: str) -> None:
    found = compile_path(key + rest)(EVENT)
    assert found == value
    assert type(found) is type(value)


@pytest.mark.parametrize("path", ["a", "a.b", "a.b.c", "a.b.c.d"])
@pytest.mark.parametrize("event", [MISSING, None, 0, "", False])
def test_nothing_is_read_from_what_is_falsy(path: str, event: Any) -> None:
    assert compile_path(path)(event) is event


@pytest.mark.parametrize(("path", "value"), [("0", "x"), ("0.length", 1), ("0.length.x", MISSING), ("0.0.0.0", "x")])
def test_items_that_are_no_objects_can_be_read(path: str, value: Any) -> None:
    assert compile_path(path)(["x"]) == value


def test_what_objects_inherit_in_javascript_is_missing() -> None:
    assert compile_path("a.constructor")(EVENT) is MISSING
    assert compile_path("text.link")(EVENT) is MISSING


def test_subclasses_of_dict_are_objects() -> None:
    class Custom(dict[str, Any]):
        pass

    event = Custom(a=Custom(b=Custom(c=Custom(d=1))))
    assert [compile_path(path)(event) for path in ("a", "a.b", "a.b.c", "a.b.c.d")][-1] == 1


def test_paths_for_people() -> None:
    assert join_path(("list", "0", "a b", "k.d")) == "$.list[0]['a b']['k.d']"

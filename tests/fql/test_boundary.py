"""Events on both sides of each condition."""

from typing import Any

import pytest

from destination.fql import BoundaryEvent, Condition, boundary_events, compile_trigger
from destination.fql.satisfy.solve import changes_between


def pairs(trigger: Any, base: dict[str, Any] | None = None) -> list[tuple[BoundaryEvent, BoundaryEvent]]:
    found = boundary_events(trigger, base)
    return list(zip(found[::2], found[1::2], strict=True))


@pytest.mark.parametrize(
    ("condition", "inside", "outside"),
    [
        ("properties.p > 5", 6, 5),
        ("properties.p >= 5", 5, 4),
        ("properties.p < 5", 4, 5),
        ("properties.p <= 5", 5, 6),
        ("properties.p = 5", 5, 6),
        ("properties.p != 5", 6, 5),
        ("properties.p = true", True, False),
        ("properties.p != null", "example", None),
        ('properties.p = "Order"', "Order", "Orde"),
        ('properties.p != "Order"', "Orde", "Order"),
        ('contains(properties.p, "Order")', "Order", "Orde"),
        ('!contains(properties.p, "Order")', "Orde", "Order"),
        ('match(properties.p, "Order*")', "Order", "Orde"),
        ('match(properties.p, "*Order")', "Order", "Orde"),
    ],
)
def test_the_two_sides_are_as_close_as_can_be(condition: str, inside: Any, outside: Any) -> None:
    ((one, other),) = pairs(condition)
    assert (one.matches, other.matches) == (True, False)
    assert one.event["properties"]["p"] == inside
    assert other.event.get("properties", {}).get("p") == outside


TRIGGER = 'type = "track" and properties.p >= 5 and traits.vip = true and userId != null and !contains(event, "Test")'


def test_each_condition_has_its_pair_and_the_pair_differs_nowhere_else() -> None:
    predicate = compile_trigger(TRIGGER)
    found = pairs(TRIGGER)
    assert [one.condition for one, _ in found] == list(compile_trigger(TRIGGER).condition.children)  # type: ignore[union-attr]
    places = [("type",), ("properties", "p"), ("traits", "vip"), ("userId",), ("event",)]
    for (one, other), place in zip(found, places, strict=True):
        assert predicate(one.event)
        assert not predicate(other.event)
        assert [change.path for change in changes_between(one.event, other.event)] == [place]


def test_a_base_is_kept_elsewhere() -> None:
    base = {"type": "track", "messageId": "m", "properties": {"p": 90, "q": 1}}
    found = pairs('type = "track" and properties.p > 5', base)
    assert [one.event["messageId"] for one, _ in found] == ["m", "m"]
    assert found[0][1].event == {**base, "type": "trac"}
    assert found[1][0].event == {**base, "properties": {"p": 6, "q": 1}}
    assert base["properties"] == {"p": 90, "q": 1}


def test_each_alternative_decides_alone() -> None:
    found = pairs('type = "page" and (name = "a" or name = "b" or properties.x = 1)')
    assert [(one.event.get("name"), other.event.get("name")) for one, other in found[1:3]] == [("a", "ax"), ("b", "bx")]
    assert found[3][0].event["properties"]["x"] == 1
    assert found[3][0].event.get("name") not in ("a", "b")


def test_a_note_says_which_condition_and_value() -> None:
    assert [one.note for one in boundary_events("userId != null")] == [
        'userId != null: "user-1" is just inside',
        "userId != null: a missing value is just outside",
    ]


@pytest.mark.parametrize(
    "trigger",
    [
        "type",
        'type = "a" and type = "b"',
        'event = "a" and ("b")',
        {"operator": "and", "children": []},
        " or ".join(f'event = "{number}"' for number in range(3_000)),
    ],
)
def test_what_decides_nothing_has_no_events(trigger: Any) -> None:
    assert boundary_events(trigger) == ()


def test_a_condition_that_another_one_covers_has_no_events() -> None:
    found = boundary_events("properties.p > 5 or properties.p > 7")
    assert {one.condition.value for one in found} == {5}


def test_a_condition_on_which_the_reference_may_die_is_passed_over() -> None:
    found = boundary_events({"operator": "or", "children": [Condition("event", "=", "a"), None]})
    assert found == ()  # without the first condition the second one is reached


def test_long_lists_of_alternatives_are_no_trouble() -> None:
    found = boundary_events(" or ".join(f'event = "a{number}"' for number in range(60)))
    assert len(found) == 120

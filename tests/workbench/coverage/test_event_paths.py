"""What of the events nothing reads."""

from typing import Any

from destination.definition import Subscription
from destination.mapping import array_path, jsonpath, path
from destination.workbench.coverage import Coverage
from destination.workbench.coverage.event_paths import MAX_PATHS, MAX_TYPES, OTHER_TYPES


def unread(mapping: Any, *events: Any, trigger: str = 'type = "track"') -> dict[str, int]:
    coverage = Coverage([Subscription(name="S", subscribe=trigger, partner_action="x", mapping=mapping)])
    for event in events:
        coverage.take({"type": "track", **event})
    return dict(coverage.paths.types["track"].unread)


def test_a_path_below_one_that_is_read_is_read() -> None:
    assert unread({"p": path("$.properties")}, {"properties": {"a": {"b": 1}}, "other": {"c": 1}}) == {"$.other.c": 1}


def test_what_a_trigger_asks_is_read() -> None:
    assert unread({}, {"a": 1, "properties": {"n": 1}}, trigger='type = "track" and properties.n > 0') == {"$.a": 1}


def test_items_of_a_list_count_as_one_path() -> None:
    event = {"products": [{"sku": 1, "price": 1}, {"sku": 2, "price": 2}]}
    assert unread({"x": array_path("$.products", {"id": path("$.sku")})}, event, event) == {"$.products[].price": 2}
    assert unread({"x": path("$.products[1].price")}, event) == {"$.products[].sku": 1}
    assert unread({"x": array_path("$.products")}, event) == {}
    assert unread({"x": jsonpath("$.products[*].sku")}, event) == {}


def test_a_path_that_is_read_in_one_event_is_read() -> None:
    mapping = {"x": {"@if": {"exists": path("$.a"), "then": path("$.b"), "else": path("$.c")}}}
    assert unread(mapping, {"a": 1, "b": 1, "c": 1}) == {"$.c": 1}
    assert unread(mapping, {"a": 1, "b": 1, "c": 1}, {"c": 1}) == {}


def test_properties_and_traits_come_first() -> None:
    assert list(unread({}, {"a": 1, "traits": {"t": 1}}, {"a": 1, "properties": {"p": 1}})) == [
        "$.properties.p",
        "$.traits.t",
        "$.a",
    ]


def test_keys_that_look_like_data_are_not_told() -> None:
    event = {"by": {"ada@example.org": {"n": 1}, "4915112345678": {"n": 1}, "6e3f5a0c-1d2e-4f00-9000-aa": {"n": 1}}}
    assert unread({}, event) == {"$.by.*.n": 1}


def test_types_and_paths_are_bounded() -> None:
    coverage = Coverage([])
    for number in range(MAX_TYPES + 5):
        coverage.take({"type": f"t{number}"})
    coverage.take({"type": "t0", **{f"k{number}": 1 for number in range(MAX_PATHS + 7)}})
    assert len(coverage.paths.types) == MAX_TYPES + 1
    assert coverage.paths.types[OTHER_TYPES].events == 5
    first = coverage.paths.types["t0"]
    assert (len(first.seen), first.others) == (MAX_PATHS, 8)


def test_events_without_a_type_and_deep_ones_are_no_trouble() -> None:
    deep: Any = 1
    for _ in range(500):
        deep = {"a": deep}
    coverage = Coverage([])
    events: list[Any] = [5, None, [], {}, {"type": 5}, {"type": "track", "deep": deep}]
    for event in events:
        coverage.take(event)
    assert coverage.paths.types["(no type)"].events == 5

from typing import Any

import pytest

from tests.conformance.compare import difference, same_order
from tests.conformance.vectors import Answer


@pytest.mark.parametrize(
    ("expected", "actual"),
    [
        (1, 1.0),
        (0, -0.0),
        (12345678901234567000, 12345678901234567890),
        (9007199254740992, 9007199254740993),
        ({"a": 1, "b": [2]}, {"b": [2.0], "a": 1}),
        (None, None),
        ("é", "é"),
    ],
)
def test_equal_as_javascript_sees_it(expected: Any, actual: Any) -> None:
    assert difference(expected, actual) is None


@pytest.mark.parametrize(
    ("expected", "actual", "place"),
    [
        (1, True, "$: expected 1, got true"),
        (0, False, "$: expected 0, got false"),
        (False, None, "$: expected false, got null"),
        ("1", 1, '$: expected "1", got 1'),
        ({"a": None}, {}, "$.a: expected null, got nothing"),
        ({}, {"a": None}, "$.a: expected nothing, got null"),
        ([1, [2]], [1, [3]], "$[1][0]: expected 2, got 3"),
        ([1], [1, 2], "$: expected [1], got [1, 2]"),
        ({}, [], "$: expected {}, got []"),
        (2**53, 2**53 + 2, "$: expected 9007199254740992, got 9007199254740994"),
    ],
)
def test_difference_names_the_place(expected: Any, actual: Any, place: str) -> None:
    assert difference(expected, actual) == place


def test_order_is_looked_at_on_its_own() -> None:
    assert same_order([{"b": 1, "10": 2, "9": 3}], [{"9": 3, "10": 2, "b": 1}])
    assert not same_order({"x": {"a": 1, "b": 2}}, {"x": {"b": 2, "a": 1}})


@pytest.mark.parametrize(
    ("given", "messages", "engine"),
    [
        ({"error": "A"}, ("A",), False),
        ({"error": "A\nB", "errors": ["A", "B"]}, ("A", "B"), False),
        ({"error": ["A", "B"]}, ("A", "B"), False),
        ({"error": {"message": "A B", "errors": [{"message": "A"}, {"message": "B"}]}}, ("A", "B"), False),
        ({"error": {"message": "x is undefined", "engine": True}}, ("x is undefined",), True),
        ({"error": "x is undefined", "engine": True}, ("x is undefined",), True),
    ],
)
def test_errors_are_read_in_every_form(given: dict[str, Any], messages: tuple[str, ...], engine: bool) -> None:
    assert Answer.from_json(given) == Answer("error", messages=messages, engine=engine)

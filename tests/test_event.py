from typing import Any

import pytest

from destination.errors import DestinationError
from destination.event import NotAnEventError, as_event
from destination.values import MISSING


def test_an_object_goes_through_as_it_is() -> None:
    event = {"type": "track", "properties": {"a": None}}
    assert as_event(event) is event
    assert as_event({}) == {}


@pytest.mark.parametrize(
    ("value", "message"),
    [
        ([1], "an event is a JSON object, but this is an array"),
        ("track", "an event is a JSON object, but this is a string"),
        (5, "an event is a JSON object, but this is a number"),
        (True, "an event is a JSON object, but this is a boolean"),
        (None, "an event is a JSON object, but this is null"),
        (object(), "an event is a JSON object, but this is no JSON value"),
        (MISSING, "an event is a JSON object, but this is undefined"),
    ],
)
def test_anything_else_is_told_apart(value: Any, message: str) -> None:
    with pytest.raises(NotAnEventError) as caught:
        as_event(value)
    assert str(caught.value) == message
    assert isinstance(caught.value, DestinationError)

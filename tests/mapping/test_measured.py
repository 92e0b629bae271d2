from typing import Any

import pytest

from destination.errors import DestinationError
from destination.mapping import compile_mapping
from destination.mapping.measured import MeasuredMapping

LIQUID = {"@liquid": "{{ event | upcase }}"}


def told_by(mapping: Any, event: Any) -> list[list[str]]:
    told: list[list[str]] = []

    def report(tags: list[str], duration_ms: float) -> None:
        assert duration_ms >= 0
        told.append(tags)

    try:
        assert MeasuredMapping(mapping)(event, report) == compile_mapping(mapping)(event)
    except DestinationError:
        told.append(["raised"])
    return told


@pytest.mark.parametrize(
    ("mapping", "tags"),
    [
        ({"a": {"@path": "$.event"}}, []),
        ({"a": LIQUID}, [["fieldKey:a", "result:success"]]),
        ({"a": {"b": LIQUID}}, [["fieldKey:a", "fieldKey:b", "result:success"]]),
        # the indexes of lists are no keys
        ({"a": [{"0": LIQUID}]}, [["fieldKey:a", "fieldKey:0", "result:success"]]),
        # templates inside other directives are not told of
        ({"a": {"@if": {"exists": "x", "then": LIQUID}}}, []),
        ({"a": {"@liquid": "{{ event | map: 'x' }}"}}, [["fieldKey:a", "result:fail"], ["raised"]]),
        ({"a": {"@liquid": 5}}, [["raised"]]),
    ],
)
def test_templates_are_told_of(mapping: Any, tags: list[list[str]]) -> None:
    assert told_by(mapping, {"event": "a"}) == tags


def test_event_that_is_none_is_refused_as_ever() -> None:
    assert told_by({"a": LIQUID}, []) == [["raised"]]

import asyncio
from typing import Any

import pytest

from destination.catalog.absmartly import absmartly
from destination.errors import EngineTypeError
from destination.request import MockTransport
from destination.runtime import Redactor

SETTINGS = {"collectorEndpoint": "https://demo.absmartly.io/v1", "apiKey": "k-123456", "environment": "test"}


def _nested(depth: int) -> Any:
    value: Any = "s3cr3t"
    for _ in range(depth):
        value = {"a": [value]}
    return value


def test_secrets_are_masked_at_any_depth() -> None:
    value = Redactor({"key": "s3cr3t"}, ["key"])(_nested(5_000))
    while not isinstance(value, str):
        [value] = value["a"]
    assert value == "<redacted>"


def test_masking_leaves_the_value_as_it_was() -> None:
    value = {"s3cr3t": ["s3cr3t", ("a", 1, None)]}
    assert Redactor({"key": "s3cr3t"}, ["key"])(value) == {"<redacted>": ["<redacted>", ["a", 1, None]]}
    assert value == {"s3cr3t": ["s3cr3t", ("a", 1, None)]}


@pytest.mark.parametrize("sends", [False, True])
def test_a_request_that_cannot_be_written_fails_its_subscription_only(sends: bool) -> None:
    instance = absmartly.instance(SETTINGS, transport=MockTransport())
    event = {
        "type": "track",
        "event": "x",
        "userId": "u",
        "timestamp": "2026-01-01T00:00:00Z",
        "properties": _nested(2_000),
    }
    outcomes = (asyncio.run(instance.on_event(event)) if sends else instance.plan(event)).outcomes
    assert isinstance(outcomes[0].error, EngineTypeError)
    assert "nested too deeply" in str(outcomes[0].error)
    assert outcomes[0].requests == ()
    assert [outcome.error for outcome in outcomes[1:]] == [None, None, None]

"""Mappings and events that ask for work without end: they end, and always in the same outcome."""

import gc
from collections.abc import Iterator
from typing import Any

import pytest

from destination.errors import DestinationError
from destination.mapping import compile_mapping
from destination.mapping.bounds import MAX_TEXT_LENGTH
from tests.robustness.hostile_mappings import HOSTILE
from tests.robustness.test_hostile_sizes import limit
from tests.thorough import some

__all__ = ["limit"]  # the fixture that ends a test which computes for too long


@pytest.fixture(scope="module", autouse=True)
def _uncollected() -> Iterator[None]:
    """The collector of cycles does not look through the hostile events, which all live for the whole module."""
    gc.collect()
    gc.freeze()
    yield
    gc.unfreeze()


def outcome(mapping: Any, event: Any) -> str:
    try:
        payload = mapping(event)
    except DestinationError as error:
        return str(error)
    return str(payload)


@pytest.mark.parametrize("name", some(HOSTILE, every=6))
def test_it_ends(name: str) -> None:
    value, found = HOSTILE[name]()
    mapping = compile_mapping({"f": value})
    assert not mapping.problems
    assert len(outcome(mapping, {"v": found})) <= 2 * MAX_TEXT_LENGTH


@pytest.mark.parametrize(
    "name", ["@template of a long text many times", "@jinja selects in", "@jsonpath of all members"]
)
def test_it_ends_in_the_same_outcome_each_time(name: str) -> None:
    value, found = HOSTILE[name]()
    mapping = compile_mapping({"f": value})
    first = outcome(mapping, {"v": found})
    compile_mapping({"f": [{"@template": "{{v}}"}] * 6})({"v": "a" * 1_500_000})
    assert outcome(mapping, {"v": found}) == first

"""Triggers of every kind against what Segment's runtime answered: AST, text, verdicts and errors."""

import math
from pathlib import Path
from typing import Any

import pytest

from destination.errors import EngineTypeError, FQLSyntaxError
from destination.fql import ErrorCondition, GroupCondition, compile_trigger, generate_fql, matches, tokenize
from destination.values import deep_equals, read_json

RECORDED = read_json(Path(__file__).with_name("recorded.json").read_bytes(), doubles=True)
EVENTS: dict[str, Any] = RECORDED["events"]


@pytest.mark.parametrize("case", RECORDED["cases"], ids=lambda case: case["fql"])
def test_trigger_is_what_the_reference_made_of_it(case: dict[str, Any]) -> None:
    trigger = compile_trigger(case["fql"])
    if "error" in case:
        assert isinstance(trigger.condition, ErrorCondition)
        assert str(trigger.error) == case["error"]
        assert not any(trigger(event) for event in EVENTS.values())
        return
    assert deep_equals(_without_nan(trigger.condition.to_json()), case["ast"])
    for subject in (trigger, lambda event: matches(trigger.condition.to_json(), event)):
        verdicts = {name: _outcome(subject, event) for name, event in EVENTS.items()}
        assert [name for name, verdict in verdicts.items() if verdict is True] == case["matched"]
        assert [name for name, verdict in verdicts.items() if verdict is None] == case["engine_error"]
    if case["text"] is None:
        with pytest.raises(EngineTypeError):
            generate_fql(trigger.condition)
    else:
        assert generate_fql(trigger.condition) == generate_fql(trigger.condition.to_json()) == case["text"]
        assert isinstance(trigger.condition, GroupCondition)


@pytest.mark.parametrize("case", RECORDED["cases"], ids=lambda case: case["fql"])
def test_lexer_says_what_the_reference_says(case: dict[str, Any]) -> None:
    if "lexer_error" in case:
        with pytest.raises(FQLSyntaxError) as caught:
            tokenize(case["fql"])
        assert str(caught.value) == case["lexer_error"]
    else:
        assert tokenize(case["fql"])[-1].start == len(case["fql"])


def _outcome(subject: Any, event: Any) -> bool | None:
    try:
        verdict: bool = subject(event)
    except EngineTypeError:
        return None
    return verdict


def _without_nan(data: Any) -> Any:
    """The AST with NaN as the recording has it."""
    if isinstance(data, dict):
        return {key: _without_nan(value) for key, value in data.items()}
    if isinstance(data, list):
        return [_without_nan(item) for item in data]
    return {"$num": "NaN"} if isinstance(data, float) and math.isnan(data) else data

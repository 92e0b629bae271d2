"""Laws that hold for everything, or for the subset that is named."""

from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from destination.errors import EngineTypeError, FQLSyntaxError
from destination.fql import (
    Condition,
    ErrorCondition,
    GroupCondition,
    TokenType,
    compile_condition,
    compile_trigger,
    generate_fql,
    matches,
    parse_fql,
    tokenize,
    trace_condition,
)
from destination.fql.program import make_program, reach_of
from destination.values import deep_equals
from tests.fql.strategies import events, loose_conditions, round_trip_conditions, soups


def outcome(run: Any, *arguments: Any) -> bool | None:
    """The verdict, or None where the reference dies."""
    try:
        return bool(run(*arguments))
    except EngineTypeError:
        return None


@given(round_trip_conditions)
def test_parse_is_the_inverse_of_generate(condition: GroupCondition) -> None:
    """For flat groups of groups, without quotes in values, keywords or numbers as keys, …: see `strategies`."""
    parsed = parse_fql(generate_fql(condition))
    assert parsed == condition
    assert deep_equals(parsed.to_json(), condition.to_json())


@given(st.text() | soups)
def test_any_text_is_an_ast_or_an_error(source: str) -> None:
    condition = parse_fql(source)
    if isinstance(condition, ErrorCondition):
        assert condition.error.source == source
        assert condition.error.offset is None or 0 <= condition.error.offset <= len(source)
        assert condition.error.describe()
    else:
        assert condition.children
        if not _has_nan(condition):
            assert GroupCondition.from_json(condition.to_json()) == condition


@given(soups)
def test_tokens_stand_where_they_say(source: str) -> None:
    try:
        tokens = tokenize(source)
    except FQLSyntaxError:
        return
    for token in tokens:
        written = source[token.start : token.end]
        if token.type is TokenType.EOS:
            assert written == ""
        elif token.type is TokenType.IDENT:
            assert written.replace("\\", "").startswith(token.value.replace("\\", ""))
        else:
            assert written == token.value


@given(soups, events)
def test_fast_and_traced_triggers_agree(source: str, event: Any) -> None:
    trigger = compile_trigger(source)
    assert outcome(trigger, event) is outcome(trigger.trace, event)


@given(loose_conditions, events)
def test_fast_and_traced_conditions_agree(condition: Any, event: Any) -> None:
    verdict = outcome(compile_condition(condition), event)
    assert verdict is outcome(trace_condition, condition, event)
    assert verdict is outcome(matches, condition, event)


@given(loose_conditions, events)
def test_nothing_matches_out_of_reach(condition: Any, event: Any) -> None:
    if isinstance(event, dict) and outcome(matches, condition, event) is not False:
        reach = reach_of(make_program(condition))
        assert reach.types is None or event.get("type") in list(reach.types)
        assert reach.names is None or event.get("event") in list(reach.names)


@given(round_trip_conditions, events)
def test_nodes_and_their_json_match_alike(condition: GroupCondition, event: Any) -> None:
    assert outcome(matches, condition, event) is outcome(matches, condition.to_json(), event)


def _has_nan(condition: GroupCondition) -> bool:
    return any(
        _has_nan(child)
        if isinstance(child, GroupCondition)
        else isinstance(child, Condition) and child.value != child.value
        for child in condition.children
    )

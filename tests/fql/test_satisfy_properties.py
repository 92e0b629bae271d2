"""Laws of the satisfiability analysis, for everything that is drawn."""

from random import Random
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from destination.errors import EngineTypeError
from destination.fql import Impossible, Witness, boundary_events, compile_condition, compile_trigger, satisfy
from tests.conformance.generators.fql import match
from tests.fql.strategies import events, loose_conditions, round_trip_conditions, soups
from tests.thorough import rarely


def says(predicate: Any, event: Any) -> bool | None:
    try:
        return bool(predicate(event))
    except EngineTypeError:
        return None


_triggers = loose_conditions | round_trip_conditions | soups


@given(st.lists(_triggers, max_size=2), st.lists(_triggers, max_size=2), st.lists(events, max_size=8))
def test_witnesses_do_and_proofs_hold(wanted: list[Any], refused: list[Any], drawn: list[Any]) -> None:
    bases = [None, *(event for event in drawn if isinstance(event, dict))]
    pass_these = [_predicate(trigger) for trigger in wanted]
    fail_these = [_predicate(trigger) for trigger in refused]

    def does(event: Any) -> bool:
        return all(says(one, event) is True for one in pass_these) and all(
            says(one, event) is False for one in fail_these
        )

    results = [satisfy(*wanted, refused=refused, base=base) for base in bases]
    for base, found in zip(bases, results, strict=True):
        if isinstance(found, Witness):
            assert does(found.event)
            assert base is None or bool(found.changes) != (found.event == base)
        if base is not None and does(base):
            assert isinstance(found, Witness)
            assert found.event is base
        assert not (isinstance(found, Impossible) and any(isinstance(other, Witness) for other in results))


@given(_triggers, events)
def test_boundary_events_are_what_they_say(trigger: Any, drawn: Any) -> None:
    predicate = _predicate(trigger)
    for one in boundary_events(trigger, drawn if isinstance(drawn, dict) else None):
        assert says(predicate, one.event) is one.matches


@pytest.mark.parametrize("count", [5_000, rarely(100_000)])
def test_no_proof_is_contradicted_by_any_event(count: int) -> None:
    """Triggers and events are drawn from few values, so that they often meet."""
    draw = Random(20_240)
    triggers = [_trigger(draw) for _ in range(36)]
    drawn = [_event(draw) for _ in range(count)]
    matched = [_bits(compile_trigger(trigger).predicate, drawn) for trigger in triggers]
    proofs = witnesses = 0
    for left, one in enumerate(triggers):
        for right in range(left, len(triggers)):
            both = satisfy(one, triggers[right])
            without = satisfy(one, refused=triggers[right])
            proofs += isinstance(both, Impossible) + isinstance(without, Impossible)
            witnesses += isinstance(both, Witness) + isinstance(without, Witness)
            assert not (isinstance(both, Impossible) and matched[left] & matched[right]), (one, triggers[right])
            assert not (isinstance(without, Impossible) and matched[left] & ~matched[right]), (one, triggers[right])
            if matched[left] & matched[right]:
                assert isinstance(both, Witness), (one, triggers[right])
    assert proofs > 100
    assert witnesses > 500


def test_realistic_triggers_are_decided_and_close_to_their_event() -> None:
    draw = Random(7)
    undecided = 0
    for _ in range(1_500):
        arguments = match(draw)
        event = arguments["event"]
        if not isinstance(event, dict):
            continue
        found = satisfy(arguments["fql"], base=event)
        predicate = compile_trigger(arguments["fql"]).predicate
        if isinstance(found, Witness):
            assert says(predicate, found.event) is True
        else:
            assert says(predicate, event) is not True
            undecided += not isinstance(found, Impossible)
    assert undecided <= 3


def _predicate(trigger: Any) -> Any:
    return compile_trigger(trigger).predicate if isinstance(trigger, str) else compile_condition(trigger)


def _bits(predicate: Any, drawn: list[dict[str, Any]]) -> int:
    """The events that match, one bit each."""
    return int("".join("1" if says(predicate, event) else "0" for event in drawn), 2)


_TEXTS = ["a", "ab", "b", "ba", "track", "page", ""]
_VALUES: list[Any] = [*_TEXTS, 0, 1, 2, 2.5, True, False, None, [], [1], {}, {"b": 1}, {"b": "a"}, {"length": 2}]


def _trigger(draw: Random) -> str:
    joint = draw.choice([" and ", " or "])
    parts = [_condition(draw) for _ in range(draw.randrange(1, 4))]
    if draw.random() < 0.3:
        parts.append(f"({_comparison(draw)} {draw.choice(['and', 'or'])} {_comparison(draw)})")
    return joint.join(parts)


def _condition(draw: Random) -> str:
    if draw.random() < 0.7:
        return _comparison(draw)
    field, text = draw.choice(["event", "name", "properties.a", "properties.a.b"]), draw.choice(_TEXTS)
    function = draw.choice([f'contains({field}, "{text}")', f'match({field}, "{text}*")', f'match({field}, "*{text}")'])
    return draw.choice(["", "!"]) + function


def _comparison(draw: Random) -> str:
    field = draw.choice(["type", "event", "userId", "properties.a", "properties.a.b", "properties.a.length"])
    operator = draw.choice(["=", "=", "!=", "<", ">", ">="])
    value = draw.choice(['"a"', '"ab"', '"track"', '"page"', "0", "1", "2", "null", "true", "false", '""'])
    return f"{field} {operator} {value}"


def _event(draw: Random) -> dict[str, Any]:
    event: dict[str, Any] = {}
    for key in ("type", "event", "name", "userId"):
        if draw.random() < 0.8:
            event[key] = draw.choice(_VALUES)
    if draw.random() < 0.9:
        event["properties"] = {"a": draw.choice(_VALUES)} if draw.random() < 0.85 else draw.choice(_VALUES)
    return event

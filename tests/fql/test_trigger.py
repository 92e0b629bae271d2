from typing import Any

import pytest

from destination.errors import EngineTypeError
from destination.fql import Condition, GroupCondition, Trace, compile_trigger, parse_fql, trace_condition
from destination.values import MISSING


def test_trigger_carries_what_it_was_made_from() -> None:
    trigger = compile_trigger('type = "track"')
    assert (trigger.source, trigger.condition, trigger.error) == ('type = "track"', parse_fql('type = "track"'), None)
    assert repr(trigger) == "compile_trigger('type = \"track\"')"
    assert trigger.predicate({"type": "track"})


def test_bad_trigger_matches_nothing_and_says_why() -> None:
    trigger = compile_trigger("type")
    assert str(trigger.error) == "Value token is missing"
    assert not trigger({"type": "track"})
    assert not trigger(None)
    assert (trigger.event_types, trigger.event_names) == (frozenset(), frozenset())
    assert trigger.trace({}) == Trace(trigger.condition, verdict=False)


@pytest.mark.parametrize(
    ("source", "types", "names"),
    [
        ('type = "track"', {"track"}, None),
        ('type != "track"', None, None),
        ('type = "track" and event != "a"', {"track"}, None),
        ('type = "track" and event = "a" and userId != null', {"track"}, {"a"}),
        ('type = "track" or type = "page"', {"track", "page"}, None),
        ('type = "track" or event = "a"', None, None),
        ('type = "track" or userId = null', None, None),
        ('(type = "track" or type = "page") and type = "page"', {"page"}, None),
        ('type = "track" and type = "page"', set(), set()),
        ('(type = "a" and type = "b") or event = "c"', None, {"c"}),
        ('event = "c" or (type = "a" and type = "b")', None, {"c"}),
        ("properties.or = 1", None, None),
        ('type == "a"', {"="}, None),
        ("type = 5", {"5"}, None),
        ("userId = true", None, None),
        ('type = "track" and ("x")', {"track"}, None),
        ('("x") and type = "track"', None, None),
        ('("x") or type = "track"', None, None),
        (r'type = "track" and event = "a" and properties.\. = 1', {"track"}, {"a"}),
    ],
)
def test_bounds_of_a_trigger(source: str, types: Any, names: Any) -> None:
    trigger = compile_trigger(source)
    assert (trigger.event_types, trigger.event_names) == (
        None if types is None else frozenset(types),
        None if names is None else frozenset(names),
    )


def test_trace_tells_each_conditions_part() -> None:
    trigger = compile_trigger('type = "track" and (properties.a.b > 1 or name != null)')
    trace = trigger.trace({"type": "track", "properties": {"a": {"b": 1}}})
    assert isinstance(trigger.condition, GroupCondition)
    first, group = trigger.condition.children
    assert isinstance(group, GroupCondition)
    assert trace == Trace(
        trigger.condition,
        verdict=False,
        children=(
            Trace(first, verdict=True, path=("type",), value="track"),
            Trace(
                group,
                verdict=False,
                children=(
                    Trace(group.children[0], verdict=False, path=("properties", "a", "b"), value=1),
                    Trace(group.children[1], verdict=False, path=("name",), value=MISSING),
                ),
            ),
        ),
    )
    assert not trace


def test_trace_asks_also_what_was_not_reached() -> None:
    trace = compile_trigger('type = "track" and event = "a"').trace({"type": "page", "event": "a"})
    assert [(child.verdict, child.reached, child.value) for child in trace.children] == [
        (False, True, "page"),
        (True, False, "a"),
    ]


def test_trace_knows_no_verdict_of_what_the_reference_would_die_on() -> None:
    trigger = compile_trigger('event = "a" and ("b")')
    trace = trigger.trace({"event": "z"})
    assert not trace
    assert trace.children[1] == Trace(None, verdict=None, reached=False)
    with pytest.raises(EngineTypeError):
        trigger.trace({"event": "a"})
    nested = compile_trigger('event = "a" and (properties.\\. = 1 or event = "z")').trace({"event": "z"})
    assert nested.children[1].verdict is None
    assert not nested.children[1]


def test_trace_of_an_undefined_event() -> None:
    trigger = compile_trigger('event != "a"')
    assert trigger.trace(MISSING) == Trace(trigger.condition, verdict=False, reached=False)


def test_trace_of_hand_written_json() -> None:
    child = {"type": "event", "operator": "=", "value": "a"}
    root = {"operator": "or", "children": [child, {"type": "group", "operator": "and", "children": []}]}
    trace = trace_condition(root, {"event": "a"})
    assert [(part.condition, part.verdict, part.reached) for part in trace.children] == [
        (child, True, True),
        (root["children"][1], True, False),
    ]
    assert not trace_condition(root | {"error": "x"}, {"event": "a"})
    assert trace_condition(GroupCondition("and", (Condition("event", "=", "a"),)), {"event": "a"})

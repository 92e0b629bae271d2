from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from destination.fql import compile_trigger, generate_fql
from destination.values import MISSING
from destination.workbench.explain import TriggerExplanation
from destination.workbench.explain.trigger import explain_trigger
from tests.fql.strategies import events, round_trip_conditions
from tests.thorough import examples


def explain(source: Any, event: Any) -> TriggerExplanation:
    return explain_trigger(source, compile_trigger(source) if source else None, event)


def test_a_single_condition_is_no_group() -> None:
    tree = explain('type = "track"', {"type": "page"}).tree
    assert tree is not None
    assert (tree.text, tree.verdict, tree.asked, tree.path, tree.value) == (
        'type = "track"',
        False,
        True,
        ("type",),
        "page",
    )


def test_what_an_earlier_condition_decided_is_not_asked() -> None:
    tree = explain('type = "page" and (properties.n = 1 or userId != null)', {"type": "track", "userId": "u"}).tree
    assert tree is not None
    first, group = tree.children
    assert (tree.text, tree.verdict) == ("and", False)
    assert (first.asked, group.asked, group.text, group.verdict) == (True, False, "or", True)
    assert [(node.verdict, node.value) for node in group.children] == [(False, MISSING), (True, "u")]


def test_what_is_absent_has_no_value_in_json() -> None:
    tree = explain("properties.a = null", {}).to_json()["tree"]
    assert tree == {"condition": "properties.a = null", "verdict": True, "asked": True, "path": "properties.a"}


def test_an_error_shows_its_column_and_its_cause() -> None:
    explained = explain('type = "track" and event ~ 1', {})
    assert explained.tree is None
    assert explained.error is not None
    assert explained.error.splitlines()[1:] == [
        '  type = "track" and event ~ 1',
        "                           ^",
        'invalid character "~"',
    ]


def test_a_trigger_that_is_no_text_says_what_to_give() -> None:
    assert "give the trigger as FQL text" in str(explain_trigger(None, None, {}).error)


def test_a_trigger_on_which_the_reference_dies_says_so() -> None:
    explained = explain('type = "track" and ()', {"type": "track"})
    assert explained.tree is None
    assert str(explained.error).startswith("it cannot be evaluated: ")


@pytest.mark.parametrize(
    ("source", "note"),
    [
        ("type = 'track'", "(T007)"),
        ('type = "track" and plan', "(T003)"),
        ('foo = "a" and type = "track"', "(T003)"),
        ('!(type = "track")', "(T005)"),
        ('type = "a" or type = "b" and type = "c"', "(T002)"),
    ],
)
def test_what_segment_reads_otherwise_is_noted(source: str, note: str) -> None:
    notes = explain(source, {}).notes
    assert any(one.endswith(note) for one in notes)
    assert notes[-1].startswith("Segment reads it as: ")


def apply(event: Any, explained: TriggerExplanation) -> Any:
    """The event with the changes made, lists included."""
    changed = event
    for change in explained.changes:
        changed = _with(changed, change.path, change.after)
    return changed


def _with(value: Any, path: tuple[str, ...], after: Any) -> Any:
    if not path:
        return after
    if isinstance(value, list):
        copy: Any = [*value, *[None] * (int(path[0]) + 1 - len(value))]
        copy[int(path[0])] = _with(copy[int(path[0])], path[1:], after)
        return copy
    copy = dict(value) if isinstance(value, dict) else {}
    made = _with(copy.get(path[0]), path[1:], after)
    if made is MISSING:
        copy.pop(path[0], None)
    else:
        copy[path[0]] = made
    return copy


@settings(max_examples=examples(80), deadline=None)
@given(round_trip_conditions, events.filter(lambda event: isinstance(event, dict)) | st.just({}))
def test_the_changes_make_a_false_trigger_true(condition: Any, event: Any) -> None:
    source = generate_fql(condition)
    explained = explain(source, event)
    if explained.tree is None:  # the reference dies on a name that is no path
        assert explained.error is not None
    elif explained.tree.verdict is True:
        assert explained.changes == ()
        assert explained.impossible is None
    elif explained.impossible is None:
        assert explained.changes
        assert compile_trigger(source)(apply(event, explained))


def test_a_trigger_that_no_event_makes_true_has_the_proof() -> None:
    explained = explain('type = "track" and type = "page"', {})
    assert explained.changes == ()
    assert str(explained.impossible).startswith("no event makes it true: ")


def test_an_event_that_is_no_object_gets_no_changes() -> None:
    assert explain('type = "track"', [1]).impossible == "the event is not an object, so no change of it is proposed"

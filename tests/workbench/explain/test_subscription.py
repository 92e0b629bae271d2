"""One subscription at a time, also with fields that its trigger would not let it have."""

from typing import Any

from destination.workbench.explain import explain_event, explain_subscription
from tests.workbench.diff.post import post, subscription, version

MAPPING = {"name": {"@path": "$.event"}, "list": {"@path": "$.list"}}
EVENT = {"type": "track", "event": "A", "list": [1]}


def item_of(*args: Any, **more: Any) -> Any:
    return version(subscription("Send", *args, **more)).subscriptions[0]


def test_it_is_what_explain_event_says() -> None:
    instance = version(subscription("Send", MAPPING))
    assert explain_subscription(instance.subscriptions[0], EVENT) == explain_event(instance, EVENT).subscriptions[0]


def test_regardless_of_the_trigger_the_fields_are_those_of_a_match() -> None:
    taken = explain_subscription(item_of(MAPPING), EVENT)
    for trigger in ('type = "page"', 'type = "page', "", 'type = "track" and (foo)'):
        other = explain_subscription(item_of(MAPPING, trigger), EVENT, regardless=True)
        assert (other.fields, other.payload, other.requests) == (taken.fields, taken.payload, taken.requests)
        assert other.state == ("fails" if "foo" in trigger else "does not match")
        assert explain_subscription(item_of(MAPPING, trigger), EVENT).fields == ()


def test_an_error_of_the_trigger_stays_before_those_of_the_fields() -> None:
    item = item_of({"fail": "x"}, 'type = "track" and (foo)')
    explained = explain_subscription(item, EVENT, regardless=True)
    assert [failure.stage for failure in explained.failures] == ["trigger", "perform"]


def test_an_unknown_action_is_a_failure_regardless_of_the_trigger() -> None:
    explained = explain_subscription(item_of(MAPPING, 'type = "page"', "gone"), EVENT, regardless=True)
    assert [failure.type for failure in explained.failures] == ["DefinitionError"]


def test_without_detail_nothing_is_searched() -> None:
    explained = explain_subscription(item_of(MAPPING), EVENT, in_detail=False)
    assert all(field.traced == () for field in explained.fields)
    assert explained.payload == {"name": "A", "list": [1]}
    other = explain_subscription(item_of(MAPPING, 'type = "page"'), EVENT, in_detail=False).trigger
    assert other is not None
    assert (other.changes, other.impossible) == ((), None)


def test_a_field_knows_its_branch_and_its_position_in_the_payload() -> None:
    mapping = {
        "a": {"@if": {"exists": {"@path": "$.event"}, "then": "x", "else": "y"}},
        "b": {"@if": {"exists": {"@path": "$.gone"}, "then": "x", "else": "y"}},
        "c": {"@path": "$.event"},
        "d": {"@path": "$.gone"},
    }
    fields = {field.name: field for field in explain_subscription(item_of(mapping), EVENT).fields}
    assert [fields[name].branch for name in "abcd"] == ["then", "else", None, None]
    assert [fields[name].payload_position for name in "abcd"] == [("a",), ("b",), ("c",), None]
    assert fields["a"].to_json()["branch"] == "then"


def test_conditions_know_their_text_in_the_trigger() -> None:
    source = 'type = "x" and (event = "B" or  event != "A")'
    trigger = explain_subscription(item_of({}, source), EVENT).trigger
    assert trigger is not None
    assert trigger.tree is not None
    group = trigger.tree.children[1]
    assert [source[slice(*node.offsets)] for node in group.children] == ['event = "B"', 'event != "A"']
    assert source[slice(*group.offsets)] == 'event = "B" or  event != "A"'
    assert [node.text for node in trigger.tree.deciding()] == ['type = "x"']


def test_a_trigger_that_replaces_the_text_has_no_offsets() -> None:
    from destination.fql import Condition, GroupCondition, Trigger

    condition = GroupCondition("and", (Condition("event-type", "=", "page"),))
    item = version().compile(
        post.instance({"apiKey": "k"}, [subscription("S", {})]).given[0], trigger=Trigger("", condition)
    )
    tree = explain_subscription(item, EVENT).trigger
    assert tree is not None
    assert tree.tree is not None
    assert tree.tree.offsets == (0, 0)

from typing import Any

import pytest

from destination import (
    DefinitionError,
    FQLSyntaxError,
    MappingValidationError,
    Subscription,
    read_subscriptions,
)

RUNTIME = {
    "name": "Pages",
    "subscribe": 'type = "page"',
    "partnerAction": "trackGoal",
    "mapping": {"name": "x"},
    "enabled": True,
}
PUBLIC_API = {
    "id": "s1",
    "name": "Pages",
    "actionId": "a1",
    "actionSlug": "trackGoal",
    "destinationId": "d1",
    "modelId": None,
    "enabled": False,
    "trigger": 'type = "page"',
    "settings": {"name": "x"},
}


def test_form_of_the_runtime_is_read_and_written_back() -> None:
    assert Subscription.from_json(RUNTIME).to_json() == RUNTIME


def test_identifiers_of_the_runtime_are_kept() -> None:
    record = {**RUNTIME, "ID": "1", "ConfigID": "2", "ActionID": "3", "ProjectID": "4"}
    assert Subscription.from_json(record).to_json() == record


def test_form_of_the_public_api_is_read() -> None:
    subscription = Subscription.from_json(PUBLIC_API)
    assert (subscription.subscribe, subscription.partner_action, subscription.mapping) == (
        'type = "page"',
        "trackGoal",
        {"name": "x"},
    )
    assert (subscription.id, subscription.action_id, subscription.config_id) == ("s1", "a1", "d1")
    assert subscription.enabled is False


@pytest.mark.parametrize(("enabled", "expected"), [(True, True), (False, False), (None, True)])
def test_only_false_disables(enabled: Any, expected: bool) -> None:
    assert Subscription.from_json({**RUNTIME, "enabled": enabled}).enabled is expected


@pytest.mark.parametrize("mapping", [None, 0, "", False])
def test_falsy_mapping_is_an_empty_one(mapping: Any) -> None:
    assert Subscription.from_json({**RUNTIME, "mapping": mapping}).mapping == {}


def test_missing_members_are_left_to_the_runtime() -> None:
    subscription = Subscription.from_json({})
    assert (subscription.name, subscription.subscribe, subscription.partner_action, subscription.mapping) == (
        "",
        "",
        "",
        {},
    )


@pytest.mark.parametrize("value", [5, None, [], "text"])
def test_what_is_no_object_is_refused(value: Any) -> None:
    with pytest.raises(DefinitionError, match="a subscription is a JSON object"):
        Subscription.from_json(value)


@pytest.mark.parametrize(
    "value",
    [
        [RUNTIME],
        {"data": {"subscriptions": [PUBLIC_API]}},
        {"data": {"subscription": PUBLIC_API}},
        {"subscriptions": [RUNTIME]},
    ],
)
def test_lists_and_answers_of_the_public_api_are_read(value: Any) -> None:
    assert [subscription.name for subscription in read_subscriptions(value)] == ["Pages"]


@pytest.mark.parametrize("value", [{}, 5, {"data": {}}, {"data": {"subscriptions": 5}}, "text"])
def test_other_forms_of_lists_are_refused(value: Any) -> None:
    with pytest.raises(DefinitionError, match="expected a JSON list of subscriptions"):
        read_subscriptions(value)


def test_bad_item_of_a_list_is_named_by_its_index() -> None:
    with pytest.raises(DefinitionError, match="subscription 1: a subscription is a JSON object"):
        read_subscriptions([RUNTIME, 5])


def test_check_raises_what_is_wrong() -> None:
    Subscription.from_json(RUNTIME).check()
    with pytest.raises(FQLSyntaxError):
        Subscription.from_json({**RUNTIME, "subscribe": "type"}).check()
    with pytest.raises(MappingValidationError):
        Subscription.from_json({**RUNTIME, "mapping": {"a": {"@path": 5}}}).check()
    with pytest.raises(DefinitionError, match="Failed to validate subscription"):
        Subscription.from_json({**RUNTIME, "subscribe": 5}).check()

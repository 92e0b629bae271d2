from typing import Any

import pytest

from destination.definition import (
    Subscription,
    SubscriptionForm,
    check_portable,
    read_subscriptions,
    to_portable,
    to_public_api,
    to_terraform,
    write_subscriptions,
)
from destination.errors import DefinitionError, NotPortableError
from destination.mapping import jinja_template, jsonpath, path

PUBLIC_API = {
    "id": "s1",
    "name": "Pages",
    "actionId": "a1",
    "actionSlug": "trackGoal",
    "destinationId": "d1",
    "modelId": "m1",
    "enabled": False,
    "trigger": 'type = "page"',
    "settings": {"name": {"@template": "Page: {{ name }}"}},
}
RUNTIME = {
    "name": "Pages",
    "enabled": True,
    "partnerAction": "trackGoal",
    "subscribe": 'type = "page"',
    "mapping": {"name": {"@path": "$.name"}},
}
EXTENDED = Subscription(
    name="Pages",
    subscribe='type = "page"',
    partner_action="trackGoal",
    mapping={"name": {"@if": {"exists": path("$.name"), "then": jinja_template("x")}}, "a/b": [jsonpath("$..sku")]},
)


def _exports() -> dict[str, Any]:
    return {
        "runtime": to_portable,
        "public api": to_public_api,
        "list": lambda one: write_subscriptions([one]),
        "public api list": lambda one: write_subscriptions([one], "public-api"),
        "terraform": lambda one: to_terraform([one]),
    }


def test_form_of_the_public_api_is_written_back_as_it_was_read() -> None:
    assert to_public_api(Subscription.from_json(PUBLIC_API)) == PUBLIC_API


def test_identifiers_that_are_not_known_are_null() -> None:
    record = to_public_api(Subscription.from_json(RUNTIME))
    assert record == {
        "id": None,
        "name": "Pages",
        "actionId": None,
        "actionSlug": "trackGoal",
        "destinationId": None,
        "modelId": None,
        "enabled": True,
        "trigger": 'type = "page"',
        "settings": {"name": {"@path": "$.name"}},
    }
    assert to_portable(Subscription.from_json(record)) == RUNTIME


@pytest.mark.parametrize("form", ["runtime", "public-api"])
def test_lists_are_read_back(form: SubscriptionForm) -> None:
    subscriptions = [Subscription.from_json(RUNTIME), Subscription.from_json({**RUNTIME, "name": "B", "ID": "1"})]
    assert read_subscriptions(write_subscriptions(subscriptions, form)) == subscriptions
    assert read_subscriptions(write_subscriptions([], form)) == []


def test_public_api_list_is_an_answer_of_it() -> None:
    written = write_subscriptions([Subscription.from_json(PUBLIC_API)], "public-api")
    assert written == {"data": {"subscriptions": [PUBLIC_API]}}


def test_unknown_form_is_refused() -> None:
    with pytest.raises(DefinitionError, match=r"no form 'xml' of subscriptions; use 'runtime' or 'public-api'"):
        write_subscriptions([], "xml")  # type: ignore[arg-type]


@pytest.mark.parametrize("export", _exports())
def test_every_export_refuses_directives_that_segment_does_not_know(export: str) -> None:
    with pytest.raises(NotPortableError) as caught:
        _exports()[export](EXTENDED)
    assert caught.value.directives == (("/name/@if/then", "@jinja"), ("/a~1b/0", "@jsonpath"))
    assert "which does not know @jinja at /name/@if/then, @jsonpath at /a~1b/0." in str(caught.value)
    assert "'Pages'" in caught.value.what


def test_directive_at_the_root_is_named_so() -> None:
    root = Subscription(name="R", subscribe="", partner_action="a", mapping={"@jinja": "{{ properties }}"})
    with pytest.raises(NotPortableError, match="@jinja at the root"):
        check_portable(root)


def test_lossless_form_keeps_what_is_not_portable() -> None:
    assert Subscription.from_json(EXTENDED.to_json()) == EXTENDED


def test_refusal_in_a_list_names_the_subscription() -> None:
    with pytest.raises(NotPortableError, match=r"^subscription 1 \('Pages'\) cannot be written for Segment"):
        write_subscriptions([Subscription.from_json(RUNTIME), EXTENDED])


@pytest.mark.parametrize("export", _exports())
@pytest.mark.parametrize(
    ("record", "message"),
    [
        ({**RUNTIME, "subscribe": 5}, "its subscribe is not text, but number"),
        ({**RUNTIME, "partnerAction": None}, "its partner_action is not text, but null"),
        ({**RUNTIME, "mapping": [1]}, "its mapping is not an object, but array"),
        ({**RUNTIME, "ActionID": {}}, "its action_id is not text, but object"),
        ({**PUBLIC_API, "modelId": 7}, "its model_id is not text, but number"),
    ],
)
def test_members_of_the_wrong_type_are_refused(export: str, record: Any, message: str) -> None:
    with pytest.raises(DefinitionError, match=message):
        _exports()[export](Subscription.from_json(record))


def test_what_is_no_json_is_refused() -> None:
    with pytest.raises(DefinitionError, match="its mapping is not an object, but no JSON"):
        to_portable(Subscription(subscribe="", partner_action="a", mapping={"x"}))  # type: ignore[arg-type]


def test_what_does_not_work_on_segment_either_is_written() -> None:
    broken = Subscription(subscribe="type ~ 1", partner_action="nowhere", mapping={"a": {"@path": 5}}, enabled=False)
    assert to_public_api(broken)["trigger"] == "type ~ 1"

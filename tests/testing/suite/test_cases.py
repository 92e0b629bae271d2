"""The cases of the generated suite, and what becomes of them."""

import json
import subprocess
import sys
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings

from destination import Subscription
from destination.catalog.absmartly import absmartly
from destination.errors import DefinitionError
from destination.fql import GroupCondition, generate_fql
from destination.testing import run_case, suite_cases
from destination.testing.suite.case import SuiteCase
from tests.fql.strategies import round_trip_conditions, soups
from tests.mapping.strategies import MAPPINGS
from tests.testing.suite.store import MAPPING, SETTINGS, orders, store
from tests.thorough import examples

NAME = {"name": {"@path": "$.event"}}


def by_label(instance: Any, **options: Any) -> dict[str, SuiteCase]:
    return {case.label: case for case in suite_cases(instance, **options)}


def snapshot(instance: Any) -> dict[str, Any]:
    return {case.name: run_case(case) for case in suite_cases(instance)}


def test_names_say_what_a_case_does() -> None:
    code = {"@path": "$.properties.code"}
    instance = orders(
        {**NAME, "code": {"@if": {"exists": code, "then": code, "else": "none"}}},
        'type = "track" and properties.paid = true',
    )
    assert [case.name for case in suite_cases(instance)] == [
        "Orders / required fields only",
        "Orders / all fields",
        "Orders / code @if else",
        'Orders / trigger type = "track" just outside',
        "Orders / trigger properties.paid = true just outside",
        "Orders / name absent",
        "Orders / name null",
        "Orders / name empty",
        "Orders / name as a number",
        "Orders / name as an object",
        "Orders / code null",
        "Orders / code empty",
        "Orders / code as a number",
        "Orders / code as an object",
    ]


def test_names_can_be_names_of_tests() -> None:
    one = Subscription(name="a\nb :: c / d", subscribe='event = "x / y::z"', partner_action="order", mapping=NAME)
    cases = suite_cases(store.instance(SETTINGS, [one]))
    assert {case.name.rpartition(" / ")[0] for case in cases} == {"a b : c / d"}
    assert 'trigger event = "x | y:z" just outside' in {case.label for case in cases}


def test_all_fields_pass_the_validation_and_each_has_its_own_value() -> None:
    result = run_case(by_label(orders())["all fields"])
    assert "error" not in result
    assert set(result["payload"]) == set(MAPPING)
    texts = [value for value in result["payload"].values() if isinstance(value, str)]
    assert len(set(texts)) == len(texts)
    assert result["requests"][0]["body"] == result["payload"]


def test_required_fields_only_leaves_out_the_others() -> None:
    without_address = {key: part for key, part in MAPPING.items() if key != "address"}
    result = run_case(by_label(orders(without_address))["required fields only"])
    assert set(result["payload"]) == {"name", "at"}  # every event has a timestamp


def test_an_object_that_is_mapped_by_members_is_there_without_them() -> None:
    """The generated suite shows that an optional address is required once one of its members is."""
    result = run_case(by_label(orders())["required fields only"])
    assert "missing the required field 'street'" in result["error"]["message"]


def test_each_field_is_once_absent() -> None:
    cases = by_label(orders())
    for field in set(MAPPING) - {"address"}:  # it is mapped by its members
        assert field not in run_case(cases[f"{field} absent"]).get("payload", {})
    assert set(run_case(cases["address.city absent"])["payload"]["address"]) == {"street"}
    assert run_case(cases["address absent"])["event"]["context"]["traits"].keys() == {"email", "vip"}
    assert run_case(cases["items.sku absent"])["payload"]["items"] == [
        {"price": item["price"]} for item in run_case(cases["all fields"])["payload"]["items"]
    ]


def test_members_of_an_object_that_one_path_gives_are_cases_too() -> None:
    cases = by_label(orders({**NAME, "address": {"@path": "$.context.traits.address"}}))
    assert set(run_case(cases["address.street absent"])["event"]["context"]["traits"]["address"]) == {"city"}


@pytest.mark.parametrize(
    ("field", "label", "message"),
    [
        ("name", "absent", "missing the required field 'name'"),
        ("email", "as other text", "email"),
        ("total", "as text", "must be a number"),
        ("channel", "as other text", "must be one of"),
        ("address.street", "absent", "missing the required field 'street'"),
        ("at", "as other text", "date-like"),
    ],
)
def test_what_does_not_fit_a_field_shows_as_its_error(field: str, label: str, message: str) -> None:
    result = run_case(by_label(orders())[f"{field} {label}"])
    assert message in result["error"]["message"]
    assert "requests" not in result


def test_the_trigger_is_tried_on_both_sides() -> None:
    cases = by_label(orders(NAME, 'type = "track" and properties.price > 5'))
    assert "Also: trigger properties.price > 5 just inside." in cases["all fields"].why
    inside = run_case(cases["all fields"])
    outside = run_case(cases["trigger properties.price > 5 just outside"])
    assert (inside["event"]["properties"]["price"], inside["matched"]) == (6, True)
    assert (outside["event"]["properties"]["price"], outside["matched"]) == (5, False)


@pytest.mark.parametrize("kind", ["track", "page", "screen", "identify", "group", "alias"])
def test_events_are_of_the_type_that_the_trigger_asks_for(kind: str) -> None:
    case = by_label(orders(NAME, f'type = "{kind}"'))["all fields"]
    assert case.event["type"] == kind
    assert run_case(case)["matched"]


def test_a_field_that_the_trigger_decides_about_is_noted() -> None:
    case = by_label(orders(NAME, 'type = "track" and event = "Order Completed"'))["all fields"]
    assert run_case(case)["payload"]["name"] == "Order Completed"
    assert "$.event is as the trigger needs it" in case.notes


def test_a_trigger_that_takes_no_event_is_noted_with_the_proof() -> None:
    case = by_label(orders(NAME, 'event = "a" and event = "b"'))["all fields"]
    assert not run_case(case)["matched"]
    assert [note for note in case.notes if note.startswith("no event matches the trigger: no event passes")]


@pytest.mark.parametrize("subscribe", ["type", ""])
def test_a_trigger_that_cannot_be_parsed_shows_as_the_error(subscribe: str) -> None:
    result = run_case(by_label(orders(NAME, subscribe))["all fields"])
    assert result["matched"] is False
    assert result["error"]["message"] in (
        "Invalid subscription : Value token is missing",
        "Failed to validate subscription",
    )


def test_a_bad_mapping_shows_as_the_error() -> None:
    result = run_case(by_label(orders({"name": {"@path": 5}}))["all fields"])
    assert result["error"]["type"] == "MappingValidationError"


def test_a_perform_that_awaits_an_answer_is_shown_up_to_there() -> None:
    result = run_case(by_label(orders(NAME, action="twice"))["all fields"])
    assert result["incomplete"]
    assert len(result["requests"]) == 1


def test_an_unknown_action_is_no_failure() -> None:
    assert run_case(by_label(orders(NAME, action="gone"))["all fields"])["matched"]


def test_fields_that_are_not_mapped_are_noted() -> None:
    assert "email: not in the mapping" in by_label(orders(NAME))["all fields"].notes


def test_one_event_is_one_case_that_says_what_else_it_is_for() -> None:
    cases = suite_cases(orders())
    assert len({json.dumps(case.event, sort_keys=True) for case in cases}) == len(cases)
    assert cases[1].why == 'A value of its own for each field. Also: trigger type = "track" just inside.'


def test_values_that_are_given_are_taken() -> None:
    cases = by_label(orders(), values={"order": {"extra": {"kind": "gift"}}})
    assert run_case(cases["all fields"])["payload"]["extra"] == {"kind": "gift"}


@pytest.mark.parametrize(
    ("values", "message"),
    [
        ({"orders": {}}, "unknown action 'orders'; the actions are: order, twice"),
        ({"order": {"naem": 1}}, "unknown field order.naem; the fields are: name, email"),
    ],
)
def test_values_for_what_is_not_there_are_told(values: Any, message: str) -> None:
    with pytest.raises(DefinitionError, match=message):
        suite_cases(orders(), values=values)


def test_a_suite_that_is_cut_says_so() -> None:
    whole = suite_cases(orders())
    cut = suite_cases(orders(), limit=5)
    assert [case.name for case in cut] == [case.name for case in whole][:5]
    assert cut[-1].left_out == len(whole) - 5
    assert (
        cut[-1].notes[-1]
        == f"this is the last of 5 cases; {len(whole) - 5} more are left out: raise the limit to get them"
    )
    assert not any(case.left_out for case in cut[:-1])


def test_subscriptions_of_one_name_have_cases_of_their_own_names() -> None:
    two = [Subscription(name="Orders", subscribe='type = "track"', partner_action="order", mapping=NAME)] * 2
    names = [case.name for case in suite_cases(store.instance(SETTINGS, two))]
    assert len(set(names)) == len(names)
    assert "Orders / all fields (2)" in names


# --- what the suite is for -------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("first", "second"), [("name", "code"), ("email", "page"), ("total", "count"), ("extra", "tags"), ("vip", "at")]
)
def test_swapped_fields_show(first: str, second: str) -> None:
    swapped = {**MAPPING, first: MAPPING[second], second: MAPPING[first]}
    before, after = snapshot(orders()), snapshot(orders(swapped))
    changed = {name for name in before if before[name] != after.get(name)}
    assert "Orders / all fields" in changed
    # Even where the event is the same: what was right for one field is another one's now.
    cases = suite_cases(orders())
    full = next(case for case in cases if case.label == "all fields")
    assert run_case(full).get("payload") != run_case(full, orders(swapped)).get("payload")


def test_another_path_default_or_branch_shows() -> None:
    agent = {"exists": {"@path": "$.context.library.name"}, "then": {"@path": "$.context.library.name"}, "else": "x"}
    before = {**NAME, "referrer": {"@if": agent}}
    for changed in (
        {**NAME, "referrer": {"@if": {**agent, "else": "y"}}},
        {**NAME, "referrer": {"@if": {**agent, "then": "z"}}},
        {**NAME, "referrer": {"@if": {**agent, "exists": {"@path": "$.context.library.version"}}}},
        {**before, "name": {"@path": "$.name"}},
    ):
        assert [case for case in suite_cases(orders(before)) if run_case(case) != run_case(case, orders(changed))]


SECRET = {"collectorEndpoint": "https://a.test/s3cr3t-k3y", "apiKey": "s3cr3t-k3y", "environment": "test"}


def test_nothing_secret_shows() -> None:
    instance = absmartly.instance(SECRET)
    for case in suite_cases(instance, values={"trackGoal": {"name": "of s3cr3t-k3y"}}):
        assert "s3cr3t-k3y" not in json.dumps(run_case(case))
    (first,) = absmartly.presets[:1]
    own = {
        "name": first.name,
        "subscribe": 'event = "s3cr3t-k3y"',
        "partnerAction": "trackGoal",
        "mapping": first.mapping,
    }
    names = [case.name for case in suite_cases(absmartly.instance(SECRET, [own]))]
    assert 'Track Calls / trigger event = "<redacted>" just outside' in names


def test_running_a_case_changes_nothing_of_it() -> None:
    for case in suite_cases(orders()):
        before = json.dumps(case.event)
        assert run_case(case) == run_case(case)
        assert json.dumps(case.event) == before


_PRINT = """
import json
from destination.testing import run_case, suite_cases
from tests.testing.suite.store import orders
print(json.dumps([run_case(case) for case in suite_cases(orders(subscribe='type = "track" or properties.a > 1'))]))
"""


@pytest.mark.thorough
def test_cases_are_the_same_whatever_the_hash_seed() -> None:
    printed = {
        subprocess.run(
            [sys.executable, "-c", _PRINT], env={"PYTHONHASHSEED": seed}, capture_output=True, text=True, check=True
        ).stdout
        for seed in ("1", "2")
    }
    assert len(printed) == 1
    assert len(json.loads(printed.pop())) > 50


@settings(max_examples=examples(60), suppress_health_check=[HealthCheck.too_slow])
@given(MAPPINGS, soups | round_trip_conditions.map(generate_fql))
def test_any_mapping_and_any_trigger_have_cases_that_run(mapping: Any, subscribe: str) -> None:
    instance = orders(mapping, subscribe)
    cases = suite_cases(instance)
    assert len(cases) >= 1
    assert len({case.name for case in cases}) == len(cases)
    for case in cases:
        json.dumps(run_case(case))


@settings(max_examples=examples(40))
@given(round_trip_conditions)
def test_cases_match_wherever_the_trigger_can_be_satisfied(condition: GroupCondition) -> None:
    case = suite_cases(orders(NAME, generate_fql(condition)))[0]
    never = any(note.startswith(("no event matches the trigger", "no event was found")) for note in case.notes)
    assert run_case(case)["matched"] is not never

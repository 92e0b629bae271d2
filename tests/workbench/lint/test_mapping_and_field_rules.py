from typing import Any

import pytest

from destination import Action, Destination
from destination.definition import Subscription
from destination.workbench.lint import Finding, lint
from tests.workbench.lint.examples import GOAL, codes, found, subscription


def without(*keys: str) -> dict[str, Any]:
    return {key: value for key, value in GOAL.items() if key not in keys}


def test_the_defaults_of_an_action_have_no_findings() -> None:
    assert codes(subscription()) == []


@pytest.mark.parametrize(
    ("mapping", "expected"),
    [
        (GOAL | {"agent": {"@path": 5}}, [("M001", "mapping/agent/@path")]),
        ('{"name": "x"}', [("M001", "mapping")]),
        ([GOAL], [("M001", "mapping")]),
        (GOAL | {"colour": "red"}, [("M003", "mapping/colour")]),
        (without("units", "name"), [("M004", "mapping/units"), ("M004", "mapping/name")]),
        ({}, [("M004", "mapping/units"), ("M004", "mapping/name"), ("M004", "mapping/properties")]),
        (GOAL | {"enable_batching": True, "__segment_internal_engage_force_full_id_sync": 1}, []),
        (GOAL | {"name": {"@jinja": "{{ event }}"}}, [("P001", "mapping/name")]),
        (GOAL | {"units": {"u": {"@jsonpath": "$.userId"}}}, [("P001", "mapping/units/u")]),
        (GOAL | {"units": 5}, [("F001", "mapping/units")]),
        (GOAL | {"name": ""}, [("F001", "mapping/name")]),
        (GOAL | {"name": None}, [("F001", "mapping/name")]),
        (GOAL | {"name": {"@literal": {}}}, [("F001", "mapping/name")]),
        (GOAL | {"name": 5}, []),  # a number becomes text
        (GOAL | {"agent": ""}, []),  # nothing, and that may be
        (GOAL | {"properties": {"@template": "{{ a }}"}}, [("F002", "mapping/properties")]),
        ({"__segment_internal_directive": {"@transform": {"apply": {}}}, "name": "x"}, []),
        ({"@path": "$.properties"}, []),
    ],
)
def test_each_trap_has_its_code_and_pointer(mapping: Any, expected: list[tuple[str, str]]) -> None:
    assert [(finding.code, finding.pointer) for finding in found(subscription(mapping=mapping))] == expected


def test_an_unknown_action_is_reported_with_the_known_ones() -> None:
    (finding,) = found(subscription(partner_action="nope"))
    assert finding.code == "M002"
    assert finding.remedy == "use one of: trackGoal, trackExposure"


ADDRESS = {
    "label": "Address",
    "type": "object",
    "properties": {"zip": {"label": "Zip", "type": "integer"}, "city": {"label": "City", "type": "string"}},
}
SHOP: Destination[Any] = Destination(
    name="Shop",
    slug="shop",
    actions={
        "add": Action(
            title="Add",
            description="",
            perform=lambda request, data: request("https://x.test"),
            fields={
                "count": {"label": "Count", "type": "integer"},
                "kind": {"label": "Kind", "type": "string", "choices": ["a", "b"]},
                "tags": {"label": "Tags", "type": "string", "multiple": True},
                "secret": {"label": "Secret", "type": "password"},
                "address": ADDRESS,
                "link": {
                    "label": "Link",
                    "type": "string",
                    "required": {"conditions": [{"fieldKey": "kind", "operator": "is", "value": "a"}]},
                },
            },
        )
    },
)


def shop(mapping: Any) -> list[Finding]:
    added = Subscription(name="Add", subscribe='type = "track"', partner_action="add", mapping=mapping)
    return list(lint(SHOP, [added], ignore=["E001"]).findings)


@pytest.mark.parametrize(
    ("mapping", "message"),
    [
        ({"count": "five"}, "Count must be an integer but it was a string."),
        ({"count": 2.5}, "Count must be an integer"),
        ({"kind": "c"}, "Kind must be one of"),
        ({"tags": [{"a": 1}]}, "must be a string but it was an object."),
        ({"address": {"zip": "x", "city": {"@path": "$.city"}}}, "Zip must be an integer but it was a string."),
    ],
)
def test_a_literal_is_judged_by_its_field(mapping: Any, message: str) -> None:
    (finding,) = shop(mapping)
    assert finding.code == "F001"
    assert message in finding.message


def test_a_literal_in_an_object_is_reported_with_its_own_pointer() -> None:
    (finding,) = shop({"address": {"zip": "x", "city": {"@path": "$.city"}}})
    assert finding.pointer == "mapping/address/zip"


@pytest.mark.parametrize(
    "mapping", [{"count": "5"}, {"kind": "a"}, {"tags": "one"}, {"tags": ["a", {"@path": "$.b"}]}, {"link": None}]
)
def test_what_is_converted_or_not_required_is_no_finding(mapping: Any) -> None:
    assert shop(mapping) == []


def test_a_value_of_a_password_field_is_not_shown() -> None:
    (finding,) = shop({"secret": {"a": "hunter2"}})
    assert "hunter2" not in finding.message

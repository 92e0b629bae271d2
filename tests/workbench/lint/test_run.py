"""What holds for everything that is given."""

import json
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from destination.catalog.absmartly import absmartly
from destination.definition import Subscription
from destination.workbench.lint import Lines, all_rules, lint, to_github, to_sarif
from tests.fql.strategies import json_values, soups
from tests.mapping.strategies import MAPPINGS
from tests.workbench.lint.examples import GOAL, ORDER, subscription

_odd = st.fixed_dictionaries(
    {},
    optional={
        "name": json_values | st.sampled_from(["A # ignore T", "B # ignore XX1"]),
        "subscribe": soups | json_values,
        "partnerAction": st.sampled_from(["trackGoal", "trackExposure"]) | json_values,
        "mapping": MAPPINGS | json_values | st.just(GOAL),
        "enabled": st.booleans() | json_values,
    },
)


@given(st.lists(_odd, max_size=4))
def test_odd_subscriptions_have_findings_and_no_errors(given_: list[Any]) -> None:
    report = lint(absmartly, [Subscription.from_json(item) for item in given_])
    rules = all_rules(absmartly)
    lines = Lines("m.json", json.dumps(given_, indent=1))
    assert {finding.code for finding in report.findings} <= {rule.code for rule in rules}
    assert len(to_github(report.findings, lines)) == len(report.findings)
    json.dumps(to_sarif(report.findings, rules, lines))
    for finding in report.findings:
        assert finding.message
        assert finding.remedy
        assert finding.span is None or 0 <= finding.span[0] <= finding.span[1] <= len(finding.source)


def test_findings_stand_in_the_order_of_subscriptions_and_rules() -> None:
    mixed = 'type = "page" and name = "a" or name = "b"'
    report = lint(absmartly, [subscription(ORDER, mapping={}), subscription(mixed, "Two", mapping={**GOAL, "x": 1})])
    assert [(finding.index, finding.code) for finding in report.findings] == [
        (0, "M004"),
        (0, "M004"),
        (0, "M004"),
        (1, "T002"),
        (1, "O001"),
        (1, "M003"),
    ]


def test_rules_are_selected_and_ignored_by_families() -> None:
    report = lint(absmartly, [subscription("type", mapping={"x": 1})], select=["M", "T001"], ignore=["M004"])
    assert [finding.code for finding in report.findings] == ["T001", "M003"]


def test_without_subscriptions_the_presets_are_looked_at() -> None:
    assert lint(absmartly).subscriptions == 4


def test_fifty_subscriptions_of_one_action_are_all_proved_disjoint() -> None:
    goals = [subscription(f'type = "track" and event = "Goal {number}"', f"Goal {number}") for number in range(50)]
    report = lint(absmartly, goals, select=["O"])
    assert report.findings == ()
    assert len(report.disjoint) == 50 * 49 // 2

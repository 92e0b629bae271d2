"""What holds for everything that is given."""

import json
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from destination.catalog.absmartly import absmartly
from destination.definition import Subscription
from destination.workbench.lint import all_rules, lint, to_github, to_sarif
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
    assert {finding.code for finding in report.findings} <= {rule.code for rule in rules}
    assert len(to_github(report.findings)) == len(report.findings)
    json.dumps(to_sarif(report.findings, rules))
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


def test_overlaps_of_one_subscription_are_one_finding() -> None:
    many = [subscription('type = "page"', f"S{number}") for number in range(8)]
    report = lint(absmartly, many, select=["O"])
    assert [finding.subscription for finding in report.findings] == [f"S{number}" for number in range(1, 8)]
    last = report.findings[-1]
    assert last.others == tuple(f"S{number}" for number in range(7))
    assert last.message.endswith("; the same is true of 'S1', 'S2', 'S3', 'S4' and 2 more")


def test_many_overlaps_are_told_in_little_text() -> None:
    many = [subscription('type = "page"', f"Subscription {number}") for number in range(50)]
    report = lint(absmartly, many, select=["O"])
    assert len(report.findings) == 49
    assert sum(len(finding.message) + len(finding.remedy) for finding in report.findings) < 20_000


def test_an_overlap_that_one_of_a_pair_ignores_is_not_among_the_others() -> None:
    one, two, three = (subscription('type = "page"', name) for name in ("One", "Two # ignore O001", "Three"))
    report = lint(absmartly, [one, two, three], select=["O"])
    ((finding),) = report.findings
    assert (finding.subscription, finding.others, report.ignored) == ("Three", ("One",), 2)


def test_findings_that_follow_from_a_misread_trigger_say_so() -> None:
    mixed = subscription('type = "page" and name = "a" or name = "b"', "Mixed")
    report = lint(absmartly, [mixed, subscription('type = "page"', "Pages")], ignore=["E001", "ABS"])
    assert [(it.code, it.subscription, it.follows_from) for it in report.findings] == [
        ("T002", "Mixed", ()),
        ("O001", "Pages", ("T002 of 'Mixed'",)),
    ]


def test_a_field_that_is_left_out_may_follow_from_a_mistyped_key() -> None:
    mapping = {key: value for key, value in GOAL.items() if key != "units"} | {"unit": GOAL["units"]}
    report = lint(absmartly, [subscription(mapping=mapping)], select=["M"])
    assert {it.code: it.follows_from for it in report.findings} == {"M003": (), "M004": ("M003",)}
    assert lint(absmartly, [subscription(mapping={**GOAL, "x": 1})], select=["M"]).findings[0].follows_from == ()


def test_a_finding_that_has_no_cause_follows_from_nothing() -> None:
    report = lint(absmartly, [subscription('type = "page"'), subscription('type = "page"', "Two")], select=["O", "T"])
    assert [finding.follows_from for finding in report.findings] == [()]

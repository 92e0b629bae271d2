from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from destination.catalog.absmartly import absmartly
from destination.fql import GroupCondition, generate_fql, matches, parse_fql
from destination.workbench.lint import lint
from tests.fql.strategies import events, round_trip_conditions, soups
from tests.workbench.lint.examples import ORDER, codes, found, subscription


@pytest.mark.parametrize(
    "trigger",
    [
        ORDER,
        'type = "track" and (event = "a" or event = "b")',
        'type = "track" and !contains(event, "Test") and match(event, "Order*")',
        '(type = "page" or type = "screen") and name != null and properties.vip = true and properties.n = 5',
        'type = "track" and (event = "y" or contains(event, "z"))',
    ],
)
def test_a_trigger_that_means_what_it_says_has_no_findings(trigger: str) -> None:
    assert codes(subscription(trigger)) == []


@pytest.mark.parametrize(
    ("trigger", "expected"),
    [
        ("", ["T001"]),
        (5, ["T001"]),
        (None, ["T001"]),
        ("foo = 5", ["T001", "T003"]),
        ('((type = "page") and name = "x")', ["T001"]),
        ('type = "page" and "', ["T001"]),
        ('type = "page" and name = "a" or name = "b"', ["T002"]),
        ('type = "page" and name = "a" and name = "a" or name = "b"', ["T002"]),
        ('type = "page" and foo = "bar"', ["T003"]),
        ('type = "page" and contains(type, "x")', ["T003"]),
        ('type = "page")', ["T003"]),
        ('type = "page" AND name = "a"', ["T004"]),
        ('foo = 5 AND type = "page"', ["T003", "T004"]),
        ('type = "page" and !(name = "x")', ["T005"]),
        ('type = "page" and !name = "x"', ["T005"]),
        ('type = "page" and (contains(name, "x") and name != "y")', ["T006"]),
        ("type = \"page\" and name = 'x'", ["T007"]),
        ("type = \"page\" and match(name, 'x*')", ["T007", "T013"]),
        ('type = "page"and name = "a"', ["T008"]),
        ('type = "page" or properties.or = 1', ["T009"]),
        ('type = "page" or properties.null = 1', ["T009"]),
        ('type = "page" or name == "x"', ["T010"]),
        ('type = "page" or properties.a ~ 5', ["T001"]),
        ('type = "page" or properties..a = 5', ["T010"]),
        ('type = "page" and name =', ["T011"]),
        ('type = "page" and name = Home', ["T011"]),
        ('type = "page" and event != null', ["T012"]),
        ('type = "page" and name = true', ["T012"]),
        ('type = "page" and properties.a != true', ["T012"]),
        ('type = "page" and match(name, "x")', ["T013"]),
        ('type = "page" and match(name, "*x*")', ["T013"]),
        ('type = "page" and type = "screen"', ["T020"]),
        ('type = "page" and properties.a > 5 and properties.a <= 5', ["T020"]),
        ('name != "x" or name = "x"', ["T021", "ABS003"]),
    ],
)
def test_each_trap_has_its_code(trigger: Any, expected: list[str]) -> None:
    assert codes(subscription(trigger)) == expected


def test_a_finding_has_the_span_in_the_trigger() -> None:
    trigger = 'type = "page" and foo = "bar"'
    (finding,) = found(subscription(trigger))
    assert finding.span is not None
    assert trigger[slice(*finding.span)] == 'foo = "bar"'
    assert (finding.pointer, finding.subscription, finding.index) == ("subscribe", "One", 0)
    assert '`foo = "bar"`' in finding.message
    assert finding.remedy


def test_a_trigger_that_cannot_be_parsed_says_why_and_where() -> None:
    (finding,) = found(subscription('(type = "page" and (name = "a"))'))
    assert "groups do not nest" in finding.message
    assert finding.span == (19, 20)


def test_the_proof_is_in_the_message() -> None:
    (finding,) = found(subscription('type = "page" and type = "screen"'))
    assert finding.message == 'the trigger can never be true: no event passes type = "page" and type = "screen"'


_WORDS = [f"T0{number:02}" for number in range(1, 14)]


@given(round_trip_conditions)
def test_triggers_that_come_back_whole_have_lost_no_words(condition: GroupCondition) -> None:
    report = lint(absmartly, [subscription(generate_fql(condition))], select=_WORDS)
    reported = {finding.code for finding in report.findings}
    assert reported <= {"T007", "T012", "T013"}  # values may hold quotes and be called null, whole or not


@given(soups, st.lists(events, max_size=8))
def test_never_and_always_are_true_of_every_event(trigger: str, drawn: list[Any]) -> None:
    reported = {finding.code for finding in lint(absmartly, [subscription(trigger)]).findings}
    condition = parse_fql(trigger)
    for event in drawn:
        if isinstance(event, dict) and not {"T020", "T021"}.isdisjoint(reported):
            assert matches(condition, event) is ("T021" in reported)

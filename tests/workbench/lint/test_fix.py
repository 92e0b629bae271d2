from typing import Any

import pytest
from hypothesis import given

from destination.fql import parse_fql
from destination.fql.parser import RemarkKind, parse_closely
from destination.workbench.lint import fix_trigger
from tests.fql.strategies import soups


@pytest.mark.parametrize(
    ("source", "mended", "codes"),
    [
        ("type = 'track'", 'type = "track"', ("T007",)),
        ("match(event, 'Or*')", 'match(event, "Or*")', ("T007",)),
        ("contains(event, 'x') and type = 'track'", 'contains(event, "x") and type = "track"', ("T007",)),
        ('type = "track" AND userId = "u"', 'type = "track" and userId = "u"', ("T004",)),
        ('type = "track" Or type = "page"', 'type = "track" or type = "page"', ("T004",)),
        ("type = 'track'  AND\n\tuserId = 'u'", 'type = "track"  and\n\tuserId = "u"', ("T004", "T007")),
        (
            'type = "track" or type = "track" and userId = "u"',
            '(type = "track" or type = "track") and userId = "u"',
            ("T002",),
        ),
        (
            "type = 'track' or type = 'track' and userId = 'u'",
            '(type = "track" or type = "track") and userId = "u"',
            ("T002", "T007"),
        ),
    ],
)
def test_what_is_mechanical_is_mended(source: str, mended: str, codes: tuple[str, ...]) -> None:
    fix = fix_trigger(source)
    assert fix is not None
    assert (fix.text, fix.codes) == (mended, codes)


@pytest.mark.parametrize(
    "source",
    [
        'type = "track"',
        'type = "track" and event = "A" or event = "B"',  # parentheses would mean something else than what is read
        'type = "track" AND event = "A" OR event = "B"',  # would have both words in one group, and match every track
        """event = 'say "hi"'""",  # FQL has no escape for a double quote
        'type = "track" and foo',
        "type = '",
        "",
        "type",
    ],
)
def test_what_needs_a_decision_stays(source: str) -> None:
    assert fix_trigger(source) is None


def test_only_the_wanted_codes_are_mended() -> None:
    fix = fix_trigger("type = 'track' AND userId = 'u'", ["T004"])
    assert fix is not None
    assert fix.text == "type = 'track' and userId = 'u'"


@pytest.mark.parametrize(
    ("source", "keeps"),
    [('type = "track" AND userId = "u"', True), ('type = "a" OR type = "b"', False), ("type = 'a'", False)],
)
def test_a_fix_knows_whether_the_same_events_match(source: str, keeps: bool) -> None:
    fix = fix_trigger(source)
    assert fix is not None
    assert fix.keeps_meaning is keeps


@given(soups)
def test_a_fix_is_made_of_its_edits_and_leaves_nothing_to_mend(source: Any) -> None:
    fix = fix_trigger(source) if isinstance(source, str) else None
    if fix is None:
        return
    text = source
    for start, end, new in sorted(fix.edits, reverse=True):
        text = text[:start] + new + text[end:]
    assert text == fix.text
    assert parse_fql(fix.text) is not None
    again = fix_trigger(fix.text)
    assert again is None or again.text != fix.text


@given(soups)
def test_parentheses_do_not_change_what_segment_reads(source: Any) -> None:
    fix = fix_trigger(source, ["T002"]) if isinstance(source, str) else None
    if fix is not None:
        assert fix.keeps_meaning
        assert not any(remark.kind is RemarkKind.MIXED for remark in parse_closely(fix.text)[1])

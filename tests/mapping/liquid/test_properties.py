"""Laws that hold for every template."""

import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from destination.errors import MappingError
from destination.mapping.directive import Expression
from destination.mapping.liquid import DISABLED_TAGS, ENABLED_TAGS, compile_liquid
from destination.mapping.liquid.filters import FILTERS
from destination.values import to_units
from tests.mapping.liquid.rendering import EVENT

_RECORDED = json.loads((Path(__file__).parent / "recorded.json").read_text(encoding="utf-8"))

_WORDS = st.sampled_from(
    [
        *sorted(FILTERS.keys() | DISABLED_TAGS | ENABLED_TAGS),  # sorted: a set has another order in each process
        *("elsif", "else", "endif", "endunless", "endcapture", "endraw", "endblock", "endcomment"),
        *("{{", "}}", "{%", "%}", "{{-", "-%}", "|", ":", ",", ".", "..", "(", ")", "[", "]", '"', "'", "=", "#", "\n"),
        *("==", "!=", "<", ">=", "contains", "and", "or", "not", "nil", "empty", "blank", "true", "size", "first"),
        *("1", "-1", "2.5", "(1..3)", '"x"', "'%Y'", "__proto__", "constructor", "__class__", "🎉", "\ud83c", "\\u1"),
        *EVENT,
    ]
)
_SOUP = st.lists(st.tuples(_WORDS, st.sampled_from(["", " "])), max_size=30).map(
    lambda words: "".join(word + space for word, space in words)
)
_VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=4), inner, max_size=3),
    max_leaves=6,
)


def _outcome(template: str, event: Any) -> str | None:
    try:
        return compile_liquid(template)(event)
    except MappingError:
        return None


@given(st.text(max_size=60) | _SOUP, _VALUES)
def test_any_template_gives_text_or_a_mapping_error(template: str, event: Any) -> None:
    outcome = _outcome(template, event)
    assert outcome is None or isinstance(outcome, str)


@given(_SOUP.map(lambda soup: "{{ " + soup + " }}") | _SOUP.map(lambda soup: "{% assign x = " + soup + " %}{{ x }}"))
def test_any_expression_gives_text_or_a_mapping_error(template: str) -> None:
    outcome = _outcome(template, EVENT)
    assert outcome is None or isinstance(outcome, str)


@given(st.sampled_from(sorted(FILTERS)), _VALUES, st.lists(_VALUES, max_size=3))
def test_any_filter_takes_any_values(name: str, value: Any, arguments: list[Any]) -> None:
    names = [f"a{at}" for at in range(len(arguments))]
    event = dict(zip(names, arguments, strict=True)) | {"value": value}
    outcome = _outcome("{{ value | " + name + (": " + ", ".join(names) if names else "") + " }}", event)
    assert outcome is None or isinstance(outcome, str)


@given(st.text().filter(lambda text: "{" not in text and len(to_units(text)) <= 1000))
def test_text_without_braces_stays(text: str) -> None:
    assert compile_liquid(text)({}) == text


@pytest.mark.parametrize("case", _RECORDED["cases"], ids=lambda case: case[0][:40].encode("ascii", "replace").decode())
def test_recorded_outcomes(case: list[str]) -> None:
    """Random templates with what liquidjs gave for them: `[template, "ok" or "error", outcome]`."""
    template, kind, outcome = case
    try:
        found = ["ok", compile_liquid(template)(_RECORDED["event"])]
    except MappingError as error:
        found = ["error", str(error)]
    assert found == [kind, outcome]


def _watched(template: str) -> tuple[list[str], list[Expression]]:
    reported: list[Expression] = []
    try:
        watched = compile_liquid(template).watched(lambda expression, _value: reported.append(expression))
        return ["ok", watched(_RECORDED["event"])], reported
    except MappingError as error:
        return ["error", str(error)], reported


def test_a_template_that_is_watched_gives_the_same() -> None:
    for template, kind, outcome in _RECORDED["cases"]:
        found, reported = _watched(template)
        assert found == [kind, outcome], template
        assert set(reported) <= set(compile_liquid(template).expressions()), template

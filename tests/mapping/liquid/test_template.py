"""A template as a whole: what it takes, what it keeps, what it never does."""

import copy
import inspect
import sys
from collections.abc import Callable
from typing import Any

import pytest

from destination.errors import MappingError
from destination.mapping.liquid import (
    DISABLED_FILTERS,
    DISABLED_TAGS,
    ENABLED_TAGS,
    LiquidTemplate,
    Surroundings,
    compile_liquid,
)
from destination.mapping.liquid.nodes import Access, Output, Text
from tests.mapping.liquid.rendering import EVENT, failure, render


def test_compiling_never_raises_and_the_problem_is_kept() -> None:
    template = compile_liquid("{% if %}")
    assert isinstance(template, LiquidTemplate)
    assert template.problem == 'invalid value expression: "", line:1, col:6'
    assert template.body == ()
    for _ in range(2):
        with pytest.raises(MappingError, match="invalid value expression"):
            template({})


@pytest.mark.parametrize("template", [None, 5, True, [], {"a": 1}])
def test_a_template_is_a_text(template: Any) -> None:
    assert failure(template) == "liquid template value must be a string"


def test_an_empty_template_gives_an_empty_text() -> None:
    assert render("") == ""


def test_a_template_has_at_most_1000_utf16_units() -> None:
    assert render("x" * 1000) == "x" * 1000
    assert render("🎉" * 500) == "🎉" * 500
    assert failure("x" * 1001) == "liquid template values are limited to 1000 characters"
    assert failure("🎉" * 500 + "x") == "liquid template values are limited to 1000 characters"


def test_the_nodes_stay_with_the_template() -> None:
    text, output = compile_liquid("Hi {{ user.name }}").body
    assert text.action == Text("Hi ")
    assert isinstance(output.action, Output)
    (access,) = output.action.value.postfix
    assert isinstance(access, Access)
    assert (access.text, output.line_and_column) == ("user.name", ", line:1, col:4")


def test_the_event_is_not_changed() -> None:
    event = copy.deepcopy(EVENT)
    template = "{% assign n = 1 %}{% increment f %}{% increment x %}{% capture s %}y{% endcapture %}"
    render(template + "{{ a | push: 1 }}{{ a | pop }}{{ a | unshift: 1 }}{{ a | shift }}{{ a | compact }}", event)
    assert event == EVENT


def test_every_rendering_starts_anew() -> None:
    template = compile_liquid('{% increment x %}{% cycle "a", "b" %}{{ y }}{% assign y = 1 %}')
    assert [template({}) for _ in range(3)] == ["0a", "0a", "0a"]


@pytest.mark.parametrize(
    ("item", "expected"),
    [
        ("ab", "2|a|b|0|"),
        ("🎉", "2|\ud83c|\udf89|0|"),
        ([1, {"x": 2}], "2|1|[object Object]|0|"),
        (None, "|||0|"),
        (5, "|||0|"),
        (True, "|||0|"),
        ({}, "|||0|"),
    ],
)
def test_an_item_has_its_members_as_variables(item: Any, expected: str) -> None:
    assert render('{{ length }}|{{ [0] }}|{{ ["1"] }}|{{ size }}|{{ first }}', item) == expected


def test_an_item_can_be_shadowed() -> None:
    assert render("{% assign x = 1 %}{{ x }}{{ length }}{{ y }}{% increment length %}{{ [1] }}", "ab") == "122b"


def test_halves_of_a_pair_that_meet_are_one_character() -> None:
    assert render("{{ a }}{{ b }}", {"a": "\ud83c", "b": "\udf89"}) == "🎉"
    assert render("{% capture x %}{{ a }}{{ b }}{% endcapture %}{{ x }}", {"a": "\ud83c", "b": "\udf89"}) == "🎉"


@pytest.mark.parametrize("depth", [10, 200, 330])
def test_values_nest_as_deep_as_a_template_is_long(depth: int) -> None:
    assert render("{{ " + "a[" * depth + "0" + "]" * depth + " }}", {"a": [0]}) == "0"
    assert failure("{{ " + "(" * depth * 2 + " }}") == (
        f'unexpected token "", value expected, line:1, col:{4 + depth * 2}'
    )
    assert failure("{{ " + "[" * depth * 2 + " }}") == f"[ not closed, line:1, col:{4 + depth * 2}"


def test_tags_nest_as_deep_as_a_template_is_long() -> None:
    assert render("{%if t%}" * 55 + "x" + "{%endif%}" * 55) == "x"
    assert failure("{%if t%}" * 120) == "tag {%if t%} not closed, line:1, col:953"
    assert render("{% liquid " + "liquid " * 130 + "echo n %}") == "5"


def test_values_that_nest_too_deeply_fail_as_mapping_errors() -> None:
    deep: Any = []
    for _ in range(5000):
        deep = [deep]
    for filters in ("", "| json", "| append: 'x'", "| push: a"):
        assert failure("{{ a " + filters + " }}", {"a": deep}) == "liquid template or value nests too deeply"
    assert render("{{ a | size }}{{ a | join }}", {"a": deep}) == "1"


def test_a_nearly_full_stack_gives_a_mapping_error() -> None:
    source = "{%if t%}" * 55 + "x" + "{%endif%}" * 55
    compiled = compile_liquid(source)

    def at_depth(depth: int, call: Callable[[], str]) -> str:
        return at_depth(depth - 1, call) if depth else call()

    depth = sys.getrecursionlimit() - len(inspect.stack(0)) - 60
    for call in (lambda: compile_liquid(source)(EVENT), lambda: compiled(EVENT)):
        with pytest.raises(MappingError, match="nests too deeply"):
            at_depth(depth, call)


def test_lists_that_double_are_refused() -> None:
    doubling = "{% assign a = a | push: a %}"
    assert render("{% assign a = a | slice: 0, 0 %}" + doubling * 5 + "{{ a | json }}").count("[") == 32
    assert failure("{% assign a = a | slice: 0, 0 %}" + doubling * 30 + "{{ a }}").startswith(
        "memory alloc limit exceeded, line:1"
    )
    unshifting = "{% assign a = a | unshift: a %}"
    assert failure("{% assign a = em %}" + unshifting * 30).startswith("memory alloc limit exceeded, line:1")


def test_endless_ranges_are_refused() -> None:
    assert render("{{ (1..1000000) | size }}") == "1000000"
    assert failure("{{ (1..1000001) }}") == "memory alloc limit exceeded, line:1, col:1"
    assert render("{{ (9007199254740991..9007199254740993) }}") == "9007199254740991"
    assert failure("{{ (9007199254740992..9007199254740994) }}") == "memory alloc limit exceeded, line:1, col:1"
    assert failure("{{ (x..y) }}", {"x": -1e16, "y": -9999999999999990}) == "memory alloc limit exceeded, line:1, col:1"
    assert render("{{ (x..y) }}", {"x": 1e16, "y": 1}) == ""


def test_tables_of_names_do_not_overlap() -> None:
    assert not DISABLED_TAGS & ENABLED_TAGS
    assert len(DISABLED_FILTERS) == 20


# --- what comes from outside -----------------------------------------------------------------------------


def test_now_and_today_come_from_the_surroundings() -> None:
    surroundings = Surroundings(now_s=lambda: 1_672_531_199.5)
    template = compile_liquid(
        '{{ "now" | date: "%Y-%m-%d %L" }}|{{ "today" | date: "%H:%M" }}', surroundings=surroundings
    )
    assert template({}) == "2022-12-31 500|23:59"


@pytest.mark.parametrize(
    ("template", "expected"),
    [
        ("{{ a | sample }}", "3"),
        ("{{ a | sample: 2 | json }}", "[3,2]"),
        ("{{ a | sample: 1.0 | json }}{{ a | sample: '1' | json }}", "3[3]"),
        ("{{ 'a🎉' | sample: 9 | json }}", '["🎉","a"]'),
        ("{{ em | sample | json }}{{ nul | sample | json }}", "[]"),
        ("{{ a | sample: -1 | json }}", "[3,2]"),
    ],
)
def test_sample_takes_from_shuffled_items(template: str, expected: str) -> None:
    surroundings = Surroundings(shuffled=lambda items: items[::-1])
    assert compile_liquid(template, surroundings=surroundings)({"a": [1, 2, 3], "em": []}) == expected


def test_sample_gives_one_of_the_items() -> None:
    assert render("{{ a | sample }}", {"a": [1, 2, 3]}) in {"1", "2", "3"}
    assert sorted(render("{{ s | sample: 3 }}", {"s": "abc"})) == ["a", "b", "c"]

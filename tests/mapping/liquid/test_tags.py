"""Every tag, enabled and disabled.

The outcomes are recorded from liquidjs 10.27.2 as Segment configures it.
"""

import pytest

from tests.mapping.liquid.rendering import EVENT, failure, render


@pytest.mark.parametrize(
    ("template", "expected"),
    [
        ("{% if fa %}1{% elsif n == 5 %}2{% elsif t %}3{% else %}4{% endif %}", "2"),
        ("{% if fa %}1{% elsif nul %}2{% else %}3{% endif %}", "3"),
        ("{% if fa %}1{% endif %}", ""),
        ("{% if t %}{% if fa %}x{% else %}y{% endif %}{% endif %}", "y"),
        ("{% if name | upcase %}x{% endif %}", "x"),
    ],
)
def test_if_takes_the_first_branch_that_is_true(template: str, expected: str) -> None:
    assert render(template, EVENT) == expected


def test_if_takes_the_first_branch_that_is_true_or_fails() -> None:
    assert failure("{% if name | size == 3 %}x{% endif %}", EVENT) == 'expected ":" after filter name, line:1, col:19'


@pytest.mark.parametrize(
    ("template", "message"),
    [
        ("{% if t %}", "tag {% if t %} not closed, line:1, col:1"),
        ("{% if t %}{% else x %}{% endif %}", 'unexpected "x", line:1, col:1'),
        ("{% if t %}{% else %}{% else %}{% endif %}", "duplicated else, line:1, col:1"),
        ("{% if t %}{% else %}{% elsif n %}{% endif %}", "unexpected elsif after else, line:1, col:1"),
        ("{% if t %}{% endif x %}", 'unexpected "x", line:1, col:1'),
        ("{% if t %}{% endunless %}", 'tag "endunless" not found, line:1, col:11'),
        ("{% else %}", 'tag "else" not found, line:1, col:1'),
        ("{% endif %}", 'tag "endif" not found, line:1, col:1'),
        ("{% elsif %}", 'tag "elsif" not found, line:1, col:1'),
        ("a{% if t %}{% if n %}{% endif %}", "tag {% if t %} not closed, line:1, col:2"),
        ('{% if t %}{% else "a" b %}{% endif %}', 'unexpected "\\"a\\" b", line:1, col:1'),
    ],
)
def test_if_refuses_what_does_not_belong(template: str, message: str) -> None:
    assert failure(template, EVENT) == message


@pytest.mark.parametrize(
    ("template", "expected"),
    [
        ("{% unless fa %}1{% endunless %}", "1"),
        ("{% unless t %}1{% else %}2{% endunless %}", "2"),
        ("{% unless t %}1{% elsif n %}2{% else %}3{% endunless %}", "2"),
        ("{% unless t %}1{% elsif fa %}2{% else x %}3{% endunless y %}", "3"),
    ],
)
def test_unless_is_the_opposite_but_its_elsif_is_not(template: str, expected: str) -> None:
    assert render(template, EVENT) == expected


def test_unless_is_the_opposite_but_its_elsif_is_not_or_fails() -> None:
    assert failure("{% unless t %}", EVENT) == "tag {% unless t %} not closed, line:1, col:1"


@pytest.mark.parametrize(
    ("template", "expected"),
    [
        ("{% unless t %}1{% else %}2{% else %}3{% endunless %}", "2"),
        ("{% unless t %}1{% else %}2{% elsif ! %}3{% endunless %}", "2"),
        ("{% unless t %}1{% else %}2{% elsif n %}3{% else %}4{% endunless %}", "2"),
    ],
)
def test_unless_ignores_what_follows_a_second_else(template: str, expected: str) -> None:
    assert render(template, EVENT) == expected


@pytest.mark.parametrize(
    ("template", "expected"),
    [
        ("{{ n }}{% assign n = 7 %}{{ n }}", "57"),
        ("{% assign x = name | upcase %}{{ x }}{{ x.size }}", "ADA3"),
        ("{% assign n = missing %}[{{ n }}]", "[]"),
        ("{% assign foo-bar? = 1 %}{{ foo-bar? }}", "1"),
        ("{% if t %}{% assign x = 1 %}{% endif %}{{ x }}", "1"),
        ("{% assign o = o.b %}{{ o }}{{ o.a }}", "x"),
        ("{% assign block = 1 %}{{ block }}", "1"),
    ],
)
def test_assign_shadows_the_event(template: str, expected: str) -> None:
    assert render(template, EVENT) == expected


@pytest.mark.parametrize(
    ("template", "expected"),
    [
        ("{% capture x %}a{{ n }}{% endcapture %}[{{ x }}]{{ x.size }}", "[a5]2"),
        ('{% capture "my var" %}b{% endcapture %}{{ ["my var"] }}', "b"),
        ("{% capture x y z %}c{% endcapture %}{{ x }}", "c"),
        ("{% capture x %}{% assign y = 1 %}{% endcapture %}{{ y }}", "1"),
    ],
)
def test_capture_keeps_what_is_written(template: str, expected: str) -> None:
    assert render(template, EVENT) == expected


def test_capture_needs_a_name_and_an_end() -> None:
    assert render('{% capture 1 %}x{% endcapture %}{{ ["1"] }}', EVENT) == "x"


@pytest.mark.parametrize(
    ("template", "message"),
    [
        ("{% capture %}{% endcapture %}", "invalid capture name, line:1, col:11"),
        ("{% capture . %}{% endcapture %}", "invalid capture name, line:1, col:12"),
        ("{% capture x %}", "tag {% capture x %} not closed, line:1, col:1"),
    ],
)
def test_capture_needs_a_name_and_an_end_or_fails(template: str, message: str) -> None:
    assert failure(template, EVENT) == message


@pytest.mark.parametrize(
    ("template", "expected"),
    [
        ("{% increment x %}{{ x }}{% increment x %}{{ x }}", "0112"),
        ("{% decrement x %}{% decrement x %}{{ x }}", "-1-2-2"),
        ("{% increment x %}{% assign x = 9 %}{{ x }}{% increment x %}", "091"),
        ("{% increment x %}{% decrement x %}{% assign x = 9 %}{{ x }}{% increment x %}", "0090"),
        ("{% increment n %}{{ n }}{% decrement n %}", "565"),
        ("{% increment name %}{{ name }}", "01"),
        ("{% increment f %}{{ f }}", "2.53.5"),
        ("{% increment %}{% increment %}", "01"),
        ("{% increment o.a %}{{ o }}", "01"),
    ],
)
def test_counters_are_apart_from_assigned_variables(template: str, expected: str) -> None:
    assert render(template, EVENT) == expected


@pytest.mark.parametrize(
    ("template", "expected"),
    [
        ("{% increment __proto__ %}{% decrement __proto__ %}{{ __proto__ }}", "[object Object]NaN"),
        ("{% increment constructor %}{{ constructor }}", "01"),
    ],
)
def test_counter_named_proto(template: str, expected: str) -> None:
    assert render(template, EVENT) == expected


@pytest.mark.parametrize(
    ("template", "expected"),
    [
        ('{% cycle "a", "b" %}{% cycle "a", "b" %}{% cycle "a", "b" %}', "aba"),
        (('{% cycle n: "a", "b" %}{% cycle 5: "a", "b" %}{% cycle "5": "a", "b" %}{% cycle 6: "a", "b" %}'), "abaa"),
        (
            (
                '{% cycle 0, fa, e, nul, "x" %}{% cycle 0, fa, e, nul, "x" %}{% cycle 0, fa, e, '
                'nul, "x" %}{% cycle 0, fa, e, nul, "x" %}{% cycle 0, fa, e, nul, "x" %}'
            ),
            "x",
        ),
        ('{% cycle "a" "b" %}', "a"),
        ("{% cycle a %}", "1a23"),
    ],
)
def test_cycle_goes_round(template: str, expected: str) -> None:
    assert render(template, EVENT) == expected


def test_cycles_share_their_index() -> None:
    assert render('{% cycle "a", "b" %}{% cycle "c", "d" %}{% cycle "e", "f", "g" %}', EVENT) == "ade"


@pytest.mark.parametrize(
    ("template", "message"),
    [
        ("{% cycle %}", 'empty candidates: "{% cycle %}", line:1, col:9'),
        ('{% cycle "x": %}', 'empty candidates: "{% cycle "x": %}", line:1, col:14'),
        ("{% cycle , %}", 'empty candidates: "{% cycle , %}", line:1, col:11'),
    ],
)
def test_cycle_needs_values(template: str, message: str) -> None:
    assert failure(template, EVENT) == message


def test_echo_is_an_output() -> None:
    assert render("{% echo name | upcase %}{% echo %}{%- echo n -%}", EVENT) == "ADA5"


def test_echo_is_an_output_or_fails() -> None:
    assert failure("{% echo n | foo bar %}", EVENT) == 'expected ":" after filter name, line:1, col:17'


@pytest.mark.parametrize(
    ("template", "expected"),
    [
        (('{% liquid\n assign x = 1\n echo x\n\n  # note\n if t\n echo "y"\n else\n echo "n"\n endif\n%}'), "1y"),
        ("{%- liquid echo n -%}", "5"),
        ("{% liquid %}", ""),
        ('{% liquid\n raw\n echo n\n endraw\n echo "z" %}', "echo n\nz"),
        ("{% liquid\n liquid echo n %}", "5"),
        ("{% liquid\n - echo n - %}", "5"),
        ('{% liquid\n assign x = name | upcase\n echo x | append: "!" %}', "ADA!"),
    ],
)
def test_liquid_holds_one_tag_a_line(template: str, expected: str) -> None:
    assert render(template, EVENT) == expected


@pytest.mark.parametrize(
    ("template", "message"),
    [
        ("{% liquid\n echo n\n foo\n%}", 'tag "foo" not found, line:3, col:2'),
        ("{% liquid\n if t\n echo n %}", "tag if t\n not closed, line:2, col:2"),
        ('{% liquid\n "x"\n%}', "illegal liquid tag syntax, line:2, col:2"),
        ("{% liquid for x in y %}", 'tag "for" is disabled, line:1, col:11'),
    ],
)
def test_liquid_fails_at_the_line(template: str, message: str) -> None:
    assert failure(template, EVENT) == message


@pytest.mark.parametrize(
    ("template", "expected"),
    [
        ("a{% block x %}b{{ n }}{% endblock %}c", "ab5c"),
        ("{% block %}b{% endblock %}", "b"),
        (
            ("{% block x %}{{ block }}|{{ block.super }}|{{ block.x }}|{{ block | json }}{% endblock %}{{ block }}"),
            "[object Object]|||{}",
        ),
        ("{% block a %}{% block a %}x{% endblock %}{% endblock %}", "x"),
        ("{% block x %}{% assign y = 1 %}{% endblock %}{{ y }}", "1"),
        ('{% block x %}{{ block == block }}{{ block == "" }}{{ block | size }}{% endblock %}', "truefalse0"),
    ],
)
def test_block_renders_in_place(template: str, expected: str) -> None:
    assert render(template, EVENT) == expected


@pytest.mark.parametrize(
    ("template", "message"),
    [
        ("{% block x %}", "tag {% block x %} not closed, line:1, col:1"),
        (
            "{% block x %}{{ block.constructor }}{% endblock %}",
            "Class constructor BlockDrop cannot be invoked without 'new', line:1, col:17",
        ),
    ],
)
def test_block_renders_in_place_or_fails(template: str, message: str) -> None:
    assert failure(template, EVENT) == message


@pytest.mark.parametrize(
    ("template", "expected"),
    [
        ("a{% block constructor %}b{% endblock %}c", "ac"),
        ("{% block toString %}b{% endblock %}", ""),
    ],
)
def test_block_with_an_inherited_name(template: str, expected: str) -> None:
    assert render(template, EVENT) == expected


@pytest.mark.parametrize(
    ("template", "message"),
    [
        ("{% block valueOf %}b{% endblock %}", "Cannot convert undefined or null to object, line:1, col:1"),
        ("{% block __proto__ %}b{% endblock %}", "renderChild is not a function, line:1, col:1"),
    ],
)
def test_block_with_an_inherited_name_or_fails(template: str, message: str) -> None:
    assert failure(template, EVENT) == message


@pytest.mark.parametrize(
    ("template", "expected"),
    [
        ("a{% break %}b", "a"),
        ("a{% continue %}b", "a"),
        ("a{% if t %}b{% break %}c{% endif %}d", "ab"),
        ("{% capture x %}a{% break %}{% endcapture %}b{{ x }}", ""),
        ("a{% block x %}b{% break %}{% endblock %}c", "ab"),
    ],
)
def test_break_and_continue_end_the_output(template: str, expected: str) -> None:
    assert render(template, EVENT) == expected


def test_disabled_tags_fail_where_they_stand() -> None:
    assert render("{% comment %}{% for %}{% endcomment %}{% raw %}{% for %}{% endraw %}", EVENT) == "{% for %}"


@pytest.mark.parametrize(
    ("template", "message"),
    [
        ("{% for x in a %}{% endfor %}", 'tag "for" is disabled, line:1, col:1'),
        ("a {% case n %}{% endcase %}", 'tag "case" is disabled, line:1, col:3'),
        ('{% if fa %}{% include "x" %}{% endif %}', 'tag "include" is disabled, line:1, col:12'),
        ('{% layout "x" %}', 'tag "layout" is disabled, line:1, col:1'),
        ('{% render "x" %}', 'tag "render" is disabled, line:1, col:1'),
        ("{% tablerow x in a %}", 'tag "tablerow" is disabled, line:1, col:1'),
    ],
)
def test_disabled_tags_fail_where_they_stand_or_fails(template: str, message: str) -> None:
    assert failure(template, EVENT) == message


@pytest.mark.parametrize(
    ("template", "message"),
    [
        ("{% foo %}", 'tag "foo" not found, line:1, col:1'),
        ("{% endfor %}", 'tag "endfor" not found, line:1, col:1'),
        ("{% when %}", 'tag "when" not found, line:1, col:1'),
        ("{% IF t %}", 'tag "IF" not found, line:1, col:1'),
        ("{% ifx %}", 'tag "ifx" not found, line:1, col:1'),
        ("{% doc %}", 'tag "doc" not found, line:1, col:1'),
    ],
)
def test_unknown_tags_fail(template: str, message: str) -> None:
    assert failure(template, EVENT) == message

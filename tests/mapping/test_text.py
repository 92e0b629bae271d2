"""`@template`, `@case`, `@replace`, `@liquid`: recorded from Segment's runtime."""

from typing import Any

import pytest

from destination.errors import MappingError
from destination.mapping import transform, validate_mapping
from destination.values import MISSING


def value(directive: Any, event: dict[str, Any]) -> Any:
    return transform({"v": directive}, event).get("v", MISSING)


def template(text: Any, **event: Any) -> Any:
    return value({"@template": text}, event)


@pytest.mark.parametrize(
    ("found", "text"),
    [
        ([1, [2, None], "x"], "1,2,,x"),
        ({}, "[object Object]"),
        (1e21, "1e+21"),
        (3.0, "3"),
        (True, "true"),
        (None, ""),
        ("", ""),
        (0, "0"),
        ("$&", "$&"),
    ],
)
def test_values_in_templates_are_javascripts_text(found: Any, text: str) -> None:
    assert template("<{{a}}>", a=found) == f"<{text}>"
    assert template("{{a}}-{{a}}", a=found) == f"{text}-{text}"


def test_a_missing_value_is_nothing() -> None:
    assert template("<{{a}}>") == "<>"
    assert template("<{{a}}{{ b.c }}>") == "<>"


def test_output_of_triple_braces_is_scanned_again() -> None:
    assert template("{{{a}}} {{b}}", a="{{b}}", b="x") == "x x"
    assert template("{{{a}}}", a=5) == "5"


@pytest.mark.parametrize(
    ("text", "result"),
    [
        ("{{}}", "{{}}"),
        ("{{ }}", "[object Object]"),
        ("{{.}}", "[object Object]"),
        ("{{{{a}}}}", "}"),
        ("{{\n a }}", "1"),
        ("{a}", "{a}"),
        ("{{$.a}}", ""),
        ("{{p.x}}{{p['x']}}", "22"),
        ("", ""),
        ("{{\ufeffa}}", "1"),
    ],
)
def test_placeholders(text: str, result: str) -> None:
    assert template(text, a=1, p={"x": 2}) == result


def test_an_undefined_event_is_an_empty_object_to_a_template() -> None:
    mapping = {"v": {"@transform": {"apply": {"@path": "$.no"}, "mapping": {"t": {"@template": "{{ }}{{a}}"}}}}}
    assert transform(mapping, {}) == {"v": {"t": "[object Object]"}}


def test_halves_of_a_character_that_meet_become_one() -> None:
    assert template("{{a}}\udf89", a="\ud83c") == "🎉"
    assert template("{{a}}{{b}}", a="\ud83c", b="\udf89") == "🎉"


def test_a_template_may_be_a_directive() -> None:
    assert value({"@template": {"@path": "$.t"}}, {"t": "Hi {{name}}", "name": "Ada"}) == "Hi Ada"
    with pytest.raises(MappingError, match=r"^@template: expected string, got number$"):
        transform({"v": {"@template": {"@path": "$.t"}}}, {"t": 5})


@pytest.mark.parametrize(
    ("operator", "text", "result"),
    [
        ("lower", "ÀB", "àb"),
        ("upper", "straße", "STRASSE"),
        ("lower", "İ", "i̇"),
        ("lower", "ΑΣ", "ας"),
        ("upper", "🎉x", "🎉X"),
    ],
)
def test_case(operator: str, text: str, result: str) -> None:
    assert value({"@case": {"operator": operator, "value": {"@path": "$.t"}}}, {"t": text}) == result
    assert value({"@case": {"operator": operator, "value": text}}, {}) == result


@pytest.mark.parametrize("operator", ["lower", "upper", "bad"])
@pytest.mark.parametrize("found", [5, None, True, [1], {"a": 1}])
def test_case_passes_non_strings_with_any_operator(operator: str, found: Any) -> None:
    assert value({"@case": {"operator": operator, "value": {"@path": "$.t"}}}, {"t": found}) == found


def test_case_with_a_bad_operator_fails_on_strings() -> None:
    with pytest.raises(MappingError, match=r'^operator key should have a value of "lower" or "upper"$'):
        transform({"v": {"@case": {"operator": "Upper", "value": "x"}}}, {})


def test_case_without_a_value_is_undefined() -> None:
    assert value({"@case": {"operator": "lower"}}, {}) is MISSING
    assert value({"@case": {"operator": "lower", "value": ""}}, {}) is MISSING


def test_case_without_an_operator_fails_at_run_time_only() -> None:
    assert validate_mapping({"v": {"@case": {"value": "x"}}}) == []
    with pytest.raises(MappingError, match=r'^@case requires a "operator" key$'):
        transform({"v": {"@case": {"value": "x"}}}, {})
    with pytest.raises(MappingError, match=r'^@case requires an object with a "operator" key$'):
        transform({"v": [{"@case": 5}]}, {})


def replace(text: Any, **options: Any) -> Any:
    return value({"@replace": {"value": {"@path": "$.t"}, **options}}, {"t": text})


@pytest.mark.parametrize(
    ("replacement", "result"),
    [
        ("[$&]", "a[b]c"),
        ("$$", "a$c"),
        ("$`", "aac"),
        ("$'", "acc"),
        ("$$&", "a$&c"),
        ("$$$&", "a$bc"),
        ("$1", "a$1c"),
        ("$0$<a>", "a$0$<a>c"),
        ("$", "a$c"),
        ("", "ac"),
        (None, "ac"),
    ],
)
def test_replacement_patterns_are_live(replacement: Any, result: str) -> None:
    # in a list, where validation does not ask for a string
    mapping = {"v": [{"@replace": {"pattern": "b", "replacement": replacement, "value": {"@path": "$.t"}}}]}
    assert transform(mapping, {"t": "abc"}) == {"v": [result]}


def test_every_place_is_replaced_unless_global_is_false() -> None:
    assert replace("aXbXc", pattern="X", replacement="-") == "a-b-c"
    assert replace("aXbXc", pattern="X", replacement="-", **{"global": False}) == "a-bXc"
    assert replace("aXbXc", pattern="X", replacement="$'", **{"global": False}) == "abXcbXc"
    assert replace("aXbXc", pattern="X", replacement="$`") == "aabaXbc"


def test_patterns_are_plain_text() -> None:
    assert replace("a.b(c)\n^", pattern=".", replacement="") == "ab(c)\n^"
    assert replace("a\\b", pattern="\\", replacement="/") == "a/b"


@pytest.mark.parametrize(
    ("text", "pattern", "result"),
    [
        ("aAbB", "a", "--bB"),
        ("Éé", "é", "--"),
        ("K k \u212a", "k", "- - \u212a"),  # the Kelvin sign is K only with the flag u
        ("ſ s S", "s", "ſ - -"),
        ("ß ẞ SS", "ß", "- ẞ SS"),
        ("σ ς Σ", "σ", "- - -"),
        ("𐐀 𐐨", "𐐨", "𐐀 -"),
    ],
)
def test_case_is_ignored_as_in_a_regular_expression(text: str, pattern: str, result: str) -> None:
    assert replace(text, pattern=pattern, replacement="-", ignorecase=True) == result


def test_a_second_pattern_works_on_the_result() -> None:
    assert replace("a b c", pattern=" ", replacement="_", pattern2="_", replacement2="-") == "a-b-c"
    assert replace("abc", pattern="a", pattern2="b") == "c"
    assert replace("abc", pattern="a", pattern2=5) == "bc"


def test_numbers_and_booleans_are_taken_as_text() -> None:
    assert replace(1e21, pattern="e+", replacement=" ") == "1 21"
    assert replace(True, pattern="t", replacement="T") == "True"
    assert replace(1.0, pattern=".", replacement=",") == "1"


@pytest.mark.parametrize("found", [None, [], {}, ["a"]])
def test_replace_gives_blank_text_for_other_values(found: Any) -> None:
    assert replace(found, pattern="a") == ""


@pytest.mark.parametrize("literal", ["", 0, False, None])
def test_replace_of_a_falsy_literal(literal: Any) -> None:
    assert transform([{"@literal": [{"@replace": {"pattern": "a", "value": literal}}]}], {}) == {"0": [MISSING]}


@pytest.mark.parametrize(
    "options",
    [
        {"pattern": 5, "replacement": "x"},
        {"pattern": "a", "replacement": 5},
        {"pattern": "a", "global": "yes"},
        {"pattern": "a", "ignorecase": 1},
    ],
)
def test_replace_with_options_of_the_wrong_type_gives_blank_text(options: dict[str, Any]) -> None:
    assert transform({"v": [{"@replace": {"value": "abc", **options}}]}, {}) == {"v": [""]}


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"pattern": "abcdefghijk"}, '@replace requires a "pattern" less than 10 characters'),
        ({"pattern": "a", "replacement": "abcdefghijk"}, '@replace requires a "replacement" less than 10 characters'),
        ({"pattern": "🎉🎉🎉🎉🎉🎉"}, '@replace requires a "pattern" less than 10 characters'),
        ({"pattern": "a", "pattern2": "abcdefghijk"}, '@replace requires a "pattern" less than 10 characters'),
        ({"pattern": ""}, '@replace requires a "pattern" key'),
    ],
)
def test_replace_refuses_long_text_at_run_time(options: dict[str, Any], message: str) -> None:
    with pytest.raises(MappingError) as caught:
        transform({"v": [{"@replace": {"value": "abc", **options}}]}, {})
    assert str(caught.value) == message


def test_a_long_pattern_does_not_matter_without_text() -> None:
    mapping = {"v": [{"@replace": {"value": {"@path": "$.no"}, "pattern": "abcdefghijk"}}]}
    assert transform(mapping, {}) == {"v": [""]}


def test_half_a_character_can_be_replaced() -> None:
    assert replace("🎉x", pattern="\ud83c", replacement="-") == "-\udf89x"
    assert replace("🎉🎉\ud83c", pattern="\udf89🎉", replacement="-") == "\ud83c-\ud83c"


def test_replace_of_no_object_fails() -> None:
    with pytest.raises(MappingError, match=r'^@replace requires an object with a "pattern" key$'):
        transform({"v": [{"@replace": "x"}]}, {})


def test_liquid_renders_with_the_event() -> None:
    assert value({"@liquid": "{{ event | downcase }}"}, {"event": "Signed Up"}) == "signed up"


def test_liquid_of_nothing_is_nothing() -> None:
    assert value({"@liquid": ""}, {}) == ""


def test_liquid_takes_a_thousand_characters() -> None:
    assert value({"@liquid": "x" * 1000}, {}) == "x" * 1000
    for text in ("x" * 1001, "🎉" * 501):
        assert validate_mapping({"v": {"@liquid": text}}) == []
        with pytest.raises(MappingError, match=r"^liquid template values are limited to 1000 characters$"):
            transform({"v": {"@liquid": text}}, {})


def test_liquid_is_never_a_directive() -> None:
    with pytest.raises(MappingError, match=r"^liquid template value must be a string$"):
        transform({"v": [{"@liquid": {"@path": "$.t"}}]}, {"t": "x"})


def test_what_liquid_cannot_parse_fails_when_an_event_comes() -> None:
    assert validate_mapping({"v": {"@liquid": "{% nosuch %}"}}) == []
    with pytest.raises(MappingError, match="nosuch"):
        transform({"v": {"@liquid": "{% nosuch %}"}}, {})

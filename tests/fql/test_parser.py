"""The parser, quirk by quirk; every expected value was recorded from Segment's runtime."""

import math
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from destination.errors import FQLSyntaxError
from destination.fql import ErrorCondition, GroupCondition, compile_trigger, condition_offsets, generate_fql, parse_fql
from destination.fql.parser import RemarkKind, parse_closely
from tests.fql.strategies import round_trip_conditions, soups

ENGINE = "Cannot read properties of undefined (reading 'type')"
TRACK = {"type": "event-type", "operator": "=", "value": "track"}
EVENT_A = {"type": "event", "operator": "=", "value": "a"}
EVENT_B = {"type": "event", "operator": "=", "value": "b"}


def group(operator: str, *children: Any) -> dict[str, Any]:
    return {"type": "group", "operator": operator, "children": list(children)}


def parsed(source: str) -> dict[str, Any]:
    return parse_fql(source).to_json()


def error_of(source: str) -> FQLSyntaxError:
    condition = parse_fql(source)
    assert isinstance(condition, ErrorCondition)
    return condition.error


def prop(name: str, operator: str, *value: Any) -> dict[str, Any]:
    leaf = {"type": "event-property", "name": name, "operator": operator}
    return group("and", leaf | ({"value": value[0]} if value else {}))


def test_single_condition_is_wrapped_in_a_group() -> None:
    assert parsed('type = "track"') == group("and", TRACK)
    assert parsed('(type = "track")') == group("and", TRACK)


def test_last_operator_of_a_group_wins() -> None:
    assert parsed('type = "track" and event = "a" or event = "b"') == group("or", TRACK, EVENT_A, EVENT_B)
    assert parsed('type = "track" or event = "a" and event = "b"') == group("and", TRACK, EVENT_A, EVENT_B)
    assert parsed('type = "track" event = "a" or') == group("or", TRACK, EVENT_A)


def test_conditions_need_no_conjunction() -> None:
    assert parsed('event = "a" event = "b"') == group("and", EVENT_A, EVENT_B)
    assert parsed('[type = "track"], event = "a" [0]') == group("and", TRACK, EVENT_A)


def test_unknown_identifiers_vanish() -> None:
    assert parsed('foo = "bar" and type = "track"') == group("and", TRACK)
    assert parsed('type = "track" OR event = "a"') == group("and", TRACK, EVENT_A)


@pytest.mark.parametrize(
    "source", ["", " \n", 'foo = "bar"', "AND", "()", '("b")', "contains(type, 1)", "constructor = 1"]
)
def test_nothing_left_is_an_error(source: str) -> None:
    error = error_of(source)
    assert (str(error), error.offset, error.source) == (ENGINE, None, source)
    assert error.__notes__ == [
        "No condition is left: one begins with type, event, name, userId, properties, traits or context"
    ]


def test_inherited_names_swallow_two_tokens() -> None:
    assert parsed('toString type = event = "a"') == group("and", EVENT_A)
    assert str(error_of('toString type = "a"')) == ENGINE
    assert str(error_of("__proto__")) == "Value token is missing"
    assert parsed('hasOwnProperty.x = 1 event = "a"') == group("and", EVENT_A)


def test_lexer_message_is_replaced_by_the_engines() -> None:
    error = error_of('type = "track" ~')
    assert (str(error), error.offset, error.__notes__) == (ENGINE, 15, ['invalid character "~"'])
    assert str(error.__cause__) == 'invalid character "~"'
    assert error.describe() == f'{ENGINE}\n  type = "track" ~\n                 ^\ninvalid character "~"'


def test_missing_value_is_an_error_with_its_place() -> None:
    assert (str(error_of("type")), error_of("type").offset) == ("Value token is missing", 4)
    error = error_of("(event) or type = 1")
    assert (str(error), error.offset) == ("Value token is missing", 6)


@pytest.mark.parametrize("function", ["contains", "match"])
def test_missing_arguments_are_errors(function: str) -> None:
    assert str(error_of(function)) == f"{function}() is missing a 1st argument"
    assert str(error_of(f"!{function}(event")) == f"{function}() is missing a 2nd argument"


def test_end_of_text_is_a_value() -> None:
    assert parsed("type =") == group("and", TRACK | {"value": "eos"})
    assert parsed('event "a"') == group("and", {"type": "event", "operator": '"a"', "value": "eos"})
    assert parsed("contains(event,") == group("and", {"type": "event", "operator": "contains", "value": "eos"})
    assert parsed("match(event)") == group("and", {"type": "event", "operator": "ends_with", "value": "os"})


def test_single_quotes_stay_in_the_value() -> None:
    assert parsed("event = 'a'") == group("and", EVENT_A | {"value": "'a'"})
    assert parsed("event = 'it\"s'") == group("and", EVENT_A | {"value": "'it\"s'"})


def test_backslash_does_not_escape_a_quote() -> None:
    assert parsed(r'event = "a\"b"') == group("and", EVENT_A | {"value": "a\\"})


def test_negation_of_a_group_is_dropped() -> None:
    assert parsed('!(event = "a")') == parsed('!event = "a"') == group("and", EVENT_A)


def test_group_ends_at_first_closing_paren() -> None:
    error = error_of('((type = "track") and (event = "a"))')
    assert (str(error), error.offset) == (ENGINE, 1)
    assert error.__notes__ == ["The group that opens here does not end: groups do not nest, the first ) ends one"]
    assert str(error_of('(type = "track"')) == ENGINE
    assert parsed('type = "track")) and event = "a"') == group("and", TRACK, EVENT_A)


def test_function_in_a_group_lends_its_closing_parenthesis() -> None:
    contains = {"type": "event", "operator": "contains", "value": "a"}
    assert parsed('(contains(event, "a")) and type = "track"') == group("and", contains, TRACK)
    assert parsed('(contains(event, "a") and event = "a") or type = "track"') == group("or", contains, EVENT_A, TRACK)


def test_groups_are_children() -> None:
    assert parsed('(type = "track" or event = "b") and event = "a"') == group(
        "and", group("or", TRACK, EVENT_B), EVENT_A
    )
    assert parsed('(type = "track" or event = "b")') == group("or", TRACK, EVENT_B)


def test_empty_group_is_an_undefined_child() -> None:
    assert parse_fql('event = "a" and ("b")') == GroupCondition.from_json(group("and", EVENT_A, None))
    assert parsed("() and ()") == group("and", None, None)


def test_keywords_as_path_parts_break() -> None:
    assert parsed("properties.or = 1") == prop("properties", ".", "or")
    assert parsed("properties.null = 1") == prop("properties", ".", "null")
    assert parsed("properties.order = 1") == prop("order", "number_equals", 1)
    assert parsed("properties.and.b = 1") == prop("and.b", "number_equals", 1)


def test_number_as_path_part_breaks_unless_escaped() -> None:
    assert parsed("properties.0 = 1") == prop("properties", ".", 0)
    assert parsed(r"properties.\0 = 1") == prop("0", "number_equals", 1)


def test_paths() -> None:
    assert parsed("properties . a . b = 1") == prop("a.b", "number_equals", 1)
    assert parsed(r"properties.dot\.key = 1") == prop("dot.key", "number_equals", 1)
    assert parsed(r"properties.first\ name = null") == prop("first name", "not_exists")
    assert parsed("properties = 1") == prop("properties", "number_equals", 1)
    assert parsed(r"properties\. = null") == prop("", "not_exists")


def test_what_follows_a_plain_field_is_ignored() -> None:
    assert parsed('event.foo.bar = "a"') == parsed(r'event\.foo = "a"') == group("and", EVENT_A)


def test_event_and_type_have_no_exists_form() -> None:
    assert parsed("event != null") == group("and", {"type": "event", "operator": "!=", "value": "null"})
    assert parsed("type = true") == group("and", TRACK | {"value": "true"})
    assert parsed("event = 5.0") == group("and", EVENT_A | {"value": "5"})


def test_forms_of_name_and_user_id() -> None:
    assert parsed("name != null") == group("and", {"type": "name", "operator": "exists"})
    assert parsed("name = true") == group("and", {"type": "name", "operator": "=", "value": "true"})
    assert parsed("userId = null") == group("and", {"type": "userId", "operator": "not_exists"})
    assert parsed("userId = true") == group("and", {"type": "userId", "operator": "is_true"})
    assert parsed("userId != 5") == group("and", {"type": "userId", "operator": "!=", "value": "5"})


def test_forms_of_properties() -> None:
    assert parsed("properties.a != null") == prop("a", "exists")
    assert parsed("properties.a = true") == prop("a", "is_true")
    assert parsed(r"properties.a = \false") == prop("a", "is_false")
    assert parsed("properties.a != true") == prop("a", "!=", True)
    assert parsed("properties.a = -1.5") == prop("a", "number_equals", -1.5)
    assert parsed("properties.a != 5") == prop("a", "number_not_equals", 5)
    assert parsed("properties.a > 5") == prop("a", ">", 5)
    assert parsed('properties.a = "5"') == prop("a", "=", "5")
    assert parsed('properties.a < "5"') == prop("a", "<", "5")
    assert parsed("traits.a = 1")["children"][0]["type"] == "event-trait"
    assert parsed("context.a = 1")["children"][0]["type"] == "event-context"


def test_sign_alone_is_not_a_number() -> None:
    assert math.isnan(parsed("properties.a = -")["children"][0]["value"])


def test_functions_take_any_punctuation() -> None:
    contains = {"type": "event", "operator": "contains", "value": "c"}
    assert parsed('contains [event] "c" d type = "track"') == group("and", contains, TRACK)
    assert parsed('contains= event ( "c") or type = "track"') == group("or", contains, TRACK)


def test_contains_and_its_negation() -> None:
    assert parsed('contains(event, "c")') == group("and", {"type": "event", "operator": "contains", "value": "c"})
    assert parsed("!contains(name, 5)") == group("and", {"type": "name", "operator": "not_contains", "value": "5"})
    assert parsed('contains(properties.a.b, "c")') == prop("a.b", "contains", "c")
    assert parsed('contains("event", "a") contains(type, "a") event = "a"') == group("and", EVENT_A)


def test_contains_takes_a_name_that_begins_like_a_root() -> None:
    assert parsed('contains(propertiesX.y, "a")') == prop("propertiesX.y", "contains", "a")
    context = {"type": "event-context", "name": "context", "operator": "ends_with", "value": ""}
    assert parsed('match(context, "a")') == group("and", context)


def matching(argument: str) -> tuple[str, str]:
    leaf = parsed(f"match(event, {argument})")["children"][0]
    return leaf["operator"], leaf["value"]


def test_match_looks_for_a_star_at_the_end() -> None:
    assert matching('"a*"') == ("starts_with", "a")
    assert matching('"*a*"') == ("starts_with", "*a")
    assert matching('"*"') == ("starts_with", "")
    assert matching(r"a\*\"") == ("starts_with", "a*")
    negated = {"type": "event-trait", "name": "a", "operator": "not_starts_with", "value": "b"}
    assert parsed('!match(traits.a, "b*")') == group("and", negated)


def test_match_cuts_the_first_character_without_looking() -> None:
    assert matching('"*a"') == ("ends_with", "a")
    assert matching('"x"') == matching('""') == ("ends_with", "")
    assert matching("'a*'") == ("ends_with", "a*'")
    assert matching("12") == ("ends_with", "2")
    assert matching("true") == ("ends_with", "rue")
    assert matching('"🎉x"') == ("ends_with", "\udf89x")


@pytest.mark.thorough
@pytest.mark.parametrize(
    "source",
    [
        "(" * 100_000,
        "()" * 50_000 + "(",
        "(type = 1) " * 10_000,
        '"' * 99_999,
        "properties" + ".a" * 50_000 + " = 1",
        "!" * 9,
    ],
)
def test_long_texts_are_parsed_in_one_pass(source: str) -> None:
    condition = parse_fql(source)
    assert isinstance(condition, ErrorCondition) == (not source.endswith((") ", "1")))


@pytest.mark.parametrize("given", [5, None, True, [], ['type = "track"'], {}])
def test_trigger_that_is_no_text(given: Any) -> None:
    error = error_of(given)
    assert str(error) == ENGINE
    assert any("A trigger is text" in note for note in error.__notes__)


# --- remarks ---------------------------------------------------------------------------------------------


def lost_words(source: str) -> list[tuple[str, str]]:
    """Returns the remarks on words that were left out or read otherwise, each with its text."""
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
def test_a_remark_names_the_lost_words_and_their_position(source: str, expected: list[tuple[str, str]]) -> None:
    assert [
        (kind, text) for kind, text in lost_words(source) if kind != "vanished" or ("vanished", text) in expected
    ] == [(kind, text if kind != "quote" or not text.endswith("= ") else f'{text}"') for kind, text in expected]


@given(round_trip_conditions)
def test_a_trigger_that_comes_back_whole_has_lost_nothing(condition: GroupCondition) -> None:
    assert lost_words(generate_fql(condition)) == []


@given(st.text() | soups)
def test_looking_closely_changes_nothing(source: str) -> None:
    condition, remarks = parse_closely(source)
    assert condition.to_json() == parse_fql(source).to_json() or "nan" in str(condition).lower()
    assert all(0 <= remark.start <= remark.end <= len(source) for remark in remarks)


@pytest.mark.parametrize(
    ("source", "texts"),
    [
        ('type = "track"', ['type = "track"']),
        (
            ' name != null and (event = "A" or !contains(event, "B"))',
            ["name != null", 'event = "A"', '!contains(event, "B")'],
        ),
        ('name = "🎉" and match(name, "x*")', ['name = "🎉"', 'match(name, "x*")']),
        ('type = "a" and (foo)', ['type = "a"', "(foo)"]),
        ('foo and type = "a"', ['type = "a"']),
        ("(event = )", ["event ="]),
        ("event = ", ["event ="]),
        ("type", []),
        ("", []),
    ],
)
def test_the_offsets_of_conditions(source: str, texts: list[str]) -> None:
    assert [source[start:end] for start, end in condition_offsets(source)] == texts


@given(soups)
def test_each_step_of_a_trigger_has_offsets_in_order(source: str) -> None:
    trigger = compile_trigger(source)
    offsets = condition_offsets(source)
    assert len(offsets) == (0 if trigger.error else len(trigger.program.steps))
    ends = [offset for pair in offsets for offset in pair]
    assert ends == sorted(ends)
    assert all(0 <= offset <= len(source) for offset in ends)

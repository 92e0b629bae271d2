"""Witnesses, proofs and what is left open, case by case."""

from typing import Any

import pytest

from destination.errors import DefinitionError, EngineTypeError
from destination.fql import (
    Change,
    Condition,
    GroupCondition,
    Impossible,
    Undecided,
    Witness,
    compile_trigger,
    matches,
    parse_fql,
    satisfy,
)
from destination.values import MISSING


def event_of(*wanted: Any, refused: Any = (), base: Any = None) -> dict[str, Any]:
    found = satisfy(*wanted, refused=refused, base=base)
    assert isinstance(found, Witness), found
    return found.event


def reason_of(*wanted: Any, refused: Any = ()) -> str:
    found = satisfy(*wanted, refused=refused)
    assert isinstance(found, Impossible), found
    return found.reason


# --- what is taken ---------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "trigger",
    [
        'event = "a"',
        compile_trigger('event = "a"'),
        parse_fql('event = "a"'),
        parse_fql('event = "a"').to_json(),
        Condition("event", "=", "a"),
    ],
)
def test_a_trigger_comes_in_any_form(trigger: Any) -> None:
    assert event_of(trigger) == {"type": "track", "event": "a"}
    assert event_of(refused=trigger, base={"event": "a"}) == {"event": "ax"}


def test_nothing_wanted_is_fulfilled_by_any_event() -> None:
    base = {"type": "page"}
    assert satisfy(base=base) == Witness(base, ())
    assert satisfy() == Witness({"type": "track", "event": "Order Completed"}, satisfy().changes)  # type: ignore[union-attr]


def test_a_base_that_matches_is_returned_as_it_is() -> None:
    base = {"type": "track", "event": "b", "properties": {"x": [1]}}
    found = satisfy('type = "track"', refused='event = "a"', base=base)
    assert isinstance(found, Witness)
    assert found.event is base
    assert found.changes == ()


def test_a_base_is_never_changed() -> None:
    base = {"type": "track", "properties": {"products": [{"id": "a"}], "a": {"b": 1}}}
    condition = Condition("event-property", "=", "z", "products.0.id")
    found = event_of(condition, "properties.a.b = 2", base=base)
    assert found == {"type": "track", "properties": {"products": [{"id": "z"}], "a": {"b": 2}}}
    assert base == {"type": "track", "properties": {"products": [{"id": "a"}], "a": {"b": 1}}}


def test_a_base_that_is_no_object_is_refused() -> None:
    with pytest.raises(DefinitionError, match="a base is an event, an object, but this is: array"):
        satisfy('type = "track"', base=[])  # type: ignore[arg-type]


def test_a_trigger_that_is_null_is_an_engine_error() -> None:
    with pytest.raises(EngineTypeError):
        satisfy(None)


def test_a_trigger_that_cannot_be_parsed_matches_nothing() -> None:
    assert "Value token is missing" in reason_of("type")
    assert event_of('event = "a"', refused="type") == {"type": "track", "event": "a"}


# --- changes ---------------------------------------------------------------------------------------------


def test_changes_name_each_place_with_what_was_and_is_there() -> None:
    base = {"type": "track", "event": "a", "properties": {"price": 3, "old": 1}, "userId": "u"}
    found = satisfy("properties.price > 5 and properties.old = null and traits.vip = true", base=base)
    assert isinstance(found, Witness)
    assert set(found.changes) == {
        Change(("properties", "price"), 3, 6),
        Change(("properties", "old"), 1, MISSING),
        Change(("traits", "vip"), MISSING, True),
    }
    assert found.event["userId"] == "u"


def test_the_alternative_with_the_fewest_changes_is_taken() -> None:
    trigger = '(type = "track" and event = "a") or (type = "page" and name = "Home" and userId = "u")'
    assert event_of(trigger, base={"type": "page", "name": "Home"}) == {"type": "page", "name": "Home", "userId": "u"}
    assert event_of(trigger, base={"type": "track", "event": "z"}) == {"type": "track", "event": "a"}


def test_a_false_value_on_the_way_is_replaced_by_an_object() -> None:
    found = satisfy("properties.a.b = 3", base={"properties": {"a": 0}})
    assert isinstance(found, Witness)
    assert found.changes == (Change(("properties", "a"), 0, {"b": 3}),)


# --- numbers ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("trigger", "before", "after"),
    [
        ("properties.p > 5", 3, 6),
        ("properties.p >= 5", 3, 5),
        ("properties.p < 5", 9, 4),
        ("properties.p <= 5", 9.5, 5),
        ("properties.p = 5", 9, 5),
        ("properties.p != 5", 5, 6),
        ("properties.p > 5 and properties.p < 6", 1, 5.01),
        ("properties.p > 5", "7", 7),
        ("properties.p > 5", None, 6),
        ("properties.p > 5", MISSING, 6),
        ("properties.p < -3", MISSING, -4),
        ("properties.p > 2.5", 1, 3),
        ("properties.p = 2.5", 1, 2.5),
    ],
)
def test_a_number_is_the_nearest_that_will_do(trigger: str, before: Any, after: Any) -> None:
    properties = {} if before is MISSING else {"p": before}
    assert event_of(trigger, base={"properties": properties}) == {"properties": {"p": after}}


@pytest.mark.parametrize(
    "trigger",
    [
        "properties.p > 5 and properties.p < 5",
        "properties.p >= 5 and properties.p < 5",
        "properties.p = 5 and properties.p != 5",
        "properties.p = 5 and properties.p = 6",
        'properties.p > 5 and properties.p = "6"',
        "properties.p > 5 and properties.p = null",
        "properties.p > 5 and properties.p = true",
        "properties.p > -",  # not a number: every comparison is false
    ],
)
def test_numbers_that_there_are_not(trigger: str) -> None:
    assert isinstance(satisfy(trigger), Impossible)


def test_between_two_neighbouring_doubles_there_is_none() -> None:
    low = Condition("event-property", ">", 1.0, "p")
    assert isinstance(satisfy(low, Condition("event-property", "<", 1.0000000000000002, "p")), Impossible)
    assert event_of(low, Condition("event-property", "<", 1.0000000000000004, "p"))["properties"] == {
        "p": 1.0000000000000002
    }


def test_a_number_that_json_does_not_have_is_no_witness_and_no_proof_either() -> None:
    assert isinstance(satisfy(Condition("event-property", ">", 1.7976931348623157e308, "p")), Undecided)


def test_not_a_number_differs_from_every_number() -> None:
    assert event_of("properties.p != -")["properties"] == {"p": 1}


# --- texts -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("wanted", "refused", "expected"),
    [
        (['contains(event, "Order")'], [], "Order"),
        (['match(event, "Order*")', 'match(event, "*ed")'], [], "Ordered"),
        (['match(event, "Order*")', 'match(event, "*Order")'], [], "Order"),
        (['contains(event, "a")', 'contains(event, "b")'], [], "ab"),
        (['contains(event, "a")'], ['match(event, "a*")', 'match(event, "*a")'], "-a-"),
        (['event != "a"', 'contains(event, "a")'], [], "-a"),
        (['match(event, "ab*")', '!contains(event, "abab")', 'contains(event, "ba")'], [], "aba"),
        (['event = ""'], [], ""),
    ],
)
def test_a_text_is_made_of_its_pieces(wanted: list[str], refused: list[str], expected: str) -> None:
    assert event_of(*wanted, refused=refused)["event"] == expected


@pytest.mark.parametrize(
    ("trigger", "before", "after"),
    [
        ('event != "Sign Up"', "Sign Up", "Sign U"),
        ('match(event, "Order*")', "Completed", "OrderCompleted"),
        ('contains(event, "Order")', "Ord", "Order"),
        ('!contains(event, "Test")', "My Test", "My Tes"),
        ('!contains(event, "Test")', "a Test b", "a  b"),
        ('!match(event, "Test*")', "Test me", "est me"),
        ('event = "x"', 5, "x"),
    ],
)
def test_a_text_changes_by_as_little_as_will_do(trigger: str, before: Any, after: str) -> None:
    assert event_of(trigger, base={"event": before}) == {"event": after}


@pytest.mark.parametrize(
    ("wanted", "refused"),
    [
        (['event = "a"', 'event = "b"'], []),
        (['event = "a"', 'event != "a"'], []),
        (['event = "abc"', 'contains(event, "z")'], []),
        (['match(event, "ab*")', 'match(event, "b*")'], []),
        (['match(event, "*ab")', 'match(event, "*cb")'], []),
        (['match(event, "abc*")', '!contains(event, "bc")'], []),
        (['contains(event, "abc")'], ['contains(event, "bc")']),
        (['match(event, "ab*")', '!match(event, "a*")'], []),
        (['!contains(event, "")'], []),
        (['userId = "true" and userId = true'], []),
    ],
)
def test_texts_that_there_are_not(wanted: list[str], refused: list[str]) -> None:
    assert isinstance(satisfy(*wanted, refused=refused), Impossible)


def test_half_a_character_is_found_inside_a_whole_one() -> None:
    half, whole = Condition("event", "contains", "\ud83c"), Condition("event", "contains", "🎉")
    assert matches(GroupCondition("and", (half,)), event_of(half, whole))
    assert isinstance(satisfy(whole, refused=half), (Undecided, Impossible))


# --- quirks of the language ------------------------------------------------------------------------------


def test_event_not_null_is_a_comparison_with_a_text() -> None:
    """`event != null` is true for an event without a name."""
    assert event_of("event != null", base={"type": "track"}) == {"type": "track"}
    assert event_of(refused="event != null")["event"] == "null"


def test_differs_is_true_for_what_is_missing() -> None:
    assert event_of('properties.a != "x" and type = "page"') == {"type": "page"}


def test_equals_or_differs_is_always_true_for_a_text_and_not_for_a_number() -> None:
    assert "fails" in reason_of(refused='properties.x = "5" or properties.x != "5"')
    assert "properties" not in event_of(refused="properties.x = 5 or properties.x != 5")


def test_single_quotes_stay_in_the_value() -> None:
    assert event_of("event = 'x'")["event"] == "'x'"


def test_match_without_a_star_cuts_a_character() -> None:
    assert event_of('match(event, "x")', 'event = "anything"')["event"] == "anything"
    assert isinstance(satisfy('match(event, "x")', 'properties.a = "b"', base={"event": 5}), Witness)


def test_an_escaped_dot_is_a_path_all_the_same() -> None:
    assert event_of(r"properties.dot\.key = 1")["properties"] == {"dot": {"key": 1}}


def test_the_last_operator_of_a_group_wins() -> None:
    assert event_of('type = "track" and event = "a" or event = "b"', base={"event": "b"}) == {"event": "b"}


def test_a_condition_of_an_unknown_kind_matches_nothing() -> None:
    assert isinstance(satisfy({"operator": "and", "children": [{"type": "foo", "operator": "="}]}), Impossible)
    assert isinstance(satisfy("properties.x ~ 5"), Impossible)


def test_reaching_an_undefined_condition_is_no_match() -> None:
    assert isinstance(satisfy('event = "a" and ("b")'), Impossible)
    assert event_of('event = "a" or ("b")')["event"] == "a"
    assert isinstance(
        satisfy({"operator": "or", "children": [None, {"type": "event", "operator": "exists"}]}), Impossible
    )


def test_a_refused_trigger_must_say_no_and_not_die() -> None:
    trigger = 'event = "a" and ("b")'
    assert event_of(refused=trigger, base={"event": "a"}) == {"event": "ax"}
    assert isinstance(satisfy('event = "a"', refused=trigger), Undecided)


def test_a_path_without_a_name_leads_nowhere() -> None:
    nowhere = {"operator": "and", "children": [{"type": "event-property", "operator": "exists"}]}
    assert isinstance(satisfy(nowhere), Impossible)
    assert isinstance(satisfy(refused=nowhere), Witness)


# --- paths that meet -------------------------------------------------------------------------------------


def path_condition(name: str, operator: str, value: Any = MISSING) -> Condition:
    return Condition("event-property", operator, value, name)


def test_a_length_makes_a_list() -> None:
    condition = path_condition("products.length", ">", 2)
    assert event_of(condition)["properties"] == {"products": [{}, {}, {}]}
    assert event_of(condition, base={"properties": {"products": [{"id": 1}]}}) == {
        "properties": {"products": [{"id": 1}, {"id": 1}, {"id": 1}]}
    }


def test_a_length_cuts_a_list_or_a_text() -> None:
    condition = path_condition("x.length", "<", 2)
    assert event_of(condition, base={"properties": {"x": [1, 2, 3]}}) == {"properties": {"x": [1]}}
    assert event_of(condition, base={"properties": {"x": "abc"}}) == {"properties": {"x": "a"}}


def test_an_index_makes_an_item() -> None:
    wanted = (path_condition("products.1.id", "=", "x"), path_condition("products.length", ">=", 3))
    assert event_of(*wanted)["properties"] == {"products": [{}, {"id": "x"}, {"id": "x"}]}


def test_an_object_fulfils_a_condition_on_its_existence() -> None:
    assert event_of("properties.a != null and properties.a.b = 1")["properties"] == {"a": {"b": 1}}


def test_a_text_has_no_members_but_an_empty_one_ends_the_path() -> None:
    text = path_condition("a", "starts_with", "")
    assert event_of(text, path_condition("a.b", "exists"))["properties"] == {"a": ""}
    assert isinstance(satisfy('properties.a = "x" and properties.a.b = "y"'), Impossible)
    assert isinstance(satisfy("properties.a > 1 and properties.a.b != null"), Impossible)


def test_zero_ends_the_path_and_is_its_value() -> None:
    wanted = (path_condition("a", "<", 1), path_condition("a", ">", -1), path_condition("a.b", "number_equals", 0))
    assert event_of(*wanted)["properties"] == {"a": 0}
    assert isinstance(satisfy(wanted[0], wanted[1], path_condition("a.b", ">", 0)), Impossible)


@pytest.mark.parametrize(
    "conditions",
    [
        (path_condition("a", "=", "abc"), path_condition("a.length", ">", 5)),
        (path_condition("a", "contains", "abc"), path_condition("a.length", "is_true")),
        (path_condition("a", "contains", "abc"), path_condition("a.length", "<", 0)),
        (
            path_condition("a", "contains", "abc"),
            path_condition("a.length", ">", 3),
            path_condition("a.length", "<", 4),
        ),
        (path_condition("a", "=", "abc"), path_condition("a.0", "=", "b")),
    ],
)
def test_a_length_or_character_that_no_such_text_has_is_a_proof(conditions: tuple[Condition, ...]) -> None:
    assert isinstance(satisfy(*conditions), Impossible)


def test_a_text_gets_the_length_it_must_have() -> None:
    ends = (path_condition("a", "starts_with", "ab"), path_condition("a", "ends_with", "c"))
    assert event_of(*ends, path_condition("a.length", "number_equals", 5))["properties"] == {"a": "ab--c"}
    assert isinstance(satisfy(ends[0], path_condition("a.length", "<", 2)), Impossible)
    longer = path_condition("a.length", "=", "x")
    assert isinstance(satisfy(ends[0], longer), Impossible)


def test_a_length_that_may_need_another_text_is_left_open() -> None:
    pieces = (path_condition("a", "contains", "ab"), path_condition("a", "contains", "ba"))
    shown = satisfy(*pieces, path_condition("a.length", "<", 4))
    assert isinstance(shown, Witness)
    assert isinstance(satisfy(*pieces, path_condition("a.length", "<", 3)), Undecided)


def test_a_length_may_be_an_objects_own_key() -> None:
    conditions = (path_condition("a.length", "=", "x"), path_condition("a.b", "number_equals", 1))
    assert event_of(*conditions)["properties"] == {"a": {"length": "x", "b": 1}}


# --- what is too much ------------------------------------------------------------------------------------


def test_long_lists_of_names_are_no_trouble() -> None:
    one = " or ".join(f'event = "a{number}"' for number in range(300))
    other = " or ".join(f'event = "b{number}"' for number in range(300))
    assert isinstance(satisfy(one, other), Impossible)
    assert event_of(one, f'{other} or event = "a299"')["event"] == "a299"


def test_too_many_ways_are_left_open() -> None:
    group = [
        {"type": "group", "operator": "or", "children": [path_condition(f"{name}{n}", "exists") for name in "ab"]}
        for n in range(14)
    ]
    impossible = {"type": "group", "operator": "or", "children": [None]}
    barred = [path_condition("z.length", "=", "x"), path_condition("z", "starts_with", "x")]
    found = satisfy({"operator": "and", "children": [*group, *barred]})
    assert isinstance(found, Undecided)
    assert "ways" in found.reason
    assert isinstance(satisfy(impossible), Impossible)


def test_deep_groups_long_paths_and_many_conditions_are_left_open() -> None:
    deep: Any = path_condition("a", "exists")
    for _ in range(2_000):
        deep = {"type": "group", "operator": "and", "children": [deep]}
    long = path_condition(".".join("a" * 5_000), "exists")
    many = " or ".join(f'event = "{number}"' for number in range(3_000))
    for trigger in (deep, long, many):
        found = satisfy(trigger)
        assert isinstance(found, Undecided)
        assert "too much to look into" in found.reason


def test_the_proof_names_only_what_it_needs() -> None:
    assert reason_of('type = "track" and userId != null and event = "a"', 'type = "track" and event = "b"') == (
        'no event passes event = "a" and event = "b"'
    )

"""Failed events by their reason, and what is certain about the events of a group."""

from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from destination.studio.live.grouping import Settled, common_facts, group_failures
from destination.values import real_type_of, stringify


def dead(name: str, reason: str, event: Any = None, at: str = "t", subscription: str | None = "Pages") -> Settled:
    return Settled(name, "shop", subscription, "dead", at, reason, event)


def delivered(name: str, event: Any = None, at: str = "t") -> Settled:
    return Settled(name, "shop", "Pages", "delivered", at, None, event)


def sentences(failed: list[Any], good: list[Any]) -> list[str]:
    return [fact["sentence"] for fact in common_facts(failed, good)]


# --- groups ----------------------------------------------------------------------------------------------


def test_events_are_grouped_by_reason_and_subscription_and_the_largest_group_is_first() -> None:
    found = group_failures(
        [
            dead("a", "400 Bad Request", at="2"),
            dead("b", "no name", at="5"),
            dead("c", "no name", at="3"),
            dead("d", "no name", at="4", subscription="Goals"),
            dead("e", "no event", subscription=None),
            delivered("f"),
        ]
    )
    assert [(one["reason"], one["subscription"], one["count"]) for one in found] == [
        ("no name", "Pages", 2),
        ("400 Bad Request", "Pages", 1),
        ("no name", "Goals", 1),
        ("no event", None, 1),
    ]
    assert (found[0]["first"], found[0]["last"], found[0]["messageIds"]) == ("3", "5", ["b", "c"])


def test_messages_that_differ_in_identifiers_only_are_one_reason() -> None:
    texts = [
        "user 3f4e1b5c-7a60-4d2b-9c11-0a8d5e6f7b21 is gone",
        "user 00000000-7a60-4d2b-9c11-0a8d5e6f7b21 is gone",
        "user 8372615 is gone",
        "user 0a8d5e6f7b21 is gone",
    ]
    (group,) = group_failures([dead(str(number), text) for number, text in enumerate(texts)])
    assert (group["reason"], group["count"]) == ("user … is gone", 4)
    (group,) = group_failures([dead(name, texts[0]) for name in "ab"])
    assert group["reason"] == texts[0]


def test_statuses_and_names_of_fields_are_different_reasons() -> None:
    texts = ["500 Server Error", "503 Unavailable", "missing the field 'name'", "missing the field 'units'"]
    assert [one["reason"] for one in group_failures([dead(text, text) for text in texts])] == texts


def test_only_the_last_outcome_of_an_event_counts() -> None:
    assert group_failures([dead("a", "503"), delivered("a")]) == []
    (group,) = group_failures([dead("a", "503", at="1"), dead("a", "400", at="2")])
    assert (group["reason"], group["count"]) == ("400", 1)


def test_an_event_without_a_message_id_counts_each_time() -> None:
    lines = [Settled(None, "shop", None, "dead", "t", "invalid") for _ in range(3)]
    (group,) = group_failures(lines)
    assert (group["count"], group["messageIds"]) == (3, [])


# --- what they have in common ----------------------------------------------------------------------------

GOOD: list[dict[str, Any]] = [{"type": "track", "n": number, "p": {"price": 5, "plan": "pro"}} for number in range(4)]


def test_a_path_that_all_failed_events_lack_is_named_once() -> None:
    failed = [{"type": "track", "n": 8}, {"type": "track", "n": 9}]
    assert sentences(failed, GOOD) == ["$.p is missing in all 2, and in none of the 4 delivered"]


def test_a_path_that_only_failed_events_have_is_named() -> None:
    failed = [{**one, "p": {**one["p"], "goals": [number]}} for number, one in enumerate(GOOD)]
    assert sentences(failed, GOOD) == ["$.p.goals is there in all 4, and in none of the 4 delivered"]


def test_another_type_and_another_value_are_named() -> None:
    failed = [{"type": "page", "n": number, "p": {"price": str(number), "plan": "pro"}} for number in range(2)]
    assert common_facts(failed, GOOD) == [
        {
            "path": "$.p.price",
            "kind": "type",
            "value": "string",
            "sentence": "$.p.price is a string in all 2, and in none of the 4 delivered",
        },
        {
            "path": "$.type",
            "kind": "value",
            "value": "page",
            "sentence": '$.type is "page" in all 2, and in none of the 4 delivered',
        },
    ]


def test_what_is_not_certain_is_not_said() -> None:
    failed = [{"type": "page"}, {"type": "page"}]
    assert common_facts(failed, []) == []
    assert common_facts(failed[:1], GOOD) == []
    assert common_facts([*failed, None], GOOD) == []
    assert common_facts(failed, [*GOOD, {"type": "page", "n": 1}])[0]["path"] == "$.n"
    wide = {f"k{number}": 1 for number in range(2_000)}
    assert common_facts([wide, wide], GOOD) == []


def test_moments_and_message_ids_are_not_values_in_common() -> None:
    same = {"timestamp": "2026-01-01T00:00:00.000Z", "messageId": "m"}
    other = {"timestamp": "2026-01-02T00:00:00.000Z", "messageId": "o"}
    assert common_facts([same, same], [other]) == []


_EVENTS: st.SearchStrategy[list[dict[str, Any]]] = st.lists(
    st.dictionaries(
        st.sampled_from("abc"),
        st.recursive(
            st.sampled_from([None, 1, "x", True, []]),
            lambda inner: st.dictionaries(st.sampled_from("ab"), inner, max_size=2),
            max_leaves=4,
        ),
        max_size=3,
    ),
    max_size=5,
)


def at(event: Any, path: str) -> tuple[Any, ...]:
    """The value at a path of plain names, in a tuple; empty where there is none."""
    for key in path.split(".")[1:]:
        if not isinstance(event, dict) or key not in event:
            return ()
        event = event[key]
    return (event,)


@given(_EVENTS, _EVENTS)
def test_each_fact_holds_in_all_failed_events_and_in_no_delivered_one(failed: list[Any], good: list[Any]) -> None:
    for fact in common_facts(failed, good):
        value = fact.get("value")

        def holds(found: tuple[Any, ...], kind: str = fact["kind"], value: Any = value) -> bool:
            if kind == "missing" or not found:
                return kind == "missing" and not found
            shown = {"there": None, "type": real_type_of(found[0]), "value": stringify(found[0])}[kind]
            return shown == (stringify(value) if kind == "value" else value)

        assert all(holds(at(event, fact["path"])) for event in failed)
        assert not any(holds(at(event, fact["path"])) for event in good)

from typing import Any

from destination.workbench.diff import pair_subscriptions
from tests.workbench.diff.post import subscription, version


def pairs(old: list[dict[str, Any]], new: list[dict[str, Any]]) -> list[tuple[str | None, str | None]]:
    found = pair_subscriptions(version(*old).subscriptions, version(*new).subscriptions)
    return [(pair.old.name if pair.old else None, pair.new.name if pair.new else None) for pair in found]


def one(name: str, trigger: str = 'type = "track"', mapping: Any = None, identifier: str | None = None) -> Any:
    ids = {} if identifier is None else {"ID": identifier}
    return subscription(name, {} if mapping is None else mapping, trigger, **ids)


PAGE = 'type = "page"'


def test_an_id_goes_before_a_name() -> None:
    old = [one("A", identifier="1"), one("B", identifier="2")]
    assert pairs(old, [one("B", identifier="1"), one("A", identifier="2")]) == [("A", "B"), ("B", "A")]


def test_a_name_goes_before_a_trigger() -> None:
    assert pairs([one("A"), one("B", PAGE)], [one("B"), one("A", PAGE)]) == [("B", "B"), ("A", "A")]


def test_other_ids_with_one_name_are_a_pair() -> None:
    assert pairs([one("A", identifier="1")], [one("A", identifier="9")]) == [("A", "A")]


def test_a_trigger_and_an_action_pair_what_was_renamed() -> None:
    assert pairs([one("A"), one("B", PAGE)], [one("C", PAGE), one("D")]) == [("B", "C"), ("A", "D")]


def test_of_several_renamed_ones_the_same_mapping_goes_first() -> None:
    old = [one("A", mapping={"a": 1}), one("B", mapping={"a": 2})]
    assert pairs(old, [one("C", mapping={"a": 2}), one("D", mapping={"a": 3})]) == [("B", "C"), ("A", "D")]


def test_what_has_no_partner_was_added_or_removed() -> None:
    assert pairs([one("A"), one("B", PAGE)], [one("C", 'type = "screen"'), one("B", PAGE)]) == [
        (None, "C"),
        ("B", "B"),
        ("A", None),
    ]


def test_names_that_came_twice_are_paired_in_order() -> None:
    old = [one("A", mapping={"a": 1}), one("A", mapping={"a": 2})]
    found = pair_subscriptions(version(*old).subscriptions, version(*old, one("A")).subscriptions)
    assert [pair.state for pair in found] == ["same", "same", "added"]


def test_what_differs_is_named() -> None:
    old = version(one("A", identifier="1"))
    for changed, differs in (
        (one("B", identifier="1"), ("name",)),
        (one("A", PAGE, {"a": 1}, "1"), ("trigger", "mapping")),
        (one("A", identifier="2"), ("identifiers",)),
        ({**one("A", identifier="1"), "partnerAction": "clock"}, ("action",)),
    ):
        (pair,) = pair_subscriptions(old.subscriptions, version(changed).subscriptions)
        assert pair.differs == differs
        assert pair.state == ("same" if differs == ("name",) else "changed")


def test_a_mapping_of_any_depth_is_the_same_as_itself_only() -> None:
    deep: Any = 1
    for _ in range(3_000):
        deep = [deep]
    mappings = [{"a": deep}, {"a": deep}]
    old, same, new = (version(one("A", mapping=mapping)) for mapping in (mappings[0], *mappings))
    for instance, differs in ((same, ()), (new, ("mapping",))):
        (pair,) = pair_subscriptions(old.subscriptions, instance.subscriptions)
        assert pair.differs == differs


def test_the_order_of_a_mappings_keys_counts() -> None:
    old, new = version(one("A", mapping={"a": 1, "b": 2})), version(one("A", mapping={"b": 2, "a": 1}))
    (pair,) = pair_subscriptions(old.subscriptions, new.subscriptions)
    assert pair.differs == ("mapping",)

from typing import Any

import pytest

from destination.catalog.absmartly import absmartly
from destination.definition import Subscription, read_subscriptions, to_public_api, to_terraform, write_subscriptions
from destination.workbench.lint import lint
from destination.workbench.lint.run import covers
from tests.workbench.lint.examples import GOAL, ORDER, codes, found, subscription

MIXED = 'type = "page" and name = "a" or name = "b"'


def noted(text: Any) -> dict[str, Any]:
    return {**GOAL, "name": {"@path": "$.event", "_metadata": {"lint": text, "other": 1}}}


@pytest.mark.parametrize("name", ["Pages # ignore T002", "Pages #ignore T", "# ignore ABS, T00", "P # ignore T002,  "])
def test_the_end_of_a_name_ignores(name: str) -> None:
    expected = ["T002"] if name.endswith(",  ") else ["I001"] if "ABS" in name else []
    assert codes(subscription(MIXED, name)) == expected


def test_metadata_beside_a_directive_ignores() -> None:
    assert codes(subscription(MIXED, mapping=noted("ignore T002"))) == []


def test_metadata_deep_in_a_mapping_ignores() -> None:
    deep = {**GOAL, "units": {"u": [{"@path": "$.userId", "_metadata": {"lint": "ignore T002"}}]}}
    assert codes(subscription(MIXED, mapping=deep), select=["T", "I"]) == []


@pytest.mark.parametrize("text", ["T002", "ignore", 5, None, "please ignore T002"])
def test_other_metadata_ignores_nothing(text: Any) -> None:
    assert codes(subscription(MIXED, mapping=noted(text))) == ["T002"]


def test_a_pair_is_ignored_by_either() -> None:
    one, two = subscription(ORDER, "One"), subscription(ORDER, "Two")
    ignoring = subscription(ORDER, "Three # ignore O001")
    assert codes(one, two) == ["O001"]
    assert codes(one, ignoring) == []
    assert codes(ignoring, one) == []


def test_what_was_ignored_is_counted() -> None:
    report = lint(absmartly, [subscription(MIXED, "A # ignore T002"), subscription(MIXED, "B # ignore O001")])
    assert [finding.code for finding in report.findings] == ["T002"]
    assert report.ignored == 2


def test_an_ignore_that_ignores_nothing_is_a_finding() -> None:
    (finding,) = found(subscription(name="Orders # ignore T002"))
    assert (finding.code, finding.pointer, finding.message) == ("I001", "name", "ignore T002 ignores nothing")
    (finding,) = found(subscription(mapping=noted("ignore O001")))
    assert (finding.code, finding.pointer) == ("I001", "mapping/name/_metadata")


def test_an_ignore_of_rules_that_were_not_asked_is_left_alone() -> None:
    assert codes(subscription(name="Orders # ignore T002"), select=["O", "I"]) == []


def test_an_unknown_code_is_a_finding() -> None:
    (finding,) = found(subscription(name="Orders # ignore XYZ9"))
    assert (finding.code, finding.message) == ("I002", "ignore XYZ9: there is no such code")


def test_letters_are_a_whole_family_and_numbers_may_be_cut() -> None:
    assert covers("T", "T001")
    assert covers("T02", "T020")
    assert not covers("T02", "T002")
    assert not covers("A", "ABS001")


def test_notes_come_back_from_every_form() -> None:
    given = [
        Subscription(name="A # ignore T002", subscribe=MIXED, partner_action="trackGoal", mapping=noted("ignore O001"))
    ]
    for form in ("runtime", "public-api"):
        assert read_subscriptions(write_subscriptions(given, form))[0].mapping == given[0].mapping
        assert read_subscriptions(write_subscriptions(given, form))[0].name == given[0].name
    assert "ignore O001" in to_terraform(given)
    assert to_public_api(given[0])["name"] == "A # ignore T002"


def test_notes_change_no_payload() -> None:
    from destination.mapping import compile_mapping

    event = {"event": "a", "userId": "u", "properties": {}}
    assert compile_mapping(noted("ignore O001"))(event) == compile_mapping(GOAL)(event)

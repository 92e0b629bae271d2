"""What `lint` says about the selected subscription, and the mended drafts."""

from typing import Any

from destination.studio.findings import findings_of
from destination.workbench.lint import lint
from tests.studio.test_inspection import absmartly_studio, edited


def found(**members: Any) -> list[dict[str, Any]]:
    studio = absmartly_studio()
    return findings_of(studio, edited(studio, 1, **members), 1)


def test_a_subscription_that_is_fine_has_none() -> None:
    assert found() == []


def test_single_quotes_are_marked_and_can_be_mended() -> None:
    (quotes,) = [one for one in found(subscribe="name = \"🎉\" and type = 'page'") if one["code"] == "T007"]
    assert (quotes["pointer"], quotes["from"], quotes["to"]) == ("subscribe", 23, 29)
    assert quotes["fix"]["title"] == "Use double quotes"
    assert quotes["fix"]["draft"][1]["subscribe"] == 'name = "🎉" and type = "page"'
    assert quotes["fix"]["draft"][1]["key"] == "s1"


def test_capitals_and_missing_parentheses_can_be_mended() -> None:
    fixes = {one["code"]: one["fix"] for one in found(subscribe='type = "page" AND name = "a"')}
    assert fixes["T004"]["draft"][1]["subscribe"] == 'type = "page" and name = "a"'


def test_an_unknown_field_is_renamed_where_one_free_field_is_close() -> None:
    studio = absmartly_studio()
    mapping = dict(studio.saved[1]["mapping"])
    renamed = {("Nam" if key == "name" else key): value for key, value in mapping.items()}
    (finding,) = [one for one in found(mapping=renamed) if one["code"] == "M003"]
    assert finding["pointer"] == "mapping/Nam"
    assert finding["fix"]["title"] == "Rename it to name"
    assert list(finding["fix"]["draft"][1]["mapping"].items()) == list(mapping.items())


def test_an_unknown_field_that_is_close_to_none_has_no_mend() -> None:
    studio = absmartly_studio()
    mapping = {**studio.saved[1]["mapping"], "zzz": 1, "names": 2}
    fixes = {one["pointer"]: one["fix"] for one in found(mapping=mapping) if one["code"] == "M003"}
    assert fixes == {"mapping/zzz": None, "mapping/names": None}


def test_an_unknown_action_becomes_the_one_that_is_close() -> None:
    (finding,) = [one for one in found(partnerAction="trackgoals") if one["code"] == "M002"]
    assert finding["fix"]["draft"][1]["partnerAction"] == "trackGoal"
    assert [one["fix"] for one in found(partnerAction="x") if one["code"] == "M002"] == [None]


def test_a_disabled_subscription_is_checked_while_it_is_selected() -> None:
    assert [one["code"] for one in found(subscribe="", enabled=False)] == ["T001"]


def test_a_mended_draft_has_the_finding_no_more() -> None:
    studio = absmartly_studio()
    draft = edited(studio, 1, subscribe="type = 'page' AND name = 'a'", partnerAction="trackgoal")
    for finding in findings_of(studio, draft, 1):
        if finding["fix"] is not None:
            left = [one["code"] for one in findings_of(studio, finding["fix"]["draft"], 1)]
            assert finding["code"] not in left


def test_the_words_are_those_of_lint() -> None:
    studio = absmartly_studio()
    draft = edited(studio, 1, subscribe='type = "page" and typ')
    given = studio.instance_of(draft).given
    words = [(one.code, one.message, one.remedy) for one in lint(studio.definition, given).findings if one.index == 1]
    shown = findings_of(studio, draft, 1)
    assert [(one["code"], one["message"], one["remedy"]) for one in shown] == words

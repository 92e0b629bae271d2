"""`POST /api/explain`: what each subscription does with an event, and the selected one in detail."""

import json
from typing import Any

import pytest

from destination.catalog.absmartly import absmartly
from destination.studio.inspection import explain
from destination.studio.session import Draft, Studio, StudioProblem
from tests.studio.corpora import loaded, studio_of
from tests.workbench.diff.post import API_KEY, post, subscription

SETTINGS = {"collectorEndpoint": "https://c.test/v1", "apiKey": "s3cr3t-key", "environment": "live"}
PAGE = {
    "type": "page",
    "name": "Category",
    "userId": "u1",
    "timestamp": "2026-01-01T00:00:00.000Z",
    "properties": {"category": "Catalog"},
}


def absmartly_studio(*events: Any) -> Studio:
    presets = [item.to_json() for item in absmartly.preset_subscriptions()]
    return studio_of(presets, loaded(events or [PAGE]), absmartly, SETTINGS)


def edited(studio: Studio, index: int, **members: Any) -> list[dict[str, Any]]:
    """The saved version with other members of one subscription."""
    return [{**item, **(members if number == index else {})} for number, item in enumerate(studio.saved)]


def answer_of(studio: Studio, draft: Draft, selected: str | None = "s1", event: Any = None) -> dict[str, Any]:
    """The answer, as JSON can hold it."""
    answer: dict[str, Any] = json.loads(json.dumps(explain(studio, draft, selected, event or {"index": 0})))
    return answer


def reason(answer: dict[str, Any], index: int) -> str:
    return "".join(text for segment in answer["subscriptions"][index]["reason"] for text in segment.values())


# --- what matches ----------------------------------------------------------------------------------------


def test_a_subscription_that_matches_has_its_payload_and_requests() -> None:
    studio = absmartly_studio()
    answer = answer_of(studio, studio.saved)
    pages = answer["subscriptions"][1]
    assert (pages["key"], pages["state"], reason(answer, 1)) == ("s1", "matches", "sends 1 request")
    assert pages["payload"]["name"] == "Page: Category"
    assert answer["selected"]["requests"] == pages["requests"]
    assert (answer["selected"]["hypothetical"], answer["was"]) == (False, None)


def test_the_others_say_why_they_do_not_match() -> None:
    studio = absmartly_studio()
    answer = answer_of(studio, studio.saved)
    assert [item["state"] for item in answer["subscriptions"]] == ["does not match", "matches", *["does not match"] * 2]
    assert reason(answer, 0) == 'type is "page", not "track"'
    assert answer["subscriptions"][0]["fields"] == []


def test_values_that_belong_together_are_linked() -> None:
    studio = absmartly_studio()
    draft = edited(studio, 1, subscribe='type = "page" and name != "x"')
    links = {link["id"]: link for link in answer_of(studio, draft)["links"]}
    name = links["field /name"]
    assert (name["event"], name["trigger"], name["field"]) == (["/name"], [[18, 29]], "/name")
    assert name["payload"] == ["/name"]
    assert name["request"] == [{"index": 0, "part": "body", "pointer": "/goals/0/name"}]
    assert name["label"] == {"payload": "$.name", "request": "name"}
    assert links["field /units/userId"]["label"] == {"payload": "$.userId", "request": "units.userId"}
    assert links["trigger 0"]["event"] == ["/type"]
    assert links["field /agent"]["label"]["payload"] == "fixed, nothing at $.context.library.name"


def test_request_values_without_a_field_name_their_setting_or_the_action() -> None:
    studio = absmartly_studio()
    links = answer_of(studio, studio.saved)["links"]
    labels = {(one["part"], one["pointer"]): link["label"]["request"] for link in links for one in link["request"]}
    assert labels["header", "/x-api-key"] == "setting apiKey, masked"
    assert labels["header", "/x-environment"] == "setting environment"
    assert labels["url", "/host"] == "setting collectorEndpoint"
    assert labels["body", "/publishedAt"] == "action"
    assert labels["body", "/goals/0/name"] == "name"


def test_the_branch_of_a_condition_is_named() -> None:
    studio = absmartly_studio()
    chosen = {"@if": {"exists": {"@path": "$.nick"}, "then": {"@path": "$.nick"}, "else": {"@path": "$.name"}}}
    mapping = {**studio.saved[1]["mapping"], "name": chosen}
    fields = answer_of(studio, edited(studio, 1, mapping=mapping))["selected"]["fields"]
    (name,) = [field for field in fields if field["field"] == "name"]
    assert (name["branch"], name["value"], name["mapping"]) == ("else", "Category", "/name")
    assert all("branch" not in field for field in fields if field["directive"] == "@path")


# --- what does not ---------------------------------------------------------------------------------------


def test_a_lost_match_keeps_its_fields_and_shows_what_the_saved_version_sent() -> None:
    studio = absmartly_studio()
    answer = answer_of(studio, edited(studio, 1, subscribe='type = "page" and properties.category = "catalog"'))
    pages, selected = answer["subscriptions"][1], answer["selected"]
    assert (pages["state"], pages["fields"], pages["payload"], pages["requests"]) == ("does not match", [], None, [])
    assert reason(answer, 1) == 'properties.category is "Catalog", not "catalog"'
    assert selected["hypothetical"] is True
    assert selected["payload"]["name"] == "Page: Category"
    assert [one["pointer"] for link in answer["links"] if link["field"] == "/name" for one in link["request"]] == [
        "/goals/0/name"
    ]
    assert answer["was"]["subscription"] == "Page Calls"
    assert answer["was"]["requests"][0]["body"]["goals"][0]["name"] == "Page: Category"
    assert selected["trigger"]["changes"] == [
        {"path": ["properties", "category"], "before": "Catalog", "after": "catalog"}
    ]


def test_the_tree_marks_what_decides_and_says_what_was_not_asked() -> None:
    studio = absmartly_studio()
    source = 'type = "track" and name = "Category"'
    tree = answer_of(studio, edited(studio, 1, subscribe=source))["selected"]["trigger"]["tree"]
    first, second = tree["children"]
    assert (tree["operator"], tree["verdict"], tree["deciding"]) == ("and", False, False)
    assert (first["verdict"], first["asked"], first["wouldBe"], first["deciding"]) == (False, True, None, True)
    assert (second["asked"], second["wouldBe"], second["deciding"]) == (False, True, False)
    assert source[second["from"] : second["to"]] == 'name = "Category"'
    assert first["value"] == "page"


def test_offsets_count_utf_16_units() -> None:
    studio = absmartly_studio()
    trigger = answer_of(studio, edited(studio, 1, subscribe='name = "🎉" and type = "page"'))["selected"]["trigger"]
    assert [(node["from"], node["to"]) for node in trigger["tree"]["children"]] == [(0, 11), (16, 29)]
    error = answer_of(studio, edited(studio, 1, subscribe='name = "🎉" and ~'))["selected"]["trigger"]["error"]
    assert (error["from"], error["to"]) == (16, 17)


def test_a_trigger_that_cannot_be_parsed_has_its_error_at_the_fault() -> None:
    studio = absmartly_studio()
    answer = answer_of(studio, edited(studio, 1, subscribe='type = "page'))
    trigger = answer["selected"]["trigger"]
    assert trigger["tree"] is None
    assert (trigger["error"]["from"], trigger["error"]["to"], trigger["remedy"]) == (7, 8, "unterminated string")
    assert answer["selected"]["hypothetical"] is True
    assert answer["selected"]["payload"]["name"] == "Page: Category"
    assert reason(answer, 1) == "the trigger is not valid: unterminated string"


def test_a_trigger_that_cannot_be_evaluated_has_its_error_at_the_condition() -> None:
    studio = absmartly_studio()
    source = 'type = "page" and (foo)'
    answer = answer_of(studio, edited(studio, 1, subscribe=source))
    error = answer["selected"]["trigger"]["error"]
    assert source[error["from"] : error["to"]] == "(foo)"
    assert answer["subscriptions"][1]["state"] == "fails"
    assert [failure["stage"] for failure in answer["subscriptions"][1]["failures"]] == ["trigger"]


@pytest.mark.parametrize("subscribe", ["", None, 5, ["type"]])
def test_a_trigger_that_is_no_text_is_an_error_of_its_own(subscribe: Any) -> None:
    studio = absmartly_studio()
    selected = answer_of(studio, edited(studio, 1, subscribe=subscribe))["selected"]
    assert selected["trigger"]["error"]["message"].startswith("A trigger is FQL text")
    assert selected["trigger"]["remedy"] == 'Write a condition, such as type = "track".'


def test_a_disabled_subscription_shows_what_it_would_do_while_it_is_selected() -> None:
    studio = absmartly_studio()
    answer = answer_of(studio, edited(studio, 1, enabled=False))
    assert answer["subscriptions"][1]["state"] == "disabled"
    assert (reason(answer, 1), answer["selected"]["hypothetical"]) == ("it is disabled", True)
    assert answer["selected"]["payload"]["name"] == "Page: Category"
    assert answer["selected"]["trigger"]["tree"]["verdict"] is True
    assert answer["was"]["subscription"] == "Page Calls"


def test_an_event_that_excludes_the_destination_reaches_no_subscription() -> None:
    studio = absmartly_studio({**PAGE, "integrations": {"All": False}})
    answer = answer_of(studio, studio.saved)
    assert answer["event"]["optedOut"] == "All"
    assert {item["state"] for item in answer["subscriptions"]} == {"opted out"}
    assert (answer["selected"]["hypothetical"], answer["was"]) == (True, None)


# --- what is wrong ---------------------------------------------------------------------------------------


def test_a_text_that_is_not_json_has_its_error_at_line_and_column() -> None:
    studio = absmartly_studio()
    answer = answer_of(studio, studio.saved, event={"text": '{\n  "type": page}'})
    assert answer["event"]["value"] is None
    assert (answer["event"]["error"]["line"], answer["event"]["error"]["column"]) == (2, 11)
    assert [(item["state"], item["reason"]) for item in answer["subscriptions"]] == [(None, [])] * 4
    assert answer["selected"]["trigger"]["error"] is None


def test_the_trigger_and_the_findings_are_read_without_an_event() -> None:
    studio = absmartly_studio()
    selected = answer_of(studio, edited(studio, 1, subscribe="type = 'page"), event={"text": ""})["selected"]
    assert selected["trigger"]["error"]["from"] == 7
    assert [finding["code"] for finding in selected["findings"]] == ["T001"]


def test_an_event_that_is_not_there_is_a_problem() -> None:
    studio = absmartly_studio()
    for event in ({"index": 5}, {}):
        with pytest.raises(StudioProblem):
            explain(studio, studio.saved, "s1", event)


def test_one_subscription_that_is_not_valid_does_not_hide_the_others() -> None:
    studio = absmartly_studio()
    draft = [*studio.saved, {"key": "n1", "subscribe": 'type = "page"', "partnerAction": "gone", "mapping": 5}]
    answer = answer_of(studio, draft, "n1")
    assert answer["subscriptions"][1]["state"] == "matches"
    assert answer["subscriptions"][4]["name"] == "subscription 4"
    assert "gone" in answer["subscriptions"][4]["failures"][0]["message"]


def test_too_many_subscriptions_are_still_explained_each() -> None:
    studio = absmartly_studio()
    draft = [{**studio.saved[1], "key": f"n{index}"} for index in range(51)]
    answer = answer_of(studio, draft, "n50")
    assert [item["state"] for item in answer["subscriptions"]] == ["matches"] * 51
    assert answer["selected"]["payload"]["name"] == "Page: Category"


@pytest.mark.parametrize("selected", ["gone", None])
def test_without_a_selected_subscription_there_is_no_detail(selected: str | None) -> None:
    studio = absmartly_studio()
    answer = answer_of(studio, studio.saved, selected)
    assert (answer["selected"], answer["links"], answer["was"]) == (None, [], None)


def test_a_new_subscription_was_never_sent() -> None:
    studio = absmartly_studio()
    draft = [{**studio.saved[1], "key": "n1", "saved": saved, "enabled": False} for saved in (None, 9, -1, "1")]
    for index in range(len(draft)):
        draft[index]["key"] = f"n{index}"
        assert answer_of(studio, draft, f"n{index}")["was"] is None


# --- secrets ---------------------------------------------------------------------------------------------


def test_no_secret_is_in_the_answer() -> None:
    event = {"type": "track", "event": API_KEY, "properties": {"key": f"Bearer {API_KEY}"}}
    mapping = {"name": {"@path": "$.event"}, "key": API_KEY, "text": {"@template": "{{ properties.key }}!"}}
    studio = studio_of([subscription("Send", mapping)], loaded([event]), post)
    for trigger in ('type = "track"', f'event = "{API_KEY}x"', f'type = "page" or event != "{API_KEY}"'):
        answer = explain(studio, edited(studio, 0, subscribe=trigger), "s0", {"index": 0})
        assert API_KEY not in json.dumps(answer)
    sent = explain(studio, studio.saved, "s0", {"index": 0})["selected"]["requests"][0]
    assert sent["headers"]["x-token"] == "<redacted>"
    assert sent["body"]["key"] == "<redacted>"

"""Which values belong together."""

from typing import Any

from destination.studio.links import links_of
from destination.workbench.explain import explain_subscription
from tests.workbench.diff.post import API_KEY, subscription, version

EVENT = {"type": "track", "event": "A", "a/b": {"c~d": 1}, "list": [{"id": 5}], "name": "x"}


def linked(mapping: Any, trigger: str = 'type = "track"', action: str = "send") -> dict[str, dict[str, Any]]:
    item = version(subscription("Send", mapping, trigger, action)).subscriptions[0]
    links = links_of(explain_subscription(item, EVENT), EVENT, {"apiKey": API_KEY}, frozenset({"apiKey"}))
    assert len({link["id"] for link in links}) == len(links)
    return {link["id"]: link for link in links}


def test_pointers_escape_keys() -> None:
    link = linked({"x/y": {"@path": "$.a/b.c~d"}})["field /x~1y"]
    assert (link["event"], link["field"], link["payload"]) == (["/a~1b/c~0d"], "/x~1y", ["/x~1y"])
    assert link["request"] == [{"index": 0, "part": "body", "pointer": "/x~1y"}]


def test_a_value_that_is_not_there_has_no_pointer() -> None:
    link = linked({"x": {"@path": "$.gone"}})["field /x"]
    assert (link["event"], link["payload"], link["request"]) == ([], [], [])
    assert link["label"]["payload"] == "$.gone"


def test_a_condition_of_the_trigger_on_a_value_that_a_field_reads_belongs_to_it() -> None:
    links = linked({"n": {"@path": "$.event"}}, 'type = "track" and (event = "A" or event = "B")')
    assert links["field /n"]["trigger"] == [[20, 31], [35, 46]]
    assert links["trigger 0"]["event"] == ["/type"]
    assert "trigger 20" not in links


def test_a_fixed_value_says_so() -> None:
    assert linked({"n": "a"})["field /n"]["label"]["payload"] == "fixed"


def test_several_paths_are_listed_and_more_are_counted() -> None:
    text = {"@template": "{{type}} {{event}} {{name}} {{list}} {{a/b}}"}
    assert linked({"n": text})["field /n"]["label"]["payload"] == "$.type, $.event, $.name and 2 more"


def test_several_requests_are_told_apart() -> None:
    links = linked({"names": {"@literal": ["a", "b"]}}, action="both")
    ids = {(one["index"], one["part"]): link["id"] for link in links.values() for one in link["request"]}
    assert (ids[0, "body"], ids[1, "body"]) == ("field /names/0", "field /names/1")


def test_a_secret_in_a_header_is_named_and_not_shown() -> None:
    link = linked({"n": 1})["request 0 header /x-token"]
    assert link["label"]["request"] == "setting apiKey, masked"
    assert API_KEY not in str(link)


def test_an_item_of_a_list_is_linked_to_its_own_value() -> None:
    links = linked({"items": {"@arrayPath": ["$.list", {"id": {"@path": "$.id"}}]}})
    assert links["field /items/0/id"]["event"] == ["/list/0/id"]


def _chosen(exists: str, then: object, otherwise: object) -> str:
    mapping = {"n": {"@if": {"exists": {"@path": exists}, "then": then, "else": otherwise}}}
    label: str = linked(mapping)["field /n"]["label"]["payload"]
    return label


def test_a_condition_is_named_beside_what_it_chose() -> None:
    text = {"@template": "{{ event }} {{ name }}"}
    assert _chosen("$.list", text, "x") == "if $.list · $.event, $.name"
    assert _chosen("$.gone", text, {"@path": "$.name"}) == "without $.gone · $.name"
    assert _chosen("$.list", "x", "y") == "if $.list · fixed"
    assert _chosen("$.name", {"@path": "$.name"}, "y") == "$.name"
    assert _chosen("$.gone", {"@path": "$.gone"}, "y") == "fixed, nothing at $.gone"

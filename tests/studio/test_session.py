"""What the studio works on: instances of drafts, events by index or text, and the session of the page."""

from typing import Any

import pytest

from destination import Action, Destination
from destination.errors import DefinitionError
from destination.fields import InputField
from destination.studio import Studio, StudioProblem
from destination.studio.session import read_event
from tests.studio.conftest import make_studio

PAGES = {"key": "s0", "saved": 0, "name": "Pages", "subscribe": 'type = "page"', "partnerAction": "trackGoal"}


def test_the_instance_of_a_draft_is_made_once_for_its_content() -> None:
    studio = make_studio()
    first = studio.instance_of([PAGES])
    assert studio.instance_of([{**PAGES, "key": "n1", "saved": None}]) is first
    assert studio.instance_of([{**PAGES, "name": "Other"}]) is not first


def test_only_the_latest_instances_are_kept() -> None:
    studio = make_studio()
    first = studio.instance_of([PAGES])
    for number in range(10):
        studio.instance_of([{**PAGES, "name": str(number)}])
        assert studio.instance_of([PAGES]) is first
    for number in range(20):
        studio.instance_of([{**PAGES, "name": str(number)}])
    assert studio.instance_of([PAGES]) is not first


def test_the_members_of_the_page_are_no_members_of_the_subscription() -> None:
    (found,) = make_studio().instance_of([PAGES]).given
    assert found.remarks == ()


def test_more_subscriptions_than_an_instance_may_have_are_refused() -> None:
    with pytest.raises(DefinitionError, match="51 subscriptions are more than the 50"):
        make_studio().instance_of([PAGES] * 51)


@pytest.mark.parametrize(
    ("text", "message", "line", "column"),
    [
        ("", "empty document", 1, 1),
        ('{\n  "a": 1,\n  "b": \n}', "unexpected character, expected a JSON value", 4, 1),
        ('{"a": 1,}', "trailing comma is not allowed", 1, 8),
        ("[1]", "an event is a JSON object, but this is: array", 1, 1),
        ('"é\ud800"', "not UTF-8 text, from byte 4 on; save it as UTF-8", 1, 1),
    ],
)
def test_a_text_that_is_no_event_is_refused_at_its_line_and_column(
    text: str, message: str, line: int, column: int
) -> None:
    found = read_event(text)
    assert found.value is None
    assert found.error is not None
    assert (found.error["line"], found.error["column"]) == (line, column)
    assert message in found.error["message"]


def test_the_column_counts_characters() -> None:
    assert read_event('{"é": }').error == read_event('{"e": }').error


@pytest.mark.parametrize("reference", [{}, {"index": "1"}, {"index": True}, {"index": 1.0}, {"text": None}])
def test_an_event_is_named_by_index_or_text(reference: Any) -> None:
    with pytest.raises(StudioProblem, match="an event is named as"):
        make_studio().event_of(reference)


@pytest.mark.parametrize("index", [-1, 0, 10**30])
def test_an_event_that_is_not_in_the_corpus_is_named(index: int) -> None:
    with pytest.raises(StudioProblem, match=f"no event with the index {index}") as raised:
        make_studio().event_of({"index": index})
    assert raised.value.status == 404


def test_fields_are_described_with_those_inside_them() -> None:
    inner = InputField(label="Id", type="string", required=True)
    fields = {
        "user": InputField(label="User", type="object", properties={"id": inner}, description="Who"),
        "tags": InputField(label="Tags", type="string", multiple=True, choices=["a", "b"], default="a"),
    }
    shop: Destination[Any] = Destination(
        name="Shop", slug="shop", actions={"buy": Action(title="Buy", description="Buys", perform=print, fields=fields)}
    )
    studio = Studio(shop, {}, make_studio().document, make_studio().corpus)
    user, tags = studio.to_json()["actions"]["buy"]["fields"]
    assert (user["key"], user["description"], user["additional"]) == ("user", "Who", False)
    assert user["properties"][0] | {"key": "id", "required": True, "properties": []} == user["properties"][0]
    assert (tags["multiple"], tags["choices"], tags["default"], tags["required"]) == (True, ["a", "b"], "a", False)


def test_an_environment_is_named_unless_it_is_a_placeholder() -> None:
    assert make_studio().to_json()["environment"] == "test"
    assert make_studio(placeholders=True).to_json()["environment"] is None

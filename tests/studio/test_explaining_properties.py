"""Nothing that a draft, a trigger or an event may be makes the page's questions fail, and no secret is in an answer."""

import asyncio
import json
from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from destination.fql import compile_trigger, generate_fql
from destination.studio.completion import complete
from destination.studio.inspection import explain
from destination.studio.remedies import remedies
from destination.studio.session import Studio, members_of
from destination.studio.trigger_edits import narrowed, widened
from destination.values import write_json
from destination.workbench.explain import explain_event
from tests.fql.strategies import events, round_trip_conditions, soups
from tests.mapping.strategies import EVENTS, JSON, MAPPINGS
from tests.studio.corpora import compared, loaded, studio_of
from tests.workbench.diff.post import API_KEY, post, subscription

_TRIGGERS: st.SearchStrategy[Any] = (
    st.sampled_from(['type = "track"', 'type = "page" or event = "a"', f'event = "{API_KEY}"', "type = 'page'"])
    | soups
    | st.sampled_from([None, 5, "", [], {}])
)
_ITEMS = st.fixed_dictionaries(
    {"subscribe": _TRIGGERS, "partnerAction": st.sampled_from(["send", "send", "twice", "both", "gone", None, 5, []])},
    optional={
        "mapping": MAPPINGS | JSON | st.just({"key": API_KEY, "name": {"@path": "$.event"}}),
        "name": st.sampled_from(["", "a", None, 5, API_KEY]),
        "enabled": st.sampled_from([True, True, False, None, "no"]),
        "saved": st.sampled_from([0, 0, 1, None, -1, True, "0"]),
        "other": JSON,
    },
)
_EVENTS = st.builds(lambda one, other: {**one, **other}, events.filter(lambda event: isinstance(event, dict)), EVENTS)
_TEXTS = (
    _EVENTS.map(lambda event: write_json(event).decode())
    | st.sampled_from(["", "[", "5", '{"a": NaN}', f'{{"type": "track", "event": "{API_KEY}"}}'])
    | st.text(max_size=5)
)


@pytest.fixture(autouse=True, scope="module")
def _no_waiting() -> Iterator[None]:
    """Remedies wait for a comparison that the page asks for at the same time; here there is none."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("destination.studio.remedies._START_S", 0)
        yield


def _studio() -> Studio:
    return studio_of([subscription("Send", {"name": {"@path": "$.event"}})], loaded([{"type": "track"}]), post)


@given(st.lists(_ITEMS, max_size=3), _TEXTS, st.integers(0, 3))
def test_any_draft_and_any_text_has_an_answer(items: list[Any], text: str, chosen: int) -> None:
    draft = [{"key": f"n{index}", **item} for index, item in enumerate(items)]
    selected, event = f"n{chosen}", {"text": text}
    studio = _studio()
    answer = explain(studio, draft, selected, event)
    assert [item["key"] for item in answer["subscriptions"]] == [item["key"] for item in draft]
    assert (answer["selected"] is None) == (chosen >= len(draft))
    offers: dict[str, Any] = {"ways": []}
    if chosen < len(draft):
        offers = asyncio.run(remedies(studio, draft, selected, event))
        assert len(offers["ways"]) <= 3
    completion = complete(studio, draft, selected, event)
    # What a draft holds itself comes back in mended drafts and changed events only.
    for way in offers["ways"]:
        way.pop("draft", None), way.pop("event", None)
    for finding in (answer["selected"] or {}).get("findings", ()):
        if finding["fix"] is not None:
            finding["fix"].pop("draft")
    shown = write_json([answer, offers, completion])
    assert API_KEY.encode() not in shown
    json.loads(shown)


@given(st.lists(_ITEMS, min_size=1, max_size=3), _EVENTS)
def test_it_says_what_the_command_line_says(items: list[Any], event: dict[str, Any]) -> None:
    draft = [{"key": f"n{index}", **item} for index, item in enumerate(items)]
    studio = _studio()
    event.pop("integrations", None)
    answer = explain(studio, draft, "n0", {"text": write_json(event).decode()})
    instance = post.instance({"apiKey": API_KEY}, [members_of(item) for item in draft])
    written = explain_event(instance, json.loads(write_json(event))).to_json()["subscriptions"]
    for shown, expected in zip(answer["subscriptions"], written, strict=True):
        for key in ("name", "action", "state", "payload", "failures", "requests", "unmapped"):
            assert shown[key] == expected[key]


@given(round_trip_conditions, _EVENTS)
def test_a_changed_trigger_matches(condition: Any, event: dict[str, Any]) -> None:
    source = generate_fql(condition)
    for edit in (widened(source, event), narrowed(source, event)):
        if edit is not None:
            assert compile_trigger(edit.text)(event)


@given(soups, _EVENTS)
def test_any_text_of_a_trigger_is_changed_or_left(source: str, event: dict[str, Any]) -> None:
    for edit in (widened(source, event), narrowed(source, event)):
        if edit is not None:
            assert compile_trigger(edit.text)(event)


@given(st.lists(_ITEMS, min_size=1, max_size=2))
def test_any_draft_is_counted_over_the_lost_events(items: list[Any]) -> None:
    studio = _studio()
    draft = [{"key": f"s{index}", "saved": index, **item} for index, item in enumerate(items)]

    async def ask() -> dict[str, Any]:
        await compared(studio, draft)
        return await remedies(studio, draft, "s0", {"index": 0})

    assert len(asyncio.run(ask())["ways"]) <= 3

import asyncio
import copy
from typing import Any

import pytest

from destination.catalog.absmartly import absmartly
from destination.errors import DefinitionError
from destination.studio.comparing import events_with, runs_of, samples
from destination.studio.corpus import Corpus
from destination.studio.searching import search
from destination.studio.session import Studio, StudioProblem
from destination.studio.summaries import summary_of
from tests.kit import SETTINGS, TIMESTAMP
from tests.studio.corpora import compared, corpus_of, loaded, studio_of
from tests.workbench.diff.post import API_KEY, subscription

NAME = {"name": {"@path": "$.event"}}
TRACKS = subscription("Tracks", NAME)
PAGES = subscription("Pages", {"name": {"@path": "$.name"}}, 'type = "page"')


def track(name: str = "Login", **more: Any) -> dict[str, Any]:
    return {"type": "track", "event": name, **more}


def page(name: str = "Home", **more: Any) -> dict[str, Any]:
    return {"type": "page", "name": name, **more}


EVENTS: list[Any] = [track(), page(), b"oops", track("Order", fail="gone"), {"type": "identify"}, page("Pricing")]


def edited(studio: Studio, index: int, **members: Any) -> list[dict[str, Any]]:
    """The saved version with one subscription changed."""
    draft = [dict(item) for item in copy.deepcopy(studio.saved)]
    draft[index].update(members)
    return draft


def of(summary: dict[str, Any], key: str) -> dict[str, Any]:
    (found,) = [item for item in summary["subscriptions"] if item["key"] == key]
    return dict(found)


def said(segments: list[dict[str, str]]) -> str:
    return "".join(text for segment in segments for text in segment.values())


async def listed(studio: Studio, **body: Any) -> list[int]:
    return [row["index"] for row in (await search(studio, body))["rows"]]


# --- what a comparison finds -----------------------------------------------------------------------------


def test_the_saved_version_shows_its_outcomes_and_no_change() -> None:
    studio = studio_of([TRACKS, PAGES], loaded(EVENTS))
    line = asyncio.run(compared(studio))
    assert line | {"summary": {}} == {"run": "r1", "done": 6, "of": 6, "complete": True, "summary": {}}
    summary = line["summary"]
    assert (summary["events"], summary["changed"], summary["unreadable"], summary["kinds"]) == (5, 0, 1, {})
    assert summary["none"] == [1, 1]
    assert of(summary, "s1") == {
        "key": "s1",
        "name": "Pages",
        "edited": [],
        "state": "same",
        "ran": False,
        "taken": [2, 2],
        "counts": {},
    }
    states = [1, 1, 3, 1, 0, 1]
    assert summary["strip"] == {"bucket": 1, "cells": [[state, state, None, 0] for state in states]}


def test_an_edited_trigger_shows_what_is_lost() -> None:
    studio = studio_of([TRACKS, PAGES], loaded(EVENTS))
    draft = edited(studio, 1, subscribe='type = "page" and name = "Home"')
    summary = asyncio.run(compared(studio, draft))["summary"]
    assert (summary["kinds"], summary["none"]) == ({"no-longer-sent": 1}, [1, 2])
    assert of(summary, "s1") | {"name": ""} == {
        "key": "s1",
        "name": "",
        "edited": ["trigger"],
        "state": "changed",
        "ran": True,
        "taken": [2, 1],
        "counts": {"no-longer-sent": 1},
    }
    assert summary["strip"]["cells"][5] == [1, 0, "lost", 1]


def test_an_edited_mapping_shows_the_fields_that_changed() -> None:
    studio = studio_of([TRACKS, PAGES], loaded(EVENTS))
    summary = asyncio.run(compared(studio, edited(studio, 0, mapping={"name": {"@template": "{{event}}!"}})))["summary"]
    assert summary["kinds"] == {"changed": 2}
    assert [(field["location"], field["key"], field["events"]) for field in summary["fields"]] == [
        ("/name", "s0", 2),
        ("request/body/name", "s0", 2),
    ]


def test_an_edit_that_fails_shows_it() -> None:
    studio = studio_of([TRACKS], loaded(EVENTS))
    line = asyncio.run(compared(studio, edited(studio, 0, mapping={**NAME, "fail": {"@path": "$.fail"}})))
    assert line["summary"]["strip"]["cells"][3] == [1, 2, "failing", 1]
    back = studio_of([{**TRACKS, "mapping": {**NAME, "fail": {"@path": "$.fail"}}}], loaded(EVENTS))
    line = asyncio.run(compared(back, edited(back, 0, mapping=NAME)))
    assert line["summary"]["strip"]["cells"][3] == [2, 1, "mended", 1]


def test_added_removed_and_disabled_subscriptions_have_one_side() -> None:
    studio = studio_of([TRACKS, PAGES], loaded(EVENTS))
    added = {"key": "n1", "saved": None, **subscription("All", {}, 'type != "x"')}
    draft = [{**studio.saved[1], "enabled": False}, added]
    summary = asyncio.run(compared(studio, draft))["summary"]
    rows = [(row["key"], row["state"], row["edited"], row["taken"]) for row in summary["subscriptions"]]
    assert rows == [
        ("s1", "removed", ["enabled"], [2, None]),
        ("n1", "added", [], [None, 5]),
        ("s0", "removed", [], [2, None]),
    ]


def test_a_subscription_that_is_disabled_in_both_versions_is_listed() -> None:
    studio = studio_of([{**TRACKS, "enabled": False}, PAGES], loaded(EVENTS))
    summary = asyncio.run(compared(studio, edited(studio, 0, mapping={})))["summary"]
    row = of(summary, "s0")
    assert (row["name"], row["edited"], row["state"], row["ran"]) == ("Tracks", ["mapping"], "same", False)
    assert row["taken"] == [None, None]


def test_order_and_name_alone_change_no_event() -> None:
    studio = studio_of([TRACKS, PAGES], loaded(EVENTS))
    draft = [{**studio.saved[1], "name": "Anew"}, studio.saved[0]]
    summary = asyncio.run(compared(studio, draft))["summary"]
    assert [(row["name"], row["edited"], row["ran"]) for row in summary["subscriptions"]] == [
        ("Anew", ["name"], False),
        ("Tracks", [], False),
    ]
    assert summary["changed"] == 0


def test_two_subscriptions_cannot_descend_from_the_same_one() -> None:
    studio = studio_of([TRACKS], loaded(EVENTS))
    draft = [studio.saved[0], {**studio.saved[0], "key": "n1"}, {**studio.saved[0], "key": "n2", "saved": 7}]
    summary = asyncio.run(compared(studio, draft))["summary"]
    assert [row["state"] for row in summary["subscriptions"]] == ["same", "added", "added"]


def test_events_that_are_opted_out_are_not_compared() -> None:
    events = [track(integrations={"All": False}), track(integrations={"Post": False}), track()]
    studio = studio_of([TRACKS], loaded(events))
    line = asyncio.run(compared(studio, edited(studio, 0, subscribe='type = "page"')))
    summary = line["summary"]
    assert (summary["events"], summary["optedOut"], summary["changed"]) == (1, 2, 1)
    assert summary["strip"]["cells"] == [[0, 0, None, 0], [0, 0, None, 0], [1, 0, "lost", 1]]
    assert summary["none"] == [0, 1]
    rows = asyncio.run(search(studio, {"run": line["run"]}))["rows"]
    assert [row["verdict"] for row in rows] == ["opted out", "opted out", "not taken"]


@pytest.mark.parametrize("count", [400, 401, 2_500])
def test_the_strip_has_at_most_400_cells(count: int) -> None:
    studio = studio_of([TRACKS], loaded([track(str(number)) for number in range(count)]))
    line = asyncio.run(compared(studio, edited(studio, 0, subscribe='event = "0" or event = "399"')))
    strip = line["summary"]["strip"]
    bucket = {400: 1, 401: 2, 2_500: 8}[count]
    assert (strip["bucket"], len(strip["cells"])) == (bucket, -(-count // bucket))
    if bucket > 1:
        assert strip["cells"][0] == [bucket, 1, "lost", bucket - 1]
        assert sum(cell[3] for cell in strip["cells"]) == line["summary"]["changed"] == count - 2


@pytest.mark.parametrize("corpus", [Corpus(), loaded([]), loaded([b"oops"])])
def test_a_corpus_without_events_works(corpus: Corpus) -> None:
    studio = studio_of([TRACKS], corpus)
    line = asyncio.run(compared(studio, edited(studio, 0, mapping={})))
    assert (line["complete"], line["done"], line["summary"]["events"]) == (True, len(corpus), 0)
    assert asyncio.run(samples(studio, {"run": line["run"]})) == {"total": 0, "rows": []}


def test_no_secret_is_in_an_answer() -> None:
    mapping = {"name": API_KEY, "fail": {"@path": "$.fail"}}
    studio = studio_of([TRACKS], loaded([track(API_KEY), track(fail=API_KEY)]))

    async def scene() -> list[Any]:
        line = await compared(studio, edited(studio, 0, name=API_KEY, mapping=mapping))
        return [line, await samples(studio, {}), await search(studio, {})]

    assert API_KEY not in repr(asyncio.run(scene()))


def test_too_many_subscriptions_are_refused() -> None:
    studio = studio_of([TRACKS], loaded(EVENTS))
    with pytest.raises(DefinitionError, match="more than the 50"):
        asyncio.run(compared(studio, [{**TRACKS, "key": f"n{number}"} for number in range(51)]))


# --- one run after the other -----------------------------------------------------------------------------


def _calls(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Notes the name of each subscription that is run for an event."""
    from destination.studio import outcomes
    from destination.workbench.diff import comparison, read

    names: list[str] = []

    def reading(item: Any, event: Any) -> Any:
        names.append(item.name)
        return read(item, event)

    monkeypatch.setattr(outcomes, "read", reading)
    monkeypatch.setattr(comparison, "read", reading)
    return names


def test_the_saved_version_is_run_once(monkeypatch: pytest.MonkeyPatch) -> None:
    studio = studio_of([TRACKS, PAGES], loaded([track(), page()]))
    names = _calls(monkeypatch)

    async def scene() -> None:
        await compared(studio)
        assert names == ["Tracks", "Pages"] * 2
        names.clear()
        await compared(studio, edited(studio, 0, name="Edited", mapping={"name": 1}))
        assert set(names) == {"Tracks", "Edited"}
        names.clear()
        await compared(studio, edited(studio, 1, name="Renamed"))
        assert names == []

    asyncio.run(scene())


def test_the_same_draft_again_is_answered_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    studio = studio_of([TRACKS], loaded(EVENTS))
    draft = edited(studio, 0, mapping={"name": 1})

    async def scene() -> None:
        first = await compared(studio, draft)
        await compared(studio)
        names = _calls(monkeypatch)
        assert await compared(studio, copy.deepcopy(draft)) == first
        assert names == []

    asyncio.run(scene())


def test_a_newer_run_stops_the_older_one() -> None:
    corpus = corpus_of([track()])
    studio = studio_of([TRACKS], corpus)

    async def scene() -> None:
        older = asyncio.create_task(compared(studio, edited(studio, 0, mapping={"name": 1})))
        await asyncio.sleep(0)  # it waits for the corpus
        newer = asyncio.create_task(compared(studio, edited(studio, 0, mapping={"name": 2})))
        await asyncio.sleep(0)
        await corpus.load()
        with pytest.raises(StudioProblem, match="A newer comparison replaced this one") as caught:
            await older
        assert caught.value.status == 409
        line = await newer
        assert (line["run"], line["complete"], line["done"]) == ("r2", True, 1)

    asyncio.run(scene())


def test_a_run_that_is_not_followed_any_more_stops() -> None:
    studio = studio_of([TRACKS], corpus_of([track()]))  # not loaded: the run waits for more

    async def scene() -> None:
        following = asyncio.create_task(compared(studio))
        await asyncio.sleep(0)
        run = runs_of(studio).find("r1")
        assert run is not None
        assert not run.is_stopped
        following.cancel()
        with pytest.raises(asyncio.CancelledError):
            await following
        assert run.is_stopped

    asyncio.run(scene())


def test_a_run_that_was_stopped_leaves_what_it_knows_to_the_next() -> None:
    corpus = corpus_of([track(str(number)) for number in range(600)])
    studio = studio_of([TRACKS, PAGES], corpus)
    draft = edited(studio, 0, mapping={"name": 1})

    async def scene() -> dict[str, Any]:
        run = runs_of(studio).start(studio, draft)
        loading = asyncio.create_task(corpus.load())
        async for _ in run.work():
            if run.done:
                break
        run.stop()
        await loading
        return await compared(studio, draft)

    line = asyncio.run(scene())
    fresh = asyncio.run(compared(studio_of([TRACKS, PAGES], loaded([track(str(n)) for n in range(600)])), draft))
    assert line["summary"] == fresh["summary"]


def test_a_run_follows_a_corpus_that_is_still_read() -> None:
    events = [track(str(number)) if number % 3 else page() for number in range(3_000)]
    corpus = corpus_of(events)
    studio = studio_of([TRACKS, PAGES], corpus)
    draft = edited(studio, 1, subscribe='type = "screen"')

    async def scene() -> dict[str, Any]:
        run = runs_of(studio).start(studio, draft)
        loading = asyncio.create_task(corpus.load())
        buckets = set()
        async for _ in run.work():
            buckets.add(summary_of(run)["strip"]["bucket"])
        await loading
        assert len(buckets) > 1
        return summary_of(run)

    summary = asyncio.run(scene())
    assert (summary["events"], summary["kinds"]) == (3_000, {"no-longer-sent": 1_000})
    fresh = asyncio.run(compared(studio_of([TRACKS, PAGES], loaded(events)), draft))
    assert summary == fresh["summary"]


def test_only_the_latest_runs_are_kept() -> None:
    studio = studio_of([TRACKS], loaded(EVENTS))

    async def scene() -> None:
        for number in range(6):
            await compared(studio, edited(studio, 0, mapping={"name": number}))
        assert (await samples(studio, {"run": "r6"}))["total"] == 2
        with pytest.raises(StudioProblem) as caught:
            await samples(studio, {"run": "r1"})
        assert caught.value.status == 404

    asyncio.run(scene())


# --- samples ---------------------------------------------------------------------------------------------


def test_samples_show_what_each_event_was_and_became() -> None:
    studio = studio_of([TRACKS, PAGES], loaded(EVENTS))

    async def scene() -> dict[str, Any]:
        await compared(studio, edited(studio, 0, mapping={"name": {"@template": "{{event}}!"}}))
        return await samples(studio, {"key": "s0", "kind": "changed", "location": "/name", "limit": 1})

    assert asyncio.run(scene()) == {
        "total": 2,
        "rows": [
            {
                "index": 0,
                "line": 1,
                "label": "line 1",
                "type": "track",
                "name": "Login",
                "key": "s0",
                "kind": "changed",
                "at": "/name",
                "before": "Login",
                "after": "Login!",
                "shown": ['"Login"', '"Login!"'],
                "reason": None,
            }
        ],
    }


def test_a_sample_of_a_lost_event_shows_what_it_was_sent_as() -> None:
    settings = {**SETTINGS}
    goals = {
        "name": "Goals",
        "subscribe": 'type = "track"',
        "partnerAction": "trackGoal",
        "mapping": {
            "name": {"@template": "Goal: {{event}}"},
            "units": {"userId": {"@path": "$.userId"}},
            "properties": {},
        },
    }
    studio = studio_of([goals], loaded([track(userId="u1", timestamp=TIMESTAMP)]), absmartly, settings)

    async def scene() -> dict[str, Any]:
        await compared(studio, edited(studio, 0, subscribe='type = "track" and properties.category = "x"'))
        return await samples(studio, {"kind": "no-longer-sent"})

    (row,) = asyncio.run(scene())["rows"]
    assert row["shown"] == ["Goal: Login", "(not sent)"]
    assert (row["at"], "after" in row, row["before"][0]["method"]) == ("", False, "PUT")
    assert said(row["reason"]).startswith("properties.category is missing")


def test_a_sample_of_a_failure_has_its_reason() -> None:
    studio = studio_of([TRACKS], loaded(EVENTS))

    async def scene() -> dict[str, Any]:
        await compared(studio, edited(studio, 0, mapping={**NAME, "fail": {"@path": "$.fail"}}))
        return await samples(studio, {"kind": "newly-failing"})

    (row,) = asyncio.run(scene())["rows"]
    assert row["index"] == 3
    assert row["reason"] == [{"text": "refused: gone by <redacted>"}]


def test_a_sample_of_a_new_event_says_why_it_was_not_sent() -> None:
    studio = studio_of([PAGES], loaded([track()]))

    async def scene() -> dict[str, Any]:
        await compared(studio, [edited(studio, 0, subscribe='type = "track"')[0], {"key": "n1", **TRACKS}])
        return await samples(studio, {"kind": "newly-sent"})

    reasons = [said(row["reason"]) for row in asyncio.run(scene())["rows"]]
    assert reasons == ['type is "track", not "page"', "the subscription was not there, or disabled"]


def test_the_events_of_a_change_are_there_for_remedies() -> None:
    studio = studio_of([TRACKS, PAGES], loaded(EVENTS))
    draft = edited(studio, 1, subscribe='type = "page" and name = "Home"')
    assert events_with(studio, draft, "s1", "no-longer-sent") is None
    asyncio.run(compared(studio, draft))
    found = events_with(studio, copy.deepcopy(draft), "s1", "no-longer-sent")
    assert found is not None
    assert list(found) == [page("Pricing")]
    assert list(events_with(studio, draft, "s0", "no-longer-sent") or ()) == []


@pytest.mark.parametrize("limit", [0, 1, 2, 3, 1_000_000, -1, "x", None])
def test_the_number_of_samples_is_bounded(limit: Any) -> None:
    studio = studio_of([TRACKS, PAGES], loaded(EVENTS))

    async def scene() -> dict[str, Any]:
        await compared(studio, [])
        return await samples(studio, {"limit": limit})

    answer = asyncio.run(scene())
    assert answer["total"] == 4
    assert len(answer["rows"]) == (min(limit, 4) if isinstance(limit, int) and limit >= 0 else 4)


# --- what counts lead to ---------------------------------------------------------------------------------


def test_each_count_lists_its_events() -> None:
    studio = studio_of([TRACKS, PAGES], loaded([track("a"), track("b", fail="x"), page(), page("Pricing")]))
    draft = edited(studio, 0, mapping={"name": "all", "fail": {"@path": "$.fail"}})
    draft[1] = {**draft[1], "subscribe": 'type = "page" and name = "Home"'}

    async def scene() -> None:
        run = (await compared(studio, draft))["run"]
        assert await listed(studio, run=run, kind="no-longer-sent") == [3]
        assert await listed(studio, run=run, key="s0") == [0, 1]
        assert await listed(studio, run=run, key="s0", kind="changed") == [0]
        assert await listed(studio, run=run, key="s0", kind="newly-failing") == [1]
        assert await listed(studio, run=run, key="s0", location="/name") == [0]
        assert await listed(studio, run=run, key="s1", kind="changed") == []
        assert await listed(studio, run=run, filter="changed") == [0, 1, 3]
        assert await listed(studio, run=run, filter=["changed", "sent"]) == [0]
        assert await listed(studio, run=run, filter=["failing", "notTaken"]) == [1, 3]

    asyncio.run(scene())

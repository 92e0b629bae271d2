import asyncio
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from destination.studio import searching
from destination.studio.corpus import Corpus
from destination.studio.queries import Query, parse_query
from destination.studio.searching import search
from destination.studio.session import Studio
from destination.values import write_json
from tests.mapping.strategies import EVENTS as ANY_EVENTS
from tests.studio.corpora import compared, loaded, studio_of
from tests.workbench.diff.post import subscription

ORDER = {
    "type": "track",
    "event": "Order Completed",
    "messageId": "M-1",
    "userId": "u1",
    "properties": {"price": 5, "currency": "EUR", "gift": True, "note": None, "items": [{"sku": "a-1"}], "zip": "5"},
}
LOGIN = {"type": "track", "event": "Login", "messageId": "m-2", "userId": "cust_7"}
HOME = {"type": "page", "name": "Home", "properties": {"path": "/café"}}
PRICING = {"type": "page", "name": "Pricing", "userId": "order-reader", "properties": {"price": "5"}}
LINES = [ORDER, LOGIN, HOME, b"oops order", PRICING]
ALL = [0, 1, 2, 3, 4]


def studio(*lines: Any) -> Studio:
    return studio_of([subscription("Tracks", {"name": {"@path": "$.event"}})], loaded(lines or LINES))


def found(query: str, *lines: Any, **body: Any) -> list[int]:
    answer = asyncio.run(search(studio(*lines), {"query": query, **body}))
    return [row["index"] for row in answer["rows"]]


@pytest.mark.parametrize(
    ("query", "indexes"),
    [
        ("", ALL),
        ("   ", ALL),
        ("order", [0, 4]),
        ("ORDER comp", [0]),
        ("order track", [0]),
        ("m-", [0, 1]),
        ("cust_7", [1]),
        ('"order completed"', [0]),
        ('"completed order"', []),
        ("oops", []),
        ("type:track", [0, 1]),
        ("type:TRACK", [0, 1]),
        ("type:trac", []),
        ('type:"page"', [2, 4]),
        ("type:page type:track", []),
        ("type:", ALL),
        ("name:o", [0, 1, 2]),
        ("name:login type:track", [1]),
        ('name:"Order Completed"', [0]),
        ("type:track order", [0]),
        ("$.userId", [0, 1, 4]),
        ("$.userId exists", [0, 1, 4]),
        ("$.userId not exists", [2]),
        ("$.properties.note exists", [0]),
        ("$.properties.currency = EUR", [0]),
        ("$.properties.currency=EUR", [0]),
        ('$.properties.currency = "EUR"', [0]),
        ("$.properties.currency = eur", []),
        ("$.properties.currency != EUR", [1, 2, 4]),
        ("$.properties.price = 5", [0, 4]),
        ("$.properties.price = 5.0", [0]),
        ('$.properties.price = "5"', [4]),
        ("$.properties.gift = true", [0]),
        ("$.properties.note = null", [0]),
        ("$.properties.items[0].sku = a-1", [0]),
        ("$.properties.items.length = 1", [0]),
        ("$.properties['currency'] = EUR", [0]),
        ('$.event = "Order Completed" type:track', [0]),
        ('$.event = "Order Completed', [0]),  # the quote is still to come
        ("$.properties.currency =", [0]),
        ("$.properties.path = /café", [2]),
        ("$", []),
        ("$.", [0, 1, 2, 4]),  # the event itself
        ("$.properties.", [0, 2, 4]),
        ("$.nothing.at.all exists", []),
        ("exists", []),
    ],
)
def test_a_query_finds(query: str, indexes: list[int]) -> None:
    assert found(query) == indexes


def test_a_value_that_is_written_with_escapes_is_found() -> None:
    line = b'{"type": "track", "event": "Caf\\u00e9", "properties": {"plan": "p\\u0072o"}}'
    assert found("$.properties.plan = pro", line) == [0]
    assert found("café", line) == [0]


@given(st.text())
def test_any_text_is_a_query(text: str) -> None:
    parse_query(text)


_VALUES = st.sampled_from(["a", "x y", "pro", "1", "1.5", "true", "null", "", '"', "\\", "é", "$"])


@given(ANY_EVENTS, st.sampled_from(["a", "p.x", "s", "list[0].sku", "x"]), _VALUES)
def test_equal_and_not_equal_part_all_events(event: dict[str, Any], path: str, value: str) -> None:
    event = {"type": "track", **event}
    quoted = write_json(value).decode()
    assert found(f"$.{path} = {quoted}", event) + found(f"$.{path} != {quoted}", event) == [0]
    assert found(f"$.{path} exists", event) + found(f"$.{path} not exists", event) == [0]


# --- filters, counts, pages ------------------------------------------------------------------------------


def test_rows_and_counts_before_a_comparison_know_no_verdict() -> None:
    answer = asyncio.run(search(studio(), {}))
    assert answer["total"] == 5
    assert answer["counts"] == {"all": 5, "sent": 0, "failing": 0, "notTaken": 0, "changed": 0}
    assert [row["verdict"] for row in answer["rows"]] == [None, None, None, "unreadable", None]
    assert answer["rows"][3] == {
        "index": 3,
        "line": 4,
        "label": "line 4",
        "type": "",
        "name": "",
        "verdict": "unreadable",
        "by": [],
        "change": None,
        "error": "not JSON: unexpected character, expected a JSON value at column 1",
    }


def answers(*bodies: dict[str, Any]) -> list[dict[str, Any]]:
    """What is found after one of two tracks was lost."""
    made = studio()
    draft = [{**made.saved[0], "subscribe": 'event = "Login"'}]

    async def scene() -> list[dict[str, Any]]:
        run = (await compared(made, draft))["run"]
        return [await search(made, {"run": run, **body}) for body in bodies]

    return asyncio.run(scene())


def test_rows_have_the_verdicts_of_the_draft() -> None:
    (answer,) = answers({})
    rows = [(row["verdict"], row["by"], row["change"]) for row in answer["rows"]]
    assert rows == [
        ("not taken", [], "lost"),
        ("sent", ["Tracks"], None),
        ("not taken", [], None),
        ("unreadable", [], None),
        ("not taken", [], None),
    ]


def test_counts_follow_the_query_and_not_the_filter() -> None:
    found_by = answers({}, {"filter": "sent"}, {"query": "type:page"}, {"query": "nothing"})
    assert [(answer["total"], tuple(answer["counts"].values())) for answer in found_by] == [
        (5, (5, 1, 0, 3, 1)),
        (1, (5, 1, 0, 3, 1)),
        (2, (2, 0, 0, 2, 0)),
        (0, (0, 0, 0, 0, 0)),
    ]


def test_a_bucket_leaves_its_events() -> None:
    assert found("", **{"from": 1, "to": 3}) == [1, 2]
    assert found("type:page", **{"from": 3, "to": 99}) == [4]
    assert found("", **{"from": 9, "to": 99}) == []


def test_pages_follow_each_other() -> None:
    pages = answers(*({"offset": offset, "limit": 2} for offset in (0, 2, 4, 6)))
    assert [[row["index"] for row in page["rows"]] for page in pages] == [[0, 1], [2, 3], [4], []]
    assert {page["total"] for page in pages} == {5}


@pytest.mark.parametrize(
    "body",
    [
        {"query": 5, "filter": {}, "offset": -1, "limit": "x", "from": None, "to": True},
        {"run": "r99", "key": 5, "kind": [], "location": {}},
        {"run": 7, "filter": [1, None, "no such filter"]},
    ],
)
def test_a_body_of_another_form_is_answered(body: dict[str, Any]) -> None:
    answer = asyncio.run(search(studio(), body))
    assert answer["total"] in (0, 5)
    assert len(answer["rows"]) == answer["total"]


def test_the_pages_of_a_list_are_one_search(monkeypatch: pytest.MonkeyPatch) -> None:
    made = studio()
    looks: list[int] = []
    fulfils = searching._fulfils

    def looking(corpus: Corpus, query: Query, index: int) -> bool:
        looks.append(index)
        return fulfils(corpus, query, index)

    monkeypatch.setattr(searching, "_fulfils", looking)

    async def scene() -> None:
        for offset in (0, 2, 4):
            await search(made, {"query": "type:page", "offset": offset, "limit": 2})
        assert looks == ALL

    asyncio.run(scene())


def test_a_search_follows_a_newer_comparison() -> None:
    made = studio()

    async def scene() -> list[int]:
        sent = [(await search(made, {}))["counts"]["sent"]]
        await compared(made)
        sent.append((await search(made, {}))["counts"]["sent"])
        await compared(made, [])
        return [*sent, (await search(made, {}))["counts"]["sent"]]

    assert asyncio.run(scene()) == [0, 2, 0]


def test_an_event_of_several_changes_is_listed_once() -> None:
    made = studio_of([subscription("One", {}), subscription("Two", {})], loaded(LINES))

    async def scene() -> list[int]:
        await compared(made, [])
        return [row["index"] for row in (await search(made, {"kind": "no-longer-sent"}))["rows"]]

    assert asyncio.run(scene()) == [0, 1]

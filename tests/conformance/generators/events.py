"""Segment events, realistic and odd, and timestamps in every form that turns up."""

from random import Random
from typing import Any

from tests.conformance.generators.draw import KEYS, chance, json_value, mutate_json, pick, scalar

EVENT_NAMES = [
    "Order Completed", "Product Viewed", "Signed Up", "Experiment Viewed", "Cart Emptied", "a", "x", "track", "null",
    "true", "5", "", "Bestellung aufgegeben – größer", "🎉 Party", 'Say "hi"', "it's", "eos",
]  # fmt: skip
PAGE_NAMES = ["Home", "Pricing", "Docs / API", "a", "", "Startseite", "🎉"]
TIMESTAMPS: list[Any] = [
    "2023-01-01T00:00:00.000Z", "2024-02-29T12:30:45.678Z", "2023-06-15T10:20:30Z", "2023-06-15T10:20:30+02:00",
    "2023-06-15T10:20:30.1234567Z", "2023-06-15T10:20:30", "2023-06-15 10:20:30", "2023-06-15T10:20", "2023-06-15",
    "2023-06", "2023", "2023-W20", "2023-166", "+002023-06-15T10:20:30Z", "-000001-01-01T00:00:00Z", "2023-02-30",
    "2023-02-30T00:00:00Z", "2023-13-01", "2023-00-10", "2023-1-5", "2023/06/15", "15/06/2023", "06/15/2023", "6/5/23",
    "1/1/49", "1/1/50", "Jun 15, 2023", "15 Jun 2023", "June 15 2023 10:20:30 PM", "Thu, 15 Jun 2023 10:20:30 GMT",
    "Thu Jun 15 2023 10:20:30 GMT+0200 (CEST)", "2023-06-15T24:00:00Z", "2023-06-15T24:00:01Z", "2023-06-15T10:60:00Z",
    "2023-06-15t10:20:30z", "20230615", "20230615T102030Z", "2023-06-15T10:20:30 Z", " 2023-06-15 ", "foo 12",
    "garbage",
    "12:00", "2023-06-15T10:20:30.Z", "2023-06-15T10:20:30.5+0530", "2023-06-15T10:20:30-08", "2023-06-15 10:20:30 PST",
    "2023-06-15 10:20:30 +0100", "2023-06-15T10:20:30Zjunk", "Jun 2023", "2023 June", "(comment) 15 Jun 2023",
    "99999-01-01", "275760-09-13", "Sat, 1 Jan 2000 00:00", "2023-06-15T10", "1672531200000", "1672531200", "0",
    "null", "", " ", 1672531200000, 1672531200.5, 0, -5, 1e15, 9e15, True, False, None, [], ["2023-06-15"], [2023, 6],
    {}, {"a": 1},
]  # fmt: skip
_DATE_PARTS = [
    "2023", "23", "06", "6", "15", "31", "32", "0", "Jun", "june", "Sept", "Mon", "GMT", "UTC", "Z", "EST", "PDT", "am",
    "PM", "+01:00", "-0530", "+2", "10:20", "10:20:30", "10:20:30.5", "25:00", "T", "of", "(x)", "at",
]  # fmt: skip


def timestamp(draw: Random) -> Any:
    """A timestamp: mostly as Segment writes it, else some form of it."""
    kind = draw.randrange(20)
    if kind < 13:
        day, hour, second = draw.randrange(1, 29), draw.randrange(24), draw.randrange(60)
        return f"20{draw.randrange(10, 40):02}-{draw.randrange(1, 13):02}-{day:02}T{hour:02}:15:{second:02}.000Z"
    if kind < 18:
        return draw.choice(TIMESTAMPS)
    return pick(draw, " ", "-", "/", ", ", "").join(draw.choice(_DATE_PARTS) for _ in range(draw.randrange(1, 6)))


def properties(draw: Random) -> dict[str, Any]:
    """Properties with products, numbers, nested objects and keys that need quoting."""
    given: dict[str, Any] = {}
    if chance(draw, 0.7):
        given["price"] = pick(draw, 0, 5, 12.5, 99.99, 1000000, "5", "12.50", None, -3)
    if chance(draw, 0.5):
        given["currency"] = pick(draw, "EUR", "usd", "", None)
    if chance(draw, 0.5):
        given["products"] = [
            {"id": f"p{index}", "name": pick(draw, "Shirt", "Hat", ""), "price": pick(draw, 5, 2.5, "3", None)}
            for index in range(draw.randrange(4))
        ]
    if chance(draw, 0.4):
        given["tags"] = pick(draw, ["a", "b", "c"], [], ["one"], [1, [2, None], "x"], "a,b", [None], [""], [[]])
    if chance(draw, 0.3):
        given["a"] = pick(draw, {"b": {"c": [1, {"d": "deep"}]}}, {"b": None}, [], "text", 0, False)
    if chance(draw, 0.3):
        given[pick(draw, "a b", "dot.key", "it's", "or", "null", "order", "key-1", "0", "10", "é", "size")] = scalar(
            draw
        )
    if chance(draw, 0.2):
        given["json"] = pick(draw, '{"k":[1,2.50,null]}', "[1,2", "5", '"x"', "nope", "", "1e400", '{"b":1,"1":2}')
    if chance(draw, 0.2):
        given[draw.choice(KEYS)] = json_value(draw)
    return given


def context(draw: Random) -> Any:
    """A context as the libraries send it."""
    given: dict[str, Any] = {}
    if chance(draw, 0.7):
        given["library"] = pick(
            draw, {"name": "analytics.js", "version": "2.11.1"}, {"name": "analytics-python"}, {"name": ""},
            {"name": " x "},
            {"name": None}, {}, None, "analytics", {"name": 5},
        )  # fmt: skip
    if chance(draw, 0.4):
        given["page"] = {"path": "/a", "title": "Title", "url": "https://example.com/a?utm_source=x", "search": ""}
    if chance(draw, 0.3):
        given.update({"ip": "8.8.8.8", "locale": pick(draw, "de-DE", "en"), "timezone": "Europe/Berlin"})
    if chance(draw, 0.1):
        given["personas"] = {
            "computation_class": pick(draw, "audience", "journey_step", "trait"),
            "computation_key": pick(draw, "a", "vip", ""),
            "audience_settings": {},
        }
    return given


def plain_event(draw: Random) -> dict[str, Any]:
    """An event as Segment delivers it."""
    kind = draw.choice(["track", "track", "track", "track", "page", "page", "screen", "identify", "group", "alias"])
    event: dict[str, Any] = {"type": kind, "messageId": f"m-{draw.randrange(1000)}", "timestamp": timestamp(draw)}
    if chance(draw, 0.8):
        event["userId"] = pick(draw, "user-1", "u", "42", 42, "user@example.com", "ü")
    if chance(draw, 0.7):
        event["anonymousId"] = pick(draw, "anon-1", "7c9e6679-7425-40de-944b-e07fc1f90ae7", "a")
    if kind == "track":
        event["event"] = draw.choice(EVENT_NAMES)
    if kind in ("page", "screen") and chance(draw, 0.9):
        event["name"] = draw.choice(PAGE_NAMES)
    if kind in ("identify", "group"):
        event["traits"] = {
            "email": "user@example.com",
            "age": pick(draw, 30, "30", None),
            "plan": "pro",
            **properties(draw),
        }
    if kind not in ("identify", "alias"):
        event["properties"] = properties(draw)
    if chance(draw, 0.7):
        event["context"] = context(draw)
    if chance(draw, 0.2):
        event["originalTimestamp"] = timestamp(draw)
    return event


def event(draw: Random) -> dict[str, Any]:
    """An event, now and then with something odd in any place of it."""
    given = plain_event(draw)
    if chance(draw, 0.35):
        changed: dict[str, Any] = mutate_json(draw, given, draw.randrange(1, 4))
        return changed
    return given


def no_event(draw: Random) -> Any:
    """A JSON value that is no object."""
    return pick(draw, None, [], [{}], "track", 5, 0, True, "")

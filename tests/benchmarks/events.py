"""The work: distinct events from a seeded generator, most of them track events of about 900 bytes."""

from random import Random
from typing import Any

SEED = 20240229

_GOALS = ["Order Completed", "Product Viewed", "Checkout Started", "Signed Up", "Article Read", "Trial Ended"]
_PAGES = ["Home", "Pricing", "Docs / API", "Größentabelle", "Checkout"]
_PRODUCTS = ["Linen Shirt", "Straw Hat", "Café au lait bowl", "Running Shoe", "Notebook A5", "Wool Scarf"]
_LIBRARIES = [("analytics.js", "2.11.1"), ("analytics-ios", "4.1.8"), ("analytics-android", "4.10.4"), ("", "")]
_BROWSER = "Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/121.0"


def make_events(count: int, seed: int = SEED) -> list[dict[str, Any]]:
    """So many events, no two alike, in no order: 80 % goals, 8 % pages, 6 % screens, 6 % exposures."""
    draw = Random(seed)
    kinds = [_goal] * 80 + [_page] * 8 + [_screen] * 6 + [_exposure] * 6
    events = [_event(draw, number, kinds[number % len(kinds)]) for number in range(count)]
    draw.shuffle(events)
    return events


def _event(draw: Random, number: int, kind: Any) -> dict[str, Any]:
    name, version = draw.choice(_LIBRARIES)
    context: dict[str, Any] = {
        "ip": f"203.0.113.{draw.randrange(256)}",
        "locale": draw.choice(["en-GB", "de-DE", "pt-BR"]),
        "page": {
            "path": f"/shop/{_hex(draw, 6)}",
            "referrer": "https://search.example/",
            "title": draw.choice(_PRODUCTS),
        },
        "timezone": "Europe/Berlin",
        "userAgent": _BROWSER,
    }
    if name:
        context["library"] = {"name": name, "version": version}
    return {
        "messageId": f"ajs-next-{number}-{_hex(draw, 16)}",
        "anonymousId": f"{_hex(draw, 8)}-{_hex(draw, 4)}-{_hex(draw, 12)}",
        "userId": f"user-{draw.randrange(10**6)}" if draw.random() < 0.7 else None,
        "timestamp": _moment(draw),
        "context": context,
        **kind(draw),
    }


def _goal(draw: Random) -> dict[str, Any]:
    properties: dict[str, Any] = {
        "orderId": _hex(draw, 10),
        "currency": draw.choice(["EUR", "USD", "BRL"]),
        "revenue": _money(draw, 50_000),
        "tax": _money(draw, 5_000),
        "affiliation": "web shop",
        "shipping": {"method": draw.choice(["standard", "express"]), "country": "DE", "zip": _hex(draw, 5)},
        "coupon": draw.choice(["SUMMER", "", "WELCOME10"]),
        "isFirst": draw.random() < 0.5,
        "products": [_product(draw) for _ in range(draw.randrange(1, 4))],
    }
    return {"type": "track", "event": draw.choice(_GOALS), "properties": properties}


def _page(draw: Random) -> dict[str, Any]:
    path = f"/{_hex(draw, 8)}"
    return {
        "type": "page",
        "name": draw.choice(_PAGES),
        "properties": {"path": path, "url": f"https://shop.example{path}", "title": draw.choice(_PAGES)},
    }


def _screen(draw: Random) -> dict[str, Any]:
    return {"type": "screen", "name": draw.choice(_PAGES), "properties": {"variation": _hex(draw, 4)}}


def _exposure(draw: Random) -> dict[str, Any]:
    published = draw.randrange(1_600_000_000_000, 1_700_000_000_000)
    exposure = {
        "publishedAt": published,
        "units": [{"type": "session_id", "uid": _hex(draw, 16)}],
        "exposures": [
            {"name": f"exp_{_hex(draw, 4)}", "unit": "session_id", "exposedAt": published - draw.randrange(9000),
             "variant": draw.randrange(3), "assigned": True, "eligible": True}
            for _ in range(draw.randrange(1, 3))
        ],
        "attributes": [{"name": "country", "value": "DE", "setAt": published - 5}],
    }  # fmt: skip
    return {"type": "track", "event": "Experiment Viewed", "properties": {"exposure": exposure}}


def _product(draw: Random) -> dict[str, Any]:
    return {
        "sku": f"sku-{draw.randrange(10**6)}",
        "name": draw.choice(_PRODUCTS),
        "brand": draw.choice(["Nordlicht", "Acme"]),
        "price": _money(draw, 9000),
        "quantity": draw.randrange(1, 4),
    }


def make_shop_events(count: int, products: int, seed: int = SEED) -> list[dict[str, Any]]:
    """Events with so many products each, for mappings that go deep."""
    draw = Random(seed)
    events = []
    for number in range(count):
        event = _event(draw, number, _goal)
        event["properties"]["products"] = [_product(draw) for _ in range(products)]
        event["properties"]["note"] = '{"gift":true,"lines":[1,2,3]}'
        event["traits"] = {"email": f"User{number}@Example.test", "plan": None, "address": {"city": "Köln", "zip": ""}}
        events.append(event)
    return events


def _moment(draw: Random) -> str:
    day, hour, minute = draw.randrange(1, 29), draw.randrange(24), draw.randrange(60)
    second, milli = draw.randrange(60), draw.randrange(1000)
    return f"2023-{draw.randrange(1, 13):02}-{day:02}T{hour:02}:{minute:02}:{second:02}.{milli:03}Z"


def _money(draw: Random, cents: int) -> float:
    whole, rest = divmod(draw.randrange(100, cents), 100)
    return whole + rest / 100 if rest else whole  # JSON has `20`, not `20.0`


def _hex(draw: Random, digits: int) -> str:
    return f"{draw.getrandbits(digits * 4):0{digits}x}"

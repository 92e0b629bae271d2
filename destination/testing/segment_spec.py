"""Makes Hypothesis strategies of Segment's spec of events; `strategies` imports it if hypothesis is installed.

Source: Segment's public specification of the common fields, of the six calls and of the semantic traits and
properties.
"""

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from typing import Any, Final

from hypothesis import strategies as st
from hypothesis.strategies import DrawFn, SearchStrategy

_WORDS: Final = st.sampled_from(["", "a", "Home", "Order Completed", "Größe", "日本", "pro", "free plan"]) | st.text(
    max_size=12
)
_NAMES: Final = st.sampled_from(["Signed Up", "Order Completed", "Product Viewed", "Experiment Viewed"]) | st.text(
    min_size=1, max_size=20
)
_IDS: Final = st.uuids().map(str) | st.integers(1, 10**9).map(str)
_AMOUNTS: Final = st.integers(0, 10_000) | st.floats(0, 10_000).map(lambda amount: round(amount, 2))
_URLS: Final = st.sampled_from(["https://example.com/", "https://example.com/pricing?utm_source=ads#top"])
_FIRST: Final = datetime(2024, 1, 1, tzinfo=UTC)
_MOMENTS: Final = st.integers(0, 3 * 365 * 24 * 3600 * 1000).map(lambda ms: _FIRST + timedelta(milliseconds=ms))

JSON: Final[SearchStrategy[Any]] = st.recursive(
    st.none() | st.booleans() | st.integers(-(10**6), 10**6) | st.floats(-1e6, 1e6) | _WORDS,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(_WORDS, inner, max_size=3),
    max_leaves=5,
)
_MORE: Final = st.dictionaries(
    st.sampled_from(["plan", "experiment", "value 1", "a", "nested"]) | _WORDS, JSON, max_size=3
)


def _some(members: Mapping[str, SearchStrategy[Any]]) -> SearchStrategy[dict[str, Any]]:
    """Makes objects with any of the members."""
    return st.fixed_dictionaries({}, optional=dict(members))


def _with_more(members: Mapping[str, SearchStrategy[Any]]) -> SearchStrategy[dict[str, Any]]:
    """Makes objects with any of the members, and others of any name."""
    return st.builds(lambda more, known: {**more, **known}, _MORE, _some(members))


_PRODUCT: Final = _some(
    {"product_id": _IDS, "sku": _IDS, "name": _WORDS, "price": _AMOUNTS, "quantity": st.integers(1, 9)}
)
_PROPERTIES: Final = _with_more(
    {
        "revenue": _AMOUNTS,
        "price": _AMOUNTS,
        "currency": st.sampled_from(["EUR", "USD", "JPY"]),
        "value": _AMOUNTS,
        "products": st.lists(_PRODUCT, max_size=3),
    }
)
_PAGE: Final = _with_more(
    {"path": st.just("/pricing"), "referrer": _URLS, "search": _WORDS, "title": _WORDS, "url": _URLS, "name": _WORDS}
)
_TRAITS: Final = _with_more(
    {
        "email": st.sampled_from(["ann@example.com", "bo@example.org"]),
        "name": _WORDS,
        "age": st.integers(0, 120),
        "plan": st.sampled_from(["free", "pro"]),
        "address": _some({"city": _WORDS, "country": _WORDS, "postalCode": _WORDS, "street": _WORDS}),
        "createdAt": _MOMENTS.map(datetime.isoformat),
    }
)
_GROUP_TRAITS: Final = _with_more({"name": _WORDS, "industry": _WORDS, "employees": st.integers(1, 10_000)})
_CONTEXT: Final = _some(
    {
        "active": st.booleans(),
        "app": _some({"name": _WORDS, "version": st.just("1.2.3"), "build": st.just("3.0.1")}),
        "campaign": _some({"name": _WORDS, "source": _WORDS, "medium": _WORDS}),
        "device": _some({"id": _IDS, "type": st.sampled_from(["ios", "android"]), "manufacturer": _WORDS}),
        "ip": st.ip_addresses(v=4).map(str),
        "library": st.fixed_dictionaries(
            {"name": st.sampled_from(["analytics.js", "analytics-ios"]), "version": st.just("2.11.1")}
        ),
        "locale": st.sampled_from(["en-US", "nl-NL"]),
        "location": _some({"city": _WORDS, "country": _WORDS, "latitude": st.floats(-90, 90)}),
        "os": _some({"name": st.sampled_from(["iOS", "Android"]), "version": st.just("17.1")}),
        "page": _some({"path": st.just("/pricing"), "referrer": _URLS, "title": _WORDS, "url": _URLS}),
        "screen": _some({"width": st.integers(1, 4000), "height": st.integers(1, 4000)}),
        "timezone": st.sampled_from(["Europe/Amsterdam", "America/New_York"]),
        "traits": _TRAITS,
        "userAgent": st.just("Mozilla/5.0"),
    }
)

_OF_TYPE: Final[dict[str, tuple[dict[str, SearchStrategy[Any]], dict[str, SearchStrategy[Any]]]]] = {
    "track": ({"event": _NAMES, "properties": _PROPERTIES}, {}),
    "page": ({"properties": _PAGE}, {"name": _WORDS, "category": _WORDS}),
    "screen": ({"properties": _PROPERTIES}, {"name": _WORDS, "category": _WORDS}),
    "identify": ({"traits": _TRAITS}, {}),
    "group": ({"groupId": _IDS, "traits": _GROUP_TRAITS}, {}),
    "alias": ({"previousId": _IDS, "userId": _IDS}, {}),
}
"""The required and the optional members of an event beside the common fields, by its type."""


@lru_cache
def event_of(kind: str) -> SearchStrategy[dict[str, Any]]:
    """Makes events of one type.

    Example:
        >>> from hypothesis import given, settings
        >>> @settings(max_examples=20, derandomize=True, database=None)
        ... @given(event_of("alias"))
        ... def check(event):
        ...     assert {"previousId", "userId"} <= set(event)
        >>> check()
    """
    return _event(kind)


@st.composite
def _event(draw: DrawFn, kind: str) -> dict[str, Any]:
    required, optional = _OF_TYPE[kind]
    identities = draw(st.sampled_from([("userId",), ("anonymousId",), ("userId", "anonymousId")]))
    happened = draw(_MOMENTS)
    waited = timedelta(milliseconds=draw(st.integers(0, 60_000)))
    event: dict[str, Any] = {"type": kind, "messageId": draw(_IDS), "context": draw(_CONTEXT)}
    event |= {key: draw(_IDS) for key in identities}
    event |= {
        "originalTimestamp": _text(happened),
        "timestamp": _text(happened),
        "sentAt": _text(happened + waited),
        "receivedAt": _text(happened + 2 * waited),
    }
    if draw(st.booleans()):
        event["integrations"] = draw(st.sampled_from([{}, {"All": True}, {"All": False, "ABsmartly": True}]))
    return event | draw(st.fixed_dictionaries(required, optional=optional))


def _text(moment: datetime) -> str:
    return moment.isoformat(timespec="milliseconds").replace("+00:00", "Z")

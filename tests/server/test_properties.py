"""Whatever is posted, the answer is JSON of one of the known forms, and nothing escapes."""

import asyncio
from typing import Any

import httpx
from hypothesis import given
from hypothesis import strategies as st

from destination import MockTransport
from destination.server import create_tester
from destination.values import stringify
from tests.server.shop import SHOP, partner

PATHS = (
    "/authenticate",
    "/delete",
    "/refreshAccessToken",
    "/createAudience",
    "/getAudience",
    "/buy",
    "/buyTwice",
    "/bare",
    "/buy/list",
    "/buy/hooks/onMappingSave",
    "/buy/hooks/onMappingSave/dynamic/kind",
)
POSTED = (
    "payload",
    "mapping",
    "settings",
    "auth",
    "features",
    "subscriptionMetadata",
    "page",
    "audienceSettings",
    "audienceName",
    "externalId",
    "hookInputs",
    "hookOutputs",
    "dynamicFieldContext",
)
INNER = (
    "key",
    "region",
    "oauth",
    "context",
    "personas",
    "userId",
    "path",
    "method",
    "fail",
    "name",
    "count",
    "@path",
    "__proto__",
    "accessToken",
    "refreshToken",
)
KEYS = st.sampled_from(POSTED + INNER)
SCALARS = st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=5)
JSON: st.SearchStrategy[Any] = st.recursive(
    SCALARS | st.sampled_from(["$.path", "/refused", "get", "\ud800"]),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(KEYS, inner, max_size=5),
    max_leaves=25,
)


async def _post(path: str, body: str) -> httpx.Response:
    app = httpx.ASGITransport(create_tester(SHOP, transport=MockTransport(partner)))
    async with httpx.AsyncClient(transport=app, base_url="http://localhost") as client:
        return await client.post(path, content=body)


@given(path=st.sampled_from(PATHS), body=JSON | st.dictionaries(KEYS, JSON, min_size=1, max_size=6))
def test_any_body_is_answered(path: str, body: Any) -> None:
    response = asyncio.run(_post(path, stringify(body)))
    answered = response.json()
    if response.status_code == 400:
        assert answered["ok"] is False
    else:
        assert response.status_code in (200, 500)
        assert answered is None or isinstance(answered, dict | list)

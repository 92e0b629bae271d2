from collections.abc import Iterator
from typing import Any

import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st

from destination.catalog.absmartly import EmbeddedCollector, absmartly
from destination.catalog.absmartly.collector import findings
from destination.catalog.absmartly.contract import errors_of
from destination.catalog.absmartly.plain_publish import is_plainly_valid

EVENT = {"units": [{"type": "userId", "uid": "u"}], "publishedAt": 1_672_531_200_000}


@pytest.fixture
def collector() -> Iterator[EmbeddedCollector]:
    with EmbeddedCollector() as running:
        yield running


@pytest.fixture
def client(collector: EmbeddedCollector) -> Iterator[httpx.Client]:
    headers = {"X-API-Key": collector.settings["apiKey"]}
    with httpx.Client(base_url=collector.endpoint, headers=headers, trust_env=False) as made:
        yield made


def test_event_that_fits_the_contract_is_kept(collector: EmbeddedCollector, client: httpx.Client) -> None:
    answer = client.put("/context", json=EVENT, headers={"X-Agent": "a"})
    assert (answer.status_code, answer.json()) == (200, {"ok": True, "warnings": [], "errors": []})
    [arrived] = collector.received
    assert arrived["event"] == EVENT
    assert arrived["headers"]["x-agent"] == "a"
    assert "x-api-key" not in arrived["headers"]


def test_event_against_the_contract_is_named_and_not_kept(collector: EmbeddedCollector, client: httpx.Client) -> None:
    answer = client.put("/context/batch", json={"requests": [EVENT, {"units": []}]})
    assert answer.status_code == 400
    assert [(item["batchIndex"], item["subject"]) for item in answer.json()["errors"]] == [(1, "publishedAt")]
    assert len(collector.received) == 1


@pytest.mark.parametrize("body", [b"{", b"", b'{"requests": []}', b'{"requests": 5}', b"[]"])
def test_batch_that_is_none_is_refused(collector: EmbeddedCollector, client: httpx.Client, body: bytes) -> None:
    assert client.put("/context/batch", content=body).status_code == 400
    assert collector.received == []


def test_wrong_key_is_401_without_a_body(collector: EmbeddedCollector, client: httpx.Client) -> None:
    for answer in (
        client.put("/context", json=EVENT, headers={"X-API-Key": "other"}),
        client.get("/context/authed", headers={"X-API-Key": "other"}),
    ):
        assert (answer.status_code, answer.content) == (401, b"")
    assert collector.received == []


def test_unknown_routes_are_404(client: httpx.Client) -> None:
    assert client.get("/nothing").status_code == 404
    assert client.put("/nothing", json={}).status_code == 404


def test_health_needs_no_key(collector: EmbeddedCollector) -> None:
    answer = httpx.get(collector.endpoint.removesuffix("/v1") + "/healthy", trust_env=False)
    assert answer.status_code == 200


@pytest.mark.parametrize(
    ("change", "subject"),
    [
        ({"units": None}, "units"),
        ({"units": [{"uid": "u"}]}, "units.0.type"),
        ({"units": [{"type": "t", "uid": "u" * 641}]}, "units.0.uid"),
        ({"publishedAt": "now"}, "publishedAt"),
        ({"goals": [{"name": "g"}]}, "goals.0.achievedAt"),
        ({"goals": [{"name": "g", "achievedAt": 1, "properties": []}]}, "goals.0.properties"),
        ({"exposures": [{"id": -1, "name": "e", "variant": 0, "exposedAt": 1, "assigned": True, "eligible": True}]},
         "exposures.0.id"),
        ({"exposures": [{"id": 1, "name": "e", "variant": 129, "exposedAt": 1, "assigned": True, "eligible": True}]},
         "exposures.0.variant"),
        ({"attributes": [{"name": "a", "setAt": None}]}, "attributes.0.setAt"),
        ({"historic": "yes"}, "historic"),
    ],
)  # fmt: skip
def test_contract_names_what_is_wrong(change: dict[str, Any], subject: str) -> None:
    assert subject in [finding["subject"] for finding in findings({**EVENT, **change})]


async def test_presets_reach_the_collector_and_its_key_lets_in(collector: EmbeddedCollector) -> None:
    async with absmartly.instance(collector.settings) as instance:
        await instance.test_authentication()
        event = {
            "type": "page",
            "name": "Home",
            "userId": "u",
            "timestamp": "2023-01-01T00:00:00.000Z",
            "properties": {"a": 1},
        }
        assert (await instance.on_event(event)).errors == []
    assert [item["event"]["goals"][0]["name"] for item in collector.received] == ["Page: Home"]


_PARTS = st.sampled_from(
    [None, True, 0, -1, 128, 129, 1.5, "", "u", "x" * 641, [], {}, [1], {"type": "userId", "uid": "u"}, float("inf")]
)
_UNIT = st.fixed_dictionaries({"type": st.just("userId") | _PARTS}, optional={"uid": _PARTS})
_GOAL = st.fixed_dictionaries(
    {"name": st.just("g") | _PARTS, "achievedAt": st.just(1) | _PARTS}, optional={"properties": _PARTS}
)
_EXPOSURE = st.fixed_dictionaries(
    {
        "id": st.just(1) | _PARTS,
        "name": st.just("e") | _PARTS,
        "variant": st.just(1) | _PARTS,
        "exposedAt": st.just(1) | _PARTS,
        "assigned": st.booleans() | _PARTS,
        "eligible": st.booleans() | _PARTS,
    },
    optional={"unit": _PARTS},
)
_ATTRIBUTE = st.fixed_dictionaries({"name": st.just("a") | _PARTS, "setAt": st.just(1) | _PARTS})


@given(
    st.fixed_dictionaries(
        {"units": st.lists(_UNIT, max_size=2) | _PARTS, "publishedAt": st.just(1) | _PARTS},
        optional={
            "hashed": _PARTS,
            "historic": _PARTS,
            "goals": st.lists(_GOAL, max_size=2) | _PARTS,
            "exposures": st.lists(_EXPOSURE, max_size=2) | _PARTS,
            "attributes": st.lists(_ATTRIBUTE, max_size=2) | _PARTS,
        },
    )
)
def test_what_is_plainly_valid_is_valid_by_the_contract(event: Any) -> None:
    if is_plainly_valid(event):
        assert errors_of(event, 0) == []
    else:
        assert findings(event) == errors_of(event, 0)


def test_a_usual_goal_and_a_usual_exposure_are_plainly_valid() -> None:
    units = [{"type": "userId", "uid": "u1"}]
    exposure = {"id": 1, "name": "e", "variant": 1, "exposedAt": 1, "assigned": True, "eligible": True}
    goal = {"name": "g", "achievedAt": 1, "properties": None}
    assert is_plainly_valid({"units": units, "publishedAt": 1, "historic": True, "goals": [goal]})
    assert is_plainly_valid({"units": units, "publishedAt": 1, "exposures": [exposure]})

"""The admin port: what it shows, who may change something, and which requests of web pages it refuses."""

import asyncio
import json
from collections.abc import Collection, Iterable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx
import pytest

from destination.delivery import RecordingError
from destination.forwarding.accepted import Accepted
from destination.forwarding.admin import EventTail, Metrics, create_admin
from destination.forwarding.config import ConfigError
from destination.forwarding.dead_letter_file import DeadLetter
from destination.forwarding.masks import Masks, redactor_of
from destination.forwarding.replaying import Replayed
from destination.values import write_json

TOKEN = "s3cr3t-t0k3n"
KEY = "collector-key-1"


@dataclass
class Depth:
    rows: int = 0
    bytes: int = 0
    age_s: float = 0.0


@dataclass
class State:
    is_paused: bool = False
    is_behind: bool = False
    reason: str | None = None
    depth: Depth = field(default_factory=Depth)


class Panel:
    """A service as the admin port sees it."""

    def __init__(self) -> None:
        self.known: dict[str, State] = {"shop": State()}
        self.masks = Masks([redactor_of([KEY, TOKEN])])
        self.reason: str | None = None
        self.errors: tuple[str, ...] = ()
        self.reloads = 0
        self.replayed: list[tuple[str, list[str]]] = []
        self.lines = [
            DeadLetter.read(write_json({"deadLetter": 1, "failures": [], "event": {"messageId": name}}))
            for name in ("m1", "m2", "m3")
        ]
        self.is_unreadable = False

    def states(self) -> dict[str, State]:
        return self.known

    def not_ready(self) -> str | None:
        return self.reason

    async def reload(self) -> list[str]:
        if self.errors:
            raise ConfigError(*self.errors)
        self.reloads += 1
        return ["shop"]

    def dead_letters(self, destination: str) -> Iterable[DeadLetter]:
        if destination not in self.known:
            raise LookupError(f"there is no destination {destination!r}")
        if self.is_unreadable:
            raise RecordingError("dead.ndjson: cannot be read")
        return [line for line in self.lines if line is not None]

    async def replay(self, destination: str, names: Collection[str]) -> Replayed:
        self.replayed.append((destination, list(names)))
        return Replayed(len(names), 0, 0)


class Port:
    """A client of the admin port."""

    def __init__(self, panel: Panel, token: str | None = None, tail: EventTail | None = None, **more: Any) -> None:
        self.metrics = Metrics(panel.states)
        self.app = create_admin(panel, self.metrics, token=token, tail=tail, **more)

    def __call__(self, method: str, path: str, **more: Any) -> httpx.Response:
        async def ask() -> httpx.Response:
            transport = httpx.ASGITransport(self.app)
            async with httpx.AsyncClient(transport=transport, base_url="http://localhost:8081") as client:
                return await client.request(method, path, **more)

        return asyncio.run(ask())


WITH_TOKEN = {"headers": {"authorization": f"Bearer {TOKEN}"}}


@pytest.fixture
def panel() -> Panel:
    return Panel()


def test_a_running_process_is_healthy(panel: Panel) -> None:
    panel.reason = "stopping"
    assert Port(panel)("GET", "/healthz").json() == {"ok": True}


def test_readiness_names_paused_and_behind_destinations_and_stays(panel: Panel) -> None:
    panel.known["slow"] = State(is_paused=True, is_behind=True, reason=f"503 for {KEY}", depth=Depth(3, 900, 12.3456))
    answer = Port(panel)("GET", "/readyz")
    assert answer.status_code == 200
    shown = answer.json()
    assert shown["ready"] is True
    assert shown["paused"] == {"slow": "503 for <redacted>"}
    assert shown["behind"] == ["slow"]
    assert shown["destinations"]["slow"] == {"waiting": 3, "bytes": 900, "oldestSeconds": 12.346}


def test_it_is_not_ready_while_no_event_can_be_accepted(panel: Panel) -> None:
    panel.reason = "the forwarder is stopping"
    answer = Port(panel)("GET", "/readyz")
    assert (answer.status_code, answer.json()["reason"]) == (503, "the forwarder is stopping")


# --- metrics ---------------------------------------------------------------------------------------------


def samples(text: str) -> dict[str, float]:
    lines = [line for line in text.splitlines() if line.startswith("destination_") and "_created" not in line]
    return {name: float(value) for name, _, value in (line.rpartition(" ") for line in lines)}


def test_metrics_count_by_destination_and_subscription(panel: Panel) -> None:
    panel.known["shop"] = State(is_paused=True, depth=Depth(7, 1_000, 2.5))
    port = Port(panel)
    port.metrics.accepted("wk-secret", 5)
    port.metrics.duplicate(2)
    port.metrics.refused("too_large", 1)
    port.metrics.delivered("shop", "Goals", 0.2)
    port.metrics.retried("shop", "Goals", 3)
    port.metrics.dead("shop", None)
    port.metrics.unsent("shop")
    port.metrics.paused("shop")
    answer = port("GET", "/metrics")
    assert answer.headers["content-type"].startswith("text/plain")
    assert "wk-secret" not in answer.text
    found = samples(answer.text)
    both = 'destination="shop",subscription="Goals"'
    assert found["destination_events_accepted_total"] == 5
    assert found["destination_events_duplicate_total"] == 2
    assert found['destination_events_refused_total{reason="too_large"}'] == 1
    assert found[f"destination_events_delivered_total{{{both}}}"] == 1
    assert found[f"destination_events_retried_total{{{both}}}"] == 3
    assert found['destination_events_dead_total{destination="shop",subscription=""}'] == 1
    assert found['destination_events_unsent_total{destination="shop"}'] == 1
    assert found[f"destination_latency_seconds_count{{{both}}}"] == 1
    assert found[f'destination_latency_seconds_bucket{{{both[:18]},le="0.1",{both[19:]}}}'] == 0
    assert found['destination_queue_rows{destination="shop"}'] == 7
    assert found['destination_queue_bytes{destination="shop"}'] == 1_000
    assert found['destination_queue_age_seconds{destination="shop"}'] == 2.5
    assert found['destination_paused{destination="shop"}'] == 1
    assert found['destination_behind{destination="shop"}'] == 0


def test_counters_of_a_destination_appear_before_its_first_event(panel: Panel) -> None:
    port = Port(panel)
    port.metrics.declare("shop", ["Goals"])
    found = samples(port("GET", "/metrics").text)
    assert found['destination_events_delivered_total{destination="shop",subscription="Goals"}'] == 0
    assert found['destination_pauses_total{destination="shop"}'] == 0


# --- reloading -------------------------------------------------------------------------------------------


def test_a_reload_says_what_changed_or_why_it_is_refused(panel: Panel) -> None:
    port = Port(panel)
    assert port("POST", "/-/reload").json() == {"ok": True, "changed": ["shop"]}
    panel.errors = ("forward.toml:3: http has no key 'x'", f"another with {KEY}")
    answer = port("POST", "/-/reload")
    assert answer.status_code == 422
    assert answer.json() == {"ok": False, "errors": [panel.errors[0], "another with <redacted>"]}
    assert port("GET", "/-/reload").status_code == 405


@pytest.mark.parametrize(
    "header", [None, "", "Bearer", "Bearer wrong", f"Basic {TOKEN}", f"Bearer {TOKEN}x", "Bearer é"]
)
def test_where_a_token_is_set_a_change_needs_it(panel: Panel, header: str | None) -> None:
    port = Port(panel, TOKEN, EventTail())
    given = {} if header is None else {"headers": {"authorization": header.encode()}}
    for method, path in (
        ("POST", "/-/reload"),
        ("GET", "/-/events"),
        ("GET", "/-/dead-letters?destination=shop"),
        ("POST", "/-/dead-letters/replay"),
    ):
        answer = port(method, path, **given)
        assert answer.status_code == 401, path
        assert TOKEN not in answer.text
    assert (panel.reloads, panel.replayed) == (0, [])
    for path in ("/healthz", "/readyz", "/metrics"):
        assert port("GET", path, **given).status_code == 200


def test_with_the_token_a_change_is_made(panel: Panel) -> None:
    port = Port(panel, TOKEN)
    assert port("POST", "/-/reload", **WITH_TOKEN).status_code == 200
    assert port("POST", "/-/reload", headers={"authorization": f"bearer  {TOKEN}"}).status_code == 200
    assert panel.reloads == 2


# --- web pages -------------------------------------------------------------------------------------------


@pytest.mark.parametrize("host", ["evil.example", "localhost.evil.example", "localhost:1:2", "10.0.0.1"])
def test_a_name_that_leads_to_this_machine_is_refused(panel: Panel, host: str) -> None:
    port = Port(panel)
    for method, path in (("GET", "/metrics"), ("POST", "/-/reload")):
        assert port(method, path, headers={"host": host}).status_code == 403
    assert panel.reloads == 0


def test_probes_reach_another_address_by_any_name(panel: Panel) -> None:
    port = Port(panel, TOKEN, host="0.0.0.0")
    assert port("GET", "/readyz", headers={"host": "10.1.2.3:8081"}).status_code == 200


def test_a_page_cannot_reload_and_gets_no_permission(panel: Panel) -> None:
    port = Port(panel)
    page = {"origin": "https://evil.example", "content-type": "text/plain"}
    assert port("POST", "/-/reload", headers=page).status_code == 403
    preflight = port("OPTIONS", "/-/reload", headers={**page, "access-control-request-method": "POST"})
    assert preflight.status_code == 403
    assert not [name for name in port("GET", "/readyz", headers=page).headers if name.startswith("access-control")]
    assert panel.reloads == 0


# --- events and dead letters -----------------------------------------------------------------------------


def accepted(number: int, **more: Any) -> Accepted:
    return Accepted("wk", f"m{number}", write_json({"type": "track", "n": number, **more}), 1_672_531_200.0 + number)


def test_the_last_events_are_shown_with_their_outcomes_and_without_secrets(panel: Panel) -> None:
    tail = EventTail(clock=lambda: 1_672_531_260.0)
    tail.accepted([accepted(1, key=KEY), accepted(2)])
    tail.outcome("m1", "shop", "Goals", "dead", f"400 for {KEY}")
    port = Port(panel, TOKEN, tail)
    answer = port("GET", "/-/events", **WITH_TOKEN)
    assert KEY not in answer.text
    second, first = answer.json()["events"]
    assert (second["messageId"], second["outcomes"]) == ("m2", [])
    assert first["event"] == {"type": "track", "n": 1, "key": "<redacted>"}
    assert first["receivedAt"] == "2023-01-01T00:00:01.000Z"
    assert first["outcomes"] == [
        {
            "destination": "shop",
            "subscription": "Goals",
            "outcome": "dead",
            "at": "2023-01-01T00:01:00.000Z",
            "reason": "400 for <redacted>",
        }
    ]
    rest = port("GET", f"/-/events?after={first['version']}", **WITH_TOKEN).json()
    assert rest == {"run": answer.json()["run"], "events": []}
    assert rest["run"] not in ("", EventTail().run)
    assert port("GET", "/-/events?after=x", **WITH_TOKEN).status_code == 400


def test_the_tail_is_limited_in_number_size_and_outcomes() -> None:
    tail = EventTail(limit=3, memory_bytes=1_000)
    tail.accepted([accepted(number) for number in range(10)])
    assert [one["messageId"] for one in tail.after(0)] == ["m7", "m8", "m9"]
    tail.accepted([accepted(11, text="x" * 900)])
    tail.accepted([accepted(12, text="x" * 900)])
    assert [one["messageId"] for one in tail.after(0)] == ["m12"]
    tail.accepted([accepted(13, text="x" * 100_000)])
    assert [(one["messageId"], one["event"] is None) for one in tail.after(0)] == [("m12", False), ("m13", True)]
    for _ in range(1_000):
        tail.outcome("m13", "shop", "Goals", "dead", "400")
    assert len(tail.after(0)[-1]["outcomes"]) == 200
    tail.outcome("unknown", "shop", "Goals", "dead")
    tail.outcome(None, "shop", "Goals", "dead")


def test_without_events_or_token_neither_events_nor_dead_letters_are_served(panel: Panel) -> None:
    for port in (Port(panel, TOKEN), Port(panel, None, EventTail())):
        for path in ("/-/events", "/-/dead-letters?destination=shop"):
            answer = port("GET", path, **WITH_TOKEN)
            assert answer.status_code == 404
            assert "it needs [admin] events = true and a token" in answer.text
        assert port("POST", "/-/dead-letters/replay", **WITH_TOKEN).status_code == 404


def test_dead_letters_are_listed_page_by_page(panel: Panel) -> None:
    port = Port(panel, TOKEN, EventTail())
    answer = port("GET", "/-/dead-letters?destination=shop&skip=1&limit=1", **WITH_TOKEN).json()
    assert answer["total"] == 3
    assert [one["messageId"] for one in answer["deadLetters"]] == ["m2"]
    assert port("GET", "/-/dead-letters?destination=none", **WITH_TOKEN).status_code == 404
    unnamed = port("GET", "/-/dead-letters", **WITH_TOKEN)
    assert (unnamed.status_code, unnamed.json()["error"].endswith("there are: shop")) == (400, True)
    panel.is_unreadable = True
    assert port("GET", "/-/dead-letters?destination=shop", **WITH_TOKEN).status_code == 500


def test_dead_letters_that_are_named_are_replayed(panel: Panel) -> None:
    port = Port(panel, TOKEN, EventTail())
    url = "/-/dead-letters/replay"
    answer = port("POST", url, json={"destination": "shop", "ids": ["a", "b"]}, **WITH_TOKEN)
    assert answer.json() == {"ok": True, "acknowledged": 2, "failed": 0, "deferred": 0, "missing": []}
    assert panel.replayed == [("shop", ["a", "b"])]
    for body in (b"", b"[]", b"{}", b'{"destination": "shop"}', b'{"destination": "shop", "ids": [1]}', b"\xff"):
        assert port("POST", url, content=body, **WITH_TOKEN).status_code == 400
    assert port("POST", url, content=b"x" * (2 << 20), **WITH_TOKEN).status_code == 413
    assert port("POST", url, json={"destination": "none", "ids": []}, **WITH_TOKEN).status_code == 404
    assert len(panel.replayed) == 1


def test_what_is_not_there_is_answered_as_json(panel: Panel, tmp_path: Path) -> None:
    answer = Port(panel)("GET", "/-/nothing")
    assert (answer.status_code, json.loads(answer.text)["ok"]) == (404, False)

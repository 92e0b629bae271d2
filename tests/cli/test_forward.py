"""`destination forward` in a process of its own: from an event over HTTP to its goal, through reloads and stops."""

import json
import signal
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from destination.catalog.absmartly import EmbeddedCollector, absmartly
from destination.forwarding.dead_letter_file import read_dead_letters
from destination.listening import open_socket
from tests.cli.conftest import Invoke, goal_names, track
from tests.cli.test_processes import HeldCollector
from tests.forwarding.running import TOKEN, WRITE_KEY, Running, running, write_config
from tests.kit import PATIENCE_S

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="the signals are those of POSIX")

LOUD = '[log]\nlevel = "debug"\n'


@pytest.fixture
def held() -> Iterator[HeldCollector]:
    with HeldCollector() as collector:
        yield collector
        collector.opened.set()


def named(name: str, trigger: str = 'type = "track"') -> str:
    """A mapping that sends each track event as a goal of this name."""
    mapping = {
        "name": name,
        "units": {"user_id": {"@path": "$.userId"}},
        "properties": {"n": {"@path": "$.properties.n"}},
        "achievedAt": {"@path": "$.timestamp"},
    }
    return json.dumps([{"name": "Named", "subscribe": trigger, "partnerAction": "trackGoal", "mapping": mapping}])


# --- from an event to its goal ---------------------------------------------------------------------------


def test_every_event_arrives_once_as_plan_makes_it(tmp_path: Path, collector: EmbeddedCollector) -> None:
    config = write_config(tmp_path, collector.endpoint, top=LOUD)
    sent = [track(number, context={"page": {"path": f"/{number}"}}) for number in range(30)]
    sent.append({"type": "page", "name": "Home", "anonymousId": "a1", "messageId": "p1", "properties": {}})
    with running(config) as forwarder:
        assert forwarder.send(*sent).json() == {"success": True}
        assert forwarder.send(*sent[:5]).json() == {"success": True}  # a client that saw no answer sends again
        for event in sent:
            forwarder.await_line("delivered", messageId=event["messageId"])
        stored = {one["messageId"]: one["event"] for one in forwarder.events()}
        status, _ = forwarder.end(signal.SIGTERM)
    assert status == 0
    planning = absmartly.instance(collector.settings)
    expected = []
    for event in sent:
        for outcome in planning.plan(stored[event["messageId"]]).outcomes:
            expected += [json.loads(request.body or b"") for request in outcome.requests]
    assert len(expected) == len(sent)
    assert canonical(item["event"] for item in collector.received) == canonical(expected)


def canonical(events: Any) -> list[str]:
    """Publish requests in an order of their own, without the moment of sending."""
    return sorted(json.dumps({**event, "publishedAt": 0}, sort_keys=True) for event in events)


@pytest.mark.thorough
def test_a_wrong_key_and_a_bad_event_are_refused_and_counted(tmp_path: Path, collector: EmbeddedCollector) -> None:
    config = write_config(tmp_path, collector.endpoint, top=LOUD)
    with running(config) as forwarder:
        wrong = forwarder.client.post(f"{forwarder.http}/v1/track", json={**track(1), "writeKey": "other"})
        assert wrong.status_code == 401
        assert forwarder.send(track(1), {"type": "track", "messageId": "bad"}).status_code == 200
        forwarder.await_line("delivered", messageId="m1")
        metrics = forwarder.ask("GET", "/metrics").text
        assert 'destination_events_refused_total{reason="wrong_key"} 1.0' in metrics
        assert "destination_events_accepted_total 1.0" in metrics
        refused = forwarder.await_line("refused", messageIds=["bad"])
        assert (refused["count"], refused["reason"]) == (1, "no_user")
        assert forwarder.await_line("request refused", reason="wrong_key")["status"] == 401
        assert WRITE_KEY not in metrics
        assert TOKEN not in metrics


# --- stopping --------------------------------------------------------------------------------------------


@pytest.mark.thorough
def test_a_stop_refuses_new_events_and_leaves_the_rest_for_the_next_start(tmp_path: Path, held: HeldCollector) -> None:
    config = write_config(tmp_path, held.endpoint, "concurrency = 1\nno_batch = true\ntimeout = 300\n")
    with running(config, "--drain", "3600") as forwarder:
        assert forwarder.send(*map(track, range(5))).status_code == 200
        assert held.arrived.acquire(timeout=PATIENCE_S)
        forwarder.process.send_signal(signal.SIGTERM)
        forwarder.await_line("stopping")
        assert forwarder.send(track(9)).status_code == 503
        assert forwarder.ask("GET", "/readyz").status_code == 503
        status, _ = forwarder.end(signal.SIGTERM)
        assert status == 0
        assert forwarder.await_line("stopped")["left"]["shop"] >= 4
    held.opened.set()
    config = write_config(tmp_path, held.endpoint, top=LOUD)
    with running(config) as forwarder:
        for number in range(1, 5):
            forwarder.await_line("delivered", messageId=f"m{number}")
        assert forwarder.end(signal.SIGINT)[0] == 0
    assert {f"Goal {number}" for number in range(5)} <= set(goal_names(held))
    assert "Goal 9" not in goal_names(held)


def test_a_second_signal_ends_it_at_once(tmp_path: Path, held: HeldCollector) -> None:
    config = write_config(tmp_path, held.endpoint, "timeout = 86400\n")
    with running(config, "--drain", "3600") as forwarder:
        forwarder.send(track(1))
        assert held.arrived.acquire(timeout=PATIENCE_S)
        forwarder.process.send_signal(signal.SIGTERM)
        forwarder.await_line("stopping")
        status, _ = forwarder.end(signal.SIGTERM)
        assert status == 0
        assert forwarder.await_line("stopped")["left"] == {"shop": 1}


@pytest.mark.thorough
def test_what_waits_is_sent_before_it_ends(tmp_path: Path, held: HeldCollector) -> None:
    config = write_config(tmp_path, held.endpoint, "concurrency = 1\nno_batch = true\ntimeout = 300\n")
    with running(config, "--drain", "3600") as forwarder:
        forwarder.send(*map(track, range(5)))
        assert held.arrived.acquire(timeout=PATIENCE_S)
        forwarder.process.send_signal(signal.SIGTERM)
        forwarder.await_line("stopping")
        held.opened.set()
        assert forwarder.end()[0] == 0
        assert forwarder.await_line("stopped")["left"] == {"shop": 0}
    assert goal_names(held) == [f"Goal {number}" for number in range(5)]


# --- reloading -------------------------------------------------------------------------------------------


@pytest.mark.thorough
@pytest.mark.parametrize("way", ["signal", "admin"])
def test_new_mappings_are_loaded_between_events(tmp_path: Path, collector: EmbeddedCollector, way: str) -> None:
    (tmp_path / "mappings.json").write_text(named("before"))
    config = write_config(tmp_path, collector.endpoint, 'mappings = "mappings.json"\n', top=LOUD)

    def reload(forwarder: Running) -> None:
        if way == "signal":
            forwarder.process.send_signal(signal.SIGHUP)
        else:
            forwarder.ask("POST", "/-/reload")

    with running(config) as forwarder:
        forwarder.send(track(1))
        forwarder.await_line("delivered", messageId="m1")
        (tmp_path / "mappings.json").write_text(named("after"))
        reload(forwarder)
        forwarder.await_line("reloaded")
        forwarder.send(track(2))
        forwarder.await_line("delivered", messageId="m2")
        (tmp_path / "mappings.json").write_text(named("broken", 'type = "track'))
        reload(forwarder)
        assert "mappings.json" in forwarder.await_line("not reloaded")["reason"]
        forwarder.send(track(3))
        forwarder.await_line("delivered", messageId="m3")
        assert forwarder.end(signal.SIGTERM)[0] == 0
    assert goal_names(collector) == ["after", "after", "before"]


def test_a_reload_that_is_refused_says_why_and_changes_nothing(tmp_path: Path, collector: EmbeddedCollector) -> None:
    config = write_config(tmp_path, collector.endpoint, top=LOUD)
    before = config.read_text()
    with running(config) as forwarder:
        for text, message in (
            (before.replace("dead_letters", "dead_leters"), "did you mean dead_letters?"),
            (before.replace(TOKEN, "another-token"), "admin.token changed, which needs a restart"),
            (before.replace('"test"', '"test"\nnothing = 1'), "has no setting 'nothing'"),
            (before + before[before.index("[[dest") :], "each needs its own"),
        ):
            config.write_text(text)
            answer = forwarder.ask("POST", "/-/reload")
            assert answer.status_code == 422
            assert message in str(answer.json()["errors"])
            assert "another-token" not in answer.text
        config.write_text(before)
        assert forwarder.ask("POST", "/-/reload").json() == {"ok": True, "changed": ["shop loaded"]}
        forwarder.send(track(1))
        forwarder.await_line("delivered", messageId="m1")
        assert forwarder.end(signal.SIGTERM)[0] == 0


@pytest.mark.thorough
def test_destinations_are_added_and_removed_while_it_runs(tmp_path: Path, collector: EmbeddedCollector) -> None:
    config = write_config(tmp_path, collector.endpoint, top=LOUD)
    alone = config.read_text()
    (tmp_path / "other.json").write_text(named("other"))
    other = alone[alone.index("[[dest") :].replace('"shop"', '"other"').replace("dead.ndjson", "other.ndjson")
    other = other.replace('name = "other"', 'name = "other"\nmappings = "other.json"')
    with running(config) as forwarder:
        forwarder.send(track(1))
        forwarder.await_line("delivered", messageId="m1")
        config.write_text(alone + other)
        assert forwarder.ask("POST", "/-/reload").json()["changed"] == ["other added", "shop loaded"]
        forwarder.send(track(2))
        forwarder.await_line("delivered", messageId="m2", destination="other")
        forwarder.await_line("delivered", messageId="m2", destination="shop")
        config.write_text(alone)
        assert forwarder.ask("POST", "/-/reload").json()["changed"] == ["other removed", "shop loaded"]
        forwarder.send(track(3))
        forwarder.await_line("delivered", messageId="m3", destination="shop")
        assert forwarder.end(signal.SIGTERM)[0] == 0
    assert goal_names(collector) == ["Goal 1", "Goal 2", "Goal 3", "other"]


# --- dead letters ----------------------------------------------------------------------------------------


@pytest.mark.thorough
def test_dead_letters_are_replayed_while_it_runs(
    invoke: Invoke, tmp_path: Path, collector: EmbeddedCollector, free_port: int
) -> None:
    (tmp_path / "mappings.json").write_text(named("before").replace('"before"', '{"@path": "$.nothing"}'))
    config = write_config(tmp_path, collector.endpoint, 'mappings = "mappings.json"\n', top=LOUD)
    config.write_text(
        config.read_text().replace('[admin]\nlisten = "127.0.0.1:0"', f'[admin]\nlisten = "127.0.0.1:{free_port}"')
    )
    with running(config) as forwarder:
        forwarder.send(track(1), track(2), track(3))
        for number in (1, 2, 3):
            forwarder.await_line("dead", messageId=f"m{number}", destination="shop", subscription="Named")
        listed = forwarder.ask("GET", "/-/dead-letters?destination=shop").json()
        assert sorted(one["messageId"] for one in listed["deadLetters"]) == ["m1", "m2", "m3"]
        (tmp_path / "mappings.json").write_text(named("mended"))
        assert forwarder.ask("POST", "/-/reload").status_code == 200
        answer = forwarder.ask("POST", "/-/dead-letters/replay", json={"destination": "shop", "ids": ["m1"]})
        assert answer.json() == {"ok": True, "acknowledged": 1, "failed": 0, "deferred": 0, "missing": []}
        result = invoke("dead-letters", "replay", config, "m2")
        assert (result.exit_code, result.stdout) == (0, "1 delivered, 0 failed again, 0 not finished.\n")
        result = invoke("dead-letters", "replay", config, "--all")
        assert (result.exit_code, result.stdout) == (0, "1 delivered, 0 failed again, 0 not finished.\n")
        assert list(read_dead_letters(tmp_path / "dead.ndjson")) == []
        assert forwarder.end(signal.SIGTERM)[0] == 0
    assert goal_names(collector) == ["mended"] * 3
    assert sorted(item["event"]["goals"][0]["properties"]["n"] for item in collector.received) == [1, 2, 3]


@pytest.fixture
def free_port() -> int:
    with open_socket("127.0.0.1", 0) as found:
        return int(found.getsockname()[1])


@pytest.mark.thorough
def test_rows_of_a_name_that_left_are_dropped_only_by_name(invoke: Invoke, tmp_path: Path, held: HeldCollector) -> None:
    config = write_config(tmp_path, held.endpoint, "timeout = 300\n")
    with running(config, "--drain", "0") as forwarder:
        forwarder.send(*map(track, range(3)))
        assert "using this queue" in invoke("dead-letters", "drop", config, "--queued", "gone").stderr
        assert forwarder.end(signal.SIGTERM)[0] == 0
    config.write_text(config.read_text().replace('"shop"', '"new"'))
    assert "the queue has no events of 'shopp'" in invoke("dead-letters", "drop", config, "--queued", "shopp").stderr
    assert "is still in the configuration" in invoke("dead-letters", "drop", config, "--queued", "new").stderr
    result = invoke("dead-letters", "drop", config, "--queued", "shop")
    assert (result.exit_code, result.stdout) == (0, "Removed from the queue, waiting for shop: 3 events.\n")


# --- what keeps it from starting -------------------------------------------------------------------------


def test_a_port_in_use_is_named(invoke: Invoke, tmp_path: Path, collector: EmbeddedCollector) -> None:
    config = write_config(tmp_path, collector.endpoint)
    with open_socket("127.0.0.1", 0) as taken:
        port = taken.getsockname()[1]
        config.write_text(config.read_text().replace("127.0.0.1:0", f"127.0.0.1:{port}", 1))
        result = invoke("forward", config)
    assert result.exit_code == 2
    assert f"http.listen: 127.0.0.1:{port} is in use" in result.stderr


@pytest.mark.thorough
def test_a_queue_that_another_process_uses_is_named(
    invoke: Invoke, tmp_path: Path, collector: EmbeddedCollector
) -> None:
    config = write_config(tmp_path, collector.endpoint)
    with running(config) as forwarder:
        result = invoke("forward", config)
        assert result.exit_code == 2
        assert "another process is using this queue" in result.stderr
        assert forwarder.end(signal.SIGTERM)[0] == 0


@pytest.mark.thorough
def test_a_demo_server_takes_the_events_and_shows_them_at_the_end(tmp_path: Path) -> None:
    config = tmp_path / "forward.toml"
    config.write_text(
        f'[http]\nlisten = "127.0.0.1:0"\nwrite_keys = ["{WRITE_KEY}"]\n{LOUD}'
        '[[destinations]]\nname = "shop"\nslug = "actions-absmartly"\ndemo = true\n'
    )
    with running(config) as forwarder:
        forwarder.send(track(1))
        forwarder.await_line("delivered", messageId="m1")
        status, output = forwarder.end(signal.SIGTERM)
    assert status == 0
    arrived = json.loads(output)["arrived"]
    assert arrived["total"] == 1
    assert "Goal 1" in json.dumps(arrived["records"])

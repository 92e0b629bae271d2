"""The live view of a real forwarder: its events, errors, dead letters and replay, and what is said where it is away."""

import asyncio
import json
import sys
from collections.abc import Coroutine, Iterator
from pathlib import Path
from typing import Any

import pytest

from destination.catalog.absmartly import EmbeddedCollector
from destination.listening import open_socket
from destination.studio import live
from destination.studio.session import Forwarder, Studio, StudioProblem
from destination.usage_problem import UsageProblem
from tests.forwarding.running import TOKEN, Running, await_empty, running, write_config
from tests.studio.opened import studio_of

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="the signals are those of POSIX")

LOUD = '[log]\nlevel = "debug"\n'


def event(number: int, **more: Any) -> dict[str, Any]:
    return {
        "type": "track",
        "event": f"Goal {number}",
        "messageId": f"m{number}",
        "userId": "u",
        "properties": {},
        **more,
    }


GOOD = [event(number) for number in range(3)]
BAD = [event(number, properties=["text"]) for number in (8, 9)]


@pytest.fixture(scope="module")
def collector() -> Iterator[EmbeddedCollector]:
    with EmbeddedCollector() as started:
        yield started


@pytest.fixture(scope="module")
def forwarder(tmp_path_factory: pytest.TempPathFactory, collector: EmbeddedCollector) -> Iterator[Running]:
    """A forwarder that delivered three events and failed for two."""
    config = write_config(tmp_path_factory.mktemp("live"), collector.endpoint, top=LOUD)
    with running(config) as started:
        assert started.send(*GOOD, *BAD).status_code == 200
        for one in GOOD:
            started.await_line("delivered", messageId=one["messageId"])
        for one in BAD:
            started.await_line("dead", messageId=one["messageId"])
        await_empty(started)
        yield started


@pytest.fixture
def studio(forwarder: Running) -> Studio:
    return studio_of(forwarder=Forwarder(forwarder.admin, TOKEN))


def run(call: Coroutine[Any, Any, dict[str, Any]]) -> dict[str, Any]:
    """What a call answers; the token is never in it."""
    found = asyncio.run(call)
    assert TOKEN not in json.dumps(found)
    return found


def refusal(call: Coroutine[Any, Any, Any]) -> tuple[int, str]:
    with pytest.raises(StudioProblem) as caught:
        asyncio.run(call)
    assert TOKEN not in str(caught.value)
    return caught.value.status, str(caught.value)


def test_events_come_with_their_outcomes_and_only_what_is_new_comes_again(studio: Studio, forwarder: Running) -> None:
    found = run(live.events(studio, None))
    outcomes = {one["messageId"]: one["outcomes"][-1]["outcome"] for one in found["events"]}
    assert outcomes == {"m0": "delivered", "m1": "delivered", "m2": "delivered", "m8": "dead", "m9": "dead"}
    assert run(live.events(studio, str(found["version"])))["events"] == []
    forwarder.send({"type": "alias", "messageId": "a1", "userId": "u", "previousId": "p"})
    forwarder.await_line("unsent", messageId="a1")
    newer = run(live.events(studio, str(found["version"])))
    assert [(one["messageId"], one["outcomes"][0]["outcome"]) for one in newer["events"]] == [("a1", "unsent")]
    assert newer["run"] == found["run"]
    assert len(run(live.events(studio, "0"))["events"]) == 6
    assert refusal(live.events(studio, "x"))[0] == 400


def test_errors_are_grouped_with_what_the_events_have_in_common(studio: Studio) -> None:
    (group,) = run(live.events(studio, None))["groups"]
    assert (group["count"], group["subscription"], sorted(group["messageIds"])) == (2, "Track Calls", ["m8", "m9"])
    assert "must be an object" in group["reason"]
    assert [fact["sentence"] for fact in group["common"]] == [
        "$.properties is an array in all 2, and in none of the 3 delivered"
    ]


def test_the_state_has_what_waits_and_what_was_done(studio: Studio, forwarder: Running) -> None:
    found = run(live.status(studio))
    assert (found["url"], found["ready"], found["eventsError"]) == (forwarder.admin, True, None)
    assert found["destinations"]["shop"]["waiting"] == 0
    counts = found["counts"]
    assert (counts["delivered"], counts["dead"]) == (3, 2)
    (row,) = [one for one in counts["subscriptions"] if one["subscription"] == "Track Calls"]
    assert (row["delivered"], row["dead"], row["p50Ms"] > 0) == (3, 2, True)


def test_dead_letters_are_listed_and_checked_under_the_draft(studio: Studio) -> None:
    found = run(live.dead_letters(studio, None, 0, 50))
    assert run(live.dead_letters(studio, "shop", 0, 50)) == found
    assert (found["total"], [one["destination"] for one in found["deadLetters"]]) == (2, ["shop", "shop"])
    assert [one["messageId"] for one in run(live.dead_letters(studio, "shop", 1, 1))["deadLetters"]] == ["m9"]
    events = [one["event"] for one in found["deadLetters"]]
    (verdict, _) = live.check(studio, studio.saved, events)["verdicts"]
    assert (verdict["state"], verdict["reason"]) == (
        "fail",
        "Track Calls: Goal Properties must be an object but it was an array.",
    )
    mended = [{**one, "mapping": {**one["mapping"], "properties": {"ours": True}}} for one in studio.saved]
    states = [one["state"] for one in live.check(studio, mended, [*events, {"type": "alias"}, 7])["verdicts"]]
    assert states == ["pass", "pass", "fail", "fail"]
    with pytest.raises(StudioProblem, match="at most 1,000"):
        live.check(studio, mended, {})


def test_replay_is_locked_unless_it_was_allowed(studio: Studio) -> None:
    (one, *_) = run(live.dead_letters(studio, "shop", 0, 50))["deadLetters"]
    assert refusal(live.replay(studio, "shop", [one["id"]])) == (
        403,
        "Replaying is locked. Start the studio with --allow-send to replay.",
    )
    studio.allow_send = True
    found = run(live.replay(studio, "shop", [one["id"], "other"]))
    assert (found["acknowledged"], found["failed"], found["missing"]) == (0, 1, ["other"])
    assert refusal(live.replay(studio, "shop", "all"))[0] == 400
    assert "there is no destination" in refusal(live.replay(studio, "none", []))[1]


def test_what_is_wrong_is_said(studio: Studio, forwarder: Running, collector: EmbeddedCollector) -> None:
    url = forwarder.admin
    status, words = refusal(live.events(studio_of(forwarder=Forwarder(url, "wr0ng-t0k3n")), None))
    how = "Give it with --forward-token-env NAME or --forward-token-file FILE."
    assert (status, words) == (502, f"The forwarder at {url} does not accept the token. {how}")
    assert "needs a token." in refusal(live.events(studio_of(forwarder=Forwarder(url)), None))[1]
    assert "needs a token." in run(live.status(studio_of(forwarder=Forwarder(url))))["eventsError"]
    with open_socket("127.0.0.1", 0) as free:
        away = f"http://127.0.0.1:{free.getsockname()[1]}"
    for call in (live.status, lambda one: live.dead_letters(one, None, 0, 1)):
        words = refusal(call(studio_of(forwarder=Forwarder(away, TOKEN))))[1]
        assert words == f"The forwarder at {away} cannot be reached. Is it running?"
    other = collector.endpoint.removesuffix("/v1")
    assert "is not the admin port" in refusal(live.status(studio_of(forwarder=Forwarder(other, TOKEN))))[1]
    assert refusal(live.status(studio_of()))[0] == 404


def test_a_forwarder_that_starts_again_begins_anew(
    tmp_path: Path, studio: Studio, collector: EmbeddedCollector
) -> None:
    before = run(live.events(studio, None))
    with running(write_config(tmp_path, collector.endpoint, top=LOUD)) as again:
        studio.forwarder = Forwarder(again.admin, TOKEN)
        assert again.send(event(70)).status_code == 200
        again.await_line("delivered", messageId="m70")
        found = run(live.events(studio, str(before["version"])))
    assert [one["messageId"] for one in found["events"]] == ["m70"]
    assert found["run"] != before["run"]


@pytest.mark.thorough
def test_a_forwarder_without_events_is_said_to_need_them(tmp_path: Path, collector: EmbeddedCollector) -> None:
    config = write_config(tmp_path, collector.endpoint)
    config.write_text(config.read_text().replace("events = true\n", ""))
    words = "does not serve events: its configuration needs `events = true` and a `token` in the table [admin]."
    with running(config) as silent:
        studio = studio_of(forwarder=Forwarder(silent.admin, TOKEN))
        calls = (
            live.events(studio, None),
            live.dead_letters(studio, None, 0, 1),
            live.dead_letters(studio, "shop", 0, 1),
        )
        assert all(refusal(call)[1].endswith(words) for call in calls)
        assert run(live.status(studio))["eventsError"].endswith(words)


@pytest.mark.parametrize(
    ("url", "words"),
    [
        ("http://forwarder.example:8081", "in the clear"),
        ("http://10.0.0.8", "in the clear"),
        ("http://localhost.example.com", "in the clear"),
        ("ftp://127.0.0.1", "takes an address"),
        ("https://", "takes an address"),
        ("https://me:s3cr3t@h.example", "leave the credentials out"),
        ("http://[::1", "not an address"),
    ],
)
def test_an_address_that_would_show_the_token_is_refused(url: str, words: str) -> None:
    with pytest.raises(UsageProblem, match=words) as caught:
        live.check_address(url)
    assert "s3cr3t" not in str(caught.value)
    with pytest.raises(UsageProblem):
        asyncio.run(live.status(studio_of(forwarder=Forwarder(url, TOKEN))))


@pytest.mark.parametrize(
    "url", ["http://localhost:8081", "http://[::1]:8081", "http://127.0.0.2", "https://h.example/admin"]
)
def test_an_address_of_this_machine_or_with_tls_is_taken(url: str) -> None:
    live.check_address(url)

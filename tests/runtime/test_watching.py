"""Who watches sees each event of an instance; nobody watching costs nothing."""

from typing import Any

from destination.definition import Action
from destination.request import MockTransport
from destination.runtime import Destination, Instance
from destination.runtime.instance import watching

PING: Action[Any, Any] = Action(title="Ping", description="", perform=lambda request, data: request("https://h.test/"))
DEMO: Destination[Any] = Destination(name="Demo", slug="demo", actions={"ping": PING})
SUBSCRIPTIONS = [{"subscribe": 'type = "track"', "partnerAction": "ping", "mapping": {}}]


def make() -> Instance[Any]:
    return DEMO.instance({}, SUBSCRIPTIONS, transport=MockTransport())


def test_an_instance_that_nobody_watches_is_a_plain_one() -> None:
    with watching(lambda instance: print):
        pass
    assert type(make()) is Instance


async def test_every_way_of_an_event_is_told() -> None:
    seen: list[Any] = []
    with watching(lambda instance: seen.append):
        instance = make()
    event, page = {"type": "track", "n": 1}, {"type": "page"}
    instance.plan(event)
    instance.candidates(page)
    await instance.on_event(page)
    instance.plan_batch([event, page])
    await instance.on_batch([page])
    assert seen == [event, page, page, event, page, page]


async def test_a_watched_instance_does_the_same() -> None:
    events: list[dict[str, Any]] = [{"type": "track"}, {"type": "page"}]
    with watching(lambda instance: lambda event: None):
        watched = make()
    for event in events:
        here, there = await make().on_event(event), await watched.on_event(event)
        assert [vars_of(outcome) for outcome in here.outcomes] == [vars_of(outcome) for outcome in there.outcomes]
    assert make().problems == watched.problems


def vars_of(outcome: Any) -> tuple[Any, ...]:
    return outcome.name, outcome.matched, outcome.results, [request.url for request in outcome.requests]


def test_several_may_watch() -> None:
    first: list[Any] = []
    second: list[Any] = []
    with watching(lambda instance: first.append), watching(lambda instance: second.append):
        instance = make()
    instance.plan({"type": "page"})
    assert first == second == [{"type": "page"}]

from typing import Any

import pytest

from destination import (
    Action,
    Authentication,
    DefinitionError,
    Destination,
    HTTPError,
    IntegrationError,
    MockTransport,
    SchemaValidationError,
)
from destination.definition import EventOptions
from destination.runtime import Instance, compile_action, execute_action, execute_batch_action

FIELDS = {"name": {"label": "Name", "description": "", "type": "string", "required": True}}
MAPPING = {"name": {"@path": "$.event"}}


def send(request: Any, data: Any) -> Any:
    return request(
        "https://api.test/v1",
        method="post",
        json={
            **data.payload,
            "key": data.settings.get("key"),
            "ids": dict(data.subscription_metadata),
            **data.features,
        },
    )


def send_batch(request: Any, data: Any) -> Any:
    return request("https://api.test/batch", method="post", json=[dict(payload) for payload in data.payload])


SETTINGS: dict[str, Any] = {"key": {"label": "Key", "description": "", "type": "string", "required": True}}
DEMO: Destination[Any] = Destination(
    name="Demo",
    slug="demo",
    authentication=Authentication(fields=SETTINGS),
    actions={
        "send": Action(title="Send", description="", fields=FIELDS, perform=send, perform_batch=send_batch),
        "single": Action(title="Single", description="", fields=FIELDS, perform=send),
    },
)


def instance(transport: MockTransport) -> Instance[Any]:
    return DEMO.instance({"key": "k"}, [], transport=transport)


async def test_an_action_takes_every_event() -> None:
    transport = MockTransport()
    outcome = await execute_action(instance(transport), "send", {"event": "A"}, MAPPING)
    assert (outcome.matched, outcome.error) == (True, None)
    assert [request.json()["name"] for request in transport.requests] == ["A"]


def test_every_question_about_an_event_has_one_answer() -> None:
    compiled = compile_action(instance(MockTransport()), "send", MAPPING)
    event = {"event": "A"}
    assert compiled.match(event).matched
    attempt = compiled.prepare(event)
    assert [request.json()["name"] for request in attempt.requests] == ["A"]
    assert compiled.plan(event).requests[0].body == attempt.requests[0].body


def test_a_trigger_is_fixed_when_a_subscription_is_compiled() -> None:
    compiled: Any = compile_action(instance(MockTransport()), "send", MAPPING)
    with pytest.raises(AttributeError):
        compiled.trigger = None


async def test_options_and_identifiers_reach_the_perform() -> None:
    transport = MockTransport()
    metadata = {"actionConfigId": "1", "destinationConfigId": "2", "actionId": "3", "sourceId": "4"}
    options = EventOptions(features={"new": True})
    await execute_action(instance(transport), "send", {"event": "A"}, MAPPING, options, metadata)
    assert transport.requests[0].json() == {"name": "A", "key": "k", "ids": metadata, "new": True}


async def test_a_failure_is_in_the_outcome() -> None:
    outcome = await execute_action(instance(MockTransport()), "send", {}, MAPPING)
    assert isinstance(outcome.error, SchemaValidationError)


async def test_a_batch_takes_every_event() -> None:
    transport = MockTransport()
    outcome = await execute_batch_action(instance(transport), "send", [{"event": "A"}, {}, {"event": "B"}], MAPPING)
    assert [node and node["status"] for node in outcome.nodes] == [200, 400, 200]
    assert [request.json() for request in transport.requests] == [[{"name": "A"}, {"name": "B"}]]


async def test_a_batch_for_an_action_without_batches_is_refused() -> None:
    outcome = await execute_batch_action(instance(MockTransport()), "single", [{"event": "A"}], MAPPING)
    assert isinstance(outcome.error, IntegrationError)
    assert str(outcome.error) == "This action does not support batched requests."


def test_an_unknown_action_is_named_with_those_there_are() -> None:
    with pytest.raises(DefinitionError, match="Demo has no action 'sned': use one of send, single"):
        compile_action(instance(MockTransport()), "sned", {})


async def test_settings_may_go_unchecked() -> None:
    unchecked: Instance[Any] = Instance(DEMO, {}, [], transport=MockTransport(), check_settings=False)
    outcome = await execute_action(unchecked, "send", {"event": "A"}, MAPPING)
    assert outcome.error is None
    with pytest.raises(SchemaValidationError):
        DEMO.instance({}, [])


async def test_an_action_by_itself_refreshes_no_tokens() -> None:
    asked: list[str] = []

    def refresh(request: Any, data: Any) -> Any:
        asked.append("token")
        return {"accessToken": "new"}

    oauth: Destination[Any] = Destination(
        name="OAuth",
        slug="oauth",
        authentication=Authentication(scheme="oauth2", refresh_access_token=refresh),
        actions=DEMO.actions,
    )
    transport = MockTransport(lambda _: 401)
    instance = oauth.instance({"oauth": {"access_token": "old"}}, [], transport=transport)
    outcome = await execute_action(instance, "send", {"event": "A"}, MAPPING)
    batch = await execute_batch_action(instance, "send", [{"event": "A"}], MAPPING)
    assert isinstance(outcome.error, HTTPError)
    assert isinstance(batch.error, HTTPError)
    assert (len(transport.requests), asked) == (2, [])

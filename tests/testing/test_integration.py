from typing import Any

import pytest

from destination import (
    DefinitionError,
    EventOptions,
    HTTPError,
    IntegrationError,
    InvalidAuthenticationError,
    MockTransport,
    PayloadValidationError,
    SchemaValidationError,
)
from destination.testing import TestIntegration, create_test_event, create_test_integration
from tests.testing.shop import shop


def integration(answer: Any = None) -> TestIntegration[Any]:
    transport = MockTransport(None if answer is None else lambda _: answer)
    return create_test_integration(shop, {"apiKey": "s3cr3t"}, transport=transport)


async def test_an_action_takes_an_event_that_no_trigger_was_asked_about() -> None:
    test = integration({"id": 1})
    [response] = await test.test_action("send", mapping={"name": {"@path": "$.type"}})
    assert response.data == {"id": 1}
    assert [request.json() for request in test.requests] == [{"name": "track"}]
    assert test.responses == (response,)
    assert test.results[-1] == {"data": {"id": 1}, "output": "Action Executed"}


async def test_the_event_stands_over_the_defaults() -> None:
    test = integration()
    await test.test_action("send", event={"event": "Bought"}, mapping={"name": "x", "user": {"@path": "$.userId"}})
    assert test.requests[0].json()["user"] == create_test_event()["userId"]


async def test_default_mappings_stand_in_for_what_the_mapping_leaves_out() -> None:
    test = integration()
    await test.test_action("send", mapping={"user": "me"}, use_default_mappings=True)
    assert test.requests[0].json() == {"name": "Test Event", "user": "me"}


async def test_without_default_mappings_a_required_field_is_missing() -> None:
    test = integration()
    with pytest.raises(SchemaValidationError, match="missing the required field 'name'"):
        await test.test_action("send")
    assert (test.requests, test.responses, test.results) == ((), (), ())


async def test_a_failure_is_raised_and_what_was_sent_is_kept() -> None:
    test = integration(400)
    with pytest.raises(HTTPError):
        await test.test_action("send", mapping={"name": "x"})
    assert [request.url for request in test.requests] == ["https://shop.test/v1/events"]
    assert [response.status for response in test.responses] == [400]
    with pytest.raises(IntegrationError, match="the shop is closed"):
        await test.test_action("send", mapping={"name": "Refused"})
    assert test.requests == ()


async def test_records_are_those_of_the_last_call() -> None:
    test = integration()
    await test.test_action("send", mapping={"name": "one"})
    await test.test_action("send", mapping={"name": "two"})
    assert [request.json()["name"] for request in test.requests] == ["two"]


async def test_settings_tokens_and_features_are_those_of_the_call() -> None:
    test = integration()
    await test.test_action(
        "send",
        mapping={"name": "x"},
        settings={"apiKey": "other"},
        auth={"accessToken": "t0k3n"},
        features={"new": True},
        options=EventOptions(features={"old": True, "new": False}),
    )
    [request] = test.requests
    assert (request.headers["x-api-key"], request.headers["x-token"]) == ("other", "t0k3n")
    assert request.json() == {"name": "x", "old": True, "new": True}
    await test.test_action("send", mapping={"name": "x"})
    assert test.requests[0].headers["x-api-key"] == "s3cr3t"


async def test_settings_of_an_action_are_not_validated() -> None:
    test = create_test_integration(shop)
    await test.test_action("send", mapping={"name": "x"})
    assert test.requests[0].headers["x-api-key"] == "None"


async def test_a_batch_has_a_node_for_each_event() -> None:
    test = integration()
    responses = await test.test_batch_action(
        "send", events=[{"event": "A"}, {"event": None}, {"event": "B"}], mapping={"name": {"@path": "$.event"}}
    )
    assert [response.status for response in responses] == [200]
    assert [request.json() for request in test.requests] == [[{"name": "A"}, {"name": "B"}]]
    assert [node["status"] for node in test.results[0]["multistatus"]] == [200, 400, 200]


async def test_a_batch_without_events_is_one_test_event() -> None:
    test = integration()
    await test.test_batch_action("send", use_default_mappings=True)
    assert [request.json() for request in test.requests] == [[{"name": "Test Event", "user": "user1234"}]]


async def test_an_action_without_batches_raises() -> None:
    with pytest.raises(IntegrationError, match="does not support batched requests"):
        await integration().test_batch_action("sendTwice")


async def test_an_unknown_action_is_named_with_those_there_are() -> None:
    with pytest.raises(DefinitionError, match="Shop has no action 'sned': use one of send, sendTwice"):
        await integration().test_action("sned")


async def test_authentication_is_asked_for() -> None:
    test = integration()
    await test.test_authentication()
    assert [request.url for request in test.requests] == ["https://shop.test/v1/me"]
    with pytest.raises(InvalidAuthenticationError, match="Credentials are invalid: 401"):
        await integration(401).test_authentication()


async def test_authentication_validates_the_settings() -> None:
    with pytest.raises(PayloadValidationError):
        await integration().test_authentication({})


async def test_the_redactor_of_the_last_call_knows_its_secrets() -> None:
    test = integration()
    await test.test_action("send", mapping={"name": "x"})
    assert test.instance is not None
    assert test.instance.redactor.text("key s3cr3t") == "key <redacted>"

import asyncio
import copy
from collections.abc import Callable
from typing import Any

import pytest

from destination import (
    MISSING,
    Action,
    Authentication,
    ConnectionError,
    DefinitionError,
    Destination,
    DroppedRequestError,
    HTTPError,
    InvalidAuthenticationError,
    MappingValidationError,
    MockTransport,
    RequestOptions,
    Response,
    SchemaValidationError,
    Subscription,
    path,
)

FIELDS = {"name": {"label": "Name", "description": "", "type": "string", "required": True}}
SUBSCRIPTION = {
    "name": "All",
    "subscribe": 'type = "track"',
    "partnerAction": "send",
    "mapping": {"name": {"@path": "$.event"}},
}
EVENT = {"type": "track", "event": "A", "userId": "u"}


def send(request: Any, data: Any) -> Any:
    return request("https://api.test/v1", method="post", json=dict(data.payload))


@pytest.mark.parametrize(
    ("given", "defaults", "own", "limit"),
    [
        (None, {}, {}, 10_000),
        (45_000, {}, {}, 45_000),
        (0.5, {}, {}, 0.5),
        (45_000, {"timeout_ms": 3000}, {}, 3000),
        (45_000, {"timeout_ms": None}, {}, None),
        (45_000, {}, {"timeout_ms": 700}, 700),
    ],
)
async def test_time_limit_of_an_instance_holds_for_requests_that_set_none(
    given: float | None, defaults: dict[str, Any], own: dict[str, Any], limit: float | None
) -> None:
    action: Action[Any, Any] = Action(
        title="Send", description="", perform=lambda request, data: request("https://api.test/v1", **own)
    )
    demo: Destination[Any] = Destination(
        name="Demo",
        slug="demo",
        actions={"send": action},
        request_defaults=lambda settings: RequestOptions(**defaults, headers={"x-a": "1"}),
    )
    transport = MockTransport()
    instance = demo.instance({}, [{**SUBSCRIPTION, "mapping": {}}], transport=transport, timeout_ms=given)
    await instance.on_event(EVENT)
    [request] = transport.requests
    assert (request.timeout_ms, request.headers["x-a"]) == (limit, "1")


def destination(perform: Callable[..., Any] = send, **more: Any) -> Destination[Any]:
    action: Action[Any, Any] = Action(title="Send", description="", fields=FIELDS, perform=perform)
    return Destination(name="Demo", slug="demo", actions={"send": action}, **more)


def subscribed(**change: Any) -> dict[str, Any]:
    return {**SUBSCRIPTION, **change}


async def test_results_have_the_shape_of_segment() -> None:
    transport = MockTransport(lambda _: {"id": 7})
    instance = destination().instance({}, [SUBSCRIPTION, subscribed(subscribe='type = "page"')], transport=transport)
    result = await instance.on_event(EVENT)
    assert result.results == [
        {"output": "Mappings resolved"},
        {"output": "Payload validated"},
        {"data": {"id": 7}, "output": "Action Executed"},
        {"output": "not subscribed"},
    ]
    assert [request.json() for request in transport.requests] == [{"name": "A"}]
    assert [outcome.matched for outcome in result] == [True, False]


async def test_action_without_fields_validates_nothing() -> None:
    action: Action[Any, Any] = Action(title="Bare", description="", perform=lambda request, data: dict(data.payload))
    bare: Destination[Any] = Destination(name="Bare", slug="bare", actions={"send": action})
    result = await bare.instance({}, [SUBSCRIPTION], transport=MockTransport()).on_event(EVENT)
    assert result.results == [{"output": "Mappings resolved"}, {"data": {"name": "A"}, "output": "Action Executed"}]


@pytest.mark.parametrize("answer", [Response(200, b"plain text"), Response(204)])
async def test_data_of_an_answer_that_is_no_json_is_its_text(answer: Response) -> None:
    result = await destination().instance({}, [SUBSCRIPTION], transport=MockTransport(lambda _: answer)).on_event(EVENT)
    assert result.results[-1]["data"] == answer.content


@pytest.mark.parametrize("subscribe", ["", None, 5, []])
async def test_subscription_that_is_no_text_is_the_result(subscribe: Any) -> None:
    instance = destination().instance({}, [subscribed(subscribe=subscribe)], transport=MockTransport())
    assert (await instance.on_event(EVENT)).results == [{"output": "Failed to validate subscription"}]
    assert [problem.pointer for problem in instance.problems] == ["subscribe"]


async def test_bad_fql_is_the_result() -> None:
    instance = destination().instance({}, [subscribed(subscribe="type =")], transport=MockTransport())
    assert (await instance.on_event(EVENT)).results == [{"output": "not subscribed"}]
    instance = destination().instance({}, [subscribed(subscribe="type")], transport=MockTransport())
    assert (await instance.on_event(EVENT)).results == [{"output": "Invalid subscription : Value token is missing"}]


async def test_unknown_action_gives_no_result_at_all() -> None:
    instance = destination().instance({}, [subscribed(partnerAction="nope")], transport=MockTransport())
    assert (await instance.on_event(EVENT)).results == []
    assert (await instance.on_event({"type": "page"})).results == [{"output": "not subscribed"}]
    assert instance.plan(EVENT).matched[0].requests == ()
    [problem] = instance.problems
    assert "use one of: send" in str(problem)


async def test_bad_mapping_fails_only_events_that_its_trigger_matches() -> None:
    mapping = {"name": {"@path": 5}, "other": {"@case": 5}}
    instance = destination().instance({}, [subscribed(mapping=mapping)], transport=MockTransport())
    assert len(instance.problems) == 2
    assert (await instance.on_event({"type": "page"})).errors == []
    [error] = (await instance.on_event(EVENT)).errors
    assert isinstance(error, MappingValidationError)
    assert len(error.errors) == 2


async def test_one_failure_hides_no_other_outcome() -> None:
    transport = MockTransport()
    failing = subscribed(name="Failing", mapping={})
    instance = destination().instance({}, [failing, SUBSCRIPTION], transport=transport)
    result = await instance.on_event(EVENT)
    assert [type(outcome.error) for outcome in result] == [SchemaValidationError, type(None)]
    assert len(transport.requests) == 1
    with pytest.raises(SchemaValidationError, match="missing the required field 'name'"):
        result.raise_for_errors()


async def test_raise_for_errors_gives_the_result_when_there_are_none() -> None:
    result = await destination().instance({}, [SUBSCRIPTION], transport=MockTransport()).on_event(EVENT)
    assert result.raise_for_errors() is result


async def test_subscriptions_run_side_by_side() -> None:
    both = asyncio.Barrier(2)

    async def answer(_: Any) -> dict[str, Any]:
        await both.wait()
        return {}

    instance = destination().instance({}, [SUBSCRIPTION, SUBSCRIPTION], transport=MockTransport(answer))
    async with asyncio.timeout(5):
        assert (await instance.on_event(EVENT)).errors == []


async def test_http_error_is_on_the_outcome_with_its_response() -> None:
    instance = destination().instance({}, [SUBSCRIPTION], transport=MockTransport(lambda _: 503))
    [outcome] = (await instance.on_event(EVENT)).outcomes
    assert isinstance(outcome.error, HTTPError)
    assert [response.status for response in outcome.responses] == [503]
    assert len(outcome.requests) == 1


async def test_error_of_a_perform_belongs_to_its_event() -> None:
    def perform(request: Any, data: Any) -> Any:
        raise KeyError("oops")

    [outcome] = (
        await destination(perform).instance({}, [SUBSCRIPTION], transport=MockTransport()).on_event(EVENT)
    ).outcomes
    assert isinstance(outcome.error, KeyError)
    assert outcome.payload == {"name": "A"}


def test_disabled_subscription_is_skipped() -> None:
    instance = destination().instance({}, [subscribed(enabled=False), SUBSCRIPTION])
    assert len(instance.plan(EVENT).outcomes) == 1


def test_mapping_given_is_never_changed() -> None:
    mapping = {
        "name": {"@replace": {"pattern": "A", "value": {"@path": "$.event"}}},
        "__segment_internal_directive": {"@transform": {"apply": {"event": {"@path": "$.event"}}}},
    }
    before = copy.deepcopy(mapping)
    instance = destination().instance({}, [subscribed(mapping=mapping)])
    instance.plan(EVENT)
    assert mapping == before


def test_whole_numbers_of_64_bits_pass_untouched() -> None:
    fields = {"id": {"label": "Id", "description": "", "type": "number"}}
    action: Action[Any, Any] = Action(title="Send", description="", fields=fields, perform=send)
    numbers: Destination[Any] = Destination(name="N", slug="n", actions={"send": action})
    instance = numbers.instance({}, [subscribed(mapping={"id": {"@path": "$.id"}})])
    [request] = instance.plan({"type": "track", "id": 2**63 + 1}).requests
    assert request.body == b'{"id":9223372036854775809}'


async def test_request_made_and_dropped_is_an_error() -> None:
    def perform(request: Any, data: Any) -> Any:
        request("https://api.test/lost")
        return request("https://api.test/kept")

    transport = MockTransport()
    instance = destination(perform).instance({}, [SUBSCRIPTION], transport=transport)
    [outcome] = (await instance.on_event(EVENT)).outcomes
    assert isinstance(outcome.error, DroppedRequestError)
    assert "https://api.test/lost" in str(outcome.error)
    assert transport.requests == []
    assert isinstance(instance.plan(EVENT).outcomes[0].error, DroppedRequestError)


async def test_several_returned_requests_are_sent_in_order() -> None:
    def perform(request: Any, data: Any) -> Any:
        return tuple(request(f"https://api.test/{part}") for part in "abc")

    transport = MockTransport(lambda request: {"url": request.url})
    instance = destination(perform).instance({}, [SUBSCRIPTION], transport=transport)
    result = await instance.on_event(EVENT)
    urls = [f"https://api.test/{part}" for part in "abc"]
    assert [request.url for request in transport.requests] == urls
    assert result.results[-1]["data"] == [{"url": url} for url in urls]


async def test_async_perform_may_use_an_answer() -> None:
    async def perform(request: Any, data: Any) -> Any:
        found = await request("https://api.test/find")
        return request(f"https://api.test/{found.data['id']}")

    transport = MockTransport(lambda _: {"id": 7})
    instance = destination(perform).instance({}, [SUBSCRIPTION], transport=transport)
    assert (await instance.on_event(EVENT)).errors == []
    assert [request.url for request in transport.requests] == ["https://api.test/find", "https://api.test/7"]


@pytest.mark.parametrize("inside_a_loop", [True, False])
def test_plan_of_an_async_perform_stops_at_its_first_answer(inside_a_loop: bool) -> None:
    async def perform(request: Any, data: Any) -> Any:
        await request("https://api.test/find")
        return request("https://api.test/second")

    instance = destination(perform).instance({}, [SUBSCRIPTION])

    async def plan() -> Any:
        return instance.plan(EVENT)

    [outcome] = (asyncio.run(plan()) if inside_a_loop else instance.plan(EVENT)).outcomes
    assert [request.url for request in outcome.requests] == ["https://api.test/find"]
    assert outcome.incomplete


def test_plan_sends_nothing_and_shows_payload_and_requests() -> None:
    transport = MockTransport()
    plan = destination().instance({}, [SUBSCRIPTION], transport=transport).plan(EVENT)
    assert [request.json() for request in plan.requests] == [{"name": "A"}]
    assert plan.outcomes[0].payload == {"name": "A"}
    assert plan.results == []
    assert transport.requests == []


def test_unmatched_outcome_has_no_payload() -> None:
    [outcome] = destination().instance({}, [SUBSCRIPTION]).plan({"type": "page"}).outcomes
    assert (outcome.matched, outcome.payload, outcome.error) == (False, MISSING, None)


@pytest.mark.parametrize("event", [[], "text", 5])
async def test_what_is_no_object_is_not_subscribed(event: Any) -> None:
    instance = destination().instance({}, [SUBSCRIPTION], transport=MockTransport())
    assert (await instance.on_event(event)).results == [{"output": "not subscribed"}]


def test_what_is_no_object_fails_the_mapping_of_a_trigger_that_takes_it() -> None:
    instance = destination().instance({}, [subscribed(subscribe='type != "x"')])
    assert [str(error) for error in instance.plan([]).errors] == ["data must be an object, got array"]  # type: ignore[arg-type]


def test_setting_that_no_header_can_hold_fails_the_events_that_match() -> None:
    demo = destination(request_defaults=lambda _: RequestOptions(headers={"X-Key": "line\nbreak"}))
    instance = demo.instance({}, [SUBSCRIPTION])
    assert isinstance(instance.plan(EVENT).errors[0], TypeError)
    assert instance.plan({"type": "page"}).errors == []


def test_more_than_50_subscriptions_are_refused() -> None:
    destination().instance({}, [SUBSCRIPTION] * 50)
    with pytest.raises(DefinitionError, match="51 subscriptions are more than the 50"):
        destination().instance({}, [SUBSCRIPTION] * 51)


def test_condition_that_throws_is_on_the_outcome() -> None:
    instance = destination().instance({}, [subscribed(subscribe='event = "a" and ("b")')])
    assert isinstance(instance.plan({"event": "a"}).errors[0], TypeError)
    assert instance.plan({"event": "z"}).errors == []


AUTHENTICATION: Authentication[Any] = Authentication(
    fields={
        "key": {"label": "Key", "description": "", "type": "password", "required": True},
        "region": {"label": "Region", "description": "", "type": "string", "choices": ["eu", "us"]},
    },
    test_authentication=lambda request, data: request(f"https://{data.settings['region']}.api.test/me"),
)


def test_invalid_settings_raise_at_once_with_every_message() -> None:
    with pytest.raises(SchemaValidationError) as caught:
        destination(authentication=AUTHENTICATION).instance({"region": "mars"})
    assert [error.message for error in caught.value.errors] == [
        "The root value is missing the required field 'key'.",
        'Region must be one of: "eu" or "us".',
    ]


def test_settings_are_coerced_and_unknown_ones_removed() -> None:
    instance = destination(authentication=AUTHENTICATION).instance({"key": 5, "region": "eu", "more": 1})
    assert dict(instance.settings) == {"key": "5", "region": "eu"}


async def test_authentication_is_tested_with_the_settings() -> None:
    transport = MockTransport(lambda request: 200 if request.url == "https://eu.api.test/me" else 401)
    demo = destination(authentication=AUTHENTICATION)
    await demo.instance({"key": "k", "region": "eu"}, transport=transport).test_authentication()
    with pytest.raises(InvalidAuthenticationError, match=r"^Credentials are invalid: 401 Unauthorized$"):
        await demo.instance({"key": "k", "region": "us"}, transport=transport).test_authentication()
    await destination().instance({}, transport=transport).test_authentication()


async def test_authentication_that_gets_no_answer_keeps_the_cause() -> None:
    def refuse(_: Any) -> Any:
        raise ConnectionError("connect ECONNREFUSED")

    instance = destination(authentication=AUTHENTICATION).instance(
        {"key": "k", "region": "eu"}, transport=MockTransport(refuse)
    )
    with pytest.raises(InvalidAuthenticationError, match="Credentials are invalid:  connect ECONNREFUSED") as caught:
        await instance.test_authentication()
    assert isinstance(caught.value.__cause__, ConnectionError)


def test_request_defaults_are_on_every_request_and_made_once() -> None:
    calls = []

    def defaults(settings: Any) -> RequestOptions:
        calls.append(settings)
        return RequestOptions(headers={"X-Key": settings["key"]})

    demo = destination(authentication=AUTHENTICATION, request_defaults=defaults)
    instance = demo.instance({"key": "k", "region": "eu"}, [SUBSCRIPTION])
    for _ in range(3):
        assert instance.plan(EVENT).requests[0].headers["x-key"] == "k"
    assert len(calls) == 1


def test_extend_request_is_asked_for_each_event() -> None:
    def extend(data: Any) -> RequestOptions:
        return RequestOptions(headers={"X-User": data.raw_data["userId"]})

    instance = destination(extend_request=extend).instance({}, [SUBSCRIPTION])
    assert instance.plan(EVENT).requests[0].headers["x-user"] == "u"
    assert instance.plan({**EVENT, "userId": "v"}).requests[0].headers["x-user"] == "v"
    assert len(instance.plan(EVENT).requests) == 1


async def test_instance_closes_its_transport() -> None:
    closed = []

    class Closing(MockTransport):
        async def aclose(self) -> None:
            closed.append(True)

    async with destination().instance({}, [SUBSCRIPTION], transport=Closing()):
        pass
    assert closed == [True]


def test_presets_are_the_subscriptions_when_none_are_given() -> None:
    from destination import Preset

    preset = Preset(name="P", subscribe='type = "track"', partner_action="send", mapping={"name": path("$.event")})
    assert [item.name for item in destination(presets=(preset,)).instance({}).subscriptions] == ["P"]


def test_preset_on_an_unknown_action_is_a_definition_error() -> None:
    from destination import Preset

    with pytest.raises(DefinitionError, match="none of: send"):
        destination(presets=(Preset(name="P", subscribe="", partner_action="nope"),))


def test_metadata_of_the_subscription_reaches_perform() -> None:
    seen = []

    def perform(request: Any, data: Any) -> Any:
        seen.append(data.subscription_metadata)

    ids = {"ID": "i", "ConfigID": "c", "ActionID": "a", "ProjectID": "p"}
    destination(perform).instance({}, [subscribed(**ids)]).plan(EVENT)
    assert seen == [{"actionConfigId": "i", "destinationConfigId": "c", "actionId": "a", "sourceId": "p"}]


def test_warnings_name_unknown_keys_and_left_out_required_fields() -> None:
    instance = destination().instance({}, [subscribed(mapping={"nmae": "x"}), Subscription.from_json(SUBSCRIPTION)])
    assert [(warning.pointer, warning.severity) for warning in instance.warnings] == [
        ("mapping/nmae", "warning"),
        ("mapping/name", "error"),
    ]


@pytest.mark.parametrize(
    "mapping", [{"@path": "$.x"}, {"__segment_internal_directive": {}}, {"name": 1, "batch_size": 5}]
)
def test_mappings_whose_keys_cannot_be_known_are_not_warned_of(mapping: dict[str, Any]) -> None:
    assert destination().instance({}, [subscribed(mapping=mapping)]).warnings == ()

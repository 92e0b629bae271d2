import asyncio
import copy
import gc
from collections.abc import Callable
from typing import Any

import pytest

from destination import (
    Action,
    ActionDestinationErrorResponse,
    ActionDestinationSuccessResponse,
    BatchInput,
    BatchOutcome,
    BatchResult,
    Destination,
    DroppedRequestError,
    EngineTypeError,
    EventOptions,
    HTTPError,
    IntegrationError,
    MappingValidationError,
    MockTransport,
    MultiStatusError,
    MultiStatusResponse,
    Payload,
    PayloadValidationError,
    Response,
    RetryableError,
    SchemaValidationError,
    StatsContext,
    field,
    path,
)
from destination.runtime.results import node_error

FIELDS: dict[str, Any] = {
    "name": {"label": "Name", "description": "", "type": "string", "required": True},
    "count": {"label": "Count", "description": "", "type": "integer"},
}
MAPPING = {"name": {"@path": "$.event"}, "count": {"@path": "$.count"}}
UNMATCHED = {
    "status": 400,
    "errortype": "PAYLOAD_VALIDATION_FAILED",
    "errormessage": "Payload is either invalid or does not match the subscription",
    "errorreporter": "INTEGRATIONS",
}

Perform = Callable[[Any, BatchInput[Any, Any]], Any]


def track(name: Any = "A", **more: Any) -> dict[str, Any]:
    return {"type": "track", "event": name, **more}


def subscribed(**change: Any) -> dict[str, Any]:
    given = {"name": "All", "subscribe": 'type = "track"', "partnerAction": "send", "mapping": MAPPING}
    return {**given, **change}


def destination(perform_batch: Perform | None, fields: dict[str, Any] = FIELDS) -> Destination[Any]:
    action: Action[Any, Any] = Action(
        title="Send",
        description="",
        fields=fields,
        perform=lambda request, data: request("https://api.test/one", method="post", json=dict(data.payload)),
        perform_batch=perform_batch,
    )
    return Destination(name="Demo", slug="demo", actions={"send": action})


def post(request: Any, data: BatchInput[Any, Any], **options: Any) -> Any:
    return request("https://api.test/many", method="post", json=[dict(one) for one in data.payload], **options)


async def batch(
    perform_batch: Perform | None,
    events: list[Any],
    answer: Any = None,
    options: EventOptions | None = None,
    **change: Any,
) -> BatchResult:
    transport = MockTransport(None if answer is None else lambda _: answer)
    instance = destination(perform_batch).instance({}, [subscribed(**change)], transport=transport)
    return await (instance.on_batch(events) if options is None else instance.on_batch(events, options))


def nodes(result: BatchResult) -> list[Any]:
    [record] = result.results
    found: list[Any] = record["multistatus"]
    return found


def told(*given: Any) -> Perform:
    """A perform_batch that answers with these nodes, None for a gap."""

    def perform_batch(request: Any, data: BatchInput[Any, Any]) -> MultiStatusResponse:
        answer = MultiStatusResponse()
        for index, node in enumerate(given):
            if node is not None:
                answer.push_response_object_at_index(index, node)
        return answer

    return perform_batch


# --- before perform_batch --------------------------------------------------------------------------------


async def test_events_that_fit_are_performed_once_and_the_others_have_nodes_in_their_places() -> None:
    events = [track("x"), {"type": "page"}, {"type": "track"}, track("y", count="3"), track([1, 2])]
    transport = MockTransport(lambda _: {"ok": True})
    instance = destination(post).instance({}, [subscribed()], transport=transport)
    result = await instance.on_batch(events)
    assert [request.json() for request in transport.requests] == [[{"name": "x"}, {"name": "y", "count": 3}]]
    refused = {"status": 400, "errortype": "PAYLOAD_VALIDATION_FAILED", "errorreporter": "INTEGRATIONS"}
    assert result.results == [
        {
            "multistatus": [
                {"status": 200, "body": {"ok": True}, "sent": {"name": "x"}},
                UNMATCHED,
                {**refused, "errormessage": "The root value is missing the required field 'name'."},
                {"status": 200, "body": {"ok": True}, "sent": {"name": "y", "count": 3}},
                {**refused, "errormessage": "Name must be a string but it was an array."},
            ]
        }
    ]


async def test_blank_text_stays_in_a_batch_and_goes_from_a_single_event() -> None:
    instance = destination(post).instance({}, [subscribed()], transport=MockTransport())
    event = track("", count="")
    assert nodes(await instance.on_batch([event])) == [{"status": 200, "body": {}, "sent": {"name": ""}}]
    [error] = (await instance.on_event(event)).errors
    assert str(error) == "The root value is missing the required field 'name'."


async def test_batch_without_any_match_is_not_subscribed() -> None:
    for events in ([], [{"type": "page"}, {"type": "screen"}]):
        result = await batch(post, events)
        assert result.results == [{"output": "not subscribed"}]
        assert result.requests == []
        assert [outcome.matched for event in result for outcome in event] == [False] * len(events)


@pytest.mark.parametrize(
    ("subscribe", "message"),
    [
        ("", "Failed to validate subscription"),
        (5, "Failed to validate subscription"),
        ("type", "Invalid subscription : Value token is missing"),
    ],
)
async def test_bad_trigger_is_a_node_for_each_event(subscribe: Any, message: str) -> None:
    result = await batch(post, [track(), {"type": "page"}], subscribe=subscribe)
    assert nodes(result) == [{**UNMATCHED, "errormessage": message}] * 2
    assert nodes(await batch(post, [], subscribe=subscribe)) == []
    assert [(outcome.matched, outcome.error) for event in result for outcome in event] == [(False, None)] * 2


async def test_trigger_that_dies_rejects_the_batch() -> None:
    result = await batch(post, [track("x"), track("y")], subscribe='type = "track" and ("b")')
    assert result.results == []
    assert [type(error) for error in result.errors] == [EngineTypeError]
    assert [type(outcome.error) for event in result for outcome in event] == [EngineTypeError] * 2


async def test_unknown_action_rejects_the_batch() -> None:
    result = await batch(post, [track(), {"type": "page"}], partnerAction="nope")
    with pytest.raises(EngineTypeError, match="there is no action 'nope'"):
        result.raise_for_errors()
    assert (await batch(post, [{"type": "page"}], partnerAction="nope")).results == [{"output": "not subscribed"}]


async def test_action_without_perform_batch_takes_no_batches() -> None:
    result = await batch(None, [track()])
    [error] = result.errors
    assert isinstance(error, IntegrationError)
    assert (str(error), error.code, error.status) == (
        "This action does not support batched requests.",
        "NotImplemented",
        501,
    )


async def test_bad_mapping_rejects_the_batch() -> None:
    result = await batch(post, [track(), {"type": "page"}], mapping={"name": {"@path": 5}})
    assert [type(error) for error in result.errors] == [MappingValidationError]
    assert result.requests == []
    [[matched], [unmatched]] = [event.outcomes for event in result]
    assert (type(matched.error), unmatched.error) == (MappingValidationError, None)


async def test_one_event_that_a_directive_cannot_work_on_rejects_the_batch() -> None:
    flat = {"@flatten": {"value": {"@path": "$.extra"}, "separator": ""}}
    result = await batch(post, [track(), track(extra={"a": {"b": 1}})], mapping={**MAPPING, "extra": flat})
    assert len(result.errors) == 1
    assert result.results == []


async def test_nothing_is_performed_without_a_valid_payload() -> None:
    result = await batch(lambda request, data: pytest.fail("performed"), [{"type": "track"}])
    assert [node["errormessage"] for node in nodes(result)] == ["The root value is missing the required field 'name'."]


async def test_action_without_fields_takes_every_payload() -> None:
    bare = destination(post, {})
    instance = bare.instance({}, [subscribed(mapping={"name": ""})], transport=MockTransport())
    assert nodes(await instance.on_batch([track()])) == [{"status": 200, "body": {}, "sent": {"name": ""}}]


async def test_fields_that_cannot_be_compiled_are_a_node_for_each_event() -> None:
    fields = {"name": {"label": "N", "description": "", "type": "string", "format": "iso-time"}}
    instance = destination(post, fields).instance({}, [subscribed()], transport=MockTransport())
    [node] = nodes(await instance.on_batch([track()]))
    assert node["errormessage"] == 'unknown format "iso-time" ignored in schema at path "#/properties/name"'


async def test_mapping_and_events_given_are_never_changed() -> None:
    events = [track("x", count="3"), {"type": "page"}, track("")]
    before = copy.deepcopy(events)
    await batch(post, events)
    assert events == before


async def test_reserved_batch_fields_are_fields_like_any_other() -> None:
    fields = {
        **FIELDS,
        "enable_batching": {"label": "B", "description": "", "type": "boolean"},
        "batch_size": {"label": "S", "description": "", "type": "integer"},
        "batch_keys": {"label": "K", "description": "", "type": "string", "multiple": True},
    }
    reserved = {"enable_batching": "false", "batch_size": "5", "batch_keys": "name"}
    for has, sent in ((fields, {"enable_batching": False, "batch_size": 5, "batch_keys": ["name"]}), (FIELDS, {})):
        instance = destination(post, has).instance({}, [subscribed(mapping={**MAPPING, **reserved})])
        plan = instance.plan_batch([track("x")])
        assert [request.json() for request in plan.requests] == [[{"name": "x", **sent}]]
        assert instance.problems == instance.warnings == ()


# --- what perform_batch sees -----------------------------------------------------------------------------


async def test_raw_data_has_all_that_matched_and_events_only_those_of_the_payloads() -> None:
    seen: list[BatchInput[Any, Any]] = []
    events = [track("x"), {"type": "page"}, {"type": "track"}, track("y")]
    await batch(lambda request, data: seen.append(data), events)
    [data] = seen
    assert data.raw_data == [events[0], events[2], events[3]]
    assert data.events == [events[0], events[3]]
    assert [dict(payload) for payload in data.payload] == [{"name": "x"}, {"name": "y"}]
    assert data.raw_mapping == MAPPING


async def test_payload_models_come_as_a_list_of_them() -> None:
    class Ping(Payload):
        """A ping."""

        name: str = field(label="Name", default=path("$.event"))
        count: int | None = field(label="Count", default=path("$.count"))

    seen: list[Any] = []
    action: Action[Any, Ping] = Action(
        title="Ping",
        description="",
        payload=Ping,
        perform=lambda request, data: None,
        perform_batch=lambda request, data: seen.extend(data.payload),
    )
    demo: Destination[Any] = Destination(name="Demo", slug="demo", actions={"ping": action})
    subscription = subscribed(partnerAction="ping", mapping=action.default_values())
    result = await demo.instance({}, [subscription], transport=MockTransport()).on_batch([track("x", count="3")])
    [ping] = seen
    assert isinstance(ping, Ping)
    assert (ping.name, ping.count) == ("x", 3)
    assert result.outcomes[0].payloads == {0: {"name": "x", "count": 3}}


async def test_personas_of_a_batch_are_those_of_its_first_event() -> None:
    seen: list[Any] = []
    events = [track(context={"personas": {"audience_settings": {"list": 1}}}), track()]
    await batch(lambda request, data: seen.append((data.personas_context, data.audience_settings)), events)
    assert seen == [({"audience_settings": {"list": 1}}, {"list": 1})]


# --- what perform_batch gives ----------------------------------------------------------------------------


async def test_response_is_the_node_of_every_event() -> None:
    answer = Response(202, b"queued", {"content-type": "text/plain"})
    result = await batch(post, [track("x"), track("y")], answer)
    assert nodes(result) == [{"status": 202, "body": "queued", "sent": {"name": name}} for name in ("x", "y")]
    assert [outcome.delivered for event in result for outcome in event] == [True, True]


async def test_failed_response_that_is_let_through_fails_every_event() -> None:
    def perform_batch(request: Any, data: BatchInput[Any, Any]) -> Any:
        return post(request, data, throw_http_errors=False)

    result = await batch(perform_batch, [track("x")], Response(503, json={"busy": True}))
    assert nodes(result) == [{"status": 503, "body": {"busy": True}, "sent": {"name": "x"}}]
    [outcome] = result.event(0)
    assert isinstance(outcome.error, HTTPError)
    assert (outcome.delivered, outcome.retryable, outcome.error.response.status) == (False, True, 503)


async def test_http_error_that_is_returned_is_the_node_of_every_event() -> None:
    async def perform_batch(request: Any, data: BatchInput[Any, Any]) -> Any:
        try:
            return await post(request, data)
        except HTTPError as error:
            return error

    result = await batch(perform_batch, [track("x"), {"type": "page"}], Response(429))
    assert nodes(result) == [{"status": 429, "body": "Too Many Requests", "sent": {"name": "x"}}, UNMATCHED]
    assert isinstance(result.event(0).outcomes[0].error, HTTPError)


@pytest.mark.parametrize("output", [None, 5, [], {"status": 500}, "text"])
async def test_anything_else_counts_as_success(output: Any) -> None:
    assert nodes(await batch(lambda request, data: output, [track()])) == [
        {"status": 200, "body": {}, "sent": {"name": "A"}}
    ]


async def test_several_requests_are_sent_in_order_and_count_as_success() -> None:
    result = await batch(lambda request, data: (post(request, data), post(request, data)), [track()])
    assert (len(result.requests), len(result.outcomes[0].responses)) == (2, 2)
    assert nodes(result) == [{"status": 200, "body": {}, "sent": {"name": "A"}}]


async def test_multistatus_gives_each_payload_its_node() -> None:
    perform_batch = told(
        ActionDestinationSuccessResponse(201, {"id": 1}, {"created": True}),
        ActionDestinationErrorResponse(409, "there already", body={"id": 1}),
    )
    result = await batch(perform_batch, [track("x"), {"type": "track"}, track("y")])
    first, second, third = nodes(result)
    assert first == {"status": 201, "sent": {"id": 1}, "body": {"created": True}}
    assert second["errormessage"] == "The root value is missing the required field 'name'."
    assert third == {
        "status": 409,
        "errormessage": "there already",
        "errortype": "CONFLICT",
        "body": {"id": 1},
        "errorreporter": "DESTINATION",
    }


@pytest.mark.parametrize(
    ("sent", "body", "reporter"),
    [
        ({}, None, "DESTINATION"),
        ("", "x", "DESTINATION"),
        ([], "", "DESTINATION"),
        ("", 0, "INTEGRATIONS"),
        (None, False, "INTEGRATIONS"),
    ],
)
async def test_truth_of_sent_and_body_says_who_reported(sent: Any, body: Any, reporter: str) -> None:
    result = await batch(told(ActionDestinationErrorResponse(400, "no", sent=sent, body=body)), [track()])
    [node] = nodes(result)
    assert (node["sent"], node["body"], node["errorreporter"]) == (sent, body, reporter)


async def test_error_without_sent_and_body_is_reported_by_the_integration() -> None:
    [node] = nodes(await batch(told(ActionDestinationErrorResponse(400, "no", "MY_CODE")), [track()]))
    assert node == {
        "status": 400,
        "errormessage": "no",
        "errortype": "MY_CODE",
        "errorreporter": "INTEGRATIONS",
    }


async def test_gap_in_a_multistatus_is_a_node_of_500() -> None:
    missing = {
        "status": 500,
        "errormessage": "MultiStatusResponse is missing a response at the specified index",
        "errortype": "PAYLOAD_VALIDATION_FAILED",
        "errorreporter": "INTEGRATIONS",
    }
    success = ActionDestinationSuccessResponse(200, {}, {})
    result = await batch(told(None, success), [track("x"), track("y"), track("z")])
    assert nodes(result) == [missing, success.value(), missing]


async def test_multistatus_of_something_else_rejects_the_batch() -> None:
    junk: Any = {"status": 200}
    result = await batch(told(junk), [track()])
    assert [type(error) for error in result.errors] == [EngineTypeError]
    assert result.results == []


async def test_raised_error_rejects_the_batch_of_its_subscription_alone() -> None:
    def perform_batch(request: Any, data: BatchInput[Any, Any]) -> Any:
        if data.raw_mapping != MAPPING:
            raise RetryableError("later")
        return post(request, data)

    instance = destination(perform_batch).instance(
        {}, [subscribed(mapping={**MAPPING, "count": 1}), subscribed()], transport=MockTransport()
    )
    result = await instance.on_batch([track("x"), {"type": "track"}])
    with pytest.raises(RetryableError, match="later"):
        result.raise_for_errors()
    assert [type(outcome.error) for outcome in result.outcomes] == [RetryableError, type(None)]
    assert len(nodes(result)) == 2
    rejected, delivered = result.event(0)
    assert (str(rejected.error), rejected.retryable, delivered.delivered) == ("later", True, True)
    # An event whose payload is not valid would not be helped by another try.
    assert [type(outcome.error) for outcome in result.event(1)] == [SchemaValidationError] * 2


async def test_http_error_that_is_raised_rejects_the_batch() -> None:
    result = await batch(post, [track()], Response(500))
    [outcome] = result.outcomes
    assert isinstance(outcome.error, HTTPError)
    assert (len(outcome.requests), len(outcome.responses), outcome.nodes) == (1, 1, ())
    assert result.event(0).outcomes[0].retryable


async def test_dropped_request_rejects_the_batch() -> None:
    def perform_batch(request: Any, data: BatchInput[Any, Any]) -> None:
        post(request, data)

    assert [type(error) for error in (await batch(perform_batch, [track()])).errors] == [DroppedRequestError]


async def test_subscriptions_run_side_by_side() -> None:
    both = asyncio.Barrier(2)

    async def perform_batch(request: Any, data: BatchInput[Any, Any]) -> None:
        await both.wait()

    instance = destination(perform_batch).instance({}, [subscribed(), subscribed()], transport=MockTransport())
    async with asyncio.timeout(5):
        assert (await instance.on_batch([track()])).errors == []


async def test_discarded_events_are_counted() -> None:
    counted: list[tuple[str, float, list[str] | None]] = []

    class Stats:
        def incr(self, name: str, value: float = 1, tags: list[str] | None = None) -> None:
            counted.append((name, value, tags))

        def histogram(self, name: str, value: float, tags: list[str] | None = None) -> None:
            raise AssertionError

    options = EventOptions(stats_context=StatsContext(Stats(), ("team:a",)))
    tags = ["team:a", "partnerAction:send"]
    events = [{"type": "page"}, track("x"), track("y")]
    await batch(told(ActionDestinationErrorResponse(400, "no")), events, options=options)
    assert counted == [
        ("action.multistatus_discard", 1, tags),
        ("destination.multistatus_discard", 1, tags),
        ("action.multistatus_discard", 1, tags),
    ]
    counted.clear()
    await batch(post, events, options=options, subscribe="type")
    assert counted == [("action.multistatus_discard", 3, tags)]


# --- what became of each event ---------------------------------------------------------------------------


async def test_every_event_has_an_outcome_of_each_subscription() -> None:
    instance = destination(post).instance(
        {}, [subscribed(), subscribed(subscribe='type = "page"')], transport=MockTransport()
    )
    result = await instance.on_batch([track("x"), {"type": "page", "event": "p"}, {"type": "screen"}])
    assert len(result) == 3
    assert [[outcome.matched for outcome in event] for event in result] == [[True, False], [False, True], [False] * 2]
    [first, _] = result.event(0)
    assert (first.payload, first.results) == ({"name": "x"}, ({"multistatus": nodes_of(result.outcomes[0])[:1]},))
    with pytest.raises(IndexError, match="a batch of 3 has no event 3"):
        result.event(3)
    with pytest.raises(IndexError, match="has no event -1"):
        result.outcomes[0].event(-1)


def nodes_of(outcome: BatchOutcome) -> list[Any]:
    return list(outcome.nodes)


async def test_failed_event_has_the_exception_behind_its_node() -> None:
    cause = RetryableError("busy", 503)
    perform_batch = told(
        ActionDestinationErrorResponse.from_error(cause, sent={"id": 1}),
        ActionDestinationErrorResponse(404, "no such list", body={"code": 5}),
        ActionDestinationSuccessResponse(500, {}, {}),
        ActionDestinationSuccessResponse(200, {}, {}, warnings=("slow",)),
    )
    result = await batch(perform_batch, [track(name) for name in "abcd"])
    first, second, third, fourth = (event.outcomes[0] for event in result)
    assert first.error is cause
    assert isinstance(second.error, MultiStatusError)
    assert (str(second.error), second.error.code, second.error.status) == ("no such list", "NOT_FOUND", 404)
    assert (second.error.reporter, second.error.body) == ("DESTINATION", {"code": 5})
    assert (str(third.error), third.retryable) == ("the partner answered 500", True)
    assert (fourth.delivered, fourth.warnings) == (True, ("slow",))
    assert [event.outcomes[0].retryable for event in result] == [True, False, True, False]


@pytest.mark.parametrize(
    ("node", "expected"),
    [
        ({"status": 200}, None),
        ({"status": 399, "body": ""}, None),
        ({}, None),
        ({"status": "odd"}, None),
        ({"status": 400}, (400, "BAD_REQUEST", "the partner answered 400")),
        ({"status": 200, "errormessage": "half"}, (200, "OK", "half")),
        ({"errormessage": 5}, (500, "INTERNAL_SERVER_ERROR", "5")),
    ],
)
def test_node_that_tells_a_failure(node: dict[str, Any], expected: tuple[int, str, str] | None) -> None:
    error = node_error(node)
    assert (error and (error.status, error.code, str(error))) == expected


async def test_results_show_themselves_in_short() -> None:
    result = await batch(post, [track(), {"type": "page"}])
    assert repr(result) == "<BatchResult of 2 event(s), 1 subscription(s)>"
    assert repr(result.outcomes[0]) == "<BatchOutcome 'All' 1 of 2 events matched, 1 request(s)>"
    result = await batch(None, [track()])
    assert "rejected: This action" in repr(result.outcomes[0])
    assert (await batch(post, [track()])).raise_for_errors().errors == []


# --- planning --------------------------------------------------------------------------------------------


def test_plan_shows_the_requests_and_sends_nothing() -> None:
    transport = MockTransport()
    instance = destination(post).instance({}, [subscribed()], transport=transport)
    plan = instance.plan_batch([track("x"), {"type": "page"}, {"type": "track"}])
    [outcome] = plan.outcomes
    assert [request.json() for request in outcome.requests] == [[{"name": "x"}]]
    assert (outcome.nodes[0], outcome.nodes[1], outcome.results, outcome.incomplete) == (None, UNMATCHED, (), False)
    assert [type(event.outcomes[0].error) for event in plan] == [type(None), type(None), SchemaValidationError]
    assert transport.requests == []
    assert instance.plan_batch([]).outcomes[0].error is None


def test_plan_of_an_async_perform_batch_ends_at_the_first_answer() -> None:
    async def perform_batch(request: Any, data: BatchInput[Any, Any]) -> Any:
        await asyncio.gather(post(request, data), post(request, data))
        return post(request, data)

    [outcome] = destination(perform_batch).instance({}, [subscribed()]).plan_batch([track()]).outcomes
    assert (outcome.incomplete, len(outcome.requests), outcome.error) == (True, 2, None)


async def test_plan_leaves_asyncio_nothing_to_complain_of(caplog: pytest.LogCaptureFixture) -> None:
    async def perform_batch(request: Any, data: BatchInput[Any, Any]) -> Any:
        await asyncio.gather(post(request, data), post(request, data))

    destination(perform_batch).instance({}, [subscribed()]).plan_batch([track()])
    await asyncio.sleep(0)  # what was cancelled ends
    await asyncio.sleep(0)
    gc.collect()
    assert caplog.records == []


def test_plan_shows_nodes_that_need_no_answer() -> None:
    perform_batch = told(ActionDestinationErrorResponse(400, "no"))
    plan = destination(perform_batch).instance({}, [subscribed()]).plan_batch([track()])
    assert [str(outcome.error) for outcome in plan.event(0)] == ["no"]


def test_plan_keeps_what_perform_batch_raises() -> None:
    def perform_batch(request: Any, data: BatchInput[Any, Any]) -> Any:
        raise PayloadValidationError("too many")

    plan = destination(perform_batch).instance({}, [subscribed()]).plan_batch([track()])
    assert [str(error) for error in plan.errors] == ["too many"]

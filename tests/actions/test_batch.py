import copy
from collections.abc import Callable
from typing import Any

import pytest

from destination import (
    BatchResult,
    CollectorRejectedError,
    ConnectionError,
    EngineTypeError,
    HTTPError,
    Instance,
    MockTransport,
    Outcome,
    PartnerUnavailableError,
    PayloadValidationError,
    Request,
    Response,
    TimeoutError,
    is_unavailable,
)
from destination.actions.absmartly.answer import read_batch_answer
from destination.actions.absmartly.batch import MAX_EVENTS
from destination.catalog.absmartly import EmbeddedCollector, absmartly
from destination.definition import to_metadata
from tests.kit import MOMENT, SETTINGS

Answer = Callable[[Request], Any]

GOALS = {
    "name": "Goals",
    "subscribe": 'type = "track"',
    "partnerAction": "trackGoal",
    "mapping": {
        **absmartly.actions["trackGoal"].default_values(),
        "agent": {"@path": "$.context.agent"},
        "application": {"@path": "$.context.app"},
    },
}
EXPOSURES = {
    "name": "Exposures",
    "subscribe": 'type = "track"',
    "partnerAction": "trackExposure",
    "mapping": absmartly.actions["trackExposure"].default_values(),
}
TAKEN = {"ok": True, "errors": [], "warnings": []}


def goal(name: str = "g", **context: Any) -> dict[str, Any]:
    return {
        "type": "track",
        "event": name,
        "userId": "u",
        "timestamp": "2023-01-01",
        "properties": {},
        "context": context,
    }


def event_of(name: str) -> dict[str, Any]:
    """What the collector gets for `goal(name)`."""
    return {
        "historic": True,
        "publishedAt": MOMENT,
        "units": [{"type": "userId", "uid": "u"}],
        "goals": [{"name": name, "achievedAt": MOMENT, "properties": {}}],
    }


def instance(answer: Answer | None = None, subscription: dict[str, Any] = GOALS) -> tuple[Instance[Any], MockTransport]:
    transport = MockTransport(answer or (lambda _: TAKEN))
    return absmartly.instance(SETTINGS, [subscription], transport=transport), transport


async def send(events: list[Any], answer: Answer | None = None) -> tuple[BatchResult, list[Request]]:
    made, transport = instance(answer)
    return await made.on_batch(events), transport.requests


def outcomes(result: BatchResult) -> list[Outcome]:
    return [event.outcomes[0] for event in result]


def names(request: Request) -> list[str]:
    return [event["goals"][0]["name"] for event in request.json()["requests"]]


def finding(index: Any, message: str = "unknown goal") -> dict[str, Any]:
    return {"batchIndex": index, "eventIndex": 0, "subject": "goals.0", "message": message}


# --- requests --------------------------------------------------------------------------------------------


async def test_goals_go_in_one_request_in_their_order() -> None:
    result, [request] = await send([goal("a"), goal("b"), goal("c")])
    assert (request.method, request.url) == ("PUT", "https://demo.absmartly.io/v1/context/batch")
    assert request.json() == {"requests": [event_of("a"), event_of("b"), event_of("c")]}
    assert dict(request.headers) == {
        "content-type": "application/json",
        "user-agent": "Segment (Actions)",
        "x-agent": "segment",
        "x-api-key": SETTINGS["apiKey"],
        "x-environment": "test",
    }
    assert [outcome.delivered for outcome in outcomes(result)] == [True] * 3
    assert result.outcomes[0].nodes[1] == {"status": 200, "sent": event_of("b"), "body": {}}


async def test_batch_holds_the_objects_of_single_sends(goal_event: dict[str, Any], exposure: dict[str, Any]) -> None:
    seen = {**goal_event, "event": "Experiment Viewed", "properties": {"exposure": exposure}}
    for subscription, event in ((GOALS, goal_event), (EXPOSURES, seen)):
        made, transport = instance(subscription=subscription)
        await made.on_event(event)
        await made.on_batch([event, event])
        single, many = transport.requests
        assert many.json() == {"requests": [single.json()] * 2}
        assert many.headers == single.headers


async def test_events_are_grouped_by_agent_and_application() -> None:
    events = [
        goal("a", agent="x"),
        goal("b", agent="y", app="web"),
        goal("c", agent=" x "),
        goal("d", agent="x", app="web"),
        goal("e", agent="y", app=" web"),
        goal("f", app=" "),
        goal("g"),
    ]
    result, requests = await send(events)
    headers = ("x-agent", "x-application", "x-application-version")
    found = {tuple(request.headers.get(name) for name in headers): names(request) for request in requests}
    assert found == {
        ("x", None, None): ["a", "c"],
        ("y", "web", "0"): ["b", "e"],
        ("x", "web", "0"): ["d"],
        ("segment", None, None): ["f", "g"],
    }
    assert [node["sent"]["goals"][0]["name"] for node in result.outcomes[0].nodes if node] == list("abcdefg")


async def test_a_call_takes_500_events_at_most() -> None:
    result, requests = await send([goal(f"g{index}") for index in range(2 * MAX_EVENTS + 1)])
    assert [len(names(request)) for request in requests] == [500, 500, 1]
    assert [name for request in requests for name in names(request)] == [f"g{index}" for index in range(1001)]
    assert all(outcome.delivered for outcome in outcomes(result))


async def test_events_given_are_never_changed(exposure: dict[str, Any]) -> None:
    made, _ = instance(subscription=EXPOSURES)
    events = [{"type": "track", "timestamp": "2023-01-01", "properties": {"exposure": exposure}}]
    before = copy.deepcopy(events)
    assert outcomes(await made.on_batch(events))[0].delivered
    assert events == before


def test_plan_shows_every_call() -> None:
    made, transport = instance()
    [outcome] = made.plan_batch([goal("a"), goal("b", agent="x"), goal("c")]).outcomes
    assert [names(request) for request in outcome.requests] == [["a", "c"], ["b"]]
    assert (outcome.incomplete, transport.requests) == (True, [])


def test_metadata_says_that_batches_are_taken() -> None:
    actions = to_metadata(absmartly)["actions"]
    assert [action["hasPerformBatch"] for action in actions.values()] == [True, True]
    assert [list(action["fields"]) for action in actions.values()] == [
        ["units", "name", "properties", "agent", "application"],
        ["exposure", "agent", "application"],
    ]


# --- events that cannot be sent --------------------------------------------------------------------------


async def test_events_that_fail_their_checks_are_nodes_of_their_own() -> None:
    late, blank, missing = goal("late"), goal(""), goal("m")
    late["timestamp"] = "garbage"
    del missing["properties"]
    result, [request] = await send([goal("a"), late, blank, missing, goal("b")])
    assert names(request) == ["a", "b"]
    nodes = result.outcomes[0].nodes
    assert [node and node["status"] for node in nodes] == [200, 400, 400, 400, 200]
    assert nodes[1] == {
        "status": 400,
        "errormessage": "Field `timestamp` of the event cannot be read as a date: 'garbage'. "
        "Give an ISO 8601 date and time.",
        "errortype": "PAYLOAD_VALIDATION_FAILED",
        "errorreporter": "INTEGRATIONS",
    }
    assert nodes[2] is not None
    assert nodes[2]["errormessage"] == "The root value is missing the required field 'name'."  # as in a single send
    errors = [outcome.error for outcome in outcomes(result)]
    assert [isinstance(error, PayloadValidationError) for error in errors] == [False, True, True, True, False]


async def test_timestamps_stay_with_their_events_when_others_are_not_valid() -> None:
    invalid = goal("x")
    del invalid["properties"]
    later = {**goal("b"), "timestamp": "2023-01-02"}
    _, [request] = await send([invalid, later])
    assert [event["publishedAt"] for event in request.json()["requests"]] == [MOMENT + 86_400_000]


async def test_malformed_exposures_fail_alone(exposure: dict[str, Any]) -> None:
    made, transport = instance(subscription=EXPOSURES)
    given = [exposure, {**exposure, "goals": [{"name": "g"}]}, {**exposure, "exposures": [None]}]
    events = [{"type": "track", "timestamp": "2023-01-01", "properties": {"exposure": one}} for one in given]
    result = await made.on_batch(events)
    assert len(transport.requests[0].json()["requests"]) == 1
    errors = [outcome.error for outcome in outcomes(result)]
    assert [type(error) for error in errors] == [type(None), PayloadValidationError, EngineTypeError]
    assert [node and node["status"] for node in result.outcomes[0].nodes] == [200, 400, 400]


async def test_no_call_is_made_when_every_event_fails() -> None:
    late = {**goal(), "timestamp": None}
    result, requests = await send([late, late])
    assert requests == []
    assert [outcome.error is None for outcome in outcomes(result)] == [False, False]


async def test_header_that_http_does_not_allow_fails_its_group() -> None:
    result, [request] = await send([goal("a"), goal("b", agent="日本"), goal("c")])
    assert names(request) == ["a", "c"]
    assert [type(outcome.error) for outcome in outcomes(result)] == [type(None), EngineTypeError, type(None)]


async def test_event_that_is_no_json_fails_alone() -> None:
    odd = {**goal("b"), "properties": {"at": object()}}
    result, [request] = await send([goal("a"), odd, goal("c")])
    assert names(request) == ["a", "c"]
    assert "cannot be written as JSON" in str(outcomes(result)[1].error)


# --- the answer ------------------------------------------------------------------------------------------


@pytest.mark.parametrize("status", [200, 400])
async def test_events_that_the_answer_names_fail_and_the_others_are_delivered(status: int) -> None:
    errors = [finding(1), finding(1, "twice"), finding(2)]
    answer = Response(status, json={"ok": False, "errors": errors, "warnings": []})
    result, _ = await send([goal("a"), goal("b"), goal("c"), goal("d")], lambda _: answer)
    first, second, third, fourth = outcomes(result)
    assert (first.delivered, fourth.delivered) == (True, True)
    assert isinstance(second.error, CollectorRejectedError)
    assert (str(second.error), second.error.subject) == ("goals.0: unknown goal; goals.0: twice", "goals.0")
    assert str(third.error) == "goals.0: unknown goal"
    assert not third.retryable
    assert result.outcomes[0].nodes[1] == {
        "status": 400,
        "errormessage": "goals.0: unknown goal; goals.0: twice",
        "errortype": "COLLECTOR_REJECTED",
        "sent": event_of("b"),
        "body": {"errors": errors[:2]},
        "errorreporter": "DESTINATION",
    }


async def test_index_counts_the_events_of_the_call() -> None:
    def answer(request: Request) -> Any:
        return {"ok": False, "errors": [finding(1)]} if request.headers["x-agent"] == "x" else TAKEN

    late = {**goal("late", agent="x"), "timestamp": ""}
    events = [goal("a"), late, goal("b", agent="x"), goal("c"), goal("d", agent="x")]
    result, _ = await send(events, answer)
    assert [outcome.delivered for outcome in outcomes(result)] == [True, False, True, True, False]
    assert isinstance(outcomes(result)[4].error, CollectorRejectedError)


@pytest.mark.parametrize(
    ("body", "message"),
    [
        ({"ok": False}, "the collector answered ok: false and named no reason"),
        ({"ok": False, "errors": []}, "the collector answered ok: false and named no reason"),
        ({"ok": False, "errors": [finding(None)]}, "goals.0: unknown goal"),
        ({"errors": [finding(2)]}, "goals.0: unknown goal"),
        ({"ok": True, "errors": [finding(-1), "text", finding(True)]}, "goals.0: unknown goal; text; goals.0: unknow"),
    ],
)
async def test_refusal_that_names_no_event_fails_all_of_the_call(body: dict[str, Any], message: str) -> None:
    result, _ = await send([goal("a"), goal("b")], lambda _: body)
    for outcome in outcomes(result):
        assert isinstance(outcome.error, CollectorRejectedError)
        assert str(outcome.error).startswith(message)


async def test_error_without_a_place_beside_named_ones_is_a_warning() -> None:
    result, _ = await send([goal("a"), goal("b")], lambda _: {"ok": False, "errors": [finding(0), finding(9)]})
    assert [outcome.delivered for outcome in outcomes(result)] == [False, True]
    assert result.outcomes[0].warnings == ("goals.0: unknown goal",)


async def test_warnings_are_kept_with_the_events_that_they_name() -> None:
    warnings = [finding(1, "deprecated"), {"message": "slow down"}]
    result, _ = await send([goal("a"), goal("b")], lambda _: {"ok": True, "warnings": warnings})
    assert result.outcomes[0].warnings == ("goals.0: deprecated", "slow down")
    assert [outcome.warnings for outcome in outcomes(result)] == [(), ("goals.0: deprecated",)]
    assert [outcome.delivered for outcome in outcomes(result)] == [True, True]
    node = result.outcomes[0].nodes[1]
    assert node is not None
    assert node["body"] == {"warnings": ["goals.0: deprecated"]}


@pytest.mark.parametrize("body", [b"", b"{", b"[]", b"text"])
async def test_answer_of_200_that_cannot_be_read_is_delivered_with_a_warning(body: bytes) -> None:
    result, _ = await send([goal("a"), goal("b")], lambda _: Response(200, body, {"content-type": "application/json"}))
    warning = "the collector answered 200 with a body that cannot be read"
    assert [(outcome.delivered, outcome.warnings) for outcome in outcomes(result)] == [(True, (warning,))] * 2
    assert result.outcomes[0].warnings == (warning,)


@pytest.mark.parametrize("status", [200, 202, 203])
async def test_page_fails_the_whole_call_as_unavailable(status: int) -> None:
    page = Response(status, b"\n<html><title>Back soon</title>", {"content-type": "text/html"})

    def answer(request: Request) -> Any:
        return page if request.headers["x-agent"] == "x" else TAKEN

    result, _ = await send([goal("a", agent="x"), goal("b"), goal("c", agent="x")], answer)
    first, second, third = outcomes(result)
    assert second.delivered
    for outcome in (first, third):
        assert isinstance(outcome.error, PartnerUnavailableError)
        assert is_unavailable(outcome.error)
        assert outcome.retryable
        assert '"Back soon"' in str(outcome.error)
    node = result.outcomes[0].nodes[0]
    assert node is not None
    assert (node["status"], node["errortype"]) == (503, "RETRYABLE_ERROR")


@pytest.mark.parametrize("index", ["1", " 1 ", "01", "1.0", 1.0])
async def test_index_in_another_form_names_its_event(index: Any) -> None:
    answer = {"ok": False, "errors": [finding(index)], "warnings": [finding(index, "late")]}
    result, _ = await send([goal("a"), goal("b"), goal("c")], lambda _: answer)
    assert [outcome.delivered for outcome in outcomes(result)] == [True, False, True]


@pytest.mark.parametrize(
    "index",
    ["", "x", "-1", "1e0", "0x1", "1.5", "\u0661", "9" * 5000, 1.5, float("nan"), float("inf"), [1], {}, True, None],
)
async def test_index_that_cannot_be_read_names_no_event(index: Any) -> None:
    named, _ = await send(
        [goal("a"), goal("b")], lambda _: Response(200, json={"errors": [finding(index), finding(0)]})
    )
    assert [outcome.delivered for outcome in outcomes(named)] == [False, True]
    alone, _ = await send([goal("a"), goal("b")], lambda _: Response(200, json={"errors": [finding(index)]}))
    assert [outcome.delivered for outcome in outcomes(alone)] == [False, False]


async def test_other_success_is_delivered() -> None:
    result, _ = await send([goal()], lambda _: 204)
    assert [(outcome.delivered, outcome.warnings) for outcome in outcomes(result)] == [(True, ())]


@pytest.mark.parametrize(
    ("answer", "status", "code", "retryable"),
    [
        (Response(401), 401, "UNAUTHORIZED", False),
        (Response(413, json={"code": 413, "message": "too much"}), 413, "PAYLOAD_TOO_LARGE", False),
        (Response(429, headers={"retry-after": "7"}), 429, "TOO_MANY_REQUESTS", True),
        (Response(503, json={"ok": False}), 503, "SERVICE_UNAVAILABLE", True),
        (Response(400, json={"code": 400, "message": "malformed"}), 400, "BAD_REQUEST", False),
        (Response(400, b"text"), 400, "BAD_REQUEST", False),
    ],
)
async def test_failing_call_is_a_node_with_its_status_for_each_event(
    answer: Response, status: int, code: str, retryable: bool
) -> None:
    result, _ = await send([goal("a"), goal("b")], lambda _: answer)
    assert result.errors == []
    for outcome, node in zip(outcomes(result), result.outcomes[0].nodes, strict=True):
        assert isinstance(outcome.error, HTTPError)
        assert (outcome.error.response, outcome.retryable) == (answer, retryable)
        assert node is not None
        assert (node["status"], node["errortype"], node["errorreporter"]) == (status, code, "DESTINATION")
        assert node["errormessage"] == answer.status_text


async def test_failing_call_fails_no_other() -> None:
    def answer(request: Request) -> Any:
        agent = request.headers["x-agent"]
        if agent == "down":
            raise ConnectionError("request failed, reason: connect ECONNREFUSED", request)
        if agent == "slow":
            raise TimeoutError(request, 10_000)
        return 500 if agent == "broken" else TAKEN

    events = [goal("a"), goal("b", agent="down"), goal("c", agent="slow"), goal("d", agent="broken"), goal("e")]
    result, _ = await send(events, answer)
    assert result.errors == []
    assert [outcome.delivered for outcome in outcomes(result)] == [True, False, False, False, True]
    assert [outcome.retryable for outcome in outcomes(result)] == [False, True, True, True, False]
    nodes = result.outcomes[0].nodes
    told = [(node["status"], node["errortype"], node["errorreporter"]) for node in nodes[1:4] if node]
    assert told == [
        (500, "ECONNREFUSED", "INTEGRATIONS"),
        (408, "ETIMEDOUT", "INTEGRATIONS"),
        (500, "INTERNAL_SERVER_ERROR", "DESTINATION"),
    ]


async def test_calls_after_a_failing_one_of_their_group_are_sent() -> None:
    answers = [Response(500), Response(200, json=TAKEN)]
    result, requests = await send([goal(f"g{index}") for index in range(MAX_EVENTS + 1)], lambda _: answers.pop(0))
    assert len(requests) == 2
    assert [outcome.delivered for outcome in outcomes(result)] == [False] * MAX_EVENTS + [True]


async def test_single_sends_are_read_as_before() -> None:
    made, _ = instance(lambda _: {"ok": False, "errors": [finding(0)]})
    [outcome] = (await made.on_event(goal())).outcomes
    assert isinstance(outcome.error, CollectorRejectedError)


def test_answer_is_read_with_the_size_of_the_call() -> None:
    response = Response(200, json={"ok": False, "errors": [finding(1)]})
    request = Request("PUT", "https://h/")
    assert list(read_batch_answer(request, response, 2).errors) == [1]
    assert isinstance(read_batch_answer(request, response, 1).failure, CollectorRejectedError)


async def test_embedded_collector_takes_a_batch() -> None:
    too_long = {**goal("b"), "userId": "x" * 641}
    with EmbeddedCollector() as collector:
        async with absmartly.instance(collector.settings, [GOALS]) as made:
            result = await made.on_batch([goal("a"), too_long, goal("c", agent="x")])
    assert [outcome.delivered for outcome in outcomes(result)] == [True, False, True]
    assert "at most 640 characters" in str(outcomes(result)[1].error)
    arrived = sorted((one["headers"]["x-agent"], one["event"]["goals"][0]["name"]) for one in collector.received)
    assert arrived == [("segment", "a"), ("x", "c")]


async def test_answer_to_a_batch_that_is_too_large_delivers_all_with_a_warning() -> None:
    result, _ = await send([goal("a"), goal("b")], lambda _: Response(200, bytes(10_000_001)))
    warning = "the answer is larger than 10,000,000 bytes and was not read"
    assert [(outcome.error, outcome.warnings) for outcome in outcomes(result)] == [(None, (warning,))] * 2

"""Many goals or exposures in few requests (divergence 7): PUT `/context/batch`."""

from collections.abc import Callable, Coroutine
from dataclasses import dataclass, field
from typing import Any, TypeVar

from destination import (
    MISSING,
    ActionDestinationErrorResponse,
    ActionDestinationSuccessResponse,
    BatchInput,
    EngineTypeError,
    Event,
    Headers,
    MultiStatusResponse,
    PendingRequest,
    RequestClient,
)
from destination.actions.absmartly.answer import read_batch_answer, rejection
from destination.actions.absmartly.wire import CollectorSettings, Originated, origin_headers, send_events
from destination.values import write_json, write_json_list

MAX_EVENTS = 500
"""Maximum number of events that the collector accepts in one call."""

P = TypeVar("P", bound=Originated)
PerformBatch = Callable[[RequestClient, BatchInput[Any, P]], Coroutine[Any, Any, MultiStatusResponse]]


@dataclass(slots=True)
class _Call:
    """One request: events from the same agent and application.

    Attributes:
        indexes: The indexes of its events in the batch.
        events: The events.
    """

    headers: Headers
    indexes: list[int] = field(default_factory=list)
    events: list[dict[str, Any]] = field(default_factory=list)
    pending: PendingRequest | None = None


def in_batches(make_event: Callable[[P, Event], dict[str, Any]]) -> PerformBatch[P]:
    """Makes the `perform_batch` of an action from the function that makes one event of a payload.

    Agent and application travel in headers, so that events are grouped by them: a call for each group, or for every
    500 of its events, in order. Calls of one group go one after the other, groups side by side. What fails one event
    is that event's own error, and what fails one call that of its events.

    Args:
        make_event: Makes the event for the collector, or raises an error about the payload.
    """

    async def perform_batch(request: RequestClient, data: BatchInput[CollectorSettings, P]) -> MultiStatusResponse:
        answer = MultiStatusResponse()
        groups: dict[int, list[_Call]] = {}  # by the identity of their headers
        for index, (payload, raw) in enumerate(zip(data.payload, data.events, strict=True)):
            try:
                event = make_event(payload, raw)
                headers = origin_headers(payload.agent, payload.application)
            except Exception as error:  # noqa: BLE001  whatever is wrong with one event fails it alone, as a single send
                answer.set_error_response_at_index(index, ActionDestinationErrorResponse.from_error(error))
                continue
            calls = groups.get(id(headers))
            if calls is None:
                calls = groups[id(headers)] = [_Call(headers)]
            call = calls[-1]
            if len(call.indexes) == MAX_EVENTS:
                call = _Call(headers)
                calls.append(call)
            call.indexes.append(index)
            call.events.append(event)
        # All requests are made before the first is sent, so that a plan shows all of them.
        for calls in groups.values():
            for call in calls:
                _make_request(request, data.settings, call, answer)
        if len(groups) == 1:
            [calls] = groups.values()
            await _send(answer, calls)
        else:
            from asyncio import gather

            await gather(*(_send(answer, calls) for calls in groups.values()))
        return answer

    return perform_batch


def _make_request(
    request: RequestClient, settings: CollectorSettings, call: _Call, answer: MultiStatusResponse
) -> None:
    try:
        written = write_json_list(call.events)
    except (TypeError, ValueError, RecursionError):
        _leave_out_unwritable(answer, call)
        if not call.events:
            return
        written = write_json_list(call.events)
    call.pending = send_events(request, settings, written, call.headers)


def _leave_out_unwritable(answer: MultiStatusResponse, call: _Call) -> None:
    """Fails the events of a call that cannot be written as JSON."""
    kept = []
    for index, event in zip(call.indexes, call.events, strict=True):
        try:
            write_json(event)
        except (TypeError, ValueError, RecursionError) as found:
            error = EngineTypeError(f"the event cannot be written as JSON: {found}")
            answer.set_error_response_at_index(index, ActionDestinationErrorResponse.from_error(error))
        else:
            kept.append((index, event))
    call.indexes, call.events = [index for index, _ in kept], [event for _, event in kept]


async def _send(answer: MultiStatusResponse, calls: list[_Call]) -> None:
    for call in calls:
        if call.pending is None:
            continue
        try:
            response = await call.pending
        except Exception as error:  # noqa: BLE001  one call's failure must not hide that others arrived
            _fail(answer, call, error)
            continue
        _read(answer, call, call.pending, response)


def _fail(answer: MultiStatusResponse, call: _Call, error: Exception) -> None:
    """Fails every event of a call with one error, and with what was sent if an answer came."""
    answered = call.pending is not None and call.pending.response is not None
    for index, event in zip(call.indexes, call.events, strict=True):
        node = ActionDestinationErrorResponse.from_error(error, event if answered else MISSING)
        answer.set_error_response_at_index(index, node)


def _read(answer: MultiStatusResponse, call: _Call, pending: PendingRequest, response: Any) -> None:
    result = read_batch_answer(pending.request, response, len(call.indexes))
    if result.failure is not None:
        _fail(answer, call, result.failure)
        return
    if not result.errors and not result.warnings:
        for index, event in zip(call.indexes, call.events, strict=True):
            answer.push_response_object_at_index(index, ActionDestinationSuccessResponse(200, event, {}))
        return
    for index_in_call, (index, event) in enumerate(zip(call.indexes, call.events, strict=True)):
        findings = result.errors.get(index_in_call)
        if findings:
            node = ActionDestinationErrorResponse.from_error(rejection(findings), event, {"errors": findings})
            answer.set_error_response_at_index(index, node)
        else:
            warnings = tuple(result.warnings.get(index_in_call, ()))
            # Not the call's own status: 400 says that there are others that were refused.
            body = {"warnings": list(warnings)} if warnings else {}
            taken = ActionDestinationSuccessResponse(200, event, body, warnings=warnings)
            answer.set_success_response_at_index(index, taken)

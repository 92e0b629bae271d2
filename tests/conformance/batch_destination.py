"""The twin of the destination in oracle/batches.js: its `perform_batch` does everything that one can do."""

import json
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from destination.definition import (
    Action,
    ActionDestinationErrorResponse,
    ActionDestinationSuccessResponse,
    Authentication,
    BatchInput,
    MultiStatusResponse,
)
from destination.errors import (
    APIError,
    HTTPError,
    IntegrationError,
    InvalidAuthenticationError,
    PayloadValidationError,
    RetryableError,
)
from destination.request import MockTransport, PendingRequest, RequestClient, RequestOptions, Response
from destination.runtime import Destination
from destination.values import MISSING, get_property

FIELDS = json.loads((Path(__file__).parent / "oracle" / "batch_fields.json").read_text(encoding="utf-8"))
URL = "https://partner.test/batch"

Data = BatchInput[Any, Any]


def _seen(data: Data) -> dict[str, Any]:
    names = [get_property(event, "messageId") for event in data.raw_data]
    return {
        "payload": [dict(one) if isinstance(one, Mapping) else one for one in data.payload],
        "events": [None if name is MISSING else name for name in names],
        "settings": data.settings["region"],
        "personas": data.personas_context,
        "audience": data.audience_settings,
        "membership": data.audience_membership,
    }


def _send(request: RequestClient, data: Data, **options: Any) -> PendingRequest:
    return request(URL, method="post", json=_seen(data), **options)


def _first(data: Data) -> Any:
    return data.payload[0].get("node") or {}


def answer(request: RequestClient, data: Data) -> Any:
    return _send(request, data, throw_http_errors=False)


def strict(request: RequestClient, data: Data) -> Any:
    return _send(request, data)


async def caught(request: RequestClient, data: Data) -> Any:
    try:
        return await _send(request, data)
    except HTTPError as error:
        return error


def both(request: RequestClient, data: Data) -> Any:
    return _send(request, data), _send(request, data)


def other(request: RequestClient, data: Data) -> Any:
    return _first(data).get("value")


def throws(request: RequestClient, data: Data) -> Any:
    given = _first(data)
    message = given.get("message", "")
    match given.get("error"):
        case "integration":
            raise IntegrationError(message, given["code"], given["status"])
        case "payload":
            raise PayloadValidationError(message)
        case "retryable":
            raise RetryableError(message)
        case "authentication":
            raise InvalidAuthenticationError(message)
    raise APIError(message, given.get("status", 500))


def multi(request: RequestClient, data: Data) -> MultiStatusResponse:
    answered = MultiStatusResponse()
    for index, payload in enumerate(data.payload):
        node = payload.get("node", {})
        if node.get("how") == "junk":
            answered.push_response_object(node.get("data"))
        else:
            given = node.get("data")
            given = given if isinstance(given, dict) else {}
            at = node.get("at")
            at = at if type(at) is int and 0 <= at <= 4 else index
            _instruct(answered, index, node.get("how"), node.get("kind"), given, at)
    return answered


def _instruct(answered: MultiStatusResponse, index: int, how: Any, kind: Any, given: Any, at: int) -> None:
    is_error = kind == "error"
    make: Any = ActionDestinationErrorResponse if is_error else ActionDestinationSuccessResponse
    match how:
        case "push":
            (answered.push_error_response if is_error else answered.push_success_response)(given)
        case "object":
            answered.push_response_object(make.from_json(given))
        case "put":
            answered.push_response_object_at_index(at, make.from_json(given))
        case "set":
            (answered.set_error_response_at_index if is_error else answered.set_success_response_at_index)(at, given)
        case "node":
            put: Any = answered.set_error_response_at_index if is_error else answered.set_success_response_at_index
            put(at, make.from_json(given))
        case "unset":
            answered.unset_response_at_index(at)
        case "asked":
            told = [answered.is_success_response_at_index(at), answered.is_error_response_at_index(at), len(answered)]
            answered.set_success_response_at_index(index, {"status": 200, "sent": told, "body": {}})


PERFORMS: dict[str, Callable[[RequestClient, Data], Any]] = {
    "answer": answer,
    "strict": strict,
    "caught": caught,
    "both": both,
    "bare": answer,
    "other": other,
    "throws": throws,
    "multi": multi,
}


def _action(name: str) -> Action[Any, Any]:
    return Action(
        title=name,
        description="",
        fields={} if name == "bare" else FIELDS,
        perform=lambda _request, _data: None,
        perform_batch=PERFORMS.get(name),
    )


batch_destination: Destination[Any] = Destination(
    name="Batch Test",
    slug="batch-test",
    authentication=Authentication(
        scheme="custom",
        fields={"region": {"label": "Region", "description": "", "type": "string", "required": True}},
    ),
    request_defaults=lambda settings: RequestOptions(headers={"x-region": settings["region"]}),
    actions={name: _action(name) for name in (*PERFORMS, "single")},
)


async def on_batch(args: dict[str, Any]) -> dict[str, Any]:
    """`{events, settings, subscriptions, answer}` to the requests, each answered with the answer, and the results."""
    given = args["answer"]

    def respond(_request: Any) -> Response:
        headers = {"content-type": given["type"]}
        return Response(given["status"], given["body"].encode(), headers, status_text=given["text"])

    transport = MockTransport(respond)
    instance = batch_destination.instance(args["settings"], args["subscriptions"], transport=transport)
    results = (await instance.on_batch(args["events"])).raise_for_errors().results
    requests = [
        {"method": one.method, "url": one.url, "headers": dict(one.headers.items()), "body": one.json()}
        for one in transport.requests
    ]
    return {"requests": requests, "results": results}

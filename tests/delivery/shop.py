"""A small destination for delivery tests: two subscriptions, one request each, answers as the test wants them."""

import io
from collections.abc import Callable
from typing import Any

from destination.definition import Action, ExecuteInput
from destination.delivery import ByteInput, EventSource, Record
from destination.request import MockTransport, PendingRequest, Request, RequestClient
from destination.runtime import Destination, Instance
from destination.values import write_json


def _perform(request: RequestClient, data: ExecuteInput[Any, Any]) -> PendingRequest:
    return request(f"https://shop.test/{data.payload['to']}", method="post", json=dict(data.payload))


shop: Destination[Any] = Destination(
    name="Shop",
    slug="shop",
    actions={
        "send": Action(
            title="Send",
            description="Send an event",
            perform=_perform,
            fields={
                "to": {"label": "To", "description": "Where", "type": "string", "required": True},
                "id": {"label": "Id", "description": "What", "type": "string", "required": True},
            },
        )
    },
)


def subscription(name: str, to: str, trigger: str = 'type = "track"') -> dict[str, Any]:
    """Sends the event's messageId to that place."""
    mapping = {"to": to, "id": {"@path": "$.messageId"}}
    return {"name": name, "subscribe": trigger, "partnerAction": "send", "mapping": mapping}


def shop_instance(handler: Callable[[Request], Any] | None = None, *subscriptions: dict[str, Any]) -> Instance[Any]:
    """An instance whose requests the handler answers; to `a` and `b` for each track event when none are given."""
    given = subscriptions or (subscription("A", "a"), subscription("B", "b"))
    return shop.instance({}, given, transport=MockTransport(handler))


def track(number: int, **more: Any) -> dict[str, Any]:
    """A track event with that number as its messageId."""
    return {"type": "track", "messageId": f"m{number}", **more}


def source_of(*events: Any) -> EventSource:
    """Events (or raw lines) as NDJSON."""
    lines = [event if isinstance(event, bytes) else write_json(event) for event in events]
    return EventSource(ByteInput(io.BytesIO(b"\n".join(lines)), "events"))


class AllAtOnce:
    """Events as a source that gives all of them at once: a thread that reads does not go with a clock of its own."""

    def __init__(self, *events: Any) -> None:
        self._records: list[Record] | None = list(source_of(*events))

    async def next(self) -> list[Record] | None:
        records, self._records = self._records, None
        return records

    def close(self) -> None:
        self._records = None

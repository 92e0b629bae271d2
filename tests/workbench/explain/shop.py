"""A destination with fields of every type, whose perform sends the payload as it is, or refuses it."""

from typing import Any

from destination.definition import Action, ExecuteInput
from destination.errors import PayloadValidationError
from destination.request import PendingRequest, RequestClient
from destination.runtime import Destination

_FIELD = {"description": "", "label": "Field"}
FIELDS: dict[str, Any] = {
    "a": {**_FIELD, "type": "string", "required": True},
    "b": {**_FIELD, "type": "number"},
    "p": {**_FIELD, "type": "object", "properties": {"x": {**_FIELD, "type": "integer"}}},
    "x": {**_FIELD, "type": "string", "multiple": True},
    "1": {**_FIELD, "type": "boolean", "allowNull": True},
    "mapping": {
        **_FIELD,
        "type": "object",
        "multiple": True,
        "properties": {"a": {**_FIELD, "type": "string", "required": True}, "b": {**_FIELD, "type": "string"}},
    },
}


def send(request: RequestClient, data: ExecuteInput[Any, Any]) -> PendingRequest:
    """Sends the payload; one with `a` of "ab" is refused."""
    if data.payload["a"] == "ab":
        raise PayloadValidationError("no ab")
    return request("https://shop.test/", method="post", json=dict(data.payload))


def anything(request: RequestClient, data: ExecuteInput[Any, Any]) -> PendingRequest:
    """Sends whatever the mapping gave."""
    return request("https://shop.test/", method="post", json={"sent": data.payload})


shop: Destination[Any] = Destination(
    name="Shop",
    slug="shop",
    actions={
        "send": Action(title="Send", description="", perform=send, fields=FIELDS),
        "anything": Action(title="Anything", description="", perform=anything),
    },
)

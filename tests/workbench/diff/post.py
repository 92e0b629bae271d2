"""A destination that sends its payload as it is, and fails where the payload asks for it."""

import itertools
from collections.abc import Mapping
from typing import Any

from destination.definition import Action, Authentication
from destination.errors import IntegrationError
from destination.request import RequestOptions
from destination.runtime import Destination, Instance

API_KEY = "s3cr3t-key"


def _perform(request: Any, data: Any) -> Any:
    payload = data.payload
    if isinstance(payload, Mapping):
        payload = dict(payload)
        if payload.get("fail"):
            raise IntegrationError(f"refused: {payload['fail']} by {data.settings['apiKey']}", "REFUSED", 400)
    return request("https://post.test/in", method="post", json=payload)


_ticks = itertools.count()


def _perform_with_clock(request: Any, data: Any) -> Any:
    return request("https://post.test/in", method="post", json={"at": next(_ticks), "name": data.payload["name"]})


async def _perform_twice(request: Any, data: Any) -> Any:
    answer = await request(f"https://post.test/{data.payload['name']}", method="post", json=dict(data.payload))
    return await request("https://post.test/second", method="post", body=str(answer.status))


def _perform_both(request: Any, data: Any) -> Any:
    names = data.payload["names"]
    return tuple(request(f"https://post.test/{name}", method="post", body=f"name={name}") for name in names)


def _action(perform: Any, title: str) -> Action[Any, Any]:
    return Action(title=title, description="", perform=perform)


post: Destination[Any] = Destination(
    name="Post",
    slug="post",
    authentication=Authentication(
        fields={"apiKey": {"label": "Key", "description": "", "type": "password", "required": True}}
    ),
    request_defaults=lambda settings: RequestOptions(headers={"x-token": settings["apiKey"]}),
    actions={
        "send": _action(_perform, "Send"),
        "clock": _action(_perform_with_clock, "Send with the time"),
        "twice": _action(_perform_twice, "Send twice"),
        "both": _action(_perform_both, "Send all"),
    },
)


def subscription(
    name: str, mapping: Any, trigger: str = 'type = "track"', action: str = "send", **more: Any
) -> dict[str, Any]:
    return {"name": name, "subscribe": trigger, "partnerAction": action, "mapping": mapping, **more}


def version(*subscriptions: dict[str, Any]) -> Instance[Any]:
    """An instance with these subscriptions; nothing that it does is sent."""
    return post.instance({"apiKey": API_KEY}, subscriptions)

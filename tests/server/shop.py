"""A destination that has everything the tester asks for, and its partner."""

from typing import Any

from destination import (
    Action,
    Authentication,
    Destination,
    IntegrationError,
    Request,
    RequestOptions,
    Response,
)
from destination.definition import ActionHook, AudienceConfig, HookOutput
from tests.kit import TEXT

API = "https://shop.test"


def partner(request: Request) -> Response | dict[str, Any]:
    """What the partner answers, by path."""
    path = request.url.removeprefix(API)
    if path.startswith("/refused"):
        return Response(422, json={"why": "no such list"}, headers={"Set-Cookie": "session=1"})
    if path.startswith("/text"):
        return Response(200, b"done", {"content-type": "text/plain"})
    if path.startswith("/broken"):
        return Response(200, b"{", {"content-type": "application/json"})
    return {"path": path}


def buy(request: Any, data: Any) -> Any:
    """Sends to the path that the event names; with `fail`, fails by itself."""
    if data.payload.get("fail"):
        raise IntegrationError("sold out", "SOLD_OUT", 409)
    path, method = data.payload.get("path", "/orders"), data.payload.get("method", "post")
    seen = {
        "payload": dict(data.payload),
        "auth": dict(data.auth),
        "features": dict(data.features),
        "metadata": dict(data.subscription_metadata),
        "region": data.settings.get("region"),
    }
    if method == "get":
        return request(f"{API}{path}")
    return request(f"{API}{path}", method=method, json=seen, headers={"Authorization": "Bearer t", "X-Agent": "a"})


async def buy_twice(request: Any, data: Any) -> Any:
    """Sends two requests, one behind the other, the first of which may fail."""
    first = await request(f"{API}{data.payload['path']}", throw_http_errors=False)
    return await request(f"{API}/second", method="post", body=str(first.status))


def buy_many(request: Any, data: Any) -> Any:
    """Sends all orders at once."""
    return request(f"{API}/orders", method="post", json=[dict(payload) for payload in data.payload])


def lists(request: Any, data: Any) -> Any:
    """Choices that tell what was asked for."""
    if data.payload.get("fail"):
        raise IntegrationError("no lists", "NO_LISTS", 404)
    if data.payload.get("refused"):
        return request(f"{API}/refused")
    if data.payload.get("broken"):
        raise ValueError("broken")
    shown = {"page": data.page, "region": data.settings.get("region"), "auth": dict(data.auth)}
    return {"choices": [{"label": str(data.dynamic_field_context), "value": shown}], "nextPage": "2"}


def save(request: Any, data: Any) -> Any:
    """Makes a list; without a name it says why not."""
    name = data.hook_inputs.get("name")
    if not name:
        return {"error": {"message": "a list needs a name", "code": "NO_NAME"}}
    return {"successMessage": "made", "savedData": {"id": f"list-{name}", "had": dict(data.hook_outputs)}}


def check(request: Any, data: Any) -> Any:
    """Lets in whoever knows the key."""
    return request(f"{API}/{'me' if data.settings['key'] == 'k' else 'refused'}")


def refresh(request: Any, data: Any) -> Any:
    """Gives tokens that tell what was asked with."""
    if data.auth.get("refreshToken") == "refused":
        return request(f"{API}/refused")
    return {"accessToken": f"new-{data.auth.get('refreshToken')}-{data.auth.get('clientId')}"}


def create_audience(request: Any, data: Any) -> Any:
    """Makes an audience, but none without a name."""
    if data.audience_name == "refused":
        return request(f"{API}/refused")
    if not data.audience_name:
        raise IntegrationError("an audience needs a name", "NO_NAME", 400)
    return {"externalId": f"{data.audience_name}-{data.settings.get('region')}"}


def get_audience(request: Any, data: Any) -> Any:
    """Looks an audience up."""
    return {"externalId": object() if data.external_id == "no JSON" else data.external_id}


def forget(request: Any, data: Any) -> Any:
    """Has the partner forget a user."""
    if data.payload.get("userId") == "unknown":
        return request(f"{API}/refused", method="delete")
    return request(f"{API}/users/{data.payload.get('userId')}", method="delete", json=dict(data.payload))


FIELDS = {
    "path": TEXT,
    "method": TEXT,
    "fail": {**TEXT, "type": "boolean"},
    "count": {**TEXT, "label": "Count", "type": "number", "default": {"@path": "$.properties.count"}},
    "note": {**TEXT, "default": None},
    "list": {**TEXT, "dynamic": True},
}

SHOP: Destination[Any] = Destination(
    name="Shop",
    slug="actions-shop",
    authentication=Authentication(
        scheme="oauth2",
        fields={"key": {**TEXT, "label": "Key", "required": True}, "region": {**TEXT, "label": "Region"}},
        test_authentication=check,
        refresh_access_token=refresh,
    ),
    actions={
        "buy": Action(
            title="Buy",
            description="",
            fields=FIELDS,
            perform=buy,
            perform_batch=buy_many,
            dynamic_fields={"list": lists, "item": {"sku": lists, "__values__": lists}},
            hooks={
                "onMappingSave": ActionHook(
                    label="Make a list",
                    description="",
                    perform_hook=save,
                    input_fields={"name": TEXT, "kind": {**TEXT, "dynamic": lists}, "size": {**TEXT, "type": "number"}},
                    output_types={"id": HookOutput(label="Id", description="", type="string")},
                )
            },
        ),
        "buyTwice": Action(title="Buy twice", description="", fields={"path": TEXT}, perform=buy_twice),
        "bare": Action(title="Bare", description="", perform=buy),
    },
    on_delete=forget,
    audience_config=AudienceConfig(mode="realtime", create_audience=create_audience, get_audience=get_audience),
    audience_fields={"folder": {**TEXT, "label": "Folder"}},
    extend_request=lambda data: RequestOptions(headers={"X-Region": str(data.settings.get("region"))}),
)

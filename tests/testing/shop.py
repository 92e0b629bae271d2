"""A destination for tests of the test kit."""

from typing import Any

from destination import Action, Authentication, Destination, IntegrationError, RequestOptions
from tests.kit import TEXT


def send(request: Any, data: Any) -> Any:
    if data.payload["name"] == "Refused":
        raise IntegrationError("the shop is closed", "CLOSED", 400)
    return request("https://shop.test/v1/events", "post", json={**data.payload, **data.features})


def send_batch(request: Any, data: Any) -> Any:
    return request("https://shop.test/v1/batch", "post", json=[dict(payload) for payload in data.payload])


async def send_twice(request: Any, data: Any) -> Any:
    first = await request("https://shop.test/v1/ids", "post", json={"name": data.payload["name"]})
    return await request(f"https://shop.test/v1/ids/{first.data['id']}", "put", json={})


shop: Destination[Any] = Destination(
    name="Shop",
    slug="shop",
    authentication=Authentication(
        fields={"apiKey": {**TEXT, "required": True}},
        secrets=("apiKey",),
        test_authentication=lambda request, data: request("https://shop.test/v1/me"),
    ),
    extend_request=lambda data: RequestOptions(
        headers={"x-api-key": str(data.settings.get("apiKey")), "x-token": str(data.auth.get("accessToken"))}
    ),
    actions={
        "send": Action(
            title="Send",
            description="",
            fields={
                "name": {**TEXT, "required": True, "default": {"@path": "$.event"}},
                "user": {**TEXT, "default": {"@path": "$.userId"}},
            },
            perform=send,
            perform_batch=send_batch,
        ),
        "sendTwice": Action(title="Send twice", description="", fields={"name": TEXT}, perform=send_twice),
    },
)

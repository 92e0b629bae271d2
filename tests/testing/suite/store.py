"""A destination with a field of each kind, for tests of the generated suite."""

from typing import Any

from destination import Action, Authentication, Destination, Subscription
from tests.kit import TEXT

ONLINE = {"conditions": [{"fieldKey": "channel", "operator": "is", "value": "online"}]}

FIELDS: dict[str, Any] = {
    "name": {**TEXT, "label": "Name", "required": True},
    "email": {**TEXT, "format": "email"},
    "page": {**TEXT, "format": "uri"},
    "code": {**TEXT, "minimum": 12, "maximum": 12},
    "channel": {**TEXT, "choices": ["shop", "phone", {"label": "Online", "value": "online"}]},
    "referrer": {**TEXT, "required": ONLINE},
    "total": {**TEXT, "type": "number", "minimum": 1, "maximum": 50},
    "count": {**TEXT, "type": "integer"},
    "vip": {**TEXT, "type": "boolean"},
    "at": {**TEXT, "type": "datetime"},
    "tags": {**TEXT, "multiple": True},
    "address": {**TEXT, "type": "object", "properties": {"street": {**TEXT, "required": True}, "city": TEXT}},
    "items": {
        **TEXT,
        "type": "object",
        "multiple": True,
        "properties": {"sku": TEXT, "price": {**TEXT, "type": "number"}},
    },
    "extra": {**TEXT, "type": "object"},
}

MAPPING: dict[str, Any] = {
    "name": {"@path": "$.event"},
    "email": {"@path": "$.context.traits.email"},
    "page": {"@path": "$.context.page.url"},
    "code": {"@path": "$.properties.code"},
    "channel": {"@path": "$.properties.channel"},
    "referrer": {"@path": "$.context.page.referrer"},
    "total": {"@path": "$.properties.total"},
    "count": {"@path": "$.properties.count"},
    "vip": {"@path": "$.context.traits.vip"},
    "at": {"@path": "$.timestamp"},
    "tags": {"@path": "$.properties.tags"},
    "address": {"street": {"@path": "$.context.traits.street"}, "city": {"@path": "$.context.traits.city"}},
    "items": {"@arrayPath": ["$.properties.products", {"sku": {"@path": "$.sku"}, "price": {"@path": "$.price"}}]},
    "extra": {"@path": "$.properties.extra"},
}


def _send(request: Any, data: Any) -> Any:
    return request("https://store.test/v1/orders", "post", json=dict(data.payload))


async def _send_twice(request: Any, data: Any) -> Any:
    first = await request("https://store.test/v1/ids", "post", json={"name": data.payload["name"]})
    return await request(f"https://store.test/v1/ids/{first.data['id']}", "put", json={})


store: Destination[Any] = Destination(
    name="Store",
    slug="store",
    authentication=Authentication(fields={"apiKey": {**TEXT, "required": True}}, secrets=("apiKey",)),
    actions={
        "order": Action(title="Order", description="", fields=FIELDS, perform=_send),
        "twice": Action(title="Twice", description="", fields={"name": TEXT}, perform=_send_twice),
    },
)

SETTINGS = {"apiKey": "s3cr3t-k3y"}


def orders(mapping: Any = MAPPING, subscribe: str = 'type = "track"', action: str = "order") -> Any:
    """An instance with one subscription, called Orders."""
    one = Subscription(name="Orders", subscribe=subscribe, partner_action=action, mapping=mapping)
    return store.instance(SETTINGS, [one])

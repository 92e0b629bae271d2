"""A mapping that goes deep: every directive that Segment knows, over lists of products."""

from typing import Any, Final

SHOP_PRODUCTS: Final = 50

_ITEM: Final[dict[str, Any]] = {
    "sku": {"@path": "$.sku"},
    "title": {"@template": "{{name}} ({{sku}})"},
    "price": {"@path": "$.price"},
    "amount": {"@if": {"exists": {"@path": "$.quantity"}, "then": {"@path": "$.quantity"}, "else": 1}},
    "shelf": {"@case": {"operator": "upper", "value": {"@path": "$.name"}}},
}

DEEP_MAPPING: Final[dict[str, Any]] = {
    "user": {
        "id": {
            "@if": {"blank": {"@path": "$.userId"}, "then": {"@path": "$.userId"}, "else": {"@path": "$.anonymousId"}}
        },
        "email": {"@case": {"operator": "lower", "value": {"@path": "$.traits.email"}}},
        "address": {"@flatten": {"separator": "_", "value": {"@path": "$.traits.address"}}},
        "traits": {
            "@excludeWhenNull": {"plan": {"@path": "$.traits.plan"}, "city": {"@path": "$.traits.address.city"}}
        },
    },
    "order": {
        "label": {"@template": "{{event}}: {{properties.orderId}} for {{properties.revenue}} {{properties.currency}}"},
        "total": {"@path": "$.properties.revenue"},
        "coupon": {"@replace": {"pattern": "10", "replacement": "X", "value": {"@path": "$.properties.coupon"}}},
        "products": {"@arrayPath": ["$.properties.products", _ITEM]},
        "raw": {"@path": "$.properties.products"},
        "note": {"@json": {"mode": "decode", "value": {"@path": "$.properties.note"}}},
        "encoded": {"@json": {"mode": "encode", "value": {"@path": "$.properties.products"}}},
        "merged": {
            "@merge": {"direction": "right", "objects": [{"source": "web"}, {"@path": "$.context.page"}, {"path": "/"}]}
        },
    },
    "greeting": {"@liquid": "{{ properties.affiliation | upcase }}{% if properties.isFirst %}, welcome{% endif %}"},
    "table": {
        "@transform": {
            "apply": {"name": {"@path": "$.event"}, "all": {"@path": "$.properties.products"}},
            "mapping": {"was": {"@path": "$.name"}, "first": {"@path": "$.all[0].name"}},
        }
    },
    "fixed": {"kind": "order", "tags": ["a", {"b": {"@literal": "c"}}, {"@path": "$.context.locale"}]},
}

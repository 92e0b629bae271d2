"""An ABsmartly instance with one subscription on each action, and events for them."""

from collections.abc import Callable
from typing import Any

import pytest

from destination import Outcome
from destination.catalog.absmartly import absmartly
from tests.kit import MOMENT, SETTINGS, TIMESTAMP

__all__ = ["SETTINGS"]


@pytest.fixture
def goal_event() -> dict[str, Any]:
    return {
        "type": "track",
        "event": "Order Completed",
        "userId": "u-1",
        "anonymousId": "a-1",
        "timestamp": TIMESTAMP,
        "properties": {"total": 9.5},
        "context": {"library": {"name": "analytics.js"}},
    }


@pytest.fixture
def exposure() -> dict[str, Any]:
    return {
        "publishedAt": MOMENT - 1000,
        "hashed": True,
        "units": [{"type": "userId", "uid": "abc"}],
        "exposures": [
            {
                "id": 1,
                "name": "checkout",
                "unit": "userId",
                "variant": 1,
                "exposedAt": MOMENT - 2000,
                "assigned": True,
                "eligible": True,
            }
        ],
        "attributes": [{"name": "country", "value": "NL", "setAt": MOMENT - 3000}],
    }


@pytest.fixture
def plan() -> Callable[..., Outcome]:
    """Plans an event through one action with its default mapping, or with another mapping laid over it."""

    def plan_one(action: str, event: dict[str, Any], **mapping: Any) -> Outcome:
        subscription = {
            "name": action,
            "subscribe": 'type != "nothing"',
            "partnerAction": action,
            "mapping": {**absmartly.actions[action].default_values(), **mapping},
        }
        [outcome] = absmartly.instance(SETTINGS, [subscription]).plan(event).outcomes
        return outcome

    return plan_one

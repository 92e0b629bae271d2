"""Explains why an event was sent or not, and where each value of its requests comes from.

`explain_event` returns an `Explanation` of one event at each subscription of an instance. It consists of plain values.
The command line draws it, and `to_json` turns it into JSON. Nothing is sent.
"""

from destination.workbench.explain.event import explain_event, explain_subscription
from destination.workbench.explain.locations import Location
from destination.workbench.explain.model import (
    Explanation,
    Failure,
    FieldExplanation,
    SubscriptionExplanation,
    TriggerExplanation,
    TriggerNode,
)
from destination.workbench.explain.traced_values import TracedValue

__all__ = [
    "Explanation",
    "Failure",
    "FieldExplanation",
    "Location",
    "SubscriptionExplanation",
    "TracedValue",
    "TriggerExplanation",
    "TriggerNode",
    "explain_event",
    "explain_subscription",
]

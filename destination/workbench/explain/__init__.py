"""Explains why an event was sent or not, and where each value of its requests comes from.

`explain_event` makes an `Explanation` of an instance and an event: plain values. Nothing is sent. The command line
draws it, and `to_json` writes it.
"""

from destination.workbench.explain.event import explain_event
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
]

"""Why an event was sent, or not, and where each value of its requests comes from.

`explain_event` gives an `Explanation`: plain values, made from an instance and an event. Nothing is sent. The
command line draws it, and `to_json` writes it.
"""

from destination.workbench.explain.event import explain_event
from destination.workbench.explain.finder import Place
from destination.workbench.explain.locations import Location
from destination.workbench.explain.model import (
    Explanation,
    Failure,
    FieldExplanation,
    SubscriptionExplanation,
    TriggerExplanation,
    TriggerNode,
)

__all__ = [
    "Explanation",
    "Failure",
    "FieldExplanation",
    "Location",
    "Place",
    "SubscriptionExplanation",
    "TriggerExplanation",
    "TriggerNode",
    "explain_event",
]

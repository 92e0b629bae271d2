"""Makes instances of destinations and sends events through them."""

from destination.runtime.instance import MAX_SUBSCRIPTIONS, Destination, Instance
from destination.runtime.problems import Problem
from destination.runtime.redaction import Redactor
from destination.runtime.results import BatchOutcome, BatchResult, EventResult, Outcome, Plan
from destination.runtime.single_action import compile_action, execute_action, execute_batch_action

__all__ = [
    "MAX_SUBSCRIPTIONS",
    "BatchOutcome",
    "BatchResult",
    "Destination",
    "EventResult",
    "Instance",
    "Outcome",
    "Plan",
    "Problem",
    "Redactor",
    "compile_action",
    "execute_action",
    "execute_batch_action",
]

"""A destination instance, and events through it."""

from destination.runtime.batch_results import BatchOutcome, BatchResult
from destination.runtime.destination import Destination
from destination.runtime.instance import MAX_SUBSCRIPTIONS, Instance
from destination.runtime.problems import Problem
from destination.runtime.redaction import Redactor
from destination.runtime.results import EventResult, Outcome, Plan
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

"""Reads tracking plans of Segment Protocols, and checks events against them: `destination check-events`.

`plan` reads a plan's rules, and `schema` says which paths and values a rule's JSON Schema allows. `check` validates
events. `destination lint` compares mappings and triggers with a plan.
"""

from destination.workbench.tracking_plan.plan import PlannedEvent, TrackingPlan, read_tracking_plan
from destination.workbench.tracking_plan.schema import Presence

__all__ = ["PlannedEvent", "Presence", "TrackingPlan", "read_tracking_plan"]

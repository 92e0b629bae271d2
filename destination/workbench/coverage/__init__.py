"""Mapping coverage: which points of the subscriptions events or tests reach, and which they never do.

A point is one thing that an event can reach: a result of a condition or a directive, or a branch of an `@if`. `points`
finds them when a subscription is compiled, `subscription` counts them from the traced variants of trigger and mapping,
`event_paths` counts what nothing reads of the events, and `report` shows the counts.
"""

from destination.workbench.coverage.coverage import CollectedCoverage, Coverage, percent
from destination.workbench.coverage.event_paths import EventPaths, TypePaths
from destination.workbench.coverage.points import Point, points_of
from destination.workbench.coverage.subscription import SubscriptionCoverage

__all__ = [
    "CollectedCoverage",
    "Coverage",
    "EventPaths",
    "Point",
    "SubscriptionCoverage",
    "TypePaths",
    "percent",
    "points_of",
]

"""Mapping coverage: what of the subscriptions events or tests reach, and what never.

`points` finds what can be reached when a subscription is compiled; `subscription` notes what events reach of it, from
the traced variants of trigger and mapping; `event_paths` what of the events nothing reads; `page` draws it.
"""

from destination.workbench.coverage.coverage import Coverage, percent
from destination.workbench.coverage.event_paths import EventPaths, TypePaths
from destination.workbench.coverage.points import Point, points_of
from destination.workbench.coverage.subscription import SubscriptionCoverage

__all__ = ["Coverage", "EventPaths", "Point", "SubscriptionCoverage", "TypePaths", "percent", "points_of"]

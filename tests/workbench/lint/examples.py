"""Subscriptions that are right, to be spoilt one thing at a time."""

from collections.abc import Iterable
from typing import Any

from destination.catalog.absmartly import absmartly
from destination.definition import Subscription
from destination.workbench.lint import Finding, TrackingPlan, lint

GOAL = absmartly.actions["trackGoal"].default_values()
ORDER = 'type = "track" and event = "Order Completed"'


def subscription(subscribe: Any = ORDER, name: str = "One", **more: Any) -> Subscription:
    more = {"partner_action": "trackGoal", "mapping": GOAL, **more}
    return Subscription(name=name, subscribe=subscribe, **more)


def found(*subscriptions: Subscription, select: Iterable[str] = (), plan: TrackingPlan | None = None) -> list[Finding]:
    """What is found, but for what is true of every set of few subscriptions."""
    return list(lint(absmartly, subscriptions, select=select, ignore=["E001"], plan=plan).findings)


def codes(*subscriptions: Subscription, **more: Any) -> list[str]:
    return [finding.code for finding in found(*subscriptions, **more)]

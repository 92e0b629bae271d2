"""What an author declares: destinations, actions, presets, authentication, subscriptions."""

from destination.definition.action import Action, default_values
from destination.definition.authentication import Authentication
from destination.definition.destination import DestinationDefinition
from destination.definition.event_options import EventOptions, StatsClient, StatsContext, SubscriptionStats
from destination.definition.execute_input import BatchInput, ExecuteInput, SubscriptionContext
from destination.definition.metadata import to_metadata
from destination.definition.multistatus import (
    ActionDestinationErrorResponse,
    ActionDestinationSuccessResponse,
    MultiStatusErrorReporter,
    MultiStatusResponse,
)
from destination.definition.preset import Preset
from destination.definition.registry import find, slugs
from destination.definition.subscription import Subscription, read_subscriptions

__all__ = [
    "Action",
    "ActionDestinationErrorResponse",
    "ActionDestinationSuccessResponse",
    "Authentication",
    "BatchInput",
    "DestinationDefinition",
    "EventOptions",
    "ExecuteInput",
    "MultiStatusErrorReporter",
    "MultiStatusResponse",
    "Preset",
    "StatsClient",
    "StatsContext",
    "Subscription",
    "SubscriptionContext",
    "SubscriptionStats",
    "default_values",
    "find",
    "read_subscriptions",
    "slugs",
    "to_metadata",
]

"""What an author declares: destinations, actions, presets, authentication, subscriptions."""

from destination.definition.action import Action, default_values
from destination.definition.audience import AudienceConfig
from destination.definition.audience_membership import resolve_audience_membership
from destination.definition.authentication import Authentication
from destination.definition.call_inputs import AppInput, AudienceInput, PollInput
from destination.definition.destination import DestinationDefinition
from destination.definition.dynamic_fields import DynamicFields, DynamicFunction, find_dynamic_field
from destination.definition.event_options import EventOptions, StatsClient, StatsContext, SubscriptionStats
from destination.definition.execute_input import BatchInput, ExecuteInput, SubscriptionContext
from destination.definition.formats import (
    PublicDefinition,
    SubscriptionForm,
    check_portable,
    from_metadata,
    to_metadata,
    to_portable,
    to_public_api,
    to_terraform,
    write_subscriptions,
)
from destination.definition.hook import HOOK_TYPES, ActionHook, ActionHookType, HookOutput
from destination.definition.lint_rule import LintFinding, LintRule
from destination.definition.multistatus import (
    ActionDestinationErrorResponse,
    ActionDestinationSuccessResponse,
    MultiStatusErrorReporter,
    MultiStatusResponse,
)
from destination.definition.polling import OperationStatus, PendingOperation
from destination.definition.preset import Preset
from destination.definition.registry import find, raised_at, slugs
from destination.definition.subscription import Subscription, read_subscriptions
from destination.definition.sync_mode import SYNC_MODES, SyncMode, SyncModeDefinition, SyncModeOption

__all__ = [
    "HOOK_TYPES",
    "SYNC_MODES",
    "Action",
    "ActionDestinationErrorResponse",
    "ActionDestinationSuccessResponse",
    "ActionHook",
    "ActionHookType",
    "AppInput",
    "AudienceConfig",
    "AudienceInput",
    "Authentication",
    "BatchInput",
    "DestinationDefinition",
    "DynamicFields",
    "DynamicFunction",
    "EventOptions",
    "ExecuteInput",
    "HookOutput",
    "LintFinding",
    "LintRule",
    "MultiStatusErrorReporter",
    "MultiStatusResponse",
    "OperationStatus",
    "PendingOperation",
    "PollInput",
    "Preset",
    "PublicDefinition",
    "StatsClient",
    "StatsContext",
    "Subscription",
    "SubscriptionContext",
    "SubscriptionForm",
    "SubscriptionStats",
    "SyncMode",
    "SyncModeDefinition",
    "SyncModeOption",
    "check_portable",
    "default_values",
    "find",
    "find_dynamic_field",
    "from_metadata",
    "raised_at",
    "read_subscriptions",
    "resolve_audience_membership",
    "slugs",
    "to_metadata",
    "to_portable",
    "to_public_api",
    "to_terraform",
    "write_subscriptions",
]

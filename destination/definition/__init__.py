"""The declarations of an author: destinations, actions, presets, authentication, subscriptions."""

from typing import TYPE_CHECKING

from destination.definition.action import Action, default_values
from destination.definition.app import (
    HOOK_TYPES,
    ActionHook,
    ActionHookType,
    AudienceConfig,
    DynamicFields,
    DynamicFunction,
    HookOutput,
    OperationStatus,
    PendingOperation,
    find_dynamic_field,
)
from destination.definition.destination import Authentication, DestinationDefinition, Preset
from destination.definition.inputs import (
    AppInput,
    AudienceInput,
    BatchInput,
    EventOptions,
    ExecuteInput,
    PollInput,
    StatsClient,
    StatsContext,
    SubscriptionContext,
    SubscriptionStats,
)
from destination.definition.lint_rule import LintFinding, LintRule
from destination.definition.membership import (
    SYNC_MODES,
    SyncMode,
    SyncModeDefinition,
    SyncModeOption,
    resolve_audience_membership,
)
from destination.definition.multistatus import (
    ActionDestinationErrorResponse,
    ActionDestinationSuccessResponse,
    MultiStatusErrorReporter,
    MultiStatusResponse,
)
from destination.definition.registry import find, raised_at, slugs
from destination.definition.subscription import Subscription, read_subscriptions
from destination.late import late_names

if TYPE_CHECKING:
    from destination.definition.formats import (
        PublicDefinition,
        SubscriptionForm,
        TerraformError,
        check_portable,
        from_metadata,
        from_terraform,
        to_metadata,
        to_portable,
        to_public_api,
        to_python,
        to_terraform,
        write_subscriptions,
    )

__getattr__ = late_names(
    globals(),
    {
        "destination.definition.formats.metadata_in": "PublicDefinition from_metadata",
        "destination.definition.formats.public_api": "SubscriptionForm check_portable "
        "to_portable to_public_api write_subscriptions",
        "destination.definition.formats.terraform_in": "TerraformError from_terraform",
        "destination.definition.formats.metadata_out": "to_metadata",
        "destination.definition.formats.python_code": "to_python",
        "destination.definition.formats.terraform": "to_terraform",
    },
)

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
    "TerraformError",
    "check_portable",
    "default_values",
    "find",
    "find_dynamic_field",
    "from_metadata",
    "from_terraform",
    "raised_at",
    "read_subscriptions",
    "resolve_audience_membership",
    "slugs",
    "to_metadata",
    "to_portable",
    "to_public_api",
    "to_python",
    "to_terraform",
    "write_subscriptions",
]

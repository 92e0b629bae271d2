"""What of a subscription is the same for all its events."""

from typing import Any

from destination.definition import Action, Subscription, SubscriptionContext
from destination.definition.membership import matching_key_of, sync_mode_of
from destination.values import get_property, truthy


def subscription_context(subscription: Subscription, action: Action[Any, Any] | None) -> SubscriptionContext:
    """Identifiers, sync mode, matching key and hook outputs, as performs see them.

    A sync mode counts only where the action has sync modes, a hook's outputs only where it has that hook.

    Example:
        >>> mapping = {"__segment_internal_matching_key": 5, "onMappingSave": {"outputs": {"id": "l1"}}}
        >>> context = subscription_context(Subscription(subscribe="", partner_action="a", mapping=mapping), None)
        >>> context.matching_key, context.hook_outputs
        ('5', {})
    """
    mapping = subscription.mapping
    hooks: dict[str, Any] = {}
    for name in action.hooks if action is not None else ():
        stored = get_property(mapping, name)
        if truthy(stored):
            hooks[name] = stored
    return SubscriptionContext(
        raw_mapping=mapping,
        metadata={
            "actionConfigId": subscription.id,
            "destinationConfigId": subscription.config_id,
            "actionId": subscription.action_id,
            "sourceId": subscription.project_id,
        },
        sync_mode=sync_mode_of(mapping) if action is not None and action.sync_mode is not None else None,
        matching_key=matching_key_of(mapping),
        hook_outputs=hooks,
    )

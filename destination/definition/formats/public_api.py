"""Subscriptions in the form of Segment's Public API, and lists of subscriptions in either JSON form."""

from collections.abc import Iterable
from typing import Any, Literal, TypeAlias

from destination.definition.formats.portable import check_portable
from destination.definition.subscription import Subscription
from destination.errors import DefinitionError

SubscriptionForm: TypeAlias = Literal["runtime", "public-api"]
"""A JSON form of Segment's: that of its runtime, or that of its Public API."""


def to_public_api(subscription: Subscription) -> dict[str, Any]:
    """The form of Segment's Public API; `Subscription.from_json` reads it back.

    Identifiers that are not known are null. What the Public API has no key for, `project_id`, is left out.

    Raises:
        NotPortableError: The mapping uses a directive that Segment does not know; see `check_portable`.
        DefinitionError: A member that is text on Segment is none, or the mapping is no object.

    Example:
        >>> to_public_api(Subscription(name="Pages", subscribe='type = "page"', partner_action="trackGoal"))
        {'id': None, 'name': 'Pages', 'actionId': None, 'actionSlug': 'trackGoal', 'destinationId': None,
         'modelId': None, 'enabled': True, 'trigger': 'type = "page"', 'settings': {}}
    """
    check_portable(subscription)
    return _record(subscription)


def _record(subscription: Subscription) -> dict[str, Any]:
    return {
        "id": subscription.id,
        "name": subscription.name,
        "actionId": subscription.action_id,
        "actionSlug": subscription.partner_action,
        "destinationId": subscription.config_id,
        "modelId": subscription.model_id,
        "enabled": subscription.enabled,
        "trigger": subscription.subscribe,
        "settings": subscription.mapping,
    }


def write_subscriptions(subscriptions: Iterable[Subscription], form: SubscriptionForm = "runtime") -> Any:
    """A list of subscriptions in one of Segment's JSON forms; `read_subscriptions` reads either back.

    Args:
        subscriptions: The subscriptions.
        form: `runtime` gives a list, `public-api` an answer of the Public API (`data.subscriptions`).

    Raises:
        NotPortableError: A mapping uses a directive that Segment does not know; names the subscription.
        DefinitionError: There is no such form, or a subscription's parts are of the wrong type.

    Example:
        >>> pages = Subscription(name="Pages", subscribe='type = "page"', partner_action="trackGoal")
        >>> write_subscriptions([pages])
        [{'name': 'Pages', 'enabled': True, 'partnerAction': 'trackGoal',
          'subscribe': 'type = "page"', 'mapping': {}}]
        >>> write_subscriptions([pages], "public-api")["data"]["subscriptions"][0]["actionSlug"]
        'trackGoal'
    """
    if form not in ("runtime", "public-api"):
        raise DefinitionError(f"there is no form {form!r} of subscriptions; use 'runtime' or 'public-api'")
    checked = list(subscriptions)
    for index, subscription in enumerate(checked):
        check_portable(subscription, f"subscription {index} ({subscription.name!r})")
    if form == "runtime":
        return [subscription.to_json() for subscription in checked]
    return {"data": {"subscriptions": [_record(subscription) for subscription in checked]}}

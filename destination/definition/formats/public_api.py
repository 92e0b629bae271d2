"""Subscriptions in Segment's JSON forms, and the check that a subscription can be written in one."""

from collections.abc import Iterable
from typing import Any, Literal, TypeAlias

from destination.definition.subscription import Subscription
from destination.errors import DefinitionError, NotPortableError
from destination.mapping import extensions_used
from destination.values.convert import json_type_of

_IDENTIFIERS = ("id", "action_id", "config_id", "project_id", "model_id")
_TEXTS = ("name", "subscribe", "partner_action", *_IDENTIFIERS)


def check_portable(subscription: Subscription, what: str | None = None) -> None:
    """Checks that a subscription can be written in Segment's formats.

    A trigger that does not parse and a mapping with invalid directives can be written: Segment treats them as this
    framework does. `Subscription.check` finds them.

    Args:
        subscription: The subscription.
        what: Its name in the message; by default made of the subscription's name.

    Raises:
        NotPortableError: The mapping uses a directive that Segment does not know (`@jsonpath`, `@jinja`); the
            error has all of them, each with its JSON pointer.
        DefinitionError: A member that has to be text is not text, or the mapping is not an object.

    Example:
        >>> check_portable(Subscription(name="Pages", subscribe="", partner_action="a",
        ...                             mapping={"name": [{"@jinja": "{{ event }}"}]}))
        Traceback (most recent call last):
        destination.errors.NotPortableError: subscription 'Pages' cannot be written for Segment,
        which does not know @jinja at /name/0. ...
    """
    if what is None:
        what = f"subscription {subscription.name!r}"
    for member in _TEXTS:
        text = getattr(subscription, member)
        if not isinstance(text, str) and not (text is None and member in _IDENTIFIERS):
            raise DefinitionError(
                f"{what} cannot be written for Segment: its {member} is not text, but {json_type_of(text)}"
            )
    if not isinstance(subscription.mapping, dict):
        raise DefinitionError(
            f"{what} cannot be written for Segment: its mapping is not an object, "
            f"but {json_type_of(subscription.mapping)}"
        )
    schedule = subscription.reverse_etl_schedule
    if not (schedule is None or isinstance(schedule, dict)):
        raise DefinitionError(
            f"{what} cannot be written for Segment: its reverse_etl_schedule is not an object, "
            f"but {json_type_of(schedule)}"
        )
    found = extensions_used(subscription.mapping)
    if found:
        raise NotPortableError(what, found)


def to_portable(subscription: Subscription) -> dict[str, Any]:
    """Writes a subscription in the form of Segment's runtime, for Segment.

    `Subscription.to_json` writes this form without the check, for this framework to read again.

    Raises:
        NotPortableError: As `check_portable` says.
        DefinitionError: As `check_portable` says.

    Example:
        >>> to_portable(Subscription(name="Pages", subscribe='type = "page"', partner_action="trackGoal"))["subscribe"]
        'type = "page"'
    """
    check_portable(subscription)
    return subscription.to_json()


SubscriptionForm: TypeAlias = Literal["runtime", "public-api"]
"""A JSON form of Segment's: that of its runtime, or that of its Public API."""


def to_public_api(subscription: Subscription) -> dict[str, Any]:
    """Writes a subscription in the form of Segment's Public API; `Subscription.from_json` reads it back.

    Identifiers that are not known are null. What the Public API has no key for, `project_id`, is left out.

    Raises:
        NotPortableError: The mapping uses a directive that Segment does not know; see `check_portable`.
        DefinitionError: A member that has to be text is not text, or the mapping is not an object.

    Example:
        >>> to_public_api(Subscription(name="Pages", subscribe='type = "page"', partner_action="trackGoal"))
        {'id': None, 'name': 'Pages', 'actionId': None, 'actionSlug': 'trackGoal', 'destinationId': None,
         'modelId': None, 'enabled': True, 'trigger': 'type = "page"', 'settings': {}}
    """
    check_portable(subscription)
    return _record(subscription)


def _record(subscription: Subscription) -> dict[str, Any]:
    schedule = subscription.reverse_etl_schedule
    return {
        "id": subscription.id,
        "name": subscription.name,
        "actionId": subscription.action_id,
        "actionSlug": subscription.partner_action,
        "destinationId": subscription.config_id,
        "modelId": subscription.model_id,
        **({} if schedule is None else {"reverseETLSchedule": schedule}),
        "enabled": subscription.enabled,
        "trigger": subscription.subscribe,
        "settings": subscription.mapping,
    }


def write_subscriptions(subscriptions: Iterable[Subscription], form: SubscriptionForm = "runtime") -> Any:
    """Writes a list of subscriptions in one of Segment's JSON forms; `read_subscriptions` reads both.

    Args:
        subscriptions: The subscriptions.
        form: `runtime` for a list, `public-api` for an answer of the Public API (`data.subscriptions`).

    Raises:
        NotPortableError: A mapping uses a directive that Segment does not know; names the subscription.
        DefinitionError: The form is neither of these, or a member of a subscription is of the wrong type.

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


def has_next_page(answer: Any) -> bool:
    """Says whether an answer of the Public API is one page of several, and another follows.

    Example:
        >>> has_next_page({"data": {"subscriptions": [], "pagination": {"current": "MA==", "next": "Mg=="}}})
        True
        >>> has_next_page({"data": {"subscriptions": [], "pagination": {"current": "Mg=="}}})
        False
    """
    parts = [answer, answer.get("data")] if isinstance(answer, dict) else []
    found = [part["pagination"] for part in parts if isinstance(part, dict) and "pagination" in part]
    return any(isinstance(one, dict) and bool(one.get("next")) for one in found)


def is_terraform_json(value: Any) -> bool:
    """Whether parsed JSON is what Terraform writes.

    Example:
        >>> is_terraform_json({"format_version": "1.0", "values": {}}), is_terraform_json([])
        (True, False)
    """
    return isinstance(value, dict) and ("format_version" in value or "terraform_version" in value)

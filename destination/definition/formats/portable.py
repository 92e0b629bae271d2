"""What may leave for Segment: the check that every export goes through, and the runtime's own JSON."""

from typing import Any

from destination.definition.subscription import Subscription
from destination.errors import DefinitionError, NotPortableError
from destination.mapping import extensions_used
from destination.values import real_type_of

_IDENTIFIERS = ("id", "action_id", "config_id", "project_id", "model_id")
_TEXTS = ("name", "subscribe", "partner_action", *_IDENTIFIERS)


def check_portable(subscription: Subscription, what: str | None = None) -> None:
    """Raises why a subscription cannot be written in one of Segment's formats; returns when it can.

    A trigger that does not parse and a mapping with invalid directives are no obstacle: they are the same there
    and here (`Subscription.check` finds them).

    Args:
        subscription: The subscription.
        what: How the message calls it; its name by default.

    Raises:
        NotPortableError: The mapping uses a directive that Segment does not know (`@jsonpath`, `@jinja`); the
            error has all of them, each with its JSON pointer.
        DefinitionError: A member that is text on Segment is none, or the mapping is no object.

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
            raise DefinitionError(f"{what} cannot be written for Segment: its {member} is no text, but {_kind(text)}")
    if not isinstance(subscription.mapping, dict):
        raise DefinitionError(
            f"{what} cannot be written for Segment: its mapping is no object, but {_kind(subscription.mapping)}"
        )
    found = extensions_used(subscription.mapping)
    if found:
        raise NotPortableError(what, found)


def _kind(value: Any) -> str:
    return real_type_of(value) if value is None or isinstance(value, (bool, int, float, str, list, dict)) else "no JSON"


def to_portable(subscription: Subscription) -> dict[str, Any]:
    """The form of Segment's runtime, to be given to Segment.

    `Subscription.to_json` writes the same form without looking: it keeps whatever the mapping holds, for this
    framework to read again.

    Raises:
        NotPortableError: As `check_portable` says.
        DefinitionError: As `check_portable` says.

    Example:
        >>> to_portable(Subscription(name="Pages", subscribe='type = "page"', partner_action="trackGoal"))["subscribe"]
        'type = "page"'
    """
    check_portable(subscription)
    return subscription.to_json()

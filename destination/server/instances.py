"""An instance for one call."""

from collections.abc import Mapping
from typing import Any

from destination.request import Transport
from destination.runtime import Destination, Instance
from destination.runtime.auth import with_tokens


def make_instance(
    destination: Destination[Any],
    settings: Mapping[str, Any],
    transport: Transport,
    auth: Mapping[str, Any] | None = None,
    *,
    check_settings: bool = True,
) -> Instance[Any]:
    """A destination with the settings of one call and without subscriptions.

    Args:
        destination: What is tested.
        settings: The settings that were posted.
        transport: What sends.
        auth: Tokens that were posted beside them, such as `accessToken`; they go before those in the settings.
        check_settings: Whether they must be valid.

    Raises:
        SchemaValidationError: They must, and are not.
        Exception: What the author's own functions make of settings that are not valid.
    """
    return Instance(
        destination, with_tokens(settings, auth or {}), [], transport=transport, check_settings=check_settings
    )


def unknown_action(destination: Destination[Any], slug: str) -> str:
    """What to say where an action is not there."""
    return f"{destination.name} has no action {slug!r}: use one of {', '.join(destination.actions) or 'none'}"

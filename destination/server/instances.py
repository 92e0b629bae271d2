"""An instance for one call."""

from collections.abc import Mapping
from typing import Any

from destination.request import Transport
from destination.runtime import Destination, Instance, Redactor
from destination.runtime.auth import with_tokens

_SECRET_TOKENS = ("access_token", "refresh_token", "clientSecret")


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


def redactor_for(
    destination: Destination[Any], settings: Mapping[str, Any], auth: Mapping[str, Any] | None = None
) -> Redactor:
    """What masks the secrets of one call where it has no instance (yet): its author's own functions may fail first.

    Args:
        destination: What is tested.
        settings: The settings that were posted.
        auth: Tokens that were posted beside them.

    Example:
        >>> from destination.catalog.absmartly import absmartly
        >>> redactor_for(absmartly, {"apiKey": "s3cr3t"}, {"accessToken": "t0k3n"}).text("s3cr3t and t0k3n")
        '<redacted> and <redacted>'
    """
    redactor = Redactor(settings, destination.secret_keys)
    oauth = with_tokens(settings, auth or {}).get("oauth")
    if isinstance(oauth, Mapping):
        redactor.remember(str(oauth[key]) for key in _SECRET_TOKENS if oauth.get(key) is not None)
    return redactor


def unknown_action(destination: Destination[Any], slug: str) -> str:
    """What to say where an action is not there."""
    return f"{destination.name} has no action {slug!r}: use one of {', '.join(destination.actions) or 'none'}"

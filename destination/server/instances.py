"""An instance for one call."""

from collections.abc import Mapping
from typing import Any

from destination.request import Transport
from destination.runtime import Destination, Instance

_OAUTH_KEYS = {
    "accessToken": "access_token",
    "refreshToken": "refresh_token",
    "refreshTokenUrl": "refresh_token_url",
    "clientId": "clientId",
    "clientSecret": "clientSecret",
}


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


def with_tokens(settings: Mapping[str, Any], auth: Mapping[str, Any]) -> dict[str, Any]:
    """Settings with tokens where the runtime looks for them: under `oauth`, in snake_case.

    Example:
        >>> with_tokens({"region": "eu"}, {"accessToken": "t"})
        {'region': 'eu', 'oauth': {'access_token': 't'}}
        >>> with_tokens({"region": "eu"}, {})
        {'region': 'eu'}
    """
    tokens = {key: auth[name] for name, key in _OAUTH_KEYS.items() if auth.get(name) is not None}
    if not tokens:
        return dict(settings)
    stored = settings.get("oauth")
    return {**settings, "oauth": {**(stored if isinstance(stored, dict) else {}), **tokens}}


def unknown_action(destination: Destination[Any], slug: str) -> str:
    """What to say where an action is not there."""
    return f"{destination.name} has no action {slug!r}: use one of {', '.join(destination.actions) or 'none'}"

"""Makes an instance of what a person gave; every mistake is a `UsageProblem`, without secrets."""

from collections.abc import Mapping, Sequence
from typing import Any

from destination.definition import Subscription, find
from destination.errors import DefinitionError, SchemaValidationError
from destination.request import Transport
from destination.runtime.instance import Destination, Instance
from destination.runtime.redaction import Redactor
from destination.usage_problem import UsageProblem


def find_destination(slug: str) -> Destination[Any]:
    """Finds the installed destination of a slug.

    Raises:
        UsageProblem: There is none; the message names what is close.

    Example:
        >>> find_destination("actions-absmartly").slug
        'actions-absmartly'
    """
    try:
        found = find(slug)
    except DefinitionError as error:
        raise UsageProblem(str(error)) from None
    if not isinstance(found, Destination):
        raise UsageProblem(f"{slug}: its entry point leads to a definition that cannot make instances")
    return found


def instance_of(
    definition: Destination[Any],
    settings: Mapping[str, Any],
    subscriptions: Sequence[Subscription | Mapping[str, Any]] | None,
    *,
    settings_name: str = "settings",
    mappings_name: str = "mappings",
    transport: Transport | None = None,
    timeout_ms: float | None = None,
) -> Instance[Any]:
    """Makes an instance.

    Args:
        definition: The destination.
        settings: The settings, with their secrets.
        subscriptions: The subscriptions; None means the presets.
        settings_name: What messages call the settings, such as their file.
        mappings_name: What messages call the subscriptions.
        transport: Sends the requests; None where nothing is sent.
        timeout_ms: The time limit of a request that sets none of its own, in milliseconds.

    Raises:
        UsageProblem: The settings are not valid, or there are more than 50 subscriptions.

    Example:
        >>> instance_of(find_destination("actions-absmartly"), {"apiKey": 5}, None)
        Traceback (most recent call last):
        destination.usage_problem.UsageProblem: settings: ...
    """
    redactor = Redactor(settings, definition.secret_keys)
    try:
        return definition.instance(settings, subscriptions, transport=transport, timeout_ms=timeout_ms)
    except SchemaValidationError as error:
        lines = [f"{settings_name}: {redactor.text(item.message)}" for item in error.errors]
        raise UsageProblem(*lines) from None
    except DefinitionError as error:
        raise UsageProblem(f"{mappings_name}: {redactor.text(str(error))}") from None

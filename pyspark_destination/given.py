"""What a driver reads once for all executors: the destination, the mappings, and settings without their secrets."""

import warnings
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from destination.definition import DestinationDefinition, Subscription
from destination.definition.destination import placeholders
from destination.definition.given.mappings import GivenMappings, read_mappings
from destination.definition.given.settings import missing_settings, read_toml, resolve_settings
from destination.request import Transport
from destination.runtime import Instance
from destination.runtime.given import find_destination, instance_of
from destination.usage_problem import UsageProblem


@dataclass(frozen=True)
class GivenInstance:
    """An instance as it travels to executors: plain data that holds no secret.

    Attributes:
        destination: The slug.
        subscriptions: The subscriptions as JSON; None means the presets.
        settings: The settings as their file has them, secrets by name; None means placeholders, which send nothing.
        settings_file: The settings file, from which relative paths count.

    Example:
        >>> given = GivenInstance("actions-absmartly", None, None, "settings")
        >>> given.instance().definition.name
        'ABsmartly (Actions)'
    """

    destination: str
    subscriptions: tuple[Mapping[str, Any], ...] | None
    settings: Mapping[str, Any] | None
    settings_file: str

    def instance(self, transport: Transport | None = None, timeout_ms: float | None = None) -> Instance[Any]:
        """Makes the instance, on an executor; looks up the secrets there.

        Args:
            transport: Sends the requests; None where nothing is sent.
            timeout_ms: The time limit of a request that sets none of its own, in milliseconds.

        Raises:
            UsageProblem: A secret cannot be looked up, or the settings are not valid.
        """
        definition = find_destination(self.destination)
        settings = (
            placeholders(definition)
            if self.settings is None
            else resolve_settings(Path(self.settings_file), self.settings, definition)
        )
        return instance_of(
            definition,
            settings,
            self.subscriptions,
            settings_name=self.settings_file,
            transport=transport,
            timeout_ms=timeout_ms,
        )


def given_instance(
    destination: str,
    mappings: str | Sequence[str] | None,
    settings_file: str | None,
    *,
    sends: bool,
) -> GivenInstance:
    """Reads what an instance is made of, on the driver.

    Args:
        destination: The slug.
        mappings: Files, patterns or Python objects with subscriptions; `presets` or None means the presets.
        settings_file: A TOML file whose secrets are `{ env = "NAME" }` or `{ file = "path" }`.
        sends: Whether events will be sent, so that settings are needed and a subscription with a problem is refused.

    Raises:
        UsageProblem: Something of it cannot be used, or the settings file holds a secret itself.

    Example:
        >>> given_instance("actions-absmartly", None, None, sends=False).subscriptions is None
        True
        >>> given_instance("actions-absmartli", None, None, sends=False)
        Traceback (most recent call last):
        destination.usage_problem.UsageProblem: there is no destination ...; did you mean 'actions-absmartly'? ...
    """
    definition = find_destination(destination)
    names = (mappings,) if isinstance(mappings, str) else tuple(mappings or ())
    subscriptions: list[Subscription] | None = None
    if names and names != ("presets",):
        subscriptions = read_mappings(GivenMappings(names), definition, _warn)
    settings = None
    if settings_file is not None:
        settings = _without_secrets(settings_file, definition)
    elif sends and placeholders(definition):
        problem = missing_settings(definition, "")
        raise UsageProblem(*(line.replace("--settings FILE.toml", "option settingsFile") for line in problem.lines))
    given = GivenInstance(
        destination=destination,
        subscriptions=None if subscriptions is None else tuple(item.to_json() for item in subscriptions),
        settings=settings,
        settings_file=settings_file or "settings",
    )
    checked = GivenInstance(given.destination, given.subscriptions, None, given.settings_file).instance()
    if sends and checked.problems:
        raise UsageProblem("; ".join(f"{mappings or 'presets'}: {problem}" for problem in checked.problems))
    return given


def _warn(line: str) -> None:
    warnings.warn(line, stacklevel=4)


def _without_secrets(settings_file: str, definition: DestinationDefinition[Any]) -> Mapping[str, Any]:
    settings = read_toml(Path(settings_file))
    held = [key for key in definition.secret_keys if key in settings and not isinstance(settings[key], Mapping)]
    if held:
        raise UsageProblem(
            f"{settings_file}: holds the secret {', '.join(held)} itself, which would travel through the cluster; "
            f'name where executors find it: {held[0]} = {{ env = "NAME" }} or {{ file = "path" }}'
        )
    unresolved = {key: "x" if isinstance(value, Mapping) else value for key, value in settings.items()}
    tables = {key for key, field in definition.settings_fields.items() if field.type == "object"}
    known = {key: value for key, value in unresolved.items() if key not in tables and key != "oauth"}
    resolve_settings(Path(settings_file), {**known, **{key: {} for key in tables & settings.keys()}}, definition)
    return settings

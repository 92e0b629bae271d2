"""Makes an instance of what was given on the command line, and keeps the OAuth tokens that it refreshes."""

import json
import os
from collections.abc import Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any

from destination.cli.output import Output
from destination.definition import DestinationDefinition, Subscription
from destination.definition.destination import placeholders
from destination.definition.given.files import check_writable, reason_of
from destination.definition.given.mappings import GivenMappings, read_mappings
from destination.definition.given.oauth import TABLE, TOKEN_FILE, missing_tokens, read_tokens, uses_oauth
from destination.definition.given.settings import missing_settings, read_settings
from destination.request import Transport
from destination.runtime import Destination, Instance, Redactor
from destination.runtime.given import find_destination, instance_of
from destination.usage_problem import UsageProblem


def make_instance(
    definition: Destination[Any],
    settings: dict[str, Any],
    subscriptions: Sequence[Subscription] | None,
    output: Output,
    *,
    settings_name: str = "settings",
    mappings_name: str = "mappings",
    transport: Transport | None = None,
    timeout_ms: float | None = None,
) -> Instance[Any]:
    """Makes an instance; from here on its secrets are masked in all output.

    Raises:
        UsageProblem: The settings are not valid, or there are more than 50 subscriptions.
    """
    output.redactor = Redactor(settings, definition.secret_keys)
    instance = instance_of(
        definition,
        settings,
        subscriptions,
        settings_name=settings_name,
        mappings_name=mappings_name,
        transport=transport,
        timeout_ms=timeout_ms,
    )
    output.redactor = instance.redactor
    if transport is not None:  # else nothing is sent
        _keep_tokens(instance, settings, output)
    return instance


def planning_instance(
    destination: str, settings: Path | None, mappings: GivenMappings | None, output: Output
) -> Instance[Any]:
    """Makes the instance that the options describe, for a command that sends nothing.

    Args:
        destination: The slug.
        settings: The settings file; placeholders when None.
        mappings: The subscriptions; the destination's presets when None.
        output: Gets to know the instance's secrets, and names placeholders.

    Raises:
        UsageProblem: Something of it cannot be used.
    """
    definition = find_destination(destination)
    subscriptions = None if mappings is None else read_mappings(mappings, definition, output.note)
    return make_instance(
        definition,
        chosen_settings(definition, settings, output, sends=False),
        subscriptions,
        output,
        settings_name=str(settings or "settings"),
        mappings_name=str(mappings or "presets"),
    )


def chosen_settings(
    definition: DestinationDefinition[Any], path: Path | None, output: Output, *, sends: bool, why: str = ""
) -> dict[str, Any]:
    """Reads the settings of a file, or makes placeholders where nothing is sent.

    Raises:
        UsageProblem: The file cannot be used, or there is none and some are needed.
    """
    if path is not None:
        settings = read_settings(path, definition)
        if sends and uses_oauth(definition) and TABLE not in settings:
            raise missing_tokens(definition, path)
        return settings
    stand_ins = placeholders(definition)
    if stand_ins and sends:
        raise missing_settings(definition, why)
    if sends and uses_oauth(definition):
        raise missing_tokens(definition, path)
    if stand_ins:
        listed = ", ".join(f"{key} = {value}" for key, value in stand_ins.items())
        output.note(f"no --settings given; nothing is sent, and placeholders are used: {listed}")
    return stand_ins


def note_problems(instance: Instance[Any], mappings: GivenMappings | str | None, output: Output) -> None:
    """Writes to standard error what makes subscriptions fail or match nothing: an outcome alone may not show it."""
    for problem in instance.problems:
        output.note(f"{mappings or 'presets'}: {problem}")


def refuse_problems(instance: Instance[Any], mappings: GivenMappings | None) -> None:
    """Refuses a subscription that could only fail or match nothing.

    Raises:
        UsageProblem: There are problems; one line for each.
    """
    name = str(mappings or "presets")
    if instance.problems:
        raise UsageProblem(*(instance.redactor.text(f"{name}: {problem}") for problem in instance.problems))


# --- refreshed OAuth tokens ------------------------------------------------------------------------------


def _keep_tokens(instance: Instance[Any], settings: Mapping[str, Any], output: Output) -> None:
    """Has refreshed tokens written to the file that is named for them; says so first where none is named.

    Args:
        instance: The instance that refreshes them.
        settings: The settings, as `read_oauth` completed them.
        output: Prints the warning.

    Raises:
        UsageProblem: The file cannot be written. The partner may take an old refresh token no more, so that this is
            found before one is used.
    """
    oauth = settings.get(TABLE)
    if not isinstance(oauth, Mapping):
        return
    authentication = instance.definition.authentication
    file = oauth.get(TOKEN_FILE)
    if file is not None:
        if authentication is not None and authentication.refresh_access_token is not None:
            check_writable(f"[oauth] {TOKEN_FILE}", _part_of(Path(file)))
        instance.tokens.on_refresh = lambda tokens: _write_tokens(Path(file), tokens, oauth, output)
    elif "refresh_token" in oauth and authentication is not None and authentication.refresh_access_token is not None:
        output.note(
            "a refreshed token is kept until the command ends, and the partner may take the old refresh token no more; "
            f'to keep it, name a file: [oauth] {TOKEN_FILE} = "tokens.json"'
        )


def _write_tokens(path: Path, tokens: Mapping[str, Any], oauth: Mapping[str, Any], output: Output) -> None:
    from destination.private_files import open_private

    kept = {"accessToken": tokens["accessToken"], "refreshToken": tokens.get("refreshToken")}
    if not kept["refreshToken"]:
        kept["refreshToken"] = _read_quietly(path).get("refreshToken") or oauth.get("refresh_token")
    part = _part_of(path)
    try:
        with open_private(part) as file:
            file.write(json.dumps({key: value for key, value in kept.items() if value}, indent=2).encode() + b"\n")
            file.flush()
            os.fsync(file.fileno())
        part.replace(path)
    except (OSError, ValueError) as error:
        with suppress(OSError):
            part.unlink()
        output.note(f"{path}: the refreshed tokens cannot be written: {reason_of(error).lower()}")


def _part_of(path: Path) -> Path:
    """The file beside a token file that replaces it once it is written whole."""
    return path.with_name(f"{path.name}.part")


def _read_quietly(path: Path) -> dict[str, str]:
    with suppress(UsageProblem):
        return read_tokens(path)
    return {}

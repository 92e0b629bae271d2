"""From what was given on the command line to an instance."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any, Protocol

from destination.cli.files import parse_json, read_file
from destination.cli.output import Output
from destination.cli.problems import UsageProblem
from destination.cli.settings import missing_settings, read_settings
from destination.definition import DestinationDefinition, Subscription, find, read_subscriptions
from destination.definition.destination import placeholders
from destination.errors import DefinitionError, SchemaValidationError
from destination.request import Transport
from destination.runtime import Destination, Instance, Redactor


class Chosen(Protocol):
    """The options that say which instance to make."""

    @property
    def destination(self) -> str:
        """The slug."""
        ...

    @property
    def settings(self) -> Path | None:
        """The settings file."""
        ...

    @property
    def mappings(self) -> Path | None:
        """The file of subscriptions."""
        ...


def find_destination(slug: str) -> Destination[Any]:
    """The installed destination of that slug.

    Raises:
        UsageProblem: There is none; the message names what is close.
    """
    try:
        found = find(slug)
    except DefinitionError as error:
        raise UsageProblem(str(error)) from None
    if not isinstance(found, Destination):
        raise UsageProblem(f"{slug}: its entry point leads to a definition that cannot make instances")
    return found


def read_mappings(path: Path) -> list[Subscription]:
    """The subscriptions in a file, in the form of Segment's runtime or of its Public API.

    Raises:
        UsageProblem: The file cannot be read, is no JSON, or holds something else.
    """
    return parse_mappings(read_file(path, "mappings file", "subscriptions"), str(path))


def parse_mappings(raw: bytes, place: str) -> list[Subscription]:
    """The subscriptions in JSON, in either form.

    Args:
        raw: The JSON.
        place: What messages call it.

    Raises:
        UsageProblem: It is no JSON, or holds something else.
    """
    try:
        return read_subscriptions(parse_json(raw, place))
    except DefinitionError as error:
        raise UsageProblem(f"{place}: {error}") from None


def make_instance(
    definition: Destination[Any],
    settings: dict[str, Any],
    subscriptions: Sequence[Subscription] | None,
    output: Output,
    *,
    settings_place: str = "settings",
    mappings_place: str = "mappings",
    transport: Transport | None = None,
    timeout_ms: float | None = None,
) -> Instance[Any]:
    """An instance; from here on its secrets are masked in all output.

    Raises:
        UsageProblem: The settings are not valid, or there are more than 50 subscriptions.
    """
    output.redactor = Redactor(settings, definition.secret_keys)
    try:
        instance = definition.instance(settings, subscriptions, transport=transport, timeout_ms=timeout_ms)
    except SchemaValidationError as error:
        lines = [f"{settings_place}: {output.redactor.text(item.message)}" for item in error.errors]
        raise UsageProblem(*lines) from None
    except DefinitionError as error:
        raise UsageProblem(f"{mappings_place}: {error}") from None
    output.redactor = instance.redactor
    return instance


def chosen_instance(
    chosen: Chosen,
    output: Output,
    *,
    sends: bool,
    why_settings: str = "",
    transport: Transport | None = None,
    timeout_ms: float | None = None,
) -> Instance[Any]:
    """The instance that the options describe.

    Args:
        chosen: The options.
        output: Gets to know the instance's secrets, and tells of placeholders.
        sends: Whether settings must be real; else placeholders stand in where no file is given.
        why_settings: Added to the message where settings are missing.
        transport: What sends; httpx when None.
        timeout_ms: The limit of requests that set none of their own, in milliseconds; Segment's when None.

    Raises:
        UsageProblem: Something of it cannot be used; where `sends`, also what makes subscriptions fail.
    """
    definition = find_destination(chosen.destination)
    subscriptions = None if chosen.mappings is None else read_mappings(chosen.mappings)
    settings = chosen_settings(definition, chosen.settings, output, sends=sends, why=why_settings)
    instance = make_instance(
        definition,
        settings,
        subscriptions,
        output,
        settings_place=str(chosen.settings or "settings"),
        mappings_place=str(chosen.mappings or "presets"),
        transport=transport,
        timeout_ms=timeout_ms,
    )
    if sends:
        refuse_problems(instance, chosen.mappings)
    return instance


def chosen_settings(
    definition: DestinationDefinition[Any], path: Path | None, output: Output, *, sends: bool, why: str = ""
) -> dict[str, Any]:
    """The settings of a file, or placeholders where nothing is sent.

    Raises:
        UsageProblem: The file cannot be used, or there is none and some are needed.
    """
    if path is not None:
        return read_settings(path, definition)
    stand_ins = placeholders(definition)
    if stand_ins and sends:
        raise missing_settings(definition, why)
    if stand_ins:
        told = ", ".join(f"{key} = {value}" for key, value in stand_ins.items())
        output.note(f"no --settings given; nothing is sent, and these stand in: {told}")
    return stand_ins


def note_problems(instance: Instance[Any], mappings: Path | str | None, output: Output) -> None:
    """Tells on standard error what makes subscriptions fail or match nothing: an outcome alone may not show it."""
    for problem in instance.problems:
        output.note(f"{mappings or 'presets'}: {problem}")


def refuse_problems(instance: Instance[Any], mappings: Path | None) -> None:
    """Stops where a subscription could only fail or match nothing.

    Raises:
        UsageProblem: There are problems; one line for each.
    """
    place = str(mappings or "presets")
    if instance.problems:
        raise UsageProblem(*(instance.redactor.text(f"{place}: {problem}") for problem in instance.problems))

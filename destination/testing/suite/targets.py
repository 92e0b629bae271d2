"""Targets of suites: from a destination's slug or a file of mappings to the instance that a suite is made for."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

from destination.definition import (
    Action,
    DestinationDefinition,
    Subscription,
    TerraformError,
    find,
    read_subscriptions,
    slugs,
)
from destination.definition.destination import placeholders
from destination.definition.formats.terraform_in import read_terraform_file
from destination.errors import DefinitionError, SchemaValidationError
from destination.mapping import path as path_directive
from destination.runtime import Destination, Instance
from destination.runtime.instance import MAX_SUBSCRIPTIONS
from destination.values import read_json

_EVERY_EVENT: Final = 'type = "track"'
"""The trigger of an action or preset that has none of its own."""


def is_file(target: str) -> bool:
    """Whether a target names a file of mappings, and no destination.

    Example:
        >>> is_file("mappings/shop.json"), is_file("shop: mappings/shop.json"), is_file("actions-absmartly")
        (True, True, False)
    """
    return target.endswith((".json", ".tf"))


def split_target(target: str) -> tuple[str, str]:
    """The destination's slug and the file of a target; one of them may be empty.

    Example:
        >>> split_target("actions-absmartly: mappings/shop.json"), split_target("mappings/shop.json")
        (('actions-absmartly', 'mappings/shop.json'), ('', 'mappings/shop.json'))
        >>> split_target("actions-absmartly")
        ('actions-absmartly', '')
    """
    if not is_file(target):
        return target.strip(), ""
    slug, colon, path = target.partition(":")
    if colon and len(slug.strip()) > 1:  # one letter before a colon is a drive on Windows
        return slug.strip(), path.strip()
    return "", target.strip()


def instance_of(
    target: str | Destination[Any] | Path,
    *,
    destination: str | Destination[Any] | None = None,
    settings: Mapping[str, Any] | None = None,
) -> Instance[Any]:
    """Makes the instance that a suite is for.

    Args:
        target: A destination, its slug, or a file of subscriptions as Segment has them. Of a destination all presets
            are taken, and each action with its default mapping where no preset is the same; required fields without
            a default are read from `properties` there.
        destination: For a file: whose subscriptions these are. Without it, the one installed destination that has all
            their actions.
        settings: Its settings; placeholders when None.

    Raises:
        DefinitionError: The file or the destination cannot be used, or the settings are not valid.

    Example:
        >>> [item.name for item in instance_of("actions-absmartly").subscriptions]
        ['Track Calls', 'Page Calls', 'Screen Calls', 'Exposures (Verbatim)']
    """
    if isinstance(target, Destination):
        return _instance(target, _shipped(target), settings)
    if not is_file(str(target)):
        found = _destination(str(target))
        return _instance(found, _shipped(found), settings)
    path = Path(target)
    owner = _destination(destination) if isinstance(destination, str) else destination
    if path.suffix == ".tf":
        owner, subscriptions = _read_terraform(path, owner)
    else:
        subscriptions = _read(path)
        owner = owner or _owner(path, subscriptions)
    try:
        return _instance(owner, subscriptions, settings)
    except DefinitionError as error:
        raise DefinitionError(f"{path}: {error}") from None


def _instance(
    definition: Destination[Any], subscriptions: list[Subscription], settings: Mapping[str, Any] | None
) -> Instance[Any]:
    try:
        return definition.instance(_settings(definition) if settings is None else settings, subscriptions)
    except SchemaValidationError as error:
        hint = "" if settings is not None else "; these are placeholders, give mapping_suite(…, settings=…) some"
        raise DefinitionError(f"the settings of {definition.slug} are not valid: {error}{hint}") from None


def _settings(definition: DestinationDefinition[Any]) -> dict[str, Any]:
    """Returns the defaults of the settings, and placeholders for the others."""
    fields = definition.settings_fields
    defaults = {key: field.default for key, field in fields.items() if field.default is not None}
    return {**defaults, **placeholders(definition)}


def _shipped(definition: DestinationDefinition[Any]) -> list[Subscription]:
    """Returns the presets, and each action with its default mapping where no preset is the same."""
    found = [preset.subscription() for preset in definition.presets]
    for slug, action in definition.actions.items():
        trigger = action.default_subscription or _EVERY_EVENT
        mapping = action.default_values()
        if not any((one.partner_action, one.subscribe, one.mapping) == (slug, trigger, mapping) for one in found):
            completed = {**mapping, **_stand_ins(action)}
            found.append(Subscription(name=action.title, subscribe=trigger, partner_action=slug, mapping=completed))
    found = [one if one.subscribe else _with_trigger(one) for one in found]
    if len(found) > MAX_SUBSCRIPTIONS:
        raise DefinitionError(
            f"{definition.slug} has {len(found)} presets and actions, and an instance at most {MAX_SUBSCRIPTIONS} "
            "subscriptions: name files of mappings in its place"
        )
    return found


def _stand_ins(action: Action[Any, Any]) -> dict[str, Any]:
    """Makes paths for required fields that have no default: without them no event would lead to a request."""
    return {
        key: path_directive(f"$.properties['{key}']")
        for key, field in action.input_fields.items()
        if field.required is True and field.default in (None, "")
    }


def _with_trigger(one: Subscription) -> Subscription:
    """Adds a trigger to a preset that Segment's app ties to an event of its own, and that has none."""
    return Subscription(name=one.name, subscribe=_EVERY_EVENT, partner_action=one.partner_action, mapping=one.mapping)


def _read(path: Path) -> list[Subscription]:
    try:
        return read_subscriptions(read_json(path.read_bytes().removeprefix(b"\xef\xbb\xbf")))
    except FileNotFoundError:
        raise DefinitionError(f"{path}: there is no such file of mappings") from None
    except OSError as error:
        raise DefinitionError(f"{path}: cannot be read: {error.strerror or error}") from None
    except DefinitionError as error:
        raise DefinitionError(f"{path}: {error}") from None
    except ValueError as error:
        raise DefinitionError(f"{path}: is no JSON: {error}") from None


def _read_terraform(path: Path, owner: Destination[Any] | None) -> tuple[Destination[Any], list[Subscription]]:
    """Reads Terraform, of a given destination or of the one installed destination whose actions it can mean."""
    found = []
    faults = []
    for candidate in [owner] if owner is not None else [_destination(slug) for slug in slugs()]:
        try:
            read = read_terraform_file(path, candidate.actions)
        except (OSError, UnicodeDecodeError) as error:
            raise DefinitionError(f"{path}: cannot be read: {getattr(error, 'strerror', None) or error}") from None
        except TerraformError as error:
            faults.append(f"{path}: {error}")
        else:
            found.append((candidate, [one.subscription for one in read]))
    if len(found) == 1:
        return found[0]
    if not found:
        raise DefinitionError(faults[0])
    named = " or ".join(one.slug for one, _ in found)
    raise DefinitionError(
        f"{path}: its resources may be those of {named}: "
        'say whose they are, as "SLUG: FILE" in pyproject.toml or with mapping_suite(…, destination="SLUG")'
    )


def _destination(slug: str) -> Destination[Any]:
    found = find(slug)
    if not isinstance(found, Destination):
        raise DefinitionError(f"{slug}: its entry point leads to a definition that cannot make instances")
    return found


def _owner(path: Path, subscriptions: list[Subscription]) -> Destination[Any]:
    """Returns the one installed destination that has all the actions."""
    actions = {one.partner_action for one in subscriptions}
    owners = [slug for slug in slugs() if actions <= set(find(slug).actions)]
    if len(owners) == 1:
        return _destination(owners[0])
    why = f"{' and '.join(owners)} have" if owners else "no installed destination has"
    named = ", ".join(sorted(str(action) for action in actions))
    raise DefinitionError(
        f"{path}: {why} the actions {named}: "
        'say whose they are, as "SLUG: FILE" in pyproject.toml or with mapping_suite(…, destination="SLUG")'
    )

"""`destination list` and `destination show`."""

from typing import Any

from destination.cli.instances import find_destination
from destination.cli.output import Output
from destination.cli.problems import UsageProblem
from destination.definition import slugs, to_metadata
from destination.errors import NotPortableError
from destination.values import write_json


def show_list(*, as_json: bool) -> int:
    """Lists the installed destinations, and names those that cannot be loaded; returns the exit status."""
    output = Output()
    found = []
    installed = slugs()
    for slug in installed:
        try:
            found.append(find_destination(slug))
        except UsageProblem as problem:
            output.note("; ".join(problem.lines))
    if as_json:
        output.json(
            [
                {
                    "slug": item.slug,
                    "name": item.name,
                    "description": item.description,
                    "actions": list(item.actions),
                    "presets": [preset.name for preset in item.presets],
                }
                for item in found
            ]
        )
    else:
        output.table(
            ("slug", "name", "actions", "presets"),
            [(item.slug, item.name, ", ".join(item.actions), len(item.presets)) for item in found],
        )
    return int(len(found) < len(installed))


def show_variants(slug: str) -> int:
    """Prints the variants of a destination's presets as subscriptions, ready for a file or for Segment's API.

    Raises:
        UsageProblem: There is no destination of that slug.
    """
    Output().json([preset.subscription().to_json() for preset in find_destination(slug).variants])
    return 0


def show_destination(slug: str, *, as_json: bool) -> int:
    """Shows a destination.

    Raises:
        UsageProblem: There is none of that slug, or JSON is asked for and cannot be written for Segment.
    """
    output = Output()
    definition = find_destination(slug)
    try:
        metadata = to_metadata(definition, portable=as_json)
    except NotPortableError as error:
        raise UsageProblem(str(error)) from None
    if as_json:
        output.json(metadata)
        return 0
    output.line(f"{definition.name} ({definition.slug}, {definition.mode} mode)")
    if definition.description:
        output.line(definition.description)
    output.line()
    authentication = metadata["authentication"]
    if authentication:
        _show_fields("Settings", authentication["fields"], output)
    for action_slug, action in metadata["actions"].items():
        output.line(f"Action {action_slug}: {action['title']}. {action['description']}")
        output.line(f"Proposed trigger: {action['defaultSubscription'] or 'none'}")
        output.line()
        _show_fields("Fields", action["fields"], output)
    output.table(
        ("preset", "action", "trigger"),
        [(preset["name"], preset["partnerAction"], preset["subscribe"] or "–") for preset in metadata["presets"]],
        title="Presets",
    )
    if definition.variants:
        output.table(
            ("variant", "action", "trigger"),
            [(preset.name, preset.partner_action, preset.subscribe or "–") for preset in definition.variants],
            title="Variants of presets",
            more=f"as subscriptions: destination show {slug} --variants",
        )
    return 0


def _show_fields(title: str, fields: dict[str, Any], output: Output) -> None:
    if not fields:
        output.line(f"{title}: none")
        output.line()
        return
    rows = []
    for key, field in fields.items():
        required = field["required"]
        default = field["default"]
        rows.append(
            (
                key,
                str(field["type"]) + (" (list)" if field.get("multiple") else ""),
                "yes" if required is True else "depends" if required else "no",
                "–" if default is None else write_json(default).decode("utf-8"),
                field["description"] or "",
            )
        )
    output.table(("key", "type", "required", "default", "description"), rows, title=title)

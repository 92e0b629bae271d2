"""`destination show`."""

from typing import TYPE_CHECKING, Annotated, Any

from destination.cli.parameters import Argument, Option
from destination.usage_problem import UsageProblem

if TYPE_CHECKING:
    from destination.cli.output import Output


def show(
    slug: Annotated[str, Argument(metavar="SLUG", help="The destination; see: destination list.")],
    as_json: Annotated[bool, Option("--json", help="The form of Segment's metadata.json.")] = False,
    variants: Annotated[bool, Option("--variants", help="The variants of its presets, as JSON subscriptions.")] = False,
) -> int:
    """Show a destination: settings, actions with their fields, presets.

    \b
    Examples:
      destination show actions-absmartly
      destination show actions-absmartly --json
      destination show actions-absmartly --variants > mappings.json
    """  # noqa: D301  \b keeps the line breaks that follow
    from destination.cli.output import Output
    from destination.definition import to_metadata
    from destination.errors import NotPortableError
    from destination.runtime.given import find_destination

    output = Output()
    definition = find_destination(slug)
    if variants:
        output.json([preset.subscription().to_json() for preset in definition.variants])
        return 0
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


def _show_fields(title: str, fields: dict[str, Any], output: "Output") -> None:
    from destination.values import write_json

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

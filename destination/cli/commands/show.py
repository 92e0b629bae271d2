"""`destination show`."""

from typing import Annotated

import typer


def show(
    slug: Annotated[str, typer.Argument(metavar="SLUG", help="The destination; see: destination list.")],
    as_json: Annotated[bool, typer.Option("--json", help="The form of Segment's metadata.json.")] = False,
    variants: Annotated[
        bool, typer.Option("--variants", help="The variants of its presets, as JSON subscriptions.")
    ] = False,
) -> int:
    """Show a destination: settings, actions with their fields, presets.

    \b
    Examples:
      destination show actions-absmartly
      destination show actions-absmartly --json
      destination show actions-absmartly --variants > mappings.json
    """  # noqa: D301  \b keeps the line breaks that follow
    from destination.cli.show import show_destination, show_variants

    if variants:
        return show_variants(slug)
    return show_destination(slug, as_json=as_json)

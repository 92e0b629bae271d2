"""`destination plan`."""

from typing import Annotated

import typer

from destination.cli.options import DEFAULT_DESTINATION, AsJson, IgnoreIntegrations, Mappings, Settings, Slug


def plan(
    file: Annotated[str, typer.Argument(metavar="EVENT.json|-", help="One event; - is standard input.")],
    settings: Settings = None,
    mappings: Mappings = None,
    destination: Slug = DEFAULT_DESTINATION,
    as_json: AsJson = False,
    ignore_integrations: IgnoreIntegrations = False,
) -> int:
    """Show what one event would send. Nothing is sent, and settings may be left out.

    As in run, an event whose `integrations` exclude the destination sends nothing.

    \b
    Exit status: 0, or 1 where a subscription that takes the event fails.

    \b
    Examples:
      destination plan event.json
      destination plan event.json --mappings mappings.json --json
      head -n 1 events.ndjson | destination plan -
    """  # noqa: D301  \b keeps the line breaks that follow
    from destination.cli.plan import plan_event

    return plan_event(file, settings, mappings, destination, as_json=as_json, ignore_integrations=ignore_integrations)

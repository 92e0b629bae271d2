"""`destination explain`."""

from typing import Annotated

import typer

from destination.cli.options import DEFAULT_DESTINATION, AsJson, IgnoreIntegrations, Mappings, Settings, Slug


def explain(
    file: Annotated[str, typer.Argument(metavar="EVENT.json|-", help="One event; - is standard input.")],
    settings: Settings = None,
    mappings: Mappings = None,
    destination: Slug = DEFAULT_DESTINATION,
    subscription: Annotated[
        str | None,
        typer.Option("--subscription", "-n", metavar="NAME", help="Only the subscription of that name."),
    ] = None,
    as_json: AsJson = False,
    ignore_integrations: IgnoreIntegrations = False,
) -> int:
    """Explain why an event is sent or not, and where each value in its requests comes from. Nothing is sent.

    \b
    Exit status: 0, 1 where a subscription that takes the event fails, 2 for bad usage.

    \b
    Examples:
      destination explain event.json
      destination explain event.json --mappings mappings.json --subscription Orders
      head -n 1 events.ndjson | destination explain - --json
    """  # noqa: D301  \b keeps the line breaks that follow
    from destination.cli.explain import explain_file

    return explain_file(
        file,
        settings,
        mappings,
        destination,
        subscription,
        as_json=as_json,
        ignore_integrations=ignore_integrations,
    )

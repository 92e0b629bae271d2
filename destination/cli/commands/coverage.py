"""`destination coverage`."""

from pathlib import Path
from typing import Annotated

import typer

from destination.cli.options import DEFAULT_DESTINATION, AsJson, IgnoreIntegrations, Mappings, Slug


def coverage(
    events: Annotated[
        str,
        typer.Option(
            "--events", "-e", metavar="FILE|-", help="NDJSON or a JSON array, also gzipped; - is standard input."
        ),
    ],
    mappings: Mappings = None,
    destination: Slug = DEFAULT_DESTINATION,
    fail_under: Annotated[
        float | None,
        typer.Option(min=0, max=100, metavar="PERCENT", help="Exit with 1 where less than that is reached."),
    ] = None,
    html: Annotated[
        Path | None, typer.Option(metavar="FILE.html", help="Write the mappings there, each line with its marks.")
    ] = None,
    source: Annotated[bool, typer.Option("--source", help="Show the mappings too, each line with its marks.")] = False,
    as_json: AsJson = False,
    ignore_integrations: IgnoreIntegrations = False,
) -> int:
    """Show what of the mappings the events reach, and what of the events no mapping reads. Nothing is sent.

    Triggers, their conditions, directives, branches of @if and placeholders of templates count. Only paths and
    counts are shown, no value of any event.

    \b
    Exit status: 0, 1 where less than --fail-under is reached or a line is no event, 2 bad usage.

    \b
    Examples:
      destination coverage --events events.ndjson
      destination coverage --events events.ndjson.gz --mappings mappings.json --html coverage.html
      destination coverage --events events.ndjson --fail-under 90
    """  # noqa: D301  \b keeps the line breaks that follow
    from destination.cli.coverage import show_coverage

    return show_coverage(
        events,
        mappings,
        destination,
        fail_under=fail_under,
        html=html,
        source=source,
        as_json=as_json,
        ignore_integrations=ignore_integrations,
    )

"""`destination diff`."""

from pathlib import Path
from typing import Annotated

import typer

from destination.cli.options import DEFAULT_DESTINATION, AsJson, IgnoreIntegrations, Settings, Slug

_VERSION = "A mappings file, such a file at a git revision (REV:path), or the word presets."


def diff(  # noqa: PLR0913, PLR0917  one parameter for each option
    old: Annotated[str, typer.Argument(metavar="OLD", help=_VERSION)],
    new: Annotated[str, typer.Argument(metavar="NEW", help="The same.")],
    events: Annotated[
        str, typer.Option(metavar="FILE|-", help="NDJSON or a JSON array, also gzipped; - is standard input.")
    ],
    settings: Settings = None,
    destination: Slug = DEFAULT_DESTINATION,
    allow: Annotated[
        list[str] | None,
        typer.Option(metavar="SPEC", help="A change that is meant: [SUBSCRIPTION:]WHAT. May be given again."),
    ] = None,
    as_json: AsJson = False,
    html: Annotated[Path | None, typer.Option(metavar="FILE.html", help="Write the report there, as one page.")] = None,
    samples: Annotated[
        int, typer.Option(min=0, max=100, metavar="N", help="So many events of each group are kept and shown.")
    ] = 3,
    ignore_integrations: IgnoreIntegrations = False,
) -> int:
    """Show what a change of mappings does to real events. Nothing is sent, and settings may be left out.

    Each event goes through both versions. What becomes otherwise is counted by subscription and by output field,
    with samples. The input is read as a stream: its size does not matter.

    \b
    --allow says which changes are meant. WHAT is one of (* and ? stand for anything, also in SUBSCRIPTION):
      /name  /properties/*  request/header/x-agent  request/body/goals/*/name     a place of payloads or requests
      newly-sent  no-longer-sent  newly-failing  no-longer-failing  failing-otherwise  changed
      added  removed                                  all that a whole subscription brings or takes along
      unreadable                                      lines that hold no event

    \b
    Exit status: 0 nothing changed but what is allowed, 1 something did (or a line holds no event), 2 something
    given cannot be used.

    \b
    Examples:
      destination diff mappings.json changed.json --events events.ndjson.gz
      destination diff HEAD~1:mappings/shop.json mappings/shop.json --events events.ndjson --html diff.html
      destination diff presets mappings.json --events events.ndjson --allow added --allow 'Track Calls:/name'
      zcat events.gz | destination diff main:mappings.json mappings.json --events - --json
    """  # noqa: D301  \b keeps the line breaks that follow
    from destination.cli.diff import DiffOptions, show_diff

    return show_diff(
        DiffOptions(
            old=old,
            new=new,
            events=events,
            settings=settings,
            destination=destination,
            allow=tuple(allow or ()),
            as_json=as_json,
            html=html,
            samples=samples,
            ignore_integrations=ignore_integrations,
        )
    )

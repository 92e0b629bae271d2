"""`destination migrate`."""

from pathlib import Path
from typing import Annotated

import typer

from destination.cli.options import AsJson

migrate = typer.Typer(
    name="migrate",
    help="Turn the settings of an older integration into mappings.",
    add_completion=False,
    rich_markup_mode=None,
)


@migrate.callback()
def _group() -> None:
    """Turn the settings of an older integration into mappings."""


@migrate.command()
def classic(  # noqa: PLR0913, PLR0917  one parameter for each option
    settings: Annotated[
        Path, typer.Argument(metavar="SETTINGS.json|.toml", help="The settings of the classic destination.")
    ],
    output: Annotated[
        Path | None, typer.Option("--output", "-o", metavar="FILE.json", help="Write the subscriptions there.")
    ] = None,
    naming: Annotated[
        str,
        typer.Option(metavar="title|pageview", help="Page and screen goals: `Page: Home`, or `home_pageview`."),
    ] = "title",
    verify: Annotated[
        str | None,
        typer.Option(metavar="EVENTS|-", help="Run these events through both, and report every difference."),
    ] = None,
    cutover: Annotated[
        str | None,
        typer.Option(metavar="TIME", help="Write the pair of filters for a hand-over then: 2026-01-31T12:00:00Z."),
    ] = None,
    source_id: Annotated[str, typer.Option(metavar="ID", help="For --cutover: the source.")] = "<source id>",
    classic_id: Annotated[
        str, typer.Option(metavar="ID", help="For --cutover: the classic destination.")
    ] = "<classic destination id>",
    actions_id: Annotated[
        str, typer.Option(metavar="ID", help="For --cutover: the ABsmartly (Actions) destination.")
    ] = "<actions destination id>",
    as_json: AsJson = False,
) -> int:
    """Turn the settings of ABsmartly Classic into subscriptions for ABsmartly (Actions).

    Prints the subscriptions as JSON on standard output (or writes them with --output), and on standard error what
    cannot be carried over exactly with these settings. Nothing is sent. The account (collectorEndpoint, apiKey,
    environment) may be left out of the settings; it is the same for both destinations.

    With --verify every event of a corpus goes through both, and what differs is grouped by the entry of the list that
    says why; what is on no list is a fault.

    \b
    Exit status: 0, 1 where --verify found a fault or events that cannot be read, 2 where something given cannot be
    used or carried over.

    \b
    Examples:
      destination migrate classic classic.json --output mappings.json
      destination migrate classic classic.json --naming pageview > mappings.json
      destination migrate classic classic.json -o mappings.json --verify events.ndjson
      destination migrate classic classic.json -o mappings.json --cutover 2026-01-31T12:00:00Z
    """  # noqa: D301  \b keeps the line breaks that follow
    from destination.cli.migrate import MigrateOptions, migrate_classic

    return migrate_classic(
        MigrateOptions(
            settings=settings,
            output=output,
            naming=naming,
            verify=verify,
            cutover=cutover,
            source_id=source_id,
            classic_id=classic_id,
            actions_id=actions_id,
            as_json=as_json,
        )
    )

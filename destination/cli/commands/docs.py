"""`destination docs`."""

from pathlib import Path
from typing import Annotated

import typer


def docs(
    slug: Annotated[
        str,
        typer.Argument(metavar="SLUG|FILE.json", help="An installed destination, or one in Segment's metadata.json."),
    ],
    output: Annotated[
        Path | None, typer.Option(metavar="FILE.md", help="Write the page there. Default: standard output.")
    ] = None,
) -> int:
    """Write the catalog page of a destination: settings, presets, actions and their fields, in Markdown.

    \b
    Exit status: 0, or 2 where there is no such destination or the page cannot be written.

    \b
    Examples:
      destination docs actions-absmartly
      destination docs actions-absmartly --output docs/catalog/actions-absmartly.md
      destination docs metadata.json --output page.md
    """  # noqa: D301  \b keeps the line breaks that follow
    from destination.cli.docs import write_docs

    return write_docs(slug, output)

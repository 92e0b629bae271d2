"""`destination new`."""

from pathlib import Path
from typing import Annotated

import typer


def new(
    name: Annotated[str, typer.Argument(metavar="NAME", help="The package's name, such as my_crm.")],
    auth: Annotated[
        str, typer.Option("--auth", metavar="KIND", help="How it is let in: custom (an API key), basic or oauth.")
    ] = "custom",
    batch: Annotated[bool, typer.Option("--batch", help="The action takes many events at once, too.")] = False,
    directory: Annotated[
        Path | None,
        typer.Option("--directory", metavar="DIR", help="Where to put it: a new or empty folder. Default: ./NAME."),
    ] = None,
) -> int:
    """Make a new destination: a package of its own, with an action, presets and tests that pass.

    \b
    Exit status: 0, or 2 where the name or the folder cannot be used.

    \b
    Examples:
      destination new my_crm
      destination new my_crm --auth oauth --batch
      destination new my_crm --directory ~/work/my-crm
    """  # noqa: D301  \b keeps the line breaks that follow
    from destination.cli.new import new_destination

    return new_destination(name, auth, directory, batch=batch)

"""`destination docs`."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

from destination.cli.parameters import Argument, Option
from destination.usage_problem import UsageProblem

if TYPE_CHECKING:
    from destination.definition import DestinationDefinition


def docs(
    slug: Annotated[
        str,
        Argument(metavar="SLUG|FILE.json", help="An installed destination, or one in Segment's metadata.json."),
    ],
    output: Annotated[
        Path | None, Option(metavar="FILE.md", help="The file to write. Default: standard output.")
    ] = None,
) -> int:
    """Write the page of a destination in Markdown.

    It has the settings, the presets with trigger and mapping, and the actions with their fields.

    \b
    Exit status: 0, or 2 if there is no such destination or the page cannot be written.

    \b
    Examples:
      destination docs actions-absmartly
      destination docs actions-absmartly --output docs/catalog/actions-absmartly.md
      destination docs metadata.json --output page.md
    """  # noqa: D301  \b keeps the line breaks that follow
    from destination.cli.files import reads, refuse_shared, writes
    from destination.cli.output import Output
    from destination.definition.given.files import reason_of
    from destination.workbench.catalog_page import catalog_page

    terminal = Output()
    refuse_shared(reads("FILE", slug if slug.endswith(".json") else None), writes("--output", output))
    page = catalog_page(_definition(slug))
    if output is None:
        for line in page.removesuffix("\n").split("\n"):
            terminal.line(line)
        return 0
    try:
        output.write_text(page, encoding="utf-8", errors="replace", newline="\n")
    except (OSError, ValueError) as error:
        raise UsageProblem(f"--output {output}: cannot be written: {reason_of(error).lower()}") from None
    terminal.note(f"the page is in {output}")
    return 0


def _definition(slug: str) -> "DestinationDefinition[Any]":
    """Finds an installed destination, or reads a definition if the slug is the name of a `.json` file."""
    from destination.definition import find, from_metadata
    from destination.definition.given.files import parse_json, read_whole, reason_of
    from destination.errors import DefinitionError

    try:
        if not slug.endswith(".json"):
            return find(slug)
        return from_metadata(parse_json(read_whole(Path(slug)), slug))
    except DefinitionError as error:
        raise UsageProblem(f"{slug}: {error}" if slug.endswith(".json") else str(error)) from None
    except (OSError, ValueError) as error:
        raise UsageProblem(f"{slug}: cannot be read: {reason_of(error).lower()}") from None

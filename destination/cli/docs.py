"""`destination docs`."""

from pathlib import Path
from typing import Any

from destination.cli.files import parse_json, read_whole
from destination.cli.output import Output
from destination.cli.paths import reads, refuse_shared, writes
from destination.cli.problems import UsageProblem
from destination.definition import DestinationDefinition, find, from_metadata
from destination.errors import DefinitionError
from destination.workbench.catalog_page import catalog_page


def write_docs(place: str, path: Path | None) -> int:
    """Writes the catalog page of a destination; returns the exit status.

    Args:
        place: A slug, or a file that ends in `.json`.
        path: Where to; standard output when None.

    Raises:
        UsageProblem: There is no such destination, or the page cannot be written.
    """
    output = Output()
    refuse_shared(reads("FILE", place if place.endswith(".json") else None), writes("--output", path))
    page = catalog_page(_definition(place))
    if path is None:
        for line in page.removesuffix("\n").split("\n"):
            output.line(line)
        return 0
    try:
        path.write_text(page, encoding="utf-8", errors="replace", newline="\n")
    except (OSError, ValueError) as error:
        reason = (getattr(error, "strerror", None) or str(error)).lower()
        raise UsageProblem(f"--output {path}: cannot be written: {reason}") from None
    output.note(f"the page is in {path}")
    return 0


def _definition(place: str) -> DestinationDefinition[Any]:
    try:
        if not place.endswith(".json"):
            return find(place)
        return from_metadata(parse_json(read_whole(Path(place)), place))
    except DefinitionError as error:
        raise UsageProblem(f"{place}: {error}" if place.endswith(".json") else str(error)) from None
    except (OSError, ValueError) as error:
        reason = (getattr(error, "strerror", None) or str(error)).lower()
        raise UsageProblem(f"{place}: cannot be read: {reason}") from None

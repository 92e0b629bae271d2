"""Finds destinations by slug, through the entry points of installed packages.

A package offers one by an entry point in the group `destination.destinations`, named by its slug:

```toml
[project.entry-points."destination.destinations"]
my-destination = "my_package.definition:destination"
```
"""

from difflib import get_close_matches
from importlib.metadata import EntryPoint, entry_points
from pathlib import Path
from traceback import extract_tb
from typing import Any

from destination.definition.destination import DestinationDefinition
from destination.errors import DefinitionError

GROUP = "destination.destinations"
_FRAMEWORK = Path(__file__).parents[1]


def _entry_points() -> dict[str, EntryPoint]:
    return {point.name: point for point in entry_points(group=GROUP)}


def slugs() -> list[str]:
    """Lists the slugs of all installed destinations, sorted; imports none of them.

    Example:
        >>> "actions-absmartly" in slugs()
        True
    """
    return sorted(_entry_points())


def find(slug: str) -> DestinationDefinition[Any]:
    """Loads the destination with this slug.

    Raises:
        DefinitionError: There is none (the message suggests a similar slug), it cannot be imported (the message has
            the error and its file and line), or the entry point names something else.

    Example:
        >>> find("actions-absmartly").name
        'ABsmartly (Actions)'
    """
    points = _entry_points()
    if slug not in points:
        close = get_close_matches(slug, points, n=1, cutoff=0.5)
        hint = f"; did you mean {close[0]!r}?" if close else "."
        raise DefinitionError(
            f"there is no destination {slug!r}{hint} Installed: {', '.join(sorted(points)) or 'none'}"
        )
    point = points[slug]
    try:
        found = point.load()
    except Exception as error:  # somebody else's package, perhaps just being written
        raise DefinitionError(
            f"destination {slug!r} cannot be loaded from {point.value}: {_told(error)}; "
            f"to see all of it: python -c 'import {point.module}'"
        ) from error
    if not isinstance(found, DestinationDefinition):
        raise DefinitionError(f"{point.value} is no destination, but {type(found).__name__}")
    return found


def _told(error: Exception) -> str:
    """An error of an import in one line, with the place in the package where it was raised."""
    text = str(error) if isinstance(error, ImportError) else f"{type(error).__name__}: {error}"
    if isinstance(error, SyntaxError):
        return f"{type(error).__name__}: {error.msg} at {error.filename}:{error.lineno}"
    own = [frame for frame in extract_tb(error.__traceback__) if not _is_in_between(Path(frame.filename))]
    return f"{text} at {own[-1].filename}:{own[-1].lineno}" if own else text


def _is_in_between(file: Path) -> bool:
    """Whether it is Python's import or this framework, which only says what is wrong with the package's call."""
    return file.name.startswith("<") or "importlib" in file.parts or file.is_relative_to(_FRAMEWORK)

"""Finds destinations by slug, through the entry points of installed packages.

A package offers one by an entry point in the group `destination.destinations`, named by its slug:

```toml
[project.entry-points."destination.destinations"]
my-destination = "my_package.definition:destination"
```
"""

import importlib
from pathlib import Path
from typing import TYPE_CHECKING, Any

from destination.definition.destination import DestinationDefinition
from destination.errors import DefinitionError

if TYPE_CHECKING:
    from importlib.metadata import EntryPoint

GROUP = "destination.destinations"
_IMPORT = Path(importlib.__file__).parent
_FRAMEWORK = Path(__file__).parents[1]
_AUTHORED = (_FRAMEWORK / "actions", _FRAMEWORK / "presets")
"""Packages that are installed inside the framework, and are written as any author's."""


_SHIPPED = {
    "actions-absmartly": "destination.catalog.absmartly:absmartly",
    "absmartly-classic": "destination.catalog.absmartly.classic:absmartly_classic",
}
"""The entry points of this distribution: to look through those of all others takes longer than to load one."""


def _entry_points() -> "dict[str, EntryPoint]":
    from importlib.metadata import entry_points

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
    if slug in _SHIPPED:
        return _load(slug, _SHIPPED[slug])
    points = _entry_points()
    if slug not in points:
        from difflib import get_close_matches

        close = get_close_matches(slug, points, n=1, cutoff=0.5)
        hint = f"; did you mean {close[0]!r}?" if close else "."
        raise DefinitionError(
            f"there is no destination {slug!r}{hint} Installed: {', '.join(sorted(points)) or 'none'}"
        )
    return _load(slug, points[slug].value)


def _load(slug: str, target: str) -> DestinationDefinition[Any]:
    module, _, name = target.partition(":")
    try:
        found: Any = importlib.import_module(module.strip())
        for part in name.split("[")[0].strip().split("."):  # extras of an entry point are not used
            found = getattr(found, part)
    except Exception as error:  # another author's package, perhaps unfinished
        raise DefinitionError(
            f"destination {slug!r} cannot be loaded from {target}: {_one_line(error)}; "
            f"to see all of it: python -c 'import {module}'"
        ) from error
    if not isinstance(found, DestinationDefinition):
        raise DefinitionError(f"{target} is no destination, but {type(found).__name__}")
    return found


def _one_line(error: Exception) -> str:
    """Writes an error of an import in one line, with the file and line of the package that raised it."""
    text = str(error) if isinstance(error, ImportError) else f"{type(error).__name__}: {error}"
    if isinstance(error, SyntaxError):
        return f"{type(error).__name__}: {error.msg} at {error.filename}:{error.lineno}"
    line = raised_at(error)
    return f"{text} at {line}" if line else text


def raised_at(error: BaseException) -> str:
    """Names the line of an author's code that led to an error, as `file:line`.

    It is the last call that is neither the framework's nor part of Python's import. It is empty where there is none.

    Example:
        >>> try:
        ...     find("nowhere")
        ... except Exception as error:
        ...     print(raised_at(error))
        <doctest ...>:2
    """
    from traceback import extract_tb

    lines = [call for call in extract_tb(error.__traceback__) if _is_authored(Path(call.filename))]
    return f"{lines[-1].filename}:{lines[-1].lineno}" if lines else ""


def _is_authored(file: Path) -> bool:
    # The methods that dataclasses write are in <string>.
    if file.name.startswith(("<frozen ", "<string>")) or file.is_relative_to(_IMPORT):
        return False
    return not file.is_relative_to(_FRAMEWORK) or any(file.is_relative_to(package) for package in _AUTHORED)

"""The mappings that a command works on: files in any form, globs of them, and Python objects."""

import os
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import field
from glob import glob, has_magic
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from destination.definition.given.mapping_origins import LoadedMappings, Origin
from destination.records import dataclass
from destination.usage_problem import UsageProblem

if TYPE_CHECKING:
    from destination.definition import DestinationDefinition, Subscription

_OBJECT: Final = re.compile(r"[^\W\d][\w.]*:[^\W\d][\w.]*")
Note = Callable[[str], None]
WANTED: Final = "a file with subscriptions, or a pattern in quotes such as 'mappings/*.json'"


@dataclass(frozen=True)
class GivenMappings:
    """What the command line names as mappings; nothing of it is read yet.

    Attributes:
        names: Files, patterns (`mappings/*.json`) and Python objects (`package.module:attribute`), as the user gave
            them.
        action_ids: The action of each identifier that is known, for Terraform: from `--action` and the configuration.
    """

    names: tuple[str, ...]
    action_ids: Mapping[str, str] = field(default_factory=dict)

    def __str__(self) -> str:
        """The names, for messages."""
        return ", ".join(self.names)

    @property
    def sources(self) -> list[str]:
        """The files and Python objects, patterns replaced by the files that they match; each file once.

        Raises:
            UsageProblem: A pattern matches no file.
        """
        found: dict[str, str] = {}
        for name in self.names:
            for source in _matching(name):
                found.setdefault(source if is_object(source) else os.path.realpath(source), source)
        return list(found.values())

    @property
    def files(self) -> list[Path]:
        """The files among the sources."""
        return [Path(source) for source in self.sources if not is_object(source)]


# --- what commands call ----------------------------------------------------------------------------------


def mappings_of(names: Sequence[str], action_ids: Mapping[str, str]) -> GivenMappings | None:
    """Makes one value of the names of arguments and `--mappings`; None if there are none, so that presets count."""
    return GivenMappings(tuple(names), dict(action_ids)) if names else None


def read_mappings(
    mappings: GivenMappings, definition: "DestinationDefinition[Any]", note: Note
) -> list["Subscription"]:
    """Reads the subscriptions of all sources; see `load_mappings`.

    Raises:
        UsageProblem: As `load_mappings`.
    """
    return load_mappings(mappings, definition, note).subscriptions


def load_mappings(mappings: GivenMappings, definition: "DestinationDefinition[Any]", note: Note) -> LoadedMappings:
    """Reads the subscriptions of all sources, each with where it was read.

    Args:
        mappings: What was given.
        definition: The destination: its actions show which one a Terraform resource means.
        note: Called with a line if a file is only a part of what its owner has.

    Raises:
        UsageProblem: A source cannot be read or holds something else, a JSON key is there twice, or the action of a
            Terraform resource is not known. The message names the file, the line and what to do.
    """
    from destination.definition.given.files import read_file
    from destination.definition.given.mapping_forms import parse_mappings, read_object

    loaded = LoadedMappings([], [])
    for source in mappings.sources:
        if is_object(source):
            subscriptions = read_object(source)
            origins = [Origin(source)] * len(subscriptions)
        else:
            raw = read_file(Path(source), "mappings file", WANTED)
            found = parse_mappings(raw, source, definition.actions, mappings.action_ids)
            subscriptions, origins = found.subscriptions, found.origins
            if found.is_partial:
                note(f"{source}: is incomplete: its `pagination` names a next page; give the other pages, too")
        loaded.subscriptions.extend(subscriptions)
        loaded.origins.extend(origins)
    return loaded


def is_object(source: str) -> bool:
    """Whether a source names a Python object and no file.

    Example:
        >>> is_object("shop.mappings:subscriptions"), is_object("mappings.json"), is_object("C:/mappings.json")
        (True, False, False)
    """
    return _OBJECT.fullmatch(source) is not None and not _is_there(source)


def _is_there(name: str) -> bool:
    from destination.definition.given.files import is_there

    return is_there(Path(name))


def _matching(name: str) -> list[str]:
    if is_object(name) or not has_magic(name) or _is_there(name):
        return [name]
    found = sorted(path for path in glob(name, recursive=True) if Path(path).is_file())  # noqa: PTH207  as it was given
    if not found:
        raise UsageProblem(f"{name}: matches no file; give {WANTED}")
    return found

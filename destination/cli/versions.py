"""Versions of mappings: a file, a file at a git revision, or the presets."""

import subprocess
from pathlib import Path
from typing import Any

from destination.cli.files import is_there
from destination.cli.instances import parse_mappings, read_mappings
from destination.cli.problems import UsageProblem
from destination.definition import DestinationDefinition, Subscription

PRESETS = "presets"


def read_version(place: str, definition: DestinationDefinition[Any]) -> list[Subscription]:
    """The subscriptions of a version.

    Args:
        place: `presets`; a file; or `REV:path` as git has it, where there is no file of that name: the path counts
            from the top of the repository, `REV:./path` from the current folder.
        definition: The destination, for its presets.

    Raises:
        UsageProblem: There is no such file or revision, or it holds something else.
    """
    if place == PRESETS:
        return definition.preset_subscriptions()
    path = file_of_version(place)
    if path is not None:
        return read_mappings(path)
    if place.endswith((":", "/")):
        raise UsageProblem(f"{place}: names a revision and no file in it; give REV:path")
    return parse_mappings(_at_revision(place), place)


def file_of_version(place: str) -> Path | None:
    """The file that a version is read from; None for the presets, and for a file at a git revision."""
    path = Path(place)
    return path if place != PRESETS and (":" not in place or is_there(path)) else None


def _at_revision(place: str) -> bytes:
    command = ["git", "show", "--no-textconv", "--end-of-options", place]
    try:
        done = subprocess.run(command, capture_output=True, check=False)  # noqa: S603  a list, no shell
    except FileNotFoundError:
        raise UsageProblem(f"{place}: there is no such file, and no git to look for a revision with") from None
    except ValueError as error:  # a null byte
        raise UsageProblem(f"{place!r}: is no file and no revision: {error}") from None
    if done.returncode:
        reason = done.stderr.decode("utf-8", "replace").strip().removeprefix("fatal: ")
        raise UsageProblem(f"{place}: there is no such file, and git says: {reason or 'nothing'}")
    return done.stdout

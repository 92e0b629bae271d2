"""Checks the name of a new destination's package."""

import keyword
import re
import sys
from importlib.machinery import PathFinder
from pathlib import Path
from typing import Final

from destination.definition import slugs
from destination.errors import DestinationError

MAX_NAME: Final = 40
"""Maximum length in characters; with longer names, lines of the templates would be too long."""

_NAME = re.compile(r"[a-z][a-z0-9]*(?:_[a-z0-9]+)*")
_TAKEN: Final = {
    "destination": "this project's own package",
    "tests": "the folder of the tests",
    "test": "Python's own tests",
    "conftest": "pytest's own file",
}


class NameRefusedError(DestinationError):
    """A new destination cannot have this name or folder; the message says why, and what to do."""


def check_name(name: str) -> None:
    """Refuses a name that a package cannot have, or that is taken.

    Args:
        name: The name of the new package.

    Raises:
        NameRefusedError: The name cannot be used; the message says why.

    Example:
        >>> check_name("my_crm")
        >>> check_name("My-CRM")
        Traceback (most recent call last):
        destination.workbench.scaffold.names.NameRefusedError: 'My-CRM' cannot be a package's name: ...
    """
    if not _NAME.fullmatch(name):
        close = re.sub(r"[^a-z0-9]+", "_", name.lower()).strip("_")
        hint = f", such as {close}" if _NAME.fullmatch(close) else ""
        raise NameRefusedError(
            f"{name!r} cannot be a package's name: use lower-case letters, digits and single _, "
            f"and begin with a letter{hint}"
        )
    if len(name) > MAX_NAME:
        raise NameRefusedError(f"{name!r} is longer than {MAX_NAME} characters; take a shorter name")
    if keyword.iskeyword(name) or keyword.issoftkeyword(name):
        raise NameRefusedError(f"{name!r} is a keyword of Python; take another name")
    if name in _TAKEN:
        raise NameRefusedError(f"{name!r} is the name of {_TAKEN[name]}; take another name")
    if name in sys.stdlib_module_names or _is_installed(name):
        raise NameRefusedError(f"{name!r} is the name of an installed module; take another name")
    slug = slug_of(name)
    if slug in slugs():
        raise NameRefusedError(f"the destination {slug} is installed already; take another name")


def slug_of(name: str) -> str:
    """Returns the slug of the destination of a package.

    Example:
        >>> slug_of("my_crm")
        'actions-my-crm'
    """
    return f"actions-{name.replace('_', '-')}"


def _is_installed(name: str) -> bool:
    """Whether a module of this name can be imported from outside the current folder."""
    here = Path.cwd()
    folders = [folder for folder in sys.path if folder and Path(folder).resolve() != here]
    if PathFinder.find_spec(name, folders) is not None:
        return True
    # An editable install has a finder of its own.
    others = [finder for finder in sys.meta_path if getattr(finder, "__name__", "") != "PathFinder"]
    return any(finder.find_spec(name, None) is not None for finder in others if hasattr(finder, "find_spec"))

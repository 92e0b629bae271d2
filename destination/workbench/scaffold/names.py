"""The names that a destination's package may have."""

import keyword
import re
import sys
from importlib.machinery import PathFinder
from pathlib import Path
from typing import Final

from destination.definition import slugs
from destination.errors import DestinationError

MAX_NAME: Final = 40
"""In characters; longer names would not fit into the lines of the templates."""

_NAME = re.compile(r"[a-z][a-z0-9]*(?:_[a-z0-9]+)*")
_TAKEN: Final = {
    "destination": "this project's own package",
    "tests": "the folder of the tests",
    "test": "Python's own tests",
    "conftest": "pytest's own file",
}


class NameRefusedError(DestinationError):
    """A destination's package cannot have that name; the message says why, and what to do."""


def check_name(name: str) -> None:
    """Refuses a name that no package can have, or that another one has.

    Args:
        name: The name of the package to be.

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
            f"{name!r} cannot be a package's name: it is lower-case letters, digits and single _, "
            f"and begins with a letter{hint}"
        )
    if len(name) > MAX_NAME:
        raise NameRefusedError(f"{name!r} is longer than {MAX_NAME} characters; take a shorter name")
    if keyword.iskeyword(name) or keyword.issoftkeyword(name):
        raise NameRefusedError(f"{name!r} is a word of Python's; take another name")
    if name in _TAKEN:
        raise NameRefusedError(f"{name!r} is the name of {_TAKEN[name]}; take another name")
    if name in sys.stdlib_module_names or _is_installed(name):
        raise NameRefusedError(f"{name!r} is the name of a module that is installed; take another name")
    slug = slug_of(name)
    if slug in slugs():
        raise NameRefusedError(f"a destination {slug} is installed already; take another name")


def slug_of(name: str) -> str:
    """Returns the slug of a destination whose package has that name.

    Example:
        >>> slug_of("my_crm")
        'actions-my-crm'
    """
    return f"actions-{name.replace('_', '-')}"


def _is_installed(name: str) -> bool:
    """Whether a top-level module of that name can be imported from elsewhere than the current folder."""
    here = Path.cwd()
    folders = [folder for folder in sys.path if folder and Path(folder).resolve() != here]
    if PathFinder.find_spec(name, folders) is not None:
        return True
    # What is installed in editable mode is found by a finder of its own.
    others = [finder for finder in sys.meta_path if getattr(finder, "__name__", "") != "PathFinder"]
    return any(finder.find_spec(name, None) is not None for finder in others if hasattr(finder, "find_spec"))

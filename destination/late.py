"""Imports that wait until something of them is used, because a process may never use it.

`asyncio` replaces the module. `late_names` makes a package offer names whose modules only some of its users need.
"""

from collections.abc import Callable, Mapping
from importlib import import_module
from typing import TYPE_CHECKING, Any


class _LateModule:
    def __init__(self, name: str) -> None:
        self._name = name

    def __getattr__(self, attribute: str) -> Any:
        value = getattr(import_module(self._name), attribute)
        setattr(self, attribute, value)  # from now on it costs what an attribute of a module costs
        return value


if TYPE_CHECKING:
    import asyncio as asyncio  # noqa: PLC0414  for those that import it from here
else:
    asyncio = _LateModule("asyncio")
    """Replaces asyncio, whose import takes longer than the work of most commands, until an attribute is used."""


def late_names(namespace: dict[str, Any], homes: Mapping[str, str]) -> Callable[[str], Any]:
    """Makes the `__getattr__` of a package that imports a module when one of its names is first used.

    Args:
        namespace: The globals of the package.
        homes: The names of each module, separated by spaces.

    Example:
        >>> package = {"__name__": "destination"}
        >>> get = late_names(package, {"destination.errors": "DefinitionError HTTPError"})
        >>> get("HTTPError")
        <class 'destination.errors.HTTPError'>
        >>> get("Other")
        Traceback (most recent call last):
        AttributeError: module 'destination' has no attribute 'Other'
    """
    home_of = {name: home for home, names in homes.items() for name in names.split()}

    def get(name: str) -> Any:
        if name not in home_of:
            raise AttributeError(f"module {namespace['__name__']!r} has no attribute {name!r}")
        value = namespace[name] = getattr(import_module(home_of[name]), name)
        return value

    return get

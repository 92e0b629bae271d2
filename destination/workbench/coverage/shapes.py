"""The shapes of events: which paths they have, found once for all events that are built alike."""

import re
from functools import lru_cache
from typing import Any, Final, TypeAlias

MAX_DEPTH: Final = 32
"""The maximum number of levels that are looked into; what is deeper counts with its container."""
ITEM: Final = "[]"
_ANY_KEY: Final = "*"

Path: TypeAlias = tuple[str, ...]
"""A path of an event for reports, with `[]` for any item of a list and `*` for a key that is data."""

_DATA = re.compile(r"@|\d{6}|[0-9a-f]{8}-[0-9a-f]{4}-|.{65}", re.IGNORECASE | re.DOTALL)
"""A key that matches this is data, such as an address, a number or an identifier, rather than a name."""
_ALONE: Final[tuple[Path, ...]] = ((),)
_CONTAINERS: Final = frozenset({dict, list})
_MAX_SIZE: Final = 100_000
"""The number of keys and paths that are remembered before everything is forgotten."""


@lru_cache(4096)
def name_of(key: str) -> str:
    """Returns a key for reports, `*` if it looks like data.

    Example:
        >>> name_of("price"), name_of("ada@example.org"), name_of("20240229")
        ('price', '*', '*')
    """
    return _ANY_KEY if _DATA.search(key) else key


class Shape:
    """What all values have in common that have values at the same paths. Equal shapes are one object.

    Attributes:
        leaves: The path of everything in the value that has no parts, each once.
        lists: The keys that lead to the lists that are not in another list; these keys are unchanged.

    Example:
        >>> shape = Shapes().shape_of({"name": "Home", "tags": [{"id": 1}, {"id": 2}]})
        >>> shape.leaves, shape.lists
        ((('tags', '[]', 'id'), ('name',)), (('tags',),))
    """

    __slots__ = ("leaves", "lists")

    def __init__(self, leaves: tuple[Path, ...], lists: tuple[Path, ...]) -> None:
        self.leaves = leaves
        self.lists = lists


class Shapes:
    """Finds the shapes of values, and remembers them in bounded memory.

    Example:
        >>> shapes = Shapes()
        >>> shapes.shape_of({"a": 1, "b": {}}) is shapes.shape_of({"a": None, "b": "text"})
        True
        >>> shapes.shape_of({"a": 1}) is shapes.shape_of({"a": []})
        False
    """

    def __init__(self) -> None:
        self._known: dict[tuple[Any, ...], Shape] = {}
        self._size = 0
        self._leaf = self._shape(_ALONE, ())
        self._list = self._shape(_ALONE, _ALONE)

    @property
    def is_full(self) -> bool:
        """Whether so much is remembered that `clear` should be called between two events."""
        return self._size > _MAX_SIZE

    def clear(self) -> None:
        """Forgets everything; later shapes are other objects than earlier ones."""
        self.__init__()  # type: ignore[misc]

    def shape_of(self, value: Any, depth: int = 0) -> Shape:
        """Returns the shape of a value.

        Args:
            value: The value.
            depth: The number of levels that it is in.
        """
        if value.__class__ is dict:
            if depth >= MAX_DEPTH or not value:
                return self._leaf
            depth += 1
            inner = [(key, self.shape_of(item, depth)) for key, item in value.items() if item.__class__ in _CONTAINERS]
            known = tuple(value), *inner
            shape = self._known.get(known)
            return self._learn(known, *_of_dict(value, dict(inner))) if shape is None else shape
        if value.__class__ is list:
            if depth >= MAX_DEPTH or not value:
                return self._list
            depth += 1
            leaf = self._leaf
            # Usually few of the items differ. The last one is the first to be looked at.
            items = (self.shape_of(item, depth) if item.__class__ in _CONTAINERS else leaf for item in reversed(value))
            alike = tuple(dict.fromkeys(items))
            shape = self._known.get(alike)
            return self._learn(alike, _of_list(alike), _ALONE) if shape is None else shape
        return self._leaf

    def _learn(self, known: tuple[Any, ...], leaves: tuple[Path, ...], lists: tuple[Path, ...]) -> Shape:
        shape = self._known[known] = self._shape(leaves, lists)
        self._size += len(known) + (len(known[0]) if known[0].__class__ is tuple else 0)
        return shape

    def _shape(self, leaves: tuple[Path, ...], lists: tuple[Path, ...]) -> Shape:
        # Objects with other keys may have equal paths: a key may be data.
        shape = self._known.get((leaves, lists, None))
        if shape is None:
            shape = self._known[leaves, lists, None] = Shape(leaves, lists)
            self._size += len(leaves) + len(lists)
        return shape


def _of_dict(value: dict[str, Any], inner: dict[str, Shape]) -> tuple[tuple[Path, ...], tuple[Path, ...]]:
    leaves: list[Path] = []
    for key in reversed(value):
        name = (name_of(key),)
        if key in inner:
            leaves += [name + path for path in inner[key].leaves]
        else:
            leaves.append(name)
    lists = [(key, *path) for key, shape in inner.items() for path in shape.lists]
    return tuple(dict.fromkeys(leaves)), tuple(lists)


def _of_list(items: tuple[Shape, ...]) -> tuple[Path, ...]:
    return tuple(dict.fromkeys((ITEM, *path) for shape in items for path in shape.leaves))

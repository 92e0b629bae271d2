"""What the subscriptions read of one event."""

from functools import lru_cache
from typing import Any, Final, TypeAlias

from destination.workbench.coverage.shapes import ITEM, MAX_DEPTH, Path, name_of

ReadKey: TypeAlias = tuple[int, frozenset[Path]]

_NONE: Final[frozenset[Path]] = frozenset()


class EventReads:
    """Collects the paths that are read of one event after another.

    The paths that triggers and mappings name are known before the first event, so each has a bit: to note one takes no
    memory, and what an event reads of them is one number.

    Attributes:
        mask: The bits of the known paths that were read of the event.
        others: The other paths that were read of it.

    Example:
        >>> reads = EventReads()
        >>> name, tags = reads.bit_of(("name",)), reads.bit_of(("tags", "0"))
        >>> event = {"name": "Home", "tags": ["a"]}
        >>> reads.begin()
        >>> reads.mask |= name | tags
        >>> sorted(reads.paths(event, reads.key(event)))
        [('name',), ('tags', '[]')]
    """

    __slots__ = ("_bits", "_indexed", "mask", "others")

    def __init__(self) -> None:
        self.mask = 0
        self.others: set[Path] = set()
        self._bits: dict[tuple[str, ...], int] = {}
        self._indexed = 0

    def bit_of(self, keys: tuple[str, ...]) -> int:
        """Returns the bit of a path from the event's root, as its keys."""
        bit = self._bits.get(keys)
        if bit is None:
            bit = self._bits[keys] = 1 << len(self._bits)
            if len(keys) > MAX_DEPTH or any(map(_is_position, keys)):
                self._indexed |= bit
        return bit

    def begin(self) -> None:
        """Forgets what was read of the last event."""
        self.mask = 0
        if self.others:
            self.others = set()

    def key(self, event: Any) -> ReadKey:
        """Returns what was read of an event, in a form that can be compared.

        Equal keys mean equal paths in events whose objects and lists have the same paths.
        """
        mask, indexed = self.mask, self.mask & self._indexed
        if not indexed:
            return mask, frozenset(self.others) if self.others else _NONE
        # The path depends on the items of lists.
        return mask & ~indexed, frozenset(self.others.union(self._paths(event, indexed)))

    def paths(self, event: Any, key: ReadKey) -> set[Path]:
        """Returns the paths of a key of the event."""
        mask, others = key
        return {*others, *self._paths(event, mask)}

    def _paths(self, event: Any, mask: int) -> list[Path]:
        return [plain_path_of(event, keys) for keys, bit in self._bits.items() if bit & mask]


def plain_path_of(value: Any, keys: tuple[str, ...]) -> Path:
    """Returns the keys of a read with `[]` instead of the positions in lists.

    Args:
        value: What the path begins at.
        keys: The keys.

    Example:
        >>> plain_path_of({"tags": ["a"]}, ("tags", "0")), plain_path_of({"tags": ["a"]}, ("tags", "length"))
        (('tags', '[]'), ('tags',))
    """
    plain: list[str] = []
    for key in keys:
        if isinstance(value, list):
            if not _is_position(key):  # such as `length`
                break
            plain.append(ITEM)
            index = int(key)
            value = value[index] if index < len(value) else None
        else:
            plain.append(name_of(key))
            value = value.get(key) if isinstance(value, dict) else None
    return tuple(plain)


@lru_cache(1024)
def _is_position(key: str) -> bool:
    return key.isdecimal() and len(key) < 100  # `int` refuses very long text

"""On which line of a file of subscriptions something stands."""

from pathlib import Path
from urllib.parse import quote

from destination.values.pointers import pointer_keys
from destination.values.positions import Node, PositionedError, read_json_nodes

_SINGLE = "subscription"
_PUBLIC_API = {"subscribe": "trigger", "mapping": "settings", "partnerAction": "actionSlug"}


class Lines:
    r"""The lines of a JSON file with subscriptions, in any form that `read_subscriptions` takes.

    Args:
        path: The file, as it was named.
        text: What stands in it; JSON.

    Example:
        >>> lines = Lines("m.json", '[\n {"name": "A",\n  "subscribe": "",\n  "mapping": {"a": 1}}\n]')
        >>> lines.of(0, "subscribe"), lines.of(0, "mapping/a"), lines.of(0, "mapping/missing"), lines.of(None, "")
        (3, 4, 4, 1)
    """

    def __init__(self, path: str | Path, text: str) -> None:
        self.name = str(path)
        self._lines = _lines_of(text)
        self._root = self._root_of_list()

    @property
    def uri(self) -> str:
        """The file as a relative reference, or a file URI."""
        path = Path(self.name)
        return path.as_uri() if path.is_absolute() else quote(path.as_posix())

    def of(self, index: int | None, place: str) -> int:
        """The line, from 1, of a place in a subscription; of what is around it, where it does not stand itself."""
        keys: tuple[str, ...] = ()
        if index is not None:
            first, *rest = pointer_keys(f"/{place}")
            keys = self._root if self._root[-1:] == (_SINGLE,) else (*self._root, str(index))
            if (*keys, first) not in self._lines:
                first = _PUBLIC_API.get(first, first)
            keys = (*keys, first, *rest)
        while keys and keys not in self._lines:
            keys = keys[:-1]
        return self._lines.get(keys, 1)

    def _root_of_list(self) -> tuple[str, ...]:
        for root in (("data", "subscriptions"), ("subscriptions",), ("data", _SINGLE), (_SINGLE,)):
            if root in self._lines:
                return root
        return ()


def _lines_of(text: str) -> dict[tuple[str, ...], int]:
    """The line of every key or item, by the keys that lead there; none for a text that is not valid JSON."""
    try:
        root = read_json_nodes(text, lenient=True)
    except PositionedError:
        return {}
    lines: dict[tuple[str, ...], int] = {(): root.line}
    todo: list[tuple[tuple[str, ...], Node]] = [((), root)]
    while todo:
        path, node = todo.pop()
        inner = [(key, member.key.line, member.node) for key, member in (node.members or {}).items()]
        inner += [(str(index), item.line, item) for index, item in enumerate(node.items or ())]
        for key, line, value in inner:
            lines[(*path, key)] = line
            todo.append(((*path, key), value))
    return lines

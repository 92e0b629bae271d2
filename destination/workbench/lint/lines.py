"""On which line of a file of subscriptions something stands."""

import re
from pathlib import Path
from urllib.parse import quote

from destination.values.pointers import pointer_keys

_WORD = re.compile(r'"(?:[^"\\]|\\.)*"|[{}\[\],:]|[^\s{}\[\],:"]+')
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
        self._lines = _places(text)
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


def _places(text: str) -> dict[tuple[str, ...], int]:
    """The line of every key or item, by the keys that lead there."""
    lines: dict[tuple[str, ...], int] = {}
    # For each open object or list: the key or index at which it stands now.
    trail: list[str | int] = []
    line, done = 1, 0
    expecting_key = False
    for found in _WORD.finditer(text):
        word = found.group()
        line += text.count("\n", done, found.start())
        done = found.start()
        if word in "{[":
            _note(lines, trail, line)
            trail.append(0 if word == "[" else "")
            expecting_key = word == "{"
        elif word in "}]":
            if trail:
                trail.pop()
            expecting_key = False
        elif word == ",":
            if trail and isinstance(trail[-1], int):
                trail[-1] += 1
            else:
                expecting_key = True
        elif word == ":":
            expecting_key = False
        elif expecting_key and trail:
            trail[-1] = _unquoted(word)
            lines[tuple(map(str, trail))] = line
        else:
            _note(lines, trail, line)
    return lines


def _note(lines: dict[tuple[str, ...], int], trail: list[str | int], line: int) -> None:
    lines.setdefault(tuple(map(str, trail)), line)


def _unquoted(word: str) -> str:
    import json

    try:
        return str(json.loads(word))
    except ValueError:
        return word

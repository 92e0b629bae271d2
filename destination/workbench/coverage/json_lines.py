"""Indented lines of JSON, each with the path of what begins on it; a small object or list has one line."""

import json
from collections.abc import Iterator
from typing import Any, Final

from destination.mapping.validate import MappingPath

_SHORT: Final = 76
"""Characters of an object or list that is still written on one line."""


def json_lines(value: Any) -> list[tuple[str, MappingPath]]:
    """Writes JSON as lines, each with the keys that lead to what begins on it.

    Example:
        >>> for text, path in json_lines({"name": {"@path": "$.event"}, "list": [1, 2]}):
        ...     print(text, path)
        { ()
          "name": {"@path": "$.event"}, ('name',)
          "list": [1, 2] ('list',)
        } ('}',)
    """
    try:
        return list(_lines(value, (), "", "", ""))
    except (RecursionError, ValueError):  # it nests too deeply, or holds itself: no mapping that can be used
        return [("(cannot be shown: it nests too deeply)", ())]


def _lines(value: Any, path: MappingPath, indent: str, before: str, after: str) -> Iterator[tuple[str, MappingPath]]:
    short = json.dumps(value, ensure_ascii=False, default=str)
    if not _is_long(value, short, before):
        yield f"{indent}{before}{short}{after}", path
        return
    is_object = isinstance(value, dict)
    opening, closing = ("{", "}") if is_object else ("[", "]")
    yield f"{indent}{before}{opening}", path
    entries = list(value.items()) if is_object else [(str(index), each) for index, each in enumerate(value)]
    for number, (key, each) in enumerate(entries, 1):
        name = f"{json.dumps(key, ensure_ascii=False)}: " if is_object else ""
        comma = "," if number < len(entries) else ""
        yield from _lines(each, (*path, key), indent + "  ", name, comma)
    # No key leads here: nothing is looked for on this line.
    yield f"{indent}{closing}{after}", (*path, closing)


def _is_long(value: Any, short: str, before: str) -> bool:
    if not isinstance(value, (dict, list)) or not value:
        return False
    inner = value.values() if isinstance(value, dict) else value
    nested = any(isinstance(each, (dict, list)) and each for each in inner)
    return not before or nested or len(before) + len(short) > _SHORT

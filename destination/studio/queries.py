"""The text of the search: words, `type:page`, `name:"Order Completed"`, `$.properties.price = 5`."""

import re
from collections.abc import Callable
from typing import Any, Final

from destination.event import Event
from destination.mapping.paths import compile_path
from destination.records import dataclass
from destination.values import MISSING, to_string

_QUOTED: Final = r'"(?:[^"\\]|\\.)*"?'
_TERM: Final = re.compile(
    rf"""(?P<path>\$(?:\.|\[)(?:\['[^']*'?\]?|[^\s=!'"])*)(?:\s*(?P<operator>!=|=)\s*(?P<value>{_QUOTED}|[^\s"]\S*)?"""
    r"""|\s+(?P<exists>(?:not\s+)?exists)\b)?"""
    rf"""|(?P<key>type|name|user|message):(?P<wanted>{_QUOTED}|\S*)"""
    rf"""|(?P<word>{_QUOTED}|\S+)"""
)
_PLAIN: Final = re.compile(r"[A-Za-z0-9 _.:@-]+")
_ESCAPED: Final = re.compile(r"\\(.)")


@dataclass(frozen=True, slots=True)
class PathTerm:
    """A condition on the value at a path of the event.

    Attributes:
        read: Returns the value at the path, or `MISSING`.
        accepts: Whether the value is what is searched.
        needle: Bytes that the JSON of each event has that fulfils it, unless it is written with escapes; or None.

    Example:
        >>> [term] = parse_query("$.properties.plan = pro").paths
        >>> term.accepts(term.read({"properties": {"plan": "pro"}})), term.needle
        (True, b'pro')
    """

    read: Callable[[Any], Any]
    accepts: Callable[[Any], bool]
    needle: bytes | None

    def may_hold(self, raw: bytes) -> bool:
        """Whether an event may fulfil the condition, by its JSON alone."""
        return self.needle is None or self.needle in raw or b"\\" in raw

    def holds(self, event: Event) -> bool:
        """Whether an event fulfils the condition."""
        try:
            return self.accepts(self.read(event))
        except Exception:  # noqa: BLE001  a path that reads what a mapping could not read either finds nothing
            return False


@dataclass(frozen=True, slots=True)
class Query:
    """What is searched; an event must fulfil all of it.

    Attributes:
        words: Texts that must be in its name, type, `messageId` or `userId`, in lower case.
        types: Its `type`, in lower case.
        names: Texts that must be in its name, in lower case.
        paths: Conditions on its values.

    Example:
        >>> query = parse_query('order type:track name:"Order Completed" $.userId exists')
        >>> query.words, query.types, query.names, len(query.paths)
        (('order',), ('track',), ('order completed',), 1)
    """

    words: tuple[str, ...] = ()
    types: tuple[str, ...] = ()
    names: tuple[str, ...] = ()
    paths: tuple[PathTerm, ...] = ()

    @property
    def is_empty(self) -> bool:
        """Whether every event fulfils it."""
        return not (self.words or self.types or self.names or self.paths)


def parse_query(text: str) -> Query:
    """Reads the text of the search. Every text is a query, so that one can search while typing.

    Args:
        text: Words, in any order and case; `type:` and `name:` with a word or a quoted text; a path such as
            `$.properties.price`, alone (it exists), or with `= VALUE`, `!= VALUE`, `exists` or `not exists`. A quoted
            value is a text; a value without quotes is also a number, `true`, `false` or `null`.

    Example:
        >>> [term] = parse_query('$.properties.plan != "pro"').paths
        >>> term.holds({"properties": {"plan": "free"}}), term.holds({"properties": {"plan": "pro"}})
        (True, False)
        >>> parse_query("  ").is_empty
        True
    """
    words: list[str] = []
    types: list[str] = []
    names: list[str] = []
    paths: list[PathTerm] = []
    for found in _TERM.finditer(text):
        if found["path"]:
            paths.append(_path_term(found))
        elif found["key"]:
            wanted, _ = _unquoted(found["wanted"])
            if wanted:
                {"type": types, "name": names}.get(found["key"], words).append(wanted.lower())
        else:
            word, _ = _unquoted(found["word"])
            if word:
                words.append(word.lower())
    return Query(tuple(words), tuple(types), tuple(names), tuple(paths))


def _path_term(found: re.Match[str]) -> PathTerm:
    read = compile_path(found["path"].removeprefix("$").removeprefix("."))
    if found["value"] is None:
        wants = not (found["exists"] or "").startswith("not")
        return PathTerm(read, lambda value: (value is not MISSING) is wants, None)
    wanted, is_text = _unquoted(found["value"])
    if found["operator"] == "!=":
        return PathTerm(read, lambda value: not _equals(value, wanted, is_text=is_text), None)
    needle = wanted.encode() if _PLAIN.fullmatch(wanted) and not _is_number(wanted) else None
    return PathTerm(read, lambda value: _equals(value, wanted, is_text=is_text), needle)


def _equals(value: Any, wanted: str, *, is_text: bool) -> bool:
    if isinstance(value, str):
        return value == wanted
    if is_text or value is MISSING or isinstance(value, (dict, list)):
        return False
    if isinstance(value, (int, float)) and not isinstance(value, bool) and _is_number(wanted):
        return float(value) == float(wanted)
    return to_string(value) == wanted


def _is_number(text: str) -> bool:
    try:
        float(text)
    except ValueError:
        return False
    return True


def _unquoted(text: str) -> tuple[str, bool]:
    """Returns a text without its quotes, and whether it had any."""
    if not text.startswith('"'):
        return text, False
    inner = text[1:-1] if len(text) > 1 and text.endswith('"') else text[1:]
    return _ESCAPED.sub(r"\1", inner), True

"""Who asked not to be told: `# ignore CODES`.

FQL and JSON know no comments, and what is written must come back from Segment as it was. Two places do: the end
of the subscription's name, which people see in Segment's app, and the `_metadata` beside a directive, which Segment
carries along and its runtime skips.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from destination.definition import Subscription
from destination.mapping.validate import is_directive

_IN_NAME = re.compile(r"#\s*ignore\s+([A-Z]+[0-9]*(?:[,\s]+[A-Z]+[0-9]*)*)\s*$")
_IN_METADATA = re.compile(r"\s*ignore\s+([A-Z]+[0-9]*(?:[,\s]+[A-Z]+[0-9]*)*)\s*")


@dataclass(frozen=True, slots=True)
class Ignored:
    """One code that a subscription does not want to hear of.

    Attributes:
        code: A rule's code, or the beginning of several.
        place: Where it is asked for: `name`, or a JSON pointer that begins with `mapping/`.
    """

    code: str
    place: str

    def covers(self, code: str) -> bool:
        """Whether it is this code, or the beginning of it."""
        return covers(self.code, code)


def covers(asked: str, code: str) -> bool:
    """Whether a code, or a family of codes by its letters, names a rule.

    Example:
        >>> covers("T", "T001"), covers("T00", "T001"), covers("T001", "T001"), covers("A", "ABS001")
        (True, True, True, False)
    """
    if asked.isalpha():
        return code.rstrip("0123456789") == asked
    return code.startswith(asked)


def ignored_by(subscription: Subscription) -> list[Ignored]:
    """What a subscription wants ignored.

    Example:
        >>> orders = Subscription(name="Orders # ignore O001, T", subscribe="", partner_action="")
        >>> [one.code for one in ignored_by(orders)]
        ['O001', 'T']
    """
    found = _IN_NAME.search(subscription.name)
    codes = _codes(found.group(1), "name") if found else []
    for place, text in _metadata(subscription.mapping):
        asked = _IN_METADATA.fullmatch(text)
        codes += _codes(asked.group(1), place) if asked else []
    return codes


def _codes(text: str, place: str) -> list[Ignored]:
    return [Ignored(code, place) for code in re.split(r"[,\s]+", text)]


def _metadata(mapping: Any) -> Iterator[tuple[str, str]]:
    """Every text under `_metadata.lint` beside a directive."""
    todo: list[tuple[str, Any]] = [("mapping", mapping)]
    while todo:
        place, value = todo.pop()
        if isinstance(value, dict):
            if is_directive(value):
                notes = value.get("_metadata")
                if isinstance(notes, dict) and isinstance(notes.get("lint"), str):
                    yield f"{place}/_metadata", notes["lint"]
            todo.extend((f"{place}/{key}", item) for key, item in reversed(value.items()) if key != "_metadata")
        elif isinstance(value, list):
            todo.extend((f"{place}/{index}", item) for index, item in reversed(list(enumerate(value))))

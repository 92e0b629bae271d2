"""The changes that a comparison allows: `--allow`."""

from collections.abc import Iterable
from fnmatch import fnmatchcase
from typing import Final

from destination.errors import DefinitionError
from destination.workbench.diff.reading import KINDS

ADDED: Final = "added"
REMOVED: Final = "removed"
UNREADABLE: Final = "unreadable"
"""The word for lines of the input that hold no event."""

_WORDS: Final = (*KINDS, ADDED, REMOVED, UNREADABLE)


class Allow:
    """The changes that are allowed, as patterns.

    A pattern is `WHAT` or `SUBSCRIPTION:WHAT`. In both parts `*` and `?` match as in file names. WHAT is one of

    - a location in changed payloads (`/name`, `/properties/*`) or requests (`request/header/x-agent`),
    - a kind: `newly-sent`, `no-longer-sent`, `newly-failing`, `no-longer-failing`, `failing-otherwise`, `changed`,
    - `added` or `removed`, for all events of a subscription that was added or removed,
    - `unreadable`, for lines that hold no event.

    Args:
        patterns: The patterns.

    Attributes:
        unused: The patterns that nothing matched, in order.

    Raises:
        DefinitionError: A pattern can match nothing.

    Example:
        >>> allow = Allow(["Track Calls:/name", "*:newly-*", "added"])
        >>> allow.covers(["Track Calls"], "/name"), allow.covers(["Page Calls"], "/name")
        (True, False)
        >>> allow.covers(["Page Calls"], "newly-sent"), allow.unused
        (True, ['added'])
        >>> Allow(["chnged"])
        Traceback (most recent call last):
        destination.errors.DefinitionError: 'chnged' names nothing that a comparison finds: ...
    """

    def __init__(self, patterns: Iterable[str] = ()) -> None:
        self._splits = {pattern: _splits(pattern) for pattern in patterns}
        self._used: set[str] = set()

    def covers(self, names: Iterable[str], what: str) -> bool:
        """Returns whether a change is allowed, and notes the patterns that match it.

        Args:
            names: The names of its subscription in both versions.
            what: The location or the word.
        """
        covered = False
        for pattern, splits in self._splits.items():
            for name, wanted in splits:
                if fnmatchcase(what, wanted) and any(fnmatchcase(one, name) for one in names):
                    self._used.add(pattern)
                    covered = True
        return covered

    @property
    def has_patterns(self) -> bool:
        """Whether any pattern was given."""
        return bool(self._splits)

    @property
    def unused(self) -> list[str]:
        """The patterns that nothing matched."""
        return [pattern for pattern in self._splits if pattern not in self._used]


def _splits(pattern: str) -> list[tuple[str, str]]:
    """Returns every way to read a pattern as subscription and WHAT: both may have colons of their own."""
    parts = pattern.split(":")
    readings = [("*", pattern)]
    readings += [(":".join(parts[:end]), ":".join(parts[end:])) for end in range(1, len(parts))]
    readings = [(name, what) for name, what in readings if _names_something(what)]
    if not readings:
        raise DefinitionError(
            f"{pattern!r} names nothing that a comparison finds: use a location such as /name or request/url, or one "
            f"of {', '.join(_WORDS)}; put SUBSCRIPTION: before it to allow the change there only"
        )
    return readings


def _names_something(what: str) -> bool:
    return what.startswith(("/", "request", "(more)")) or any(fnmatchcase(word, what) for word in _WORDS)

"""What of a case to write into its file."""

from collections.abc import Iterator, Mapping
from typing import Any

from destination.testing.cases.check import comparable, gaps
from destination.testing.cases.model import Case
from destination.testing.cases.writer import Edit
from destination.testing.compare import Path, differences, is_list
from destination.values import MISSING


def missing_edits(case: Case, found: Mapping[str, Any]) -> list[Edit]:
    """Fills the gaps of a case: all of its `expect`, or what stands in it with nothing behind.

    Example:
        >>> case = Case("A", {}, {"matched": None}, ("cases", 0), 1)
        >>> missing_edits(case, {"matched": ["T"], "subscriptions": {}})
        [Edit(path=('cases', 0, 'expect', 'matched'), value=['T'])]
    """
    return [Edit((*case.path, "expect", *gap), _recorded(found_at(found, gap))) for gap in gaps(case)]


def changing_edits(case: Case, found: Mapping[str, Any]) -> list[Edit]:
    """Puts what was found in the place of what is expected and differs. What is expected in part stays a part.

    Example:
        >>> case = Case("A", {}, {"matched": ["T", "U"]}, ("cases", 0), 1)
        >>> changing_edits(case, {"matched": ["T"], "subscriptions": {}})
        [Edit(path=('cases', 0, 'expect', 'matched'), value=['T'])]
    """
    wanted, there = comparable(case.expect, found)
    return [Edit((*case.path, "expect", *path), value) for path, value in _changes(wanted, there, ())]


def found_at(found: Any, path: tuple[str, ...]) -> Any:
    """What was found at a path, `MISSING` where nothing was.

    Example:
        >>> found_at({"subscriptions": {"T": {}}}, ("subscriptions", "T", "error"))
        MISSING
    """
    for key in path:
        found = found.get(key, MISSING) if isinstance(found, Mapping) else MISSING
    return found


def _changes(expected: Any, found: Any, path: Path) -> Iterator[tuple[Path, Any]]:
    if not differences(expected, found):
        return
    if _is_part(expected) and isinstance(found, Mapping) and all(key in found for key in expected):
        for key, value in expected.items():
            yield from _changes(value, found[key], (*path, key))
    elif is_list(expected) and is_list(found) and len(expected) == len(found):
        for index, item in enumerate(expected):
            yield from _changes(item, found[index], (*path, index))
    else:
        yield path, _updated(expected, found)


def _updated(expected: Any, found: Any) -> Any:
    """What was found, in as far as it is expected."""
    if _is_part(expected) and isinstance(found, Mapping):
        kept = {key: _updated(value, found[key]) for key, value in expected.items() if key in found}
        return kept or _recorded(found)
    if is_list(expected) and is_list(found):
        known = min(len(expected), len(found))
        return [_updated(expected[index], found[index]) for index in range(known)] + _recorded(list(found[known:]))
    if isinstance(expected, Mapping) and list(expected) == ["exactly"] and found is not MISSING:
        return {"exactly": found}
    return _recorded(found)


def _is_part(expected: Any) -> bool:
    return isinstance(expected, Mapping) and not _is_mark(expected)


def _is_mark(value: Mapping[str, Any]) -> bool:
    return len(value) == 1 and ("exactly" in value or value.get("absent") is True)


def _recorded(found: Any) -> Any:
    """A value as an expectation of it."""
    if found is MISSING:
        return {"absent": True}
    if isinstance(found, Mapping):
        if _is_mark(found):
            return {"exactly": found}
        return {key: _recorded(value) for key, value in found.items()}
    return [_recorded(item) for item in found] if is_list(found) else found

"""Follows one position of a payload from the mapping through the removal of empties to the fitted payload."""

from dataclasses import dataclass
from typing import Any

from destination.values import MISSING
from destination.workbench.explain.locations import Position


@dataclass(frozen=True, slots=True)
class Followed:
    """What became of the value at one position.

    Attributes:
        cleaned: The value after the removal of empties, or `MISSING`.
        fitted: The value that perform sees, or `MISSING`.
        position: Where perform sees it; None where it does not, or where that cannot be told.
    """

    cleaned: Any
    fitted: Any
    position: Position | None


def follow(position: Position, raw: Any, cleaned: Any, fitted: Any) -> Followed:
    """What became of the value at a position of the raw payload.

    Fields may wrap a value in a list or take it out of one, and drop items of lists: positions change.

    Args:
        position: The position in `raw`, where something is.
        raw: The payload that the mapping gave.
        cleaned: The same without its empties.
        fitted: The same after validation.

    Example:
        >>> follow(("tags", 1), {"tags": [None, 5]}, {"tags": [5]}, {"tags": ["5"]})
        Followed(cleaned=5, fitted='5', position=('tags', 0))
        >>> follow(("tags", 0), {"tags": [None, 5]}, {"tags": [5]}, {"tags": ["5"]})
        Followed(cleaned=MISSING, fitted=MISSING, position=None)
    """
    place: Position | None = ()
    for key in position:
        before, raw, cleaned_before = raw, raw[key], cleaned
        if isinstance(cleaned_before, dict):
            cleaned = cleaned_before.get(key, MISSING)
            if isinstance(fitted, list) and len(fitted) == 1 and isinstance(fitted[0], dict):
                place, fitted = _deeper(place, 0), fitted[0]  # it was wrapped
            fitted = fitted.get(key, MISSING) if isinstance(fitted, dict) else MISSING
            place = _deeper(place, key)
        elif isinstance(cleaned_before, list) and isinstance(key, int):
            index = _kept_index(before, cleaned_before, key)
            cleaned = MISSING if index is None else cleaned_before[index]
            if index is None:
                fitted, place = MISSING, None
            elif isinstance(fitted, list) and len(fitted) == len(cleaned_before):
                fitted, place = fitted[index], _deeper(place, index)
            elif isinstance(fitted, list) or len(cleaned_before) != 1:
                fitted, place = MISSING, None
            # else the only item was taken out of its list: it stands where the list would
        else:
            return Followed(MISSING, MISSING, None)
    return Followed(cleaned, fitted, None if fitted is MISSING else place)


def _deeper(place: Position | None, key: str | int) -> Position | None:
    return None if place is None else (*place, key)


def _kept_index(items: Any, kept: list[Any], wanted: int) -> int | None:
    """Where an item of a list is after others were dropped; they keep their order and are the same objects."""
    index = 0
    for number, item in enumerate(items):
        here = index < len(kept) and kept[index] is item
        if number == wanted:
            return index if here else None
        index += here
    return None

"""What must stand at a place of an event, and below it.

An event is looked at as a tree of places. What a condition gets from one is what stands there, or, where
something above it is no object, what JavaScript makes of that: a false value ends the path and is its value,
texts and lists have a length and indexes, everything else has no members. So the kinds of value that may
stand at a place are gone through one by one; where none will do, that is a proof.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from functools import partial
from typing import Any, Final

from destination.fql.satisfy.numbers import solve_number
from destination.fql.satisfy.outcome import Barred, Found, Outcome, Unsure
from destination.fql.satisfy.requirement import NUMERIC, TEXTUAL, Requirement
from destination.fql.satisfy.texts import shortest, solve_text, with_length
from destination.values import MISSING, get_property, is_index, is_number, truthy, utf16_length

USUAL: Final = {"type": "track", "event": "Order Completed", "name": "Home", "userId": "user-1"}
"""A text where nothing says which."""

_PLAIN: tuple[Any, ...] = (True, False, MISSING, None, {})
_FALSE: tuple[Any, ...] = (MISSING, None, False, 0, "")
_LONGEST = 1_000  # items of a list, characters of a text


@dataclass(slots=True)
class Place:
    """A place of an event.

    Attributes:
        name: Its key.
        requirements: On what stands there.
        members: The places below it.
    """

    name: str = ""
    requirements: list[Requirement] = field(default_factory=list)
    members: "dict[str, Place]" = field(default_factory=dict)


def place_of(requirements: list[Requirement]) -> Place:
    """The tree of what is required; its root is the event."""
    root = Place()
    for one in requirements:
        place = root
        for key in one.path:
            place = place.members.setdefault(key, Place(key))
        place.requirements.append(one)
    return root


def solve_event(requirements: list[Requirement], near: dict[str, Any]) -> Outcome:
    """An event that fulfils all requirements, made from `near` by few changes."""
    return _as_object(place_of(requirements), near)


def solve_value(requirements: list[Requirement], near: Any) -> Outcome:
    """The value of one place; the requirements are on the same path."""
    return _solve(Place(requirements[0].path[-1], requirements), near)


def _solve(place: Place, near: Any) -> Outcome:
    if _passes(place, near):
        return Found(near)
    ways = _ways_with_members(place, near) if place.members else _ways(place, near)
    unsure = None
    for way in ways:
        outcome = way()
        if isinstance(outcome, Found):
            return outcome
        if isinstance(outcome, Unsure):
            unsure = outcome
    return unsure or Barred(tuple(_below(place)))


def _ways(place: Place, near: Any) -> Iterator[Callable[[], Outcome]]:
    """The kinds of value, most welcome first; every one is among them."""
    requirements = place.requirements
    operators = {one.operator for one in requirements if one.wanted}
    text = partial(solve_text, requirements, near, USUAL.get(place.name, "example"))
    number = partial(solve_number, requirements, near)
    if isinstance(near, bool):
        yield partial(_exactly, place, not near)
    if is_number(near) or (operators & NUMERIC and not (isinstance(near, str) and operators & TEXTUAL)):
        yield number
        yield text
    else:
        yield text
        yield number
    for value in _PLAIN:
        yield partial(_exactly, place, value)


def _ways_with_members(place: Place, near: Any) -> Iterator[Callable[[], Outcome]]:
    """The same for a place with others below it."""
    ways: list[Callable[[], Outcome]] = [
        partial(_as_object, place, near),
        partial(_as_list, place, near),
        partial(_as_text, place, near),
    ]
    if isinstance(near, str):
        ways.reverse()
    elif isinstance(near, list) or (not isinstance(near, dict) and all(map(_is_of_list, place.members))):
        ways[:2] = ways[1::-1]
    yield from ways
    for value in (*_FALSE, True):
        yield partial(_exactly, place, value)
    yield partial(_as_number, place, near)


def _exactly(place: Place, value: Any) -> Outcome:
    return Found(value) if _passes(place, value) else Barred(())


def _as_object(place: Place, near: Any) -> Outcome:
    if not _own(place, {}):
        return Barred(())
    made = dict(near) if isinstance(near, dict) else {}
    unsure = None
    for key, member in place.members.items():
        outcome = _solve(member, made.get(key, MISSING))
        if isinstance(outcome, Barred):
            return outcome
        if isinstance(outcome, Unsure):
            unsure = outcome
        elif outcome.value is MISSING:
            made.pop(key, None)
        else:
            made[key] = outcome.value
    return unsure or Found(made)


def _as_list(place: Place, near: Any) -> Outcome:
    if not _own(place, []) or not _others_missing(place):
        return Barred(())
    items = list(near) if isinstance(near, list) else []
    if not any(map(_is_of_list, place.members)):
        return _exactly(place, items)
    for key, member in place.members.items():
        if not is_index(key):
            continue
        index = int(key)
        outcome = _solve(member, items[index] if index < len(items) else MISSING)
        if not isinstance(outcome, Found):
            return outcome
        if outcome.value is not MISSING:
            if index >= _LONGEST:
                return Unsure("a list that is very long")
            items.extend({} for _ in range(index + 1 - len(items)))
            items[index] = outcome.value
    if "length" in place.members:
        outcome = _length(place.members["length"], len(items))
        if not isinstance(outcome, Found):
            return outcome
        del items[outcome.value :]
        items.extend(items[-1] if items else {} for _ in range(outcome.value - len(items)))
    return Found(items) if _passes(place, items) else Unsure("a list with a certain length and certain items")


def _as_text(place: Place, near: Any) -> Outcome:
    if not _others_missing(place):
        return Barred(())
    found = solve_text(place.requirements, near, USUAL.get(place.name, "example"), besides=("",))
    if not isinstance(found, Found):
        return found
    if not any(map(_is_of_list, place.members)):
        return _exactly(place, found.value)
    if any(one.operator == ("=" if one.wanted else "!=") for one in place.requirements):
        return _exactly(place, found.value)  # no other text would do
    text = found.value
    if "length" in place.members:
        least = max(1, shortest(place.requirements))
        outcome = _length(place.members["length"], utf16_length(text), least)
        if not isinstance(outcome, Found):
            return outcome
        text = with_length(text, place.requirements, outcome.value)
    return Found(text) if _passes(place, text) else Unsure("a text with a certain length or certain characters")


def _as_number(place: Place, near: Any) -> Outcome:
    if not all(_passes(member, MISSING) for member in place.members.values()):
        return Barred(())
    return solve_number(place.requirements, near, besides=(0,))


def _length(place: Place, now: int, least: int = 0) -> Outcome:
    """The length that a list or a text may have: a whole number."""
    if place.members:
        return Unsure("a path below a length")
    outcome = solve_number(place.requirements, now, least=least)
    if not isinstance(outcome, Found):
        return outcome
    if type(outcome.value) is not int:
        return Barred(tuple(place.requirements))  # whole numbers come first
    return outcome if outcome.value <= _LONGEST else Unsure("a length that is no small number")


def _passes(place: Place, value: Any) -> bool:
    """Whether the value fulfils what is required of the place and of those below it."""
    if not _own(place, value):
        return False
    for key, member in place.members.items():
        below = get_property(value, key) if truthy(value) else value
        if not _passes(member, below):
            return False
    return True


def _own(place: Place, value: Any) -> bool:
    return all(one.passes(value) for one in place.requirements)


def _below(place: Place) -> Iterator[Requirement]:
    yield from place.requirements
    for member in place.members.values():
        yield from _below(member)


def _others_missing(place: Place) -> bool:
    """Whether the members that lists and texts do not have may be missing."""
    return all(_passes(member, MISSING) for key, member in place.members.items() if not _is_of_list(key))


def _is_of_list(key: str) -> bool:
    return key == "length" or is_index(key)

"""Builds an event that meets a list of requirements.

The requirements are sorted into a tree with one node for each key that they read. A condition reads the value
of its node. Where a value above the node is not an object, JavaScript decides what is read: a falsy value ends
the path and is the result, strings and lists have a length and indexes, and all other values have no members.
So each node tries every kind of value in turn. When none meets the requirements, that is a proof.
"""

from collections.abc import Callable, Iterator
from dataclasses import field
from functools import partial
from typing import Any, Final

from destination.fql.satisfy.requirement import NUMERIC, TEXTUAL, Outcome, Requirement, Solution, Unknown, Unsatisfiable
from destination.fql.satisfy.scalars import minimum_length, solve_number, solve_text, with_length
from destination.records import dataclass
from destination.values import MISSING, get_property, is_index, is_number, truthy, utf16_length

_USUAL_TEXTS: Final = {"type": "track", "event": "Order Completed", "name": "Home", "userId": "user-1"}
"""The string to use for a key when no requirement asks for a certain one."""

_UNSTRUCTURED: tuple[Any, ...] = (True, False, MISSING, None, {})
_FALSY: tuple[Any, ...] = (MISSING, None, False, 0, "")
_MAX_LENGTH = 1_000  # items of a list, UTF-16 code units of a string


@dataclass(slots=True)
class _EventNode:
    """A node of the event's tree.

    Attributes:
        key: The key in the parent node; empty for the event itself.
        requirements: The requirements on the node's own value.
        members: The nodes below it, by key.
    """

    key: str = ""
    requirements: list[Requirement] = field(default_factory=list)
    members: "dict[str, _EventNode]" = field(default_factory=dict)


def solve_event(requirements: list[Requirement], near: dict[str, Any]) -> Outcome:
    """Finds an event that meets all requirements, by changing little of the event `near`."""
    return _as_object(_tree(requirements), near)


def solve_value(requirements: list[Requirement], near: Any) -> Outcome:
    """Finds a value that meets all requirements, which must read the same path; prefers values close to `near`."""
    return _solve(_EventNode(requirements[0].path[-1], requirements), near)


def _tree(requirements: list[Requirement]) -> _EventNode:
    root = _EventNode()
    for one in requirements:
        node = root
        for key in one.path:
            node = node.members.setdefault(key, _EventNode(key))
        node.requirements.append(one)
    return root


def _solve(node: _EventNode, near: Any) -> Outcome:
    if _passes(node, near):
        return Solution(near)
    attempts = _attempts_with_members(node, near) if node.members else _attempts(node, near)
    unknown = None
    for attempt in attempts:
        outcome = attempt()
        if isinstance(outcome, Solution):
            return outcome
        if isinstance(outcome, Unknown):
            unknown = outcome
    return unknown or Unsatisfiable(tuple(_all_requirements(node)))


def _attempts(node: _EventNode, near: Any) -> Iterator[Callable[[], Outcome]]:
    """Yields an attempt for each kind of value, the preferred one first; together they cover every value."""
    requirements = node.requirements
    operators = {one.operator for one in requirements if one.wanted}
    text = partial(solve_text, requirements, near, _USUAL_TEXTS.get(node.key, "example"))
    number = partial(solve_number, requirements, near)
    if isinstance(near, bool):
        yield partial(_exactly, node, not near)
    if is_number(near) or (operators & NUMERIC and not (isinstance(near, str) and operators & TEXTUAL)):
        yield number
        yield text
    else:
        yield text
        yield number
    for value in _UNSTRUCTURED:
        yield partial(_exactly, node, value)


def _attempts_with_members(node: _EventNode, near: Any) -> Iterator[Callable[[], Outcome]]:
    """Does the same as `_attempts` for a node with other nodes below it."""
    attempts: list[Callable[[], Outcome]] = [
        partial(_as_object, node, near),
        partial(_as_list, node, near),
        partial(_as_text, node, near),
    ]
    if isinstance(near, str):
        attempts.reverse()
    elif isinstance(near, list) or (not isinstance(near, dict) and all(map(_is_index_or_length, node.members))):
        attempts[:2] = attempts[1::-1]
    yield from attempts
    for value in (*_FALSY, True):
        yield partial(_exactly, node, value)
    yield partial(_as_number, node, near)


def _exactly(node: _EventNode, value: Any) -> Outcome:
    return Solution(value) if _passes(node, value) else Unsatisfiable(())


def _as_object(node: _EventNode, near: Any) -> Outcome:
    if not _passes_own(node, {}):
        return Unsatisfiable(())
    made = dict(near) if isinstance(near, dict) else {}
    unknown = None
    for key, member in node.members.items():
        outcome = _solve(member, made.get(key, MISSING))
        if isinstance(outcome, Unsatisfiable):
            return outcome
        if isinstance(outcome, Unknown):
            unknown = outcome
        elif outcome.value is MISSING:
            made.pop(key, None)
        else:
            made[key] = outcome.value
    return unknown or Solution(made)


def _as_list(node: _EventNode, near: Any) -> Outcome:
    if not _passes_own(node, []) or not _others_may_be_missing(node):
        return Unsatisfiable(())
    items = list(near) if isinstance(near, list) else []
    if not any(map(_is_index_or_length, node.members)):
        return _exactly(node, items)
    for key, member in node.members.items():
        if not is_index(key):
            continue
        index = int(key)
        outcome = _solve(member, items[index] if index < len(items) else MISSING)
        if not isinstance(outcome, Solution):
            return outcome
        if outcome.value is not MISSING:
            if index >= _MAX_LENGTH:
                return Unknown("a list that is very long")
            items.extend({} for _ in range(index + 1 - len(items)))
            items[index] = outcome.value
    if "length" in node.members:
        outcome = _solve_length(node.members["length"], len(items))
        if not isinstance(outcome, Solution):
            return outcome
        del items[outcome.value :]
        items.extend(items[-1] if items else {} for _ in range(outcome.value - len(items)))
    return Solution(items) if _passes(node, items) else Unknown("a list with a certain length and certain items")


def _as_text(node: _EventNode, near: Any) -> Outcome:
    if not _others_may_be_missing(node):
        return Unsatisfiable(())
    found = solve_text(node.requirements, near, _USUAL_TEXTS.get(node.key, "example"), excluded=("",))
    if not isinstance(found, Solution):
        return found
    if not any(map(_is_index_or_length, node.members)):
        return _exactly(node, found.value)
    if any(one.operator == ("=" if one.wanted else "!=") for one in node.requirements):
        return _exactly(node, found.value)  # the requirements allow only this string
    text = found.value
    if "length" in node.members:
        minimum = max(1, minimum_length(node.requirements))
        outcome = _solve_length(node.members["length"], utf16_length(text), minimum)
        if not isinstance(outcome, Solution):
            return outcome
        text = with_length(text, node.requirements, outcome.value)
    return Solution(text) if _passes(node, text) else Unknown("a text with a certain length or certain characters")


def _as_number(node: _EventNode, near: Any) -> Outcome:
    if not all(_passes(member, MISSING) for member in node.members.values()):
        return Unsatisfiable(())
    return solve_number(node.requirements, near, excluded=(0,))


def _solve_length(node: _EventNode, current: int, minimum: int = 0) -> Outcome:
    """Finds a length, a whole number, for a list or a string."""
    if node.members:
        return Unknown("a path below a length")
    outcome = solve_number(node.requirements, current, minimum=minimum)
    if not isinstance(outcome, Solution):
        return outcome
    if type(outcome.value) is not int:
        return Unsatisfiable(tuple(node.requirements))  # `solve_number` tries whole numbers first
    return outcome if outcome.value <= _MAX_LENGTH else Unknown("a length that is no small number")


def _passes(node: _EventNode, value: Any) -> bool:
    """Returns whether the value meets the requirements on the node and on all nodes below it."""
    if not _passes_own(node, value):
        return False
    for key, member in node.members.items():
        below = get_property(value, key) if truthy(value) else value
        if not _passes(member, below):
            return False
    return True


def _passes_own(node: _EventNode, value: Any) -> bool:
    return all(one.passes(value) for one in node.requirements)


def _all_requirements(node: _EventNode) -> Iterator[Requirement]:
    yield from node.requirements
    for member in node.members.values():
        yield from _all_requirements(member)


def _others_may_be_missing(node: _EventNode) -> bool:
    """Returns whether the members that lists and strings do not have may be missing."""
    return all(_passes(member, MISSING) for key, member in node.members.items() if not _is_index_or_length(key))


def _is_index_or_length(key: str) -> bool:
    return key == "length" or is_index(key)

"""Makes small changes of a trigger."""

from collections.abc import Iterator
from dataclasses import replace
from typing import Any, Final

from destination.errors import DestinationError
from destination.fql import Condition, GroupCondition, Trigger, generate_fql, parse_fql
from destination.mapping.changes import Change
from destination.mapping.validate import MappingPath
from destination.workbench.coverage.points import condition_text

_OTHER_OPERATORS: Final = {
    "=": ("!=",),
    "!=": ("=",),
    "number_equals": ("number_not_equals",),
    "number_not_equals": ("number_equals",),
    "<": ("<=", ">="),
    "<=": ("<", ">"),
    ">": (">=", "<="),
    ">=": (">", "<"),
    "contains": ("not_contains",),
    "not_contains": ("contains",),
    "starts_with": ("not_starts_with", "contains"),
    "not_starts_with": ("starts_with",),
    "ends_with": ("not_ends_with", "contains"),
    "not_ends_with": ("ends_with",),
    "exists": ("not_exists",),
    "not_exists": ("exists",),
    "is_true": ("is_false",),
    "is_false": ("is_true",),
}
_OTHER_GROUP: Final = {"and": "or", "or": "and"}


def trigger_changes(trigger: Trigger) -> Iterator[Change]:
    """Yields the trigger with one thing changed: an operator, a value, a path, `and`, or a condition left out.

    Changes that FQL cannot express are left out.

    Example:
        >>> from destination.fql import compile_trigger
        >>> for change in trigger_changes(compile_trigger('type = "track" and properties.n > 5')):
        ...     print("/".join(change.path), change.value)
        subscribe type = "track" or properties.n > 5
        subscribe/0 type != "track" and properties.n > 5
        subscribe/0 type = "track_" and properties.n > 5
        subscribe/0 properties.n > 5
        subscribe/1 type = "track" and properties.n >= 5
        subscribe/1 type = "track" and properties.n <= 5
        subscribe/1 type = "track" and properties.n > 6
        subscribe/1 type = "track" and properties.n_ > 5
        subscribe/1 type = "track"
    """
    if not isinstance(trigger.condition, GroupCondition):
        return
    for path, text, group in _of_group(trigger.condition, ("subscribe",)):
        try:
            source = generate_fql(group)
        except DestinationError:
            continue
        if parse_fql(source) == _plain(group):
            yield Change(path, text, source)


def _plain_child(node: Any) -> Any:
    """Returns the only condition of a group of one; anything else unchanged."""
    return node.children[0] if isinstance(node, GroupCondition) and len(node.children) == 1 else node


def _plain(group: GroupCondition) -> GroupCondition:
    """Returns a group as the parser reads it back: a group that holds only one group is that one."""
    only = group.children[0] if len(group.children) == 1 else None
    return only if isinstance(only, GroupCondition) else group


def _of_group(group: GroupCondition, path: MappingPath) -> Iterator[tuple[MappingPath, str, GroupCondition]]:
    several = len(group.children) > 1
    if several and group.operator in _OTHER_GROUP:
        other = _OTHER_GROUP[group.operator]
        yield path, f"{group.operator} becomes {other}", replace(group, operator=other)
    for index, child in enumerate(group.children):
        at = (*path, str(index)) if several or len(path) > 1 else path
        inner: Iterator[tuple[MappingPath, str, Any]] = iter(())
        if isinstance(child, GroupCondition):
            inner = _of_group(child, (*path, str(index)))
        elif isinstance(child, Condition):
            inner = (
                (at, f"{condition_text(child)} becomes {condition_text(other)}", other) for other in _others(child)
            )
        before, after = group.children[:index], group.children[index + 1 :]
        for where, text, changed in inner:
            yield where, text, replace(group, children=(*before, _plain_child(changed), *after))
        if several and child is not None:
            text = condition_text(child) if isinstance(child, Condition) else "the group"
            yield at, f"{text} is left out", _without(group, index)


def _without(group: GroupCondition, index: int) -> GroupCondition:
    children = (*group.children[:index], *group.children[index + 1 :])
    return GroupCondition(group.operator if len(children) > 1 else "and", children)


def _others(condition: Condition) -> Iterator[Condition]:
    for operator in _OTHER_OPERATORS.get(condition.operator, ()):
        yield replace(condition, operator=operator)
    value = condition.value
    if isinstance(value, str):
        yield replace(condition, value=f"{value}_")
    elif isinstance(value, (int, float)) and not isinstance(value, bool):
        yield replace(condition, value=value + 1)
    if isinstance(condition.name, str) and condition.name:
        yield replace(condition, name=f"{condition.name}_")

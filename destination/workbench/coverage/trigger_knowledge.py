"""What a trigger says of the events that it matches."""

from destination.fql import Condition, GroupCondition, Trigger
from destination.fql.nodes import members
from destination.fql.steps import FIELDS, make_step
from destination.mapping.directive import Knowledge

# Each of these fails for null and for what is not there.
_NEEDS_A_VALUE = frozenset(
    {"=", "<", "<=", ">", ">=", "number_equals", "contains", "not_contains", "starts_with", "not_starts_with"}
    | {"ends_with", "not_ends_with", "exists", "is_true", "is_false", "number_not_equals"}
)


def known_when_matched(trigger: Trigger) -> Knowledge:
    """Of which paths a match says that there is a value or nothing: those of conditions that must all hold.

    Example:
        >>> from destination.fql import compile_trigger
        >>> known_when_matched(compile_trigger('type = "track" and properties.plan = null and event != "a"'))
        {('type',): 'value', ('properties', 'plan'): 'nothing'}
        >>> known_when_matched(compile_trigger('type = "track" or type = "page"'))
        {}
    """
    root = trigger.condition
    if not isinstance(root, GroupCondition) or not (root.operator == "and" or len(root.children) == 1):
        return {}
    known: dict[tuple[str, ...], str] = {}
    for child in root.children:
        if not isinstance(child, Condition) or not (child.type in FIELDS or child.name):
            continue
        path = make_step(members(child)).path
        if path and child.operator in _NEEDS_A_VALUE:
            known[path] = "value"
        elif path and child.operator == "not_exists":
            known[path] = "nothing"
    return known

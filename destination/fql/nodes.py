"""The parsed trigger: Segment's subscription AST as frozen values, to and from Segment's JSON."""

from dataclasses import dataclass
from typing import Any, TypeAlias

from destination.errors import DefinitionError, FQLSyntaxError
from destination.values import MISSING, Missing, is_number, real_type_of, to_string, truthy

Value: TypeAlias = str | bool | int | float | None
"""What a condition compares with."""


@dataclass(frozen=True, slots=True)
class Condition:
    """One comparison: a place in the event, an operator, and what to compare with.

    Attributes:
        type: `event-type`, `event`, `name`, `userId`, `event-property`, `event-trait` or `event-context`.
        operator: `=`, `!=`, `<`, `contains`, `exists`, … or, from odd text, whatever stood in its place.
        value: What to compare with; `MISSING` for the operators that need none (`exists`, `is_true`, …).
        name: The path below `properties`, `traits` or `context`; `MISSING` for the other types.

    Example:
        >>> Condition("event-property", ">", 5, "price").to_json()
        {'type': 'event-property', 'name': 'price', 'operator': '>', 'value': 5}
    """

    type: str
    operator: str
    value: Value | Missing = MISSING
    name: str | Missing = MISSING

    def to_json(self) -> dict[str, Any]:
        """Segment's JSON; what is `MISSING` is left out. A NaN stays one (`write_json` makes it null)."""
        members = {"type": self.type, "name": self.name, "operator": self.operator, "value": self.value}
        return {key: value for key, value in members.items() if value is not MISSING}

    @classmethod
    def from_json(cls, data: Any) -> "Condition":
        """The condition that `to_json` wrote.

        Raises:
            DefinitionError: The data has not Segment's shape.

        Example:
            >>> Condition.from_json({"type": "userId", "operator": "exists"})
            Condition(type='userId', operator='exists', value=MISSING, name=MISSING)
        """
        if not isinstance(data, dict):
            raise DefinitionError(f"a condition is an object, but this is {real_type_of(data)}")
        value, name = data.get("value", MISSING), data.get("name", MISSING)
        if not (value is None or value is MISSING or isinstance(value, (str, bool)) or is_number(value)):
            raise DefinitionError(f"a condition's value is a plain value, but this is {real_type_of(value)}")
        if not isinstance(name, (str, Missing)):
            raise DefinitionError(f"a condition's name is a string, but this is {real_type_of(name)}")
        return cls(_text(data, "type"), _text(data, "operator"), value, name)


@dataclass(frozen=True, slots=True)
class GroupCondition:
    """Conditions joined by one operator.

    Attributes:
        operator: `and` or `or`; any other matches nothing.
        children: The conditions and groups. A group in which nothing was left is `None` (undefined in the
            reference, null in JSON): reaching it is an `EngineTypeError`.

    Example:
        >>> GroupCondition("and", (Condition("event", "=", "Sign Up"),)).to_json()
        {'type': 'group', 'operator': 'and', 'children': [{'type': 'event', 'operator': '=', 'value': 'Sign Up'}]}
    """

    operator: str
    children: "tuple[Condition | GroupCondition | None, ...]"

    @property
    def type(self) -> str:
        """Always `group`."""
        return "group"

    def to_json(self) -> dict[str, Any]:
        """Segment's JSON."""
        root = _group_json(self.operator)
        pending = [(self, root)]
        for group, written in pending:  # grows while it is walked: no recursion, groups may nest deeply
            for child in group.children:
                if isinstance(child, GroupCondition):
                    written["children"].append(_group_json(child.operator))
                    pending.append((child, written["children"][-1]))
                else:
                    written["children"].append(None if child is None else child.to_json())
        return root

    @classmethod
    def from_json(cls, data: Any) -> "GroupCondition":
        """The group that `to_json` wrote.

        Raises:
            DefinitionError: The data has not Segment's shape. (`matches` and `generate_fql` take any JSON.)

        Example:
            >>> GroupCondition.from_json({"type": "group", "operator": "or", "children": [None]})
            GroupCondition(operator='or', children=(None,))
        """
        # Parents come before their children, so that building from the end finds every child ready.
        records: list[Any] = [data]
        children_of: list[list[int]] = []
        for record in records:
            children_of.append(list(range(len(records), len(records) + len(_children(record)))))
            records.extend(_children(record))
        built: list[Condition | GroupCondition | None] = [None] * len(records)
        for index in range(len(records) - 1, -1, -1):
            record = records[index]
            if _is_group(record):
                built[index] = cls(_text(record, "operator"), tuple(built[child] for child in children_of[index]))
            elif record is not None:
                built[index] = Condition.from_json(record)
        root = built[0]
        if not isinstance(root, GroupCondition):
            raise DefinitionError("the root of a subscription is a group")
        return root


@dataclass(frozen=True, slots=True)
class ErrorCondition:
    """What a trigger that cannot be parsed is; it matches nothing.

    Attributes:
        error: Why; its text is the reference's message, its notes say what to do.
    """

    error: FQLSyntaxError

    def to_json(self) -> dict[str, Any]:
        """`{"error": {"message": …}}`."""
        return {"error": {"message": str(self.error)}}

    @classmethod
    def from_json(cls, data: Any) -> "ErrorCondition":
        """The error that `to_json` wrote, or any object with a truthy `error`.

        Raises:
            DefinitionError: There is no error in the data.

        Example:
            >>> str(ErrorCondition.from_json({"error": {"message": "Value token is missing"}}).error)
            'Value token is missing'
        """
        error = data.get("error") if isinstance(data, dict) else None
        if not truthy(error):
            raise DefinitionError("an error condition has an error")
        message = error.get("message", "") if isinstance(error, dict) else error
        return cls(FQLSyntaxError(to_string(message), source=""))


Subscription: TypeAlias = GroupCondition | ErrorCondition
"""What `parse_fql` gives."""


def members(node: Any) -> Any:
    """A node as the JSON object it stands for, its children left as they are; JSON values unchanged."""
    if isinstance(node, GroupCondition):
        return {"type": "group", "operator": node.operator, "children": list(node.children)}
    if isinstance(node, (Condition, ErrorCondition)):
        return node.to_json()
    return node


def _group_json(operator: str) -> dict[str, Any]:
    return {"type": "group", "operator": operator, "children": []}


def _is_group(record: Any) -> bool:
    return isinstance(record, dict) and record.get("type") == "group"


def _children(record: Any) -> list[Any]:
    if not _is_group(record):
        return []
    children = record.get("children")
    if not isinstance(children, list):
        raise DefinitionError("a group has a list of children")
    return children


def _text(data: dict[str, Any], key: str) -> str:
    text = data.get(key, MISSING)
    if not isinstance(text, str):
        raise DefinitionError(f"a condition's {key} is a string, but this is {real_type_of(text)}")
    return text

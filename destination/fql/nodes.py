"""Defines the AST of a trigger, and reads and writes it in Segment's JSON form."""

from typing import Any, TypeAlias

from destination.errors import DefinitionError, FQLSyntaxError
from destination.records import dataclass
from destination.values import MISSING, Missing, is_number, real_type_of, to_string, truthy

Value: TypeAlias = str | bool | int | float | None
"""A value that a condition compares with."""


@dataclass(frozen=True, slots=True)
class Condition:
    """One comparison of a value in the event.

    Attributes:
        type: `event-type`, `event`, `name`, `userId`, `event-property`, `event-trait` or `event-context`.
        operator: `=`, `!=`, `<`, `contains`, `exists`, …; malformed text can make any other token the operator.
        value: The value to compare with; `MISSING` for operators without one (`exists`, `is_true`, …).
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
        """Returns Segment's JSON form, without members that are `MISSING`.

        A NaN stays a NaN; `write_json` writes it as null.
        """
        members = {"type": self.type, "name": self.name, "operator": self.operator, "value": self.value}
        return {key: value for key, value in members.items() if value is not MISSING}

    @classmethod
    def from_json(cls, data: Any) -> "Condition":
        """Reads a condition from Segment's JSON form.

        Raises:
            DefinitionError: The data do not have Segment's shape.

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
        operator: `and` or `or`; a group with any other operator matches nothing.
        children: The conditions and groups. `None` (undefined in the reference, null in JSON) is a group whose
            words all vanished; evaluating it is an `EngineTypeError`.

    Example:
        >>> GroupCondition("and", (Condition("event", "=", "Sign Up"),)).to_json()
        {'type': 'group', 'operator': 'and', 'children': [{'type': 'event', 'operator': '=', 'value': 'Sign Up'}]}
    """

    operator: str
    children: "tuple[Condition | GroupCondition | None, ...]"

    @property
    def type(self) -> str:
        """Returns `group`."""
        return "group"

    def to_json(self) -> dict[str, Any]:
        """Returns Segment's JSON form."""
        root = _group_json(self.operator)
        pending = [(self, root)]
        for group, written in pending:  # the list grows while it is walked: groups may nest too deeply for recursion
            for child in group.children:
                if isinstance(child, GroupCondition):
                    written["children"].append(_group_json(child.operator))
                    pending.append((child, written["children"][-1]))
                else:
                    written["children"].append(None if child is None else child.to_json())
        return root

    @classmethod
    def from_json(cls, data: Any) -> "GroupCondition":
        """Reads a group from Segment's JSON form.

        Raises:
            DefinitionError: The data do not have Segment's shape. (`matches` and `generate_fql` accept any JSON.)

        Example:
            >>> GroupCondition.from_json({"type": "group", "operator": "or", "children": [None]})
            GroupCondition(operator='or', children=(None,))
        """
        # Parents come before their children, so building from the end finds every child built.
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
    """A trigger that cannot be parsed; it matches nothing.

    Attributes:
        error: The error. Its text is the reference's message; its notes say what to do.

    Example:
        >>> from destination.fql import parse_fql
        >>> parse_fql("type ~ 1").error
        FQLSyntaxError("Cannot read properties of undefined (reading 'type')")
    """

    error: FQLSyntaxError

    def to_json(self) -> dict[str, Any]:
        """Returns `{"error": {"message": …}}`."""
        return {"error": {"message": str(self.error)}}

    @classmethod
    def from_json(cls, data: Any) -> "ErrorCondition":
        """Reads an error from Segment's JSON form: any object with a truthy `error`.

        Raises:
            DefinitionError: The data have no error.

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
"""The result of `parse_fql`."""


def members(node: Any) -> Any:
    """Returns a node in Segment's JSON form, without converting its children; a JSON value comes back unchanged."""
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

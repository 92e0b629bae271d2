"""What a template finds variables in: an event, or whatever else another directive resolves it with."""

from typing import Any, TypeAlias

from destination.values import MISSING, get_property


class Members:
    """The members of a text or list, found when they are asked for."""

    __slots__ = ("_owner",)

    def __init__(self, owner: str | list[Any]) -> None:
        self._owner = owner

    def __contains__(self, name: str) -> bool:
        return get_property(self._owner, name) is not MISSING

    def __getitem__(self, name: str) -> Any:
        return get_property(self._owner, name)

    def get(self, name: str, default: Any) -> Any:
        """The member, or `default`."""
        found = get_property(self._owner, name)
        return default if found is MISSING else found


Scope: TypeAlias = dict[str, Any] | Members


def as_scope(value: Any) -> Scope:
    """The members of a value as variables, as JavaScript's `Object(value)` has them.

    Example:
        >>> as_scope("ab").get("1", None), as_scope(["x"]).get("length", None), as_scope(5)
        ('b', 1, {})
    """
    if isinstance(value, dict):
        return value
    return Members(value) if isinstance(value, (str, list)) else {}

"""Dataclasses whose methods are written when they are first used.

The standard library writes and compiles up to eight methods for each dataclass when its module is imported. A short
command calls few of them, and writing them takes a tenth to a fifth of its time. `dataclass` here takes the same
options, and makes the same class; each of its methods is a stand-in that has the standard library write the method,
and is replaced by it.
"""

from collections.abc import Callable
from dataclasses import MISSING, FrozenInstanceError, fields
from dataclasses import dataclass as standard_dataclass
from typing import TYPE_CHECKING, Any


def late_dataclass(
    *,
    frozen: bool = False,
    slots: bool = False,
    kw_only: bool = False,
    eq: bool = True,
    repr: bool = True,  # noqa: A002  as in the standard library
) -> Callable[[type], Any]:
    """Makes a dataclass of a class; the options are those of the standard library.

    Example:
        >>> @late_dataclass(frozen=True, slots=True)
        ... class Point:
        ...     x: int
        ...     y: int = 0
        >>> Point(1), Point(1) == Point(1, 0), {Point(2)} == {Point(2)}
        (Point(x=1, y=0), True, True)
        >>> Point(1).x = 2
        Traceback (most recent call last):
        dataclasses.FrozenInstanceError: cannot assign to field 'x'
    """

    def make(given: type) -> Any:
        own = set(vars(given))
        made: Any = standard_dataclass(init=False, repr=False, eq=False, slots=slots, kw_only=kw_only)(given)
        _check_order(made)
        wanted = {"__init__": True, "__repr__": repr, "__eq__": eq, "__hash__": eq and frozen}
        for name, is_wanted in wanted.items():
            if is_wanted and name not in own:
                setattr(made, name, _stand_in(made, name, frozen=frozen))
        if eq and not frozen and "__hash__" not in own:
            made.__hash__ = None
        if frozen:
            made.__setattr__, made.__delattr__ = _refuse_to_set, _refuse_to_delete
            if slots and not own & {"__getstate__", "__setstate__"}:
                made.__getstate__, made.__setstate__ = _state, _set_state
        return made

    return make


if TYPE_CHECKING:
    from dataclasses import dataclass as dataclass  # noqa: PLC0414  for those that import it from here
else:
    dataclass = late_dataclass


def _check_order(made: type) -> None:
    """Refuses a field without a default after one with a default, as the standard library does."""
    has_default = ""
    for field in fields(made):
        if not field.init or field.kw_only:
            continue
        if field.default is not MISSING or field.default_factory is not MISSING:
            has_default = field.name
        elif has_default:
            raise TypeError(f"non-default argument {field.name!r} follows default argument {has_default!r}")


def _stand_in(owner: type, name: str, *, frozen: bool) -> Callable[..., Any]:
    def stand_in(self: Any, *arguments: Any, **named: Any) -> Any:
        method = _written(owner, name, frozen=frozen)
        setattr(owner, name, method)
        return method(self, *arguments, **named)

    stand_in.__name__ = name
    stand_in.__qualname__ = f"{owner.__qualname__}.{name}"
    return stand_in


def _written(owner: type, name: str, *, frozen: bool) -> Callable[..., Any]:
    """Has the standard library write a method, for a class that has the same fields and nothing else."""
    members: dict[str, Any] = {field.name: field for field in fields(owner)}
    annotations = {field.name: field.type for field in fields(owner)}
    if hasattr(owner, "__post_init__"):
        members["__post_init__"] = None
    twin = type(owner.__name__, (), {**members, "__annotations__": annotations, "__module__": owner.__module__})
    written: type = standard_dataclass(frozen=frozen)(twin)  # a frozen one sets its attributes in a slower way
    method: Callable[..., Any] = vars(written)[name]
    method.__qualname__ = f"{owner.__qualname__}.{name}"
    return method


def _refuse_to_set(self: Any, name: str, value: Any) -> None:
    raise FrozenInstanceError(f"cannot assign to field {name!r}")


def _refuse_to_delete(self: Any, name: str) -> None:
    raise FrozenInstanceError(f"cannot delete field {name!r}")


def _state(self: Any) -> list[Any]:
    return [getattr(self, field.name) for field in fields(self)]


def _set_state(self: Any, state: list[Any]) -> None:
    for field, value in zip(fields(self), state, strict=True):
        object.__setattr__(self, field.name, value)

"""How a command declares its options and arguments: in the annotations of its parameters, which click then reads."""

import inspect
from enum import Enum
from pathlib import Path
from types import UnionType
from typing import Annotated, Any, NamedTuple, get_args, get_origin

import click

# --- declarations -----------------------------------------------------------------------------------------


class Option:
    """An option of the command line.

    Args:
        names: Its names, such as `--mappings` and `-m`; by default the name of the parameter.
        min: The least number that it takes.
        max: The greatest number that it takes.
        how: What `click.Option` takes: its help, its metavar.

    Example:
        >>> def send(limit: Annotated[int, Option(min=1, help="Events to send.")] = 5): ...
        >>> click_parameters(send)
        [<Option limit>]
    """

    def __init__(self, *names: str, min: float | None = None, max: float | None = None, **how: Any) -> None:  # noqa: A002
        self.names = names
        self.limits: dict[str, Any] = {"min": min, "max": max}
        self.how = how


class Argument(Option):
    """An argument of the command line; takes what `click.Argument` takes.

    Example:
        >>> def read(file: Annotated[str, Argument(metavar="FILE")]): ...
        >>> click_parameters(read)
        [<Argument file>]
    """


class Source(NamedTuple):
    """Where the values of a call come from.

    Attributes:
        command: The name of the command.
        configuration: What pyproject.toml says, or None.
        defaulted: The parameters whose values it gave.
    """

    command: str
    configuration: Any
    defaulted: frozenset[str]


# --- declarations as click's ------------------------------------------------------------------------------


def click_parameters(command: Any) -> list[click.Parameter]:
    """Returns the options and arguments that the signature of a function declares.

    Args:
        command: The function; each of its parameters has an `Option` or an `Argument` in its annotation.
    """
    return [_click_parameter(item) for item in inspect.signature(command).parameters.values()]


def _click_parameter(item: inspect.Parameter) -> click.Parameter:
    kind, declared = _declaration(item.annotation)
    is_list = get_origin(kind) is list
    how: dict[str, Any] = {**declared.how, "required": item.default is inspect.Parameter.empty}
    if is_list:
        (kind,) = get_args(kind)
    else:
        how["default"] = item.default.value if isinstance(item.default, Enum) else item.default
    how["type"] = _click_type(kind, declared)
    if how["required"] or is_list:
        how.pop("default", None)
    if isinstance(declared, Argument):
        return click.Argument([item.name], nargs=-1 if is_list else 1, callback=_list_or_none, **how)
    if kind is bool:
        how.update(is_flag=True, type=None)
    else:
        how.update(multiple=is_list, show_default=how.get("default") not in (None, ""))
    names = declared.names or (f"--{item.name.replace('_', '-')}",)
    return click.Option([item.name, *names], **{"callback": _list_or_none, **how})


def _declaration(annotation: Any) -> tuple[Any, Option]:
    """Returns the type of a parameter, without None, and its declaration."""
    kind, *notes = get_args(annotation) if get_origin(annotation) is Annotated else (annotation,)
    if get_origin(kind) is UnionType:
        kind = next(one for one in get_args(kind) if one is not type(None))
    return kind, next(note for note in notes if isinstance(note, Option))


def _list_or_none(context: click.Context, parameter: click.Parameter, value: Any) -> Any:
    """Makes a list of what click has as a tuple, and None of one in which nothing was given."""
    return (list(value) or None) if isinstance(value, tuple) else value


def _click_type(kind: Any, declared: Option) -> click.ParamType[Any] | None:
    is_limited = any(limit is not None for limit in declared.limits.values())
    if kind is int:
        return _WholeNumber(**declared.limits) if is_limited else click.INT
    if kind is float:
        return _Number(**declared.limits)
    if kind is Path:
        return click.Path(path_type=Path)
    if issubclass(kind, Enum):
        return _Member(kind)
    return click.STRING if kind is str else None


class _WrongValueError(click.BadParameter):
    """Says which values an option takes; the message begins behind its name."""

    def format_message(self) -> str:
        return f"{max(self.param.opts, key=len)} {self.message}" if self.param else self.message


class _WholeNumber(click.IntRange):
    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> int:
        try:
            number = int(value)
        except ValueError:
            raise _WrongValueError(f"takes a whole number, not {value!r}", ctx, param) from None
        _check_limits(self, number, value, param, ctx)
        return number


class _Number(click.FloatRange):
    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> float:
        try:
            number = float(value)
        except ValueError:
            raise _WrongValueError(f"takes a number, not {value!r}", ctx, param) from None
        _check_limits(self, number, value, param, ctx)
        return number


def _check_limits(
    kind: click.IntRange | click.FloatRange,
    number: float,
    given: Any,
    param: click.Parameter | None,
    ctx: click.Context | None,
) -> None:
    if kind.min is not None and not number >= kind.min:  # not-a-number is neither more nor less
        raise _WrongValueError(f"takes {kind.min:,g} or more, not {given!r}", ctx, param)
    if kind.max is not None and not number <= kind.max:
        raise _WrongValueError(f"takes {kind.max:,g} or less, not {given!r}", ctx, param)


class _Member(click.Choice[str]):
    """A member of an enumeration, by its value."""

    def __init__(self, members: type[Enum]) -> None:
        super().__init__([member.value for member in members])
        self._members = members

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Any:
        try:
            return self._members(value)
        except ValueError:
            values = ", ".join(map(repr, self.choices))
            raise _WrongValueError(f"takes one of {values}, not {value!r}", ctx, param) from None

"""Reads a command line that holds nothing unusual, without typer, whose import takes longer than most commands work.

A command line that is not plainly right, and every help text but that of `destination` itself, is left to typer,
which says what is wrong. What both accept has the same meaning (test_what_is_read_quickly_is_what_typer_reads).
"""

import os
import sys
from collections.abc import Callable, Sequence
from typing import Any, Final, NamedTuple

from destination.cli.commands import COMMANDS, GROUPS, HELP

_COMPLETING: Final = "_DESTINATION_COMPLETE"
"""The variable by which a shell asks for completions."""
_KNOWN: Final = frozenset({"help", "metavar", "min", "max", "show_default"})
_LEAST_WIDTH: Final = 78
"""In narrower terminals the lines of the commands are shortened, too."""


def read_quickly(arguments: Sequence[str]) -> Callable[[], Any] | None:
    """Returns what to call for a command line; None if typer is to read it."""
    if _COMPLETING in os.environ or not "".join(arguments).isprintable():
        return None
    if list(arguments) in (["--help"], ["-h"]):
        return _help
    command = COMMANDS.get(arguments[0]) if arguments else None
    return None if command is None else _call_of(command.load(), arguments[0], arguments[1:])


# --- a command --------------------------------------------------------------------------------------------


class _Parameter(NamedTuple):
    name: str
    names: tuple[str, ...]
    """Those of the command line; none for an argument."""
    kind: Any
    is_list: bool
    default: Any
    limits: tuple[float | None, float | None]


def _call_of(function: Callable[..., Any], name: str, arguments: Sequence[str]) -> Callable[[], Any] | None:
    from inspect import signature

    parameters = [_parameter(item) for item in signature(function).parameters.values()]
    if None in parameters:
        return None
    known = [item for item in parameters if item is not None]
    given = _given(arguments, known)
    if given is None:
        return None
    if not getattr(function, "takes_source", False):
        return _complete(function, given, known)

    from functools import partial
    from pathlib import Path

    from destination.cli.configuration import find_configuration
    from destination.cli.parameters import Source

    configuration = None if given.get("no_config") else find_configuration(Path.cwd())
    said = {} if configuration is None else configuration.defaults(name)
    by_name = {item.name: item for item in known}
    defaults = {key: said[key] for key in said if key in by_name and key not in given}
    for key, value in defaults.items():
        defaults[key] = _converted(value, by_name[key])
    if None in defaults.values():
        return None
    return _complete(partial(function, Source(name, configuration, frozenset(defaults))), {**defaults, **given}, known)


def _complete(
    function: Callable[..., Any], given: dict[str, Any], parameters: list[_Parameter]
) -> Callable[[], Any] | None:
    from inspect import Parameter

    for item in parameters:
        if item.name not in given:
            if item.default is Parameter.empty:
                return None
            given[item.name] = item.default
    return lambda: function(**given)


def _parameter(item: Any) -> _Parameter | None:
    """Reads the declaration of a parameter; None if it is one that only typer knows."""
    from enum import EnumType
    from pathlib import Path
    from types import UnionType
    from typing import get_args, get_origin

    from destination.cli.parameters import option_of, type_of

    declared, kind = option_of(item.annotation), type_of(item.annotation)
    if declared is None or not declared.how.keys() <= _KNOWN:
        return None
    if get_origin(kind) is UnionType:
        kind = next(one for one in get_args(kind) if one is not type(None))
    is_list = get_origin(kind) is list
    if is_list:
        kind = get_args(kind)[0]
    if kind not in (str, Path, int, float, bool) and not isinstance(kind, EnumType):
        return None
    names = () if declared.is_argument else declared.names or (f"--{item.name.replace('_', '-')}",)
    if kind is bool and not declared.names:  # typer makes a second option of it
        return None
    return _Parameter(item.name, names, kind, is_list, item.default, (declared.how.get("min"), declared.how.get("max")))


def _given(arguments: Sequence[str], parameters: list[_Parameter]) -> dict[str, Any] | None:
    """Reads options and arguments, each given once; None if one of them is not plainly right."""
    options = {name: item for item in parameters for name in item.names}
    positional: list[str] = []
    texts: dict[str, list[str]] = {}
    waiting = list(reversed(arguments))
    while waiting:
        word = waiting.pop()
        if not word.startswith("-") or word == "-":
            positional.append(word)
            continue
        name, equals, text = word.partition("=") if word.startswith("--") else (word, "", "")
        item = options.get(name)
        if item is None:
            return None
        if item.kind is not bool and not equals:
            if not waiting or (waiting[-1].startswith("-") and waiting[-1] != "-"):
                return None
            text = waiting.pop()
        elif item.kind is bool and equals:
            return None
        texts.setdefault(item.name, []).append(text)
    for item in parameters:
        if not item.names and positional:
            texts[item.name], positional = (positional, []) if item.is_list else (positional[:1], positional[1:])
    if positional:
        return None
    return _values(texts, parameters)


def _values(texts: dict[str, list[str]], parameters: list[_Parameter]) -> dict[str, Any] | None:
    given: dict[str, Any] = {}
    for item in parameters:
        found = texts.get(item.name)
        if found is None:
            continue
        if not item.is_list and len(found) > 1:
            return None
        value = True if item.kind is bool else _converted(found if item.is_list else found[0], item)
        if value is None:
            return None
        given[item.name] = value
    return given


def _converted(value: Any, item: _Parameter) -> Any:
    """Converts a text, or each of a list; None where typer has to say what is wrong."""
    from pathlib import Path

    if item.is_list:
        if not isinstance(value, list):
            return None
        values = [_converted(one, item._replace(is_list=False)) for one in value]
        return None if None in values else values
    if not isinstance(value, str) or not value:
        return None
    if item.kind is str:
        return value
    if item.kind is Path:
        return None if value == "-" else Path(value)
    if item.kind in (int, float):
        return _number(value, item)
    return next((one for one in item.kind if one.value == value), None)


def _number(text: str, item: _Parameter) -> Any:
    digits = text.replace(".", "", 1) if item.kind is float else text
    if not (digits.isascii() and digits.isdigit() and text[0] != "." and text[-1] != ".") or len(text) > 15:
        return None
    number = item.kind(text)
    least, most = item.limits
    if (least is not None and number < least) or (most is not None and number > most):
        return None
    return number


# --- the list of commands ---------------------------------------------------------------------------------


def _help() -> Any:
    width = _width()
    if width < _LEAST_WIDTH:
        from destination.cli.app import app

        return app(["--help"], standalone_mode=False)
    for line in _help_lines(width):
        sys.stdout.write(line + "\n")
    sys.stdout.flush()
    return 0


def _width() -> int:
    """Returns the width of help texts, found as click does."""
    columns = os.environ.get("COLUMNS", "")
    found = int(columns) if columns.isascii() and columns.isdigit() else 0
    if found <= 0:
        try:
            found = os.get_terminal_size(sys.__stdout__.fileno()).columns if sys.__stdout__ else 0
        except (AttributeError, ValueError, OSError):
            found = 0
    return min(found or 80, 100) - 2


_OPTIONS: Final = (
    ("--version", "Show the version and exit."),
    ("--install-completion", "Install completion for the current shell."),
    (
        "--show-completion",
        "Show completion for the current shell, to copy it or customize the installation.",
    ),
    ("-h, --help", "Show this message and exit."),
)


def _help_lines(width: int) -> list[str]:
    from textwrap import wrap

    text, _, examples = HELP.rstrip().partition("\n\n\b\n")
    commands = [(name, command.summary) for name, command in COMMANDS.items()]
    commands += [(name, summary) for name, (summary, _) in GROUPS.items()]
    lines = ["Usage: destination [OPTIONS] COMMAND [ARGS]...", ""]
    lines += [f"  {line}" for line in wrap(text, width - 2)]
    lines += ["", *(f"  {line}" for line in examples.splitlines())]
    for title, rows in (("Options", _OPTIONS), ("Commands", commands)):
        lines += ["", f"{title}:"]
        column = max(len(name) for name, _ in rows) + 2
        for name, meaning in rows:
            first, *others = wrap(meaning, width - column - 2)
            lines += [f"  {name:{column}}{first}", *(f"{'':{column + 2}}{line}" for line in others)]
    return lines

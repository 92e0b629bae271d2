"""The options that `configured` adds to commands: mappings in all their forms, and defaults from pyproject.toml."""

import inspect
from collections.abc import Callable, Mapping, Sequence
from functools import wraps
from typing import Annotated, Any, Final

import typer

from destination.cli.mappings import mappings_of
from destination.cli.options import ActionIds, Mappings, MappingsOrFiles
from destination.cli.problems import UsageProblem

_FILES: Final = Annotated[
    list[str] | None,
    typer.Argument(
        metavar="[FILE]...",
        help="Files of subscriptions: JSON or Terraform; also patterns and module:attribute.",
        show_default=False,
    ),
]
_MAPPINGS: Final = Annotated[
    list[str] | None,
    typer.Option(
        "--mappings",
        "-m",
        metavar="FILE",
        help="Subscriptions: JSON, Terraform, a pattern, module:attribute. Default: the presets.",
    ),
]
_ACTIONS: Final = Annotated[
    list[str] | None,
    typer.Option("--action", metavar="ID=ACTION", help="The action that an action_id of Terraform means."),
]


def configured(command: Callable[..., Any]) -> Callable[..., Any]:
    """Makes a command for typer whose parameters of the types `Mappings` and `ActionIds` come from several options.

    Args:
        command: The function; its docstring is the help.
    """
    signature = inspect.signature(command)
    annotations = {name: parameter.annotation for name, parameter in signature.parameters.items()}
    mappings = next((name for name, kind in annotations.items() if kind in (Mappings, MappingsOrFiles)), None)
    action_ids = next((name for name, kind in annotations.items() if kind == ActionIds), None)
    if mappings is None and action_ids is None:
        return command
    takes_files = mappings is not None and annotations[mappings] == MappingsOrFiles
    parameters = dict(signature.parameters)
    if takes_files:
        parameters = {"files": _parameter("files", _FILES), **parameters}
    if mappings is not None:
        parameters[mappings] = _parameter(mappings, _MAPPINGS)
    if action_ids is not None:
        del parameters[action_ids]
    parameters["action"] = _parameter("action", _ACTIONS)

    @wraps(command)
    def given_by_typer(**given: Any) -> Any:
        ids = _action_ids(given.pop("action"))
        if mappings is not None:
            names = [*((given.pop("files") or ()) if takes_files else ()), *(given[mappings] or ())]
            given[mappings] = mappings_of(names, ids)
        if action_ids is not None:
            given[action_ids] = ids
        return command(**given)

    made = [parameter.replace(kind=inspect.Parameter.KEYWORD_ONLY) for parameter in parameters.values()]
    # typer reads the options from these two.
    given_by_typer.__signature__ = signature.replace(parameters=made)  # type: ignore[attr-defined]
    given_by_typer.__annotations__ = {parameter.name: parameter.annotation for parameter in made}
    return given_by_typer


def _parameter(name: str, annotation: Any, default: Any = None) -> inspect.Parameter:
    return inspect.Parameter(name, inspect.Parameter.KEYWORD_ONLY, annotation=annotation, default=default)


def _action_ids(given: Sequence[str] | None) -> Mapping[str, str]:
    """Reads `ID=ACTION`; the identifier may be a reference of Terraform's, such as `var.action_id`."""
    found = {}
    for text in given or ():
        identifier, equals, action = (part.strip() for part in text.partition("="))
        if not (identifier and equals and action):
            raise UsageProblem(f"--action {text}: give ID=ACTION, such as --action iLgPGgELNm5SgSVaqztJeJ=trackGoal")
        found[identifier] = action
    return found

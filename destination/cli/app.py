"""The commands as typer knows them: for help texts, completion, and a command line that has something wrong."""

import inspect
import sys
from collections.abc import Callable, Sequence
from functools import wraps
from pathlib import Path
from typing import Annotated, Any

import typer
from typer.core import TyperGroup

from destination.cli.commands import COMMANDS, GROUPS, HELP
from destination.cli.ending import FAILED_USAGE, INTERRUPTED, say, status_of
from destination.cli.parameters import Source, option_of, type_of

_CONFIGURATION = "destination.configuration"
_USAGE_ERROR: type[Any] = typer.BadParameter.__base__ or typer.BadParameter  # typer's own base of all usage errors


class DestinationGroup(TyperGroup):
    """The command; turns wrong input into one line and status 2."""

    def main(self, args: Sequence[str] | None = None, *others: Any, **options: Any) -> Any:
        """Runs a command and ends the process with its status."""
        args = sys.argv[1:] if args is None else list(args)
        options.update(standalone_mode=False, prog_name="destination")
        sys.exit(status_of(lambda: self._run(args, *others, **options)))

    def _run(self, args: list[str], *others: Any, **options: Any) -> Any:
        try:
            status = super().main(args or ["--help"], *others, **options)
        except _USAGE_ERROR as error:
            context = getattr(error, "ctx", None)
            command = context.command_path if context else "destination"
            say(f"{_wrong_value(error) or error.format_message().rstrip('.')}; see {command} --help")
            return FAILED_USAGE
        except typer.Abort:
            return INTERRUPTED
        return status if args else FAILED_USAGE


def _wrong_value(error: Any) -> str | None:
    """Says which values an option takes; None where the message already does, because typer wrote it."""
    found = getattr(error.__cause__, "errors", None)  # pydantic's, whose words are for programmers
    if found is None:
        return None
    details = found()[0]
    option = max(getattr(error.param, "opts", None) or ["the value"], key=len)
    limits = details.get("ctx") or {}
    if "ge" in limits:
        takes = f"{limits['ge']:,g} or more"
    elif "le" in limits:
        takes = f"{limits['le']:,g} or less"
    elif " is not one of " in (message := str(limits.get("error"))):
        takes = f"one of {message.partition(' is not one of ')[2].rstrip('.')}"
    elif details["type"].startswith("int"):
        takes = "a whole number"
    elif details["type"].startswith(("float", "finite", "decimal")):
        takes = "a number"
    else:
        takes = "another value"
    return f"{option} takes {takes}, not {details['input']!r}"


# --- commands of ours as typer's ---------------------------------------------------------------------------


def for_typer(command: Callable[..., Any]) -> Callable[..., Any]:
    """Makes a command for typer of one whose parameters declare our `Option` and `Argument`.

    Args:
        command: The function; its docstring is the help.
    """
    signature = inspect.signature(command)
    takes_source = getattr(command, "takes_source", False)

    @wraps(command)
    def given_by_typer(ctx: typer.Context, **given: Any) -> Any:
        if not takes_source:
            return command(**given)
        defaulted = frozenset(name for name in given if _is_configured(ctx, name))
        return command(Source(ctx.info_name or "", ctx.meta.get(_CONFIGURATION), defaulted), **given)

    parameters = [
        item.replace(annotation=_annotation(name, item.annotation), kind=inspect.Parameter.KEYWORD_ONLY)
        for name, item in signature.parameters.items()
    ]
    parameters.append(inspect.Parameter("ctx", inspect.Parameter.KEYWORD_ONLY, annotation=typer.Context))
    # typer reads the options from these two.
    given_by_typer.__signature__ = signature.replace(parameters=parameters)  # type: ignore[attr-defined]
    given_by_typer.__annotations__ = {item.name: item.annotation for item in parameters}
    return given_by_typer


def _annotation(name: str, annotation: Any) -> Any:
    declared = option_of(annotation)
    if declared is None:
        return annotation
    how = dict(declared.how)
    if name == "no_config":  # before other options look for their defaults
        how.update(is_eager=True, callback=_use_configuration)
    make: Callable[..., Any] = typer.Argument if declared.is_argument else typer.Option
    return Annotated[type_of(annotation), make(*declared.names, **how)]


def _use_configuration(ctx: typer.Context, no_config: bool) -> bool:
    """Makes the values of pyproject.toml the defaults of a command."""
    from destination.cli.configuration import find_configuration

    configuration = None if no_config or ctx.resilient_parsing else find_configuration(Path.cwd())
    if configuration is not None:
        ctx.default_map = configuration.defaults(ctx.info_name or "")
        ctx.meta[_CONFIGURATION] = configuration
    return no_config


def _is_configured(ctx: typer.Context, name: str) -> bool:
    """Whether the value of a parameter comes from pyproject.toml."""
    source = ctx.get_parameter_source(name)
    return source is not None and source.name == "DEFAULT_MAP"


# --- the app -----------------------------------------------------------------------------------------------

app = typer.Typer(
    name="destination",
    cls=DestinationGroup,
    rich_markup_mode=None,  # rich help takes three times as long to draw
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100},
)


def _version(asked: bool) -> None:
    if asked:
        from importlib.metadata import version

        typer.echo(f"destination {version('destination-actions')}")
        raise typer.Exit


@app.callback(help=HELP)
def destination(
    version: Annotated[
        bool, typer.Option("--version", callback=_version, is_eager=True, help="Show the version and exit.")
    ] = False,
) -> None:
    """Holds the options of `destination` itself."""


def _add_group(name: str, summary: str, members: dict[str, Any]) -> None:
    group = typer.Typer(name=name, help=summary, add_completion=False, rich_markup_mode=None)
    group.callback()(lambda: None)
    for member, command in members.items():
        group.command(member)(for_typer(command.load()))
    app.add_typer(group, short_help=summary)


for _name, _command in COMMANDS.items():
    app.command(_name, short_help=_command.summary)(for_typer(_command.load()))
for _name, (_summary, _members) in GROUPS.items():
    _add_group(_name, _summary, _members)

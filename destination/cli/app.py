"""The command line as click has it: the groups of commands, and what is said where one is used wrongly."""

import sys
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any, Final

import click

from destination.cli.commands import COMMANDS, HELP, Command, CommandGroup
from destination.cli.ending import FAILED_USAGE, INTERRUPTED, say, status_of
from destination.cli.parameters import Source, click_parameters

_CONFIGURATION: Final = "destination.configuration"
_CONTEXT: Final = {"help_option_names": ["-h", "--help"], "max_content_width": 100}

# --- commands ---------------------------------------------------------------------------------------------


class LazyGroup(click.Group):
    """Commands that are imported when they are called; the help of the group needs only their names.

    Args:
        members: The commands, by their names.
        options: What `click.Group` takes.
    """

    def __init__(self, members: Mapping[str, Command | CommandGroup], **options: Any) -> None:
        super().__init__(no_args_is_help=False, **options)
        self._members = members

    def list_commands(self, ctx: click.Context) -> list[str]:
        """Returns the names of the commands, in the order of the help."""
        return list(self._members)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """Imports a command; None if there is none of this name."""
        member = self._members.get(cmd_name)
        if member is None:
            return None
        if isinstance(member, CommandGroup):
            return LazyGroup(member.members, name=cmd_name, help=member.summary)
        return _click_command(cmd_name, member)

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        """Finds the command that the arguments begin with.

        Raises:
            click.NoSuchCommand: There is none of this name; says which are like it.
        """
        try:
            return super().resolve_command(ctx, args)
        except click.NoSuchCommand as error:
            raise click.NoSuchCommand(error.command_name, possibilities=self._members, ctx=ctx) from None

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Writes the list of commands."""
        with formatter.section("Commands"):
            formatter.write_dl([(name, member.summary) for name, member in self._members.items()])


def _click_command(name: str, command: Command) -> click.Command:
    function = command.load()
    parameters = click_parameters(function)
    if not command.is_configured:
        return click.Command(name, callback=function, params=parameters, help=function.__doc__)
    no_config = next(item for item in parameters if item.name == "no_config")
    no_config.is_eager, no_config.callback = True, _use_configuration  # before other options look for their defaults

    def call(**given: Any) -> Any:
        context = click.get_current_context()
        defaulted = frozenset(name for name in given if _is_configured(context, name))
        return function(Source(name, context.meta.get(_CONFIGURATION), defaulted), **given)

    return click.Command(name, callback=call, params=parameters, help=function.__doc__)


def _use_configuration(context: click.Context, parameter: click.Parameter, no_config: bool) -> bool:
    """Makes the values of pyproject.toml the defaults of a command."""
    from destination.cli.configuration import find_configuration

    configuration = None if no_config or context.resilient_parsing else find_configuration(Path.cwd())
    if configuration is not None:
        context.default_map = configuration.defaults(context.info_name or "")
        context.meta[_CONFIGURATION] = configuration
    return no_config


def _is_configured(context: click.Context, name: str) -> bool:
    """Whether the value of a parameter comes from pyproject.toml."""
    return context.get_parameter_source(name) is click.ParameterSource.DEFAULT_MAP


# --- the whole command line -------------------------------------------------------------------------------


class CommandLine(LazyGroup):
    """The command `destination`; turns wrong input into one line and status 2."""

    def main(self, args: Sequence[str] | None = None, *others: Any, **options: Any) -> Any:
        """Runs a command and ends the process with its status."""
        args = sys.argv[1:] if args is None else list(args)
        options.update(standalone_mode=False, prog_name="destination")
        run: Callable[..., Any] = super().main
        sys.exit(status_of(lambda: _run(run, args, *others, **options)))


def _run(run: Callable[..., Any], args: list[str], *others: Any, **options: Any) -> Any:
    try:
        status = run(args or ["--help"], *others, **options)
    except click.UsageError as error:
        command = error.ctx.command_path if error.ctx else "destination"
        say(f"{error.format_message().rstrip('.')}; see {command} --help")
        return FAILED_USAGE
    except click.Abort:
        return INTERRUPTED
    return status if args else FAILED_USAGE


def _show_version(context: click.Context, parameter: click.Parameter, is_wanted: bool) -> None:
    if is_wanted and not context.resilient_parsing:
        from importlib.metadata import version

        click.echo(f"destination {version('destination-actions')}")
        context.exit()


app: Final = CommandLine(
    COMMANDS,
    name="destination",
    help=HELP,
    context_settings=_CONTEXT,
    params=[
        click.Option(
            ["--version"],
            is_flag=True,
            expose_value=False,
            is_eager=True,
            callback=_show_version,
            help="Show the version and exit.",
        )
    ],
    callback=lambda: None,
)

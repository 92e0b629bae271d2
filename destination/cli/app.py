"""The commands. What a command needs is imported when it is called, so that help is quick."""

import sys
from collections.abc import Sequence
from typing import Annotated, Any

import typer
from typer.core import TyperGroup

from destination.cli.check_auth import check_auth
from destination.cli.check_events import check_events
from destination.cli.config import config
from destination.cli.configuration import configured
from destination.cli.convert import convert
from destination.cli.coverage import coverage
from destination.cli.dead_letters import dead_letters
from destination.cli.diff import diff
from destination.cli.docs import docs
from destination.cli.explain import explain
from destination.cli.forward import forward
from destination.cli.lint import lint
from destination.cli.list_ import list_destinations
from destination.cli.migrate import migrate
from destination.cli.mutate import mutate
from destination.cli.new import new
from destination.cli.plan import plan
from destination.cli.problems import OutputClosedError, OutputFailedError, UsageProblem
from destination.cli.run import run
from destination.cli.serve_tester import serve_tester
from destination.cli.show import show
from destination.cli.validate import validate

_FAILED_OUTPUT = 1
_FAILED_USAGE = 2
_INTERRUPTED = 130
_BROKEN_PIPE = 141
_USAGE_ERROR: type[Any] = typer.BadParameter.__base__ or typer.BadParameter  # typer's own base of all usage errors


_EXTRAS = {
    "hypothesis": "properties",
    "prometheus_client": "server",
    "pygal": "report",
    "pytest": "test",
    "sdk": "sdk",
    "segment": "sdk",
    "starlette": "server",
    "syrupy": "test",
    "uvicorn": "server",
    "yaml": "test",
}
"""Packages that are not installed with the project, and the extra that brings each."""


class DestinationGroup(TyperGroup):
    """The command; turns wrong input into one line and status 2."""

    def main(self, args: Sequence[str] | None = None, *others: Any, **options: Any) -> Any:
        """Runs a command and ends the process with its status."""
        args = sys.argv[1:] if args is None else list(args)
        options.update(standalone_mode=False, prog_name="destination")
        try:
            status = super().main(args or ["--help"], *others, **options)
            if not args:
                status = _FAILED_USAGE
        except _USAGE_ERROR as error:
            context = getattr(error, "ctx", None)
            command = context.command_path if context else "destination"
            _say(f"{_wrong_value(error) or error.format_message().rstrip('.')}; see {command} --help")
            status = _FAILED_USAGE
        except ModuleNotFoundError as error:
            missing = (error.name or "").partition(".")[0]
            if missing not in _EXTRAS:
                raise
            _say(f"this needs {missing}, which is not installed: pip install 'destination-actions[{_EXTRAS[missing]}]'")
            status = _FAILED_USAGE
        except UsageProblem as problem:
            for line in problem.lines:
                _say(line)
            status = _FAILED_USAGE
        except (KeyboardInterrupt, typer.Abort):
            status = _INTERRUPTED
        except OutputClosedError:
            _forget_output()
            status = _BROKEN_PIPE
        except OutputFailedError as failure:
            _say(f"the output cannot be written: {failure}")
            _forget_output()
            status = _FAILED_OUTPUT
        sys.exit(status if isinstance(status, int) else 0)


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


def _say(line: str) -> None:
    from destination.cli.process import UnfailingStream
    from destination.values.printable import printable

    encoding = sys.stderr.encoding or "utf-8"
    line = printable(" ".join(line.split()))
    stream = UnfailingStream(sys.stderr)  # the status says it, too
    stream.write(f"destination: {line}\n".encode(encoding, "backslashreplace").decode(encoding))
    stream.flush()


def _forget_output() -> None:
    from destination.cli.process import forget_stream

    for stream in (sys.stdout, sys.stderr):
        forget_stream(stream)


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


@app.callback()
def destination(
    version: Annotated[
        bool, typer.Option("--version", callback=_version, is_eager=True, help="Show the version and exit.")
    ] = False,
) -> None:
    """Send Segment events to Actions destinations, and see what a mapping makes of them.

    \b
    Examples:
      destination run examples/events.ndjson               try it: an embedded collector, nothing leaves this machine
      destination run events.ndjson --dry-run              what would be sent, one JSON line an event
      destination run events.ndjson -s settings.toml       send
      destination plan event.json -m mappings.json         one event, in detail
      destination explain event.json -m mappings.json      why it is sent, or why not
      destination lint -m mappings.json                    what is wrong with mappings, or not as meant
      destination convert mappings.json mappings.tf        mappings in another form
      destination diff old.json new.json --events e.ndjson what a change of them does to real events
    """  # noqa: D301  \b keeps the line breaks that follow


app.command(short_help="Send the events of a file.")(configured(run))
app.command(short_help="Take live events over HTTP, and send them to destinations.")(forward)
app.command(short_help="Show what one event would send.")(configured(plan))
app.command(short_help="Explain why an event is sent or not, value by value.")(configured(explain))
app.command(short_help="Find what is wrong with mappings.")(configured(validate))
app.command(short_help="Find what mappings say and probably do not mean.")(configured(lint))
app.command(short_help="Show what a change of mappings does to real events.")(configured(diff))
app.command(short_help="Show which parts of mappings and of events are used.")(configured(coverage))
app.command(short_help="Change mappings in small ways; show what no test notices.")(configured(mutate))
app.command("check-events", short_help="Check events against a tracking plan.")(configured(check_events))
app.command(short_help="Write mappings in another form: JSON, Terraform, Python.")(configured(convert))
app.command("list", short_help="List the installed destinations.")(list_destinations)
app.command(short_help="Show a destination: settings, actions, fields, presets.")(configured(show))
app.command(short_help="Write the catalog page of a destination.")(configured(docs))
app.command(short_help="Make a new destination: a package of its own, with tests.")(new)
app.command("check-auth", short_help="Ask the partner whether the settings let you in.")(configured(check_auth))
app.command("serve-tester", short_help="Serve a destination to Segment's Actions Tester.")(configured(serve_tester))
app.command(short_help="Show the defaults of options in pyproject.toml.")(config)
app.add_typer(dead_letters, short_help="List, send again or remove events that failed for good.")
app.add_typer(migrate, short_help="Turn the settings of an older integration into mappings.")

"""The commands and their options. What a command needs is imported when it is called, so that help is quick."""

import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Annotated, Any

import typer
from typer.core import TyperGroup

from destination.cli.problems import OutputClosedError, UsageProblem

_FAILED_USAGE = 2
_INTERRUPTED = 130
_BROKEN_PIPE = 141
_USAGE_ERROR: type[Any] = typer.BadParameter.__base__ or typer.BadParameter  # typer's own base of all usage errors


class DestinationGroup(TyperGroup):
    """The command; turns everything that was given wrongly into one line and status 2."""

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
            _say(f"{error.format_message().rstrip('.')}; see {command} --help")
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
        sys.exit(status if isinstance(status, int) else 0)


def _say(line: str) -> None:
    encoding = sys.stderr.encoding or "utf-8"
    line = " ".join(line.split())
    sys.stderr.write(f"destination: {line}\n".encode(encoding, "backslashreplace").decode(encoding))


def _forget_output() -> None:
    """Sends what is still buffered nowhere, so that the interpreter's last flush finds no broken pipe."""
    import os

    nowhere = os.open(os.devnull, os.O_WRONLY)
    for stream in (sys.stdout, sys.stderr):
        try:
            os.dup2(nowhere, stream.fileno())
        except (OSError, ValueError):
            continue


app = typer.Typer(
    name="destination",
    cls=DestinationGroup,
    add_completion=False,
    rich_markup_mode=None,  # rich help takes three times as long to draw
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100},
)

Settings = Annotated[
    Path | None,
    typer.Option(
        "--settings",
        "-s",
        metavar="FILE.toml",
        help='The destination\'s settings. A value may name an environment variable: apiKey = { env = "NAME" }.',
    ),
]
Mappings = Annotated[
    Path | None,
    typer.Option(
        "--mappings",
        "-m",
        metavar="FILE.json",
        help="Subscriptions, as Segment's runtime or its Public API has them. Default: the destination's presets.",
    ),
]
Slug = Annotated[
    str, typer.Option("--destination", "-d", metavar="SLUG", help="The destination; see: destination list.")
]
AsJson = Annotated[bool, typer.Option("--json", help="JSON instead of tables.")]
_DEFAULT = "actions-absmartly"


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
      destination run examples/events.ndjson             try it: an embedded collector, nothing leaves this machine
      destination run events.ndjson --dry-run            what would be sent, one JSON line an event
      destination run events.ndjson -s settings.toml     send
      destination plan event.json -m mappings.json       one event, in detail
      destination validate -m mappings.json              what is wrong with mappings
    """  # noqa: D301  \b keeps the line breaks that follow
    from destination.cli.shadowing import check_not_shadowed

    check_not_shadowed()


@app.command()
def run(  # noqa: PLR0913, PLR0917  one parameter for each option
    file: Annotated[
        str, typer.Argument(metavar="FILE|-", help="NDJSON or a JSON array, also gzipped; - is standard input.")
    ],
    settings: Settings = None,
    mappings: Mappings = None,
    destination: Slug = _DEFAULT,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Send nothing; print one JSON line an event.")] = False,
    errors: Annotated[
        Path | None,
        typer.Option(metavar="FILE", help="Write failed events there, with their reasons; run that file to try again."),
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print the summary as JSON.")] = False,
    concurrency: Annotated[
        int | None,
        typer.Option(min=1, max=10_000, metavar="N", help="Requests under way at once. Default: 50, or 8 in batches."),
    ] = None,
    ledger: Annotated[
        Path | None,
        typer.Option(metavar="FILE", help="Keep there what is settled. Default: FILE.ledger beside a file of events."),
    ] = None,
    no_ledger: Annotated[bool, typer.Option("--no-ledger", help="Keep no ledger: the run cannot be resumed.")] = False,
    resume: Annotated[
        bool, typer.Option("--resume", help="Go on with a run that was stopped: send only what is not settled.")
    ] = False,
    attempts: Annotated[int, typer.Option(min=1, metavar="N", help="Attempts in all, for what may pass.")] = 5,
    retry_for: Annotated[
        float, typer.Option(min=0, metavar="SECONDS", help="Nothing is tried again later than that.")
    ] = 300,
    rate: Annotated[float | None, typer.Option(min=0.001, metavar="N", help="Requests a second at most.")] = None,
    batch_size: Annotated[
        int, typer.Option(min=1, metavar="N", help="Events in a batch, where the action takes batches and not fewer.")
    ] = 500,
    linger_ms: Annotated[
        float, typer.Option(min=0, metavar="MS", help="An event waits no longer for others of its batch.")
    ] = 20,
    no_batch: Annotated[bool, typer.Option("--no-batch", help="Send each event by itself.")] = False,
    ordered_by: Annotated[
        str | None,
        typer.Option(metavar="PATH", help="Send events that have the same value there in order, such as userId."),
    ] = None,
    workers: Annotated[
        int, typer.Option(min=1, max=64, metavar="N", help="Processes that share the file's events.")
    ] = 1,
) -> int:
    """Send the events of a file.

    Without settings, ABsmartly's events go to an embedded collector on this machine, so that you can see what
    would arrive. The file is read as a stream: its size does not matter. A line that is no event is reported
    and the rest goes on. Ctrl-C finishes what is under way, then prints the summary.

    \b
    Exit status: 0 all delivered, 1 some failed, 2 nothing started because of the input, 3 stopped because the
    ledger or the file of failed events could not be written, 130 interrupted.

    \b
    Examples:
      destination run examples/events.ndjson
      destination run events.ndjson.gz --settings settings.toml --errors failed.ndjson
      destination run events.ndjson.gz --settings settings.toml --errors failed.ndjson --resume
      destination run failed.ndjson --settings settings.toml --errors failed-again.ndjson
      zcat events.gz | destination run - --settings settings.toml --json
      destination run events.ndjson --mappings mappings.json --dry-run | jq .

    \b
    settings.toml:
      collectorEndpoint = "https://your-subdomain.absmartly.io/v1"
      apiKey = { env = "ABSMARTLY_API_KEY" }
      environment = "production"
    """  # noqa: D301  \b keeps the line breaks that follow
    from destination.cli.run import run_events
    from destination.cli.run_options import RunOptions

    return run_events(
        RunOptions(
            file=file,
            settings=settings,
            mappings=mappings,
            destination=destination,
            dry_run=dry_run,
            errors=errors,
            as_json=as_json,
            concurrency=concurrency,
            ledger=ledger,
            no_ledger=no_ledger,
            resume=resume,
            attempts=attempts,
            retry_for=retry_for,
            rate=rate,
            batch_size=batch_size,
            linger_ms=linger_ms,
            no_batch=no_batch,
            ordered_by=ordered_by,
            workers=workers,
        )
    )


@app.command()
def plan(
    file: Annotated[str, typer.Argument(metavar="EVENT.json|-", help="One event; - is standard input.")],
    settings: Settings = None,
    mappings: Mappings = None,
    destination: Slug = _DEFAULT,
    as_json: AsJson = False,
) -> int:
    """Show what one event would send. Nothing is sent, and settings may be left out.

    \b
    Exit status: 0, or 1 where a subscription that takes the event fails.

    \b
    Examples:
      destination plan event.json
      destination plan event.json --mappings mappings.json --json
      head -n 1 events.ndjson | destination plan -
    """  # noqa: D301  \b keeps the line breaks that follow
    from destination.cli.plan import plan_event

    return plan_event(file, settings, mappings, destination, as_json=as_json)


@app.command("list")
def list_destinations(as_json: AsJson = False) -> int:
    """List the installed destinations.

    \b
    Examples:
      destination list
      destination list --json
    """  # noqa: D301  \b keeps the line breaks that follow
    from destination.cli.show import show_list

    return show_list(as_json=as_json)


@app.command()
def show(
    slug: Annotated[str, typer.Argument(metavar="SLUG", help="The destination; see: destination list.")],
    as_json: Annotated[bool, typer.Option("--json", help="The form of Segment's metadata.json.")] = False,
) -> int:
    """Show a destination: settings, actions with their fields, presets.

    \b
    Examples:
      destination show actions-absmartly
      destination show actions-absmartly --json
    """  # noqa: D301  \b keeps the line breaks that follow
    from destination.cli.show import show_destination

    return show_destination(slug, as_json=as_json)


@app.command()
def validate(mappings: Mappings = None, destination: Slug = _DEFAULT, as_json: AsJson = False) -> int:
    """Check mappings: triggers, directives, actions, fields, and that there are at most 50.

    Settings are not needed; nothing is sent.

    \b
    Exit status: 0 no errors (warnings may be), 1 errors, 2 the file cannot be read.

    \b
    Examples:
      destination validate --mappings mappings.json
      destination validate --mappings mappings.json --json
    """  # noqa: D301  \b keeps the line breaks that follow
    from destination.cli.validate import validate_mappings

    return validate_mappings(mappings, destination, as_json=as_json)


@app.command("check-auth")
def check_auth(settings: Settings = None, destination: Slug = _DEFAULT, as_json: AsJson = False) -> int:
    """Ask the partner whether the settings let you in.

    \b
    Exit status: 0 they do, 1 they do not, 2 it could not be asked (no answer, or settings that cannot be used).

    \b
    Examples:
      destination check-auth --settings settings.toml
    """  # noqa: D301  \b keeps the line breaks that follow
    from destination.cli.check_auth import check_authentication

    return check_authentication(settings, destination, as_json=as_json)


@app.command("serve-tester")
def serve_tester(
    destination: Slug = _DEFAULT,
    port: Annotated[int, typer.Option(min=0, max=65535, metavar="PORT", help="0 is any free port.")] = 3000,
    host: Annotated[str, typer.Option(metavar="HOST", help="The address to listen at.")] = "127.0.0.1",
) -> int:
    """Serve a destination to Segment's Actions Tester.

    The routes are those of Segment's own local dev server. They take settings with every call and really send;
    only this machine, and Segment's app in a browser on it, may ask. Ctrl-C ends it. It needs an extra:
    pip install 'destination-actions[server]'

    \b
    Exit status: 0 ended by Ctrl-C, 2 it could not start (the extra is missing, the port is in use).

    \b
    Examples:
      destination serve-tester
      destination serve-tester --destination actions-absmartly --port 3001
      curl http://localhost:3000/manifest
    """  # noqa: D301  \b keeps the line breaks that follow
    from destination.cli.serve_tester import serve_tester as serve

    return serve(destination, host=host, port=port)

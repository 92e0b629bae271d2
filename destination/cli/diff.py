"""`destination diff`."""

import subprocess
from collections.abc import Mapping
from pathlib import Path
from types import MappingProxyType
from typing import TYPE_CHECKING, Annotated, Any, Final, NamedTuple

import typer

from destination.cli.options import (
    DEFAULT_DESTINATION,
    ActionIds,
    AsJson,
    IgnoreIntegrations,
    Settings,
    Slug,
    with_fields_as_options,
)
from destination.cli.problems import UsageProblem

if TYPE_CHECKING:
    from destination.cli.output import Output
    from destination.definition import DestinationDefinition, Subscription
    from destination.delivery import ByteInput
    from destination.workbench.diff import Comparison

_MAX_NOTES: Final = 10
_PRESETS: Final = "presets"
_VERSION: Final = "A mappings file, such a file at a git revision (REV:path), or the word presets."


class DiffOptions(NamedTuple):
    """The options of `destination diff`."""

    old: Annotated[str, typer.Argument(metavar="OLD", help=_VERSION)]
    new: Annotated[str, typer.Argument(metavar="NEW", help="The same.")]
    events: Annotated[
        str, typer.Option(metavar="FILE|-", help="NDJSON or a JSON array, also gzipped; - is standard input.")
    ]
    settings: Settings = None
    destination: Slug = DEFAULT_DESTINATION
    allow: Annotated[
        list[str] | None,
        typer.Option(metavar="SPEC", help="A change that is meant: [SUBSCRIPTION:]WHAT. May be given again."),
    ] = None
    as_json: AsJson = False
    html: Annotated[Path | None, typer.Option(metavar="FILE.html", help="Write the report there, as one page.")] = None
    samples: Annotated[
        int, typer.Option(min=0, max=100, metavar="N", help="So many events of each group are kept and shown.")
    ] = 3
    ignore_integrations: IgnoreIntegrations = False
    action_ids: ActionIds = MappingProxyType({})


@with_fields_as_options
def diff(options: DiffOptions) -> int:
    """Show what a change of mappings does to real events. Nothing is sent, and settings may be left out.

    Each event goes through both versions. What becomes otherwise is counted by subscription and by output field,
    with samples. The input is read as a stream: its size does not matter.

    \b
    --allow says which changes are meant. WHAT is one of (* and ? stand for anything, also in SUBSCRIPTION):
      /name  /properties/*  request/header/x-agent  request/body/goals/*/name     a place of payloads or requests
      newly-sent  no-longer-sent  newly-failing  no-longer-failing  failing-otherwise  changed
      added  removed                                  all that a whole subscription brings or takes along
      unreadable                                      lines that hold no event

    \b
    Exit status: 0 nothing changed but what is allowed, 1 something did (or a line holds no event), 2 something
    given cannot be used.

    \b
    Examples:
      destination diff mappings.json changed.json --events events.ndjson.gz
      destination diff HEAD~1:mappings/shop.json mappings/shop.json --events events.ndjson --html diff.html
      destination diff presets mappings.json --events events.ndjson --allow added --allow 'Track Calls:/name'
      zcat events.gz | destination diff main:mappings.json mappings.json --events - --json
    """  # noqa: D301  \b keeps the line breaks that follow
    from destination.cli.diff_text import diff_lines
    from destination.cli.files import check_writable, reads, reads_events, refuse_shared, write_page_and_note, writes
    from destination.cli.instances import chosen_settings, find_destination, make_instance, note_problems
    from destination.cli.output import Output
    from destination.delivery import ByteInput, InputError
    from destination.errors import DefinitionError
    from destination.workbench.diff import Allow, Comparison, Versions, render_page

    output = Output()
    refuse_shared(
        reads("OLD", _file_of_version(options.old)),
        reads("NEW", _file_of_version(options.new)),
        reads_events("--events", options.events),
        reads("--settings", options.settings),
        writes("--html", options.html),
    )
    try:
        allow = Allow(options.allow or ())
    except DefinitionError as error:
        raise UsageProblem(f"--allow {error}") from None
    definition = find_destination(options.destination)
    subscriptions = [_read_version(version, definition, options.action_ids) for version in (options.old, options.new)]
    settings = chosen_settings(definition, options.settings, output, sends=False)
    old, new = (
        make_instance(
            definition,
            settings,
            given,
            output,
            settings_name=str(options.settings or "settings"),
            mappings_name=version,
        )
        for given, version in zip(subscriptions, (options.old, options.new), strict=True)
    )
    try:
        data = ByteInput.open(options.events)
    except InputError as error:
        raise UsageProblem(f"--events {error}") from None
    with data:
        if options.html is not None:
            check_writable("--html", options.html)
        for version, instance in ((options.old, old), (options.new, new)):
            note_problems(instance, version, output)
        comparison = Comparison(
            old, new, allow=allow, samples=options.samples, ignore_integrations=options.ignore_integrations
        )
        broke_off = _compare(comparison, data, output)
    report = comparison.report()
    versions = Versions(definition.name, options.old, options.new, data.name)
    if options.as_json:
        output.json({"destination": definition.slug, "old": options.old, "new": options.new, "input": data.name,
                     **report.to_json()})  # fmt: skip
    else:
        output.draw(diff_lines(report, versions, output.text))
    written = True
    if options.html is not None:
        page = render_page(report, versions, new.redactor.text)
        written = write_page_and_note("--html", options.html, page, output)
    if not (report.events or report.opted_out or report.unreadable or broke_off):
        output.note(f"{data.name}: holds no event, so nothing was compared")
    for pattern in report.unused:
        output.note(f"--allow {pattern}: nothing was found for it")
    return 0 if report.ok and written and not broke_off else 1


def _compare(comparison: "Comparison", data: "ByteInput", output: "Output") -> bool:
    """Runs all events; returns whether the input broke off."""
    from destination.cli.progress import Progress
    from destination.delivery import EventSource, InputError

    with Progress(data, output) as progress:
        try:
            for records in EventSource(data).batches():
                for record in records:
                    if record.event is not None:
                        comparison.add(record.event, record.label)
                        continue
                    comparison.add_unreadable()
                    if comparison.unreadable <= _MAX_NOTES:
                        progress.note(f"{record.label}: {record.error}")
                progress.show(comparison.events, lambda: [f"{comparison.changed:,} changed"])
        except InputError as error:
            progress.note(str(error))
            return True
    return False


def _read_version(
    version: str, definition: "DestinationDefinition[Any]", action_ids: Mapping[str, str]
) -> "list[Subscription]":
    """Reads the subscriptions of a version.

    Args:
        version: `presets`; a file; or `REV:path` as git has it, where there is no file of that name: the path counts
            from the top of the repository, `REV:./path` from the current folder.
        definition: The destination, for its presets and actions.
        action_ids: The action of each identifier that is known.

    Raises:
        UsageProblem: There is no such file or revision, or it holds something else.
    """
    from destination.cli.mapping_forms import parse_mappings
    from destination.cli.mappings import GivenMappings, read_mappings

    if version == _PRESETS:
        return definition.preset_subscriptions()
    path = _file_of_version(version)
    if path is not None:
        return read_mappings(GivenMappings((version,), action_ids), definition)
    if version.endswith((":", "/")):
        raise UsageProblem(f"{version}: names a revision and no file in it; give REV:path")
    return parse_mappings(_at_revision(version), version, definition.actions, action_ids).subscriptions


def _file_of_version(version: str) -> Path | None:
    """Returns the file that a version is read from; None for the presets, and for a file at a git revision."""
    from destination.cli.files import is_there

    path = Path(version)
    return path if version != _PRESETS and (":" not in version or is_there(path)) else None


def _at_revision(version: str) -> bytes:
    command = ["git", "show", "--no-textconv", "--end-of-options", version]
    try:
        done = subprocess.run(command, capture_output=True, check=False)  # noqa: S603  a list, no shell
    except FileNotFoundError:
        raise UsageProblem(f"{version}: there is no such file, and no git to look for a revision with") from None
    except ValueError as error:  # a null byte
        raise UsageProblem(f"{version!r}: is no file and no revision: {error}") from None
    if done.returncode:
        reason = done.stderr.decode("utf-8", "replace").strip().removeprefix("fatal: ")
        raise UsageProblem(f"{version}: there is no such file, and git says: {reason or 'nothing'}")
    return done.stdout

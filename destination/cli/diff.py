"""`destination diff`."""

import subprocess
from collections.abc import Mapping
from pathlib import Path
from types import MappingProxyType
from typing import TYPE_CHECKING, Annotated, Any, Final, NamedTuple

from destination.cli.options import (
    DEFAULT_DESTINATION,
    ActionIds,
    AsJson,
    IgnoreIntegrations,
    Settings,
    Slug,
    with_fields_as_options,
)
from destination.cli.parameters import Argument, Option
from destination.usage_problem import UsageProblem

if TYPE_CHECKING:
    from destination.cli.output import Output
    from destination.definition import DestinationDefinition, Subscription
    from destination.delivery import ByteInput
    from destination.workbench.diff import Comparison

_MAX_NOTES: Final = 10
_PRESETS: Final = "presets"


class DiffOptions(NamedTuple):
    """The options of `destination diff`."""

    old: Annotated[str, Argument(metavar="OLD", help="The old mappings: a file, REV:path (git), or `presets`.")]
    new: Annotated[str, Argument(metavar="NEW", help="The new mappings, in the same form.")]
    events: Annotated[str, Option(metavar="FILE|-", help="NDJSON or a JSON array, also gzipped; - is standard input.")]
    settings: Settings = None
    destination: Slug = DEFAULT_DESTINATION
    allow: Annotated[
        list[str] | None,
        Option(metavar="SPEC", help="Allow a change: [SUBSCRIPTION:]WHAT. Repeatable."),
    ] = None
    format: Annotated[str, Option("--format", metavar="text|markdown|json", help="Form of the output.")] = "text"
    as_json: AsJson = False
    html: Annotated[Path | None, Option(metavar="FILE.html", help="Write the report as a page to this file.")] = None
    samples: Annotated[int, Option(min=0, max=100, metavar="N", help="Number of events shown of each group.")] = 3
    ignore_integrations: IgnoreIntegrations = False
    action_ids: ActionIds = MappingProxyType({})


@with_fields_as_options
def diff(options: DiffOptions) -> int:
    """Show what a change of mappings does to real events. Nothing is sent, and settings may be left out.

    Each event runs through both versions. What differs is counted by subscription, by output field and by event name,
    with samples. The input is read as a stream, so it may be large.

    \b
    --allow names a change that you want. WHAT is one of these; * and ? match as in file names, also in SUBSCRIPTION:
      /name  /properties/*  request/header/x-agent  request/body/goals/*/name     a location in payloads or requests
      newly-sent  no-longer-sent  newly-failing  no-longer-failing  failing-otherwise  changed
      added  removed                                  all events of a subscription that was added or removed
      unreadable                                      lines that hold no event

    \b
    Exit status: 0 if nothing changed or all changes are allowed; 1 if not, or if a line holds no event; 2 if an
    argument cannot be used.

    \b
    Examples:
      destination diff mappings.json changed.json --events events.ndjson.gz
      destination diff HEAD~1:mappings/shop.json mappings/shop.json --events events.ndjson --html diff.html
      destination diff presets mappings.json --events events.ndjson --allow added --allow 'Track Calls:/name'
      destination diff main:mappings.json mappings.json --events events.ndjson --format markdown > comment.md
      zcat events.gz | destination diff main:mappings.json mappings.json --events - --json
    """  # noqa: D301  \b keeps the line breaks that follow
    from destination.cli.diff_text import diff_lines
    from destination.cli.files import reads, reads_events, refuse_shared, write_page_and_note, writes
    from destination.cli.instances import chosen_settings, make_instance, note_problems
    from destination.cli.output import Output
    from destination.definition.given.files import check_writable
    from destination.delivery import ByteInput, InputError
    from destination.errors import DefinitionError
    from destination.runtime.given import find_destination
    from destination.workbench.diff import Allow, Comparison, Versions, render_markdown, render_page

    output = Output()
    form = _format(options)
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
    subscriptions = [
        _read_version(version, definition, options.action_ids, output) for version in (options.old, options.new)
    ]
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
    if form == "json":
        output.json({"destination": definition.slug, "old": options.old, "new": options.new, "input": data.name,
                     **report.to_json()})  # fmt: skip
    elif form == "markdown":
        for line in render_markdown(report, versions, output.text).splitlines():
            output.line(line)
    else:
        output.draw(diff_lines(report, versions, output.text))
    written = True
    if options.html is not None:
        page = render_page(report, versions, new.redactor.text)
        written = write_page_and_note("--html", options.html, page, output)
    if not (report.events or report.opted_out or report.unreadable or broke_off):
        output.note(f"{data.name}: holds no event, so nothing was compared")
    for pattern in report.unused:
        output.note(f"--allow {pattern}: no change matches it")
    return 0 if report.ok and written and not broke_off else 1


def _format(options: DiffOptions) -> str:
    if options.format not in ("text", "markdown", "json"):
        raise UsageProblem(f"--format: {options.format!r} is not a format; use text, markdown or json")
    if options.as_json and options.format == "markdown":
        raise UsageProblem("--json and --format markdown exclude each other")
    return "json" if options.as_json else options.format


def _compare(comparison: "Comparison", data: "ByteInput", output: "Output") -> bool:
    """Runs all events; returns whether the input broke off before its end."""
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
    version: str, definition: "DestinationDefinition[Any]", action_ids: Mapping[str, str], output: "Output"
) -> "list[Subscription]":
    """Reads the subscriptions of a version.

    Args:
        version: `presets`, a file, or `REV:path` as in `git show`. A file of that very name goes before a revision.
        definition: The destination, for its presets and actions.
        action_ids: The action of each identifier that is known.
        output: Takes notes.

    Raises:
        UsageProblem: There is no such file or revision, or it does not hold mappings.
    """
    from destination.definition.given.mapping_forms import parse_mappings
    from destination.definition.given.mappings import GivenMappings, read_mappings

    if version == _PRESETS:
        return definition.preset_subscriptions()
    path = _file_of_version(version)
    if path is not None:
        return read_mappings(GivenMappings((version,), action_ids), definition, output.note)
    if version.endswith((":", "/")):
        raise UsageProblem(f"{version}: names a revision without a file; use REV:path")
    return parse_mappings(_at_revision(version), version, definition.actions, action_ids).subscriptions


def _file_of_version(version: str) -> Path | None:
    """Returns the file that a version is read from; None for the presets, and for a file at a git revision."""
    from destination.definition.given.files import is_there

    path = Path(version)
    return path if version != _PRESETS and (":" not in version or is_there(path)) else None


def _at_revision(version: str) -> bytes:
    command = ["git", "show", "--no-textconv", "--end-of-options", version]
    try:
        done = subprocess.run(command, capture_output=True, check=False)  # noqa: S603  a list, no shell
    except FileNotFoundError:
        raise UsageProblem(f"{version}: there is no such file, and no git to look for a revision with") from None
    except ValueError as error:  # a null byte
        raise UsageProblem(f"{version!r}: is neither a file nor a revision: {error}") from None
    if done.returncode:
        reason = done.stderr.decode("utf-8", "replace").strip().removeprefix("fatal: ")
        raise UsageProblem(f"{version}: there is no such file, and git says: {reason or 'nothing'}")
    return done.stdout

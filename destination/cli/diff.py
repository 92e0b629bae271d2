"""`destination diff`."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from destination.cli.diff_text import diff_lines
from destination.cli.files import check_writable
from destination.cli.instances import chosen_settings, find_destination, make_instance, note_problems
from destination.cli.output import Output
from destination.cli.paths import reads, reads_events, refuse_shared, writes
from destination.cli.problems import UsageProblem
from destination.cli.progress import Progress
from destination.cli.versions import file_of_version, read_version
from destination.delivery import ByteInput, EventSource, InputError
from destination.errors import DefinitionError
from destination.pages import PageError, write_page
from destination.runtime import Instance
from destination.workbench.diff import Allow, Comparison, DiffReport, Versions, render_page

_NOTED = 10


@dataclass(frozen=True, slots=True, kw_only=True)
class DiffOptions:
    """The options, as `destination diff --help` tells them."""

    old: str
    new: str
    events: str
    settings: Path | None
    destination: str
    allow: tuple[str, ...]
    as_json: bool
    html: Path | None
    samples: int
    ignore_integrations: bool = False


def show_diff(options: DiffOptions) -> int:
    """Compares two versions of mappings and shows what changes; returns the exit status.

    Raises:
        UsageProblem: Something given cannot be used.
    """
    output = Output()
    refuse_shared(
        reads("OLD", file_of_version(options.old)),
        reads("NEW", file_of_version(options.new)),
        reads_events("--events", options.events),
        reads("--settings", options.settings),
        writes("--html", options.html),
    )
    try:
        allow = Allow(options.allow)
    except DefinitionError as error:
        raise UsageProblem(f"--allow {error}") from None
    definition = find_destination(options.destination)
    subscriptions = [read_version(place, definition) for place in (options.old, options.new)]
    settings = chosen_settings(definition, options.settings, output, sends=False)
    old, new = (
        make_instance(
            definition,
            settings,
            given,
            output,
            settings_place=str(options.settings or "settings"),
            mappings_place=place,
        )
        for given, place in zip(subscriptions, (options.old, options.new), strict=True)
    )
    try:
        data = ByteInput.open(options.events)
    except InputError as error:
        raise UsageProblem(f"--events {error}") from None
    with data:
        if options.html is not None:
            check_writable("--html", options.html)
        for place, instance in ((options.old, old), (options.new, new)):
            note_problems(instance, place, output)
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
    written = options.html is None or _write(options.html, report, versions, output, new)
    if not (report.events or report.opted_out or report.unreadable or broke_off):
        output.note(f"{data.name}: holds no event, so nothing was compared")
    for pattern in report.unused:
        output.note(f"--allow {pattern}: nothing was found for it")
    return 0 if report.ok and written and not broke_off else 1


def _compare(comparison: Comparison, data: ByteInput, output: Output) -> bool:
    """Runs all events; gives whether the input broke off."""
    with Progress(data, output) as progress:
        try:
            for records in EventSource(data).batches():
                for record in records:
                    if record.event is not None:
                        comparison.add(record.event, record.label)
                        continue
                    comparison.add_unreadable()
                    if comparison.unreadable <= _NOTED:
                        progress.note(f"{record.label}: {record.error}")
                progress.show(comparison.events, lambda: [f"{comparison.changed:,} changed"])
        except InputError as error:
            progress.note(str(error))
            return True
    return False


def _write(path: Path, report: DiffReport, versions: Versions, output: Output, instance: Instance[Any]) -> bool:
    try:
        write_page(path, render_page(report, versions, instance.redactor.text))
    except PageError as error:
        output.note(f"--html {error}")
        return False
    output.note(f"the page is in {path}")
    return True

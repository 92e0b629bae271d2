"""`destination run`."""

from contextlib import ExitStack
from pathlib import Path
from typing import TYPE_CHECKING

from destination.cli.options import with_fields_as_options
from destination.cli.run_options import RunOptions
from destination.usage_problem import UsageProblem

if TYPE_CHECKING:
    from destination.cli.output import Output
    from destination.delivery import EventSource


@with_fields_as_options
def run(options: RunOptions) -> int:
    """Send the events of a file.

    Without settings, ABsmartly's events go to an embedded collector on this machine, so that you can see what
    would arrive. The file is read as a stream: its size does not matter. A line that is not an event is reported,
    and the next one is read. Ctrl-C finishes what is under way, then prints the summary.

    \b
    Exit status: 0 all delivered, 1 some failed, 2 nothing started because of the input, 3 stopped because the
    ledger or the file of failed events could not be written, 129, 130, 143 ended by SIGHUP, Ctrl-C, SIGTERM.

    \b
    Examples:
      destination run examples/events.ndjson
      destination run events.ndjson.gz --settings settings.toml --errors failed.ndjson
      destination run events.ndjson.gz --settings settings.toml --errors failed.ndjson --resume
      destination run failed.ndjson --settings settings.toml --errors failed-again.ndjson
      zcat events.gz | destination run - --settings settings.toml --json
      destination run events.ndjson --settings settings.toml --report report.html
      destination run events.ndjson --mappings mappings.json --dry-run | jq .

    \b
    settings.toml:
      collectorEndpoint = "https://your-subdomain.absmartly.io/v1"
      apiKey = { env = "ABSMARTLY_API_KEY" }
      environment = "production"
    """  # noqa: D301  \b keeps the line breaks that follow
    from destination.cli.output import Output
    from destination.cli.recording import declare_files, ledger_path

    output = Output()
    options.check()
    ledger = ledger_path(options)
    declare_files(options, ledger)
    with ExitStack() as stack:
        return _dry_run(options, output, stack) if options.dry_run else _send(options, ledger, output, stack)


def _dry_run(options: RunOptions, output: "Output", stack: ExitStack) -> int:
    from destination.cli.dry_run import dry_run
    from destination.cli.instances import note_problems, planning_instance
    from destination.cli.recording import begin_dead_letters, open_dead_letters
    from destination.delivery.intake_rules import rules_for

    instance = planning_instance(options.destination, options.settings, options.mappings, output)
    source = _open_source(options, stack)
    dead_letters = open_dead_letters(options, source, output, stack)
    begin_dead_letters(dead_letters, options, None)
    note_problems(instance, options.mappings, output)
    rules = rules_for(options.delivery(), instance.definition.name)
    return dry_run(instance, source, output, dead_letters, rules)


def _send(options: RunOptions, ledger_file: Path | None, output: "Output", stack: ExitStack) -> int:
    from destination.catalog.demo import demo_server
    from destination.cli.recording import begin_dead_letters, open_dead_letters, open_ledger
    from destination.cli.report_page import ReportPage
    from destination.cli.sending import Sending, instance_for
    from destination.runtime.given import find_destination

    find_destination(options.destination)  # where it is wrong, that is said before anything is opened
    source = _open_source(options, stack)
    demo = demo_server(options.destination) if options.uses_demo else None
    if demo is not None:
        stack.enter_context(demo)
    page = ReportPage(options.report, output)
    instance = instance_for(options, None if demo is None else demo.settings, output, page)
    dead_letters = open_dead_letters(options, source, output, stack)
    ledger = open_ledger(ledger_file, options, source, instance, output, stack)
    begin_dead_letters(dead_letters, options, ledger)
    return Sending(options, instance, source, output, dead_letters, ledger, demo, page).run()


def _open_source(options: RunOptions, stack: ExitStack) -> "EventSource":
    from destination.delivery import ByteInput, EventSource, InputError

    try:
        return EventSource(stack.enter_context(ByteInput.open(options.file)))
    except InputError as error:
        raise UsageProblem(str(error)) from None

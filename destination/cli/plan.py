"""`destination plan`."""

from typing import TYPE_CHECKING, Any

from destination.cli.options import (
    DEFAULT_DESTINATION,
    AsJson,
    Event,
    IgnoreIntegrations,
    Mappings,
    MessageId,
    Settings,
    Slug,
)

if TYPE_CHECKING:
    from collections.abc import Sequence

    from destination.cli.output import Output
    from destination.runtime import Instance, Outcome


def plan(
    file: Event,
    settings: Settings = None,
    mappings: Mappings = None,
    destination: Slug = DEFAULT_DESTINATION,
    message_id: MessageId = None,
    as_json: AsJson = False,
    ignore_integrations: IgnoreIntegrations = False,
) -> int:
    """Show what one event would send. Nothing is sent, and settings may be left out.

    As in run, an event whose `integrations` exclude the destination sends nothing.

    \b
    Exit status: 0, or 1 where a subscription that takes the event fails.

    \b
    Examples:
      destination plan event.json
      destination plan event.json --mappings mappings.json --json
      destination plan events.ndjson --message-id m-1
      head -n 1 events.ndjson | destination plan -
    """  # noqa: D301  \b keeps the line breaks that follow
    from destination.cli.dry_run import not_sent, outcomes_as_json, planned
    from destination.cli.events import event_of, opted_out_text, read_record, title_of
    from destination.cli.files import reads, reads_events, reads_mappings, refuse_shared
    from destination.cli.instances import note_problems, planning_instance
    from destination.cli.output import Output
    from destination.event import opted_out_by

    output = Output()
    refuse_shared(reads_events("FILE", file), reads("--settings", settings), reads_mappings(mappings))
    instance = planning_instance(destination, settings, mappings, output)
    record = read_record(file, message_id)
    event = event_of(record, file)
    note_problems(instance, mappings, output)
    name = instance.definition.name
    key = None if ignore_integrations else opted_out_by(event, name)
    outcomes, failures = planned(instance, record, event) if key is None else (not_sent(instance), [])
    if as_json:
        output.json(outcomes_as_json(event, outcomes, None if key is None else "opted_out", instance.redactor))
    elif key is not None:
        output.line(title_of(event))
        output.line(opted_out_text(key, name))
    else:
        _show(instance, event, outcomes, output)
    return 1 if failures else 0


def _show(instance: "Instance[Any]", event: dict[str, Any], outcomes: "Sequence[Outcome]", output: "Output") -> None:
    from destination.cli.dry_run import outcome_as_json
    from destination.cli.events import title_of
    from destination.values import MISSING

    output.line(title_of(event))
    for outcome in outcomes:
        output.line()
        if outcome.error is not None:
            state = "fails"
        elif outcome.matched:
            state = "matches"
        else:
            state = "does not match"
        output.line(f"{outcome.name}: {state}")
        if outcome.error is not None:
            shown = outcome_as_json(outcome, instance.redactor)
            output.line(f"  {shown['error']}")
        if outcome.payload is not MISSING:
            output.line("payload")
            output.json(outcome.payload)
        for request in outcome.requests:
            masked = instance.redactor.request(request)
            output.line(f"{masked['method']} {masked['url']}")
            for header, value in masked["headers"].items():
                output.line(f"{header}: {value}")
            output.line()
            output.json(masked["body"])
        if outcome.incomplete:
            output.line("… and what follows from the answer")

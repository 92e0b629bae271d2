"""`destination plan`."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from destination.cli.dry_run import not_sent, not_sent_as_json, outcome_as_json, planned
from destination.cli.instances import chosen_instance, note_problems
from destination.cli.one_event import event_of, opted_out_text, read_record, title_of
from destination.cli.output import Output
from destination.cli.paths import reads, reads_events, refuse_shared
from destination.event import opted_out_by
from destination.runtime import Instance, Outcome
from destination.values import MISSING


@dataclass(frozen=True, slots=True)
class _Chosen:
    settings: Path | None
    mappings: Path | None
    destination: str


def plan_event(
    file: str,
    settings: Path | None,
    mappings: Path | None,
    slug: str,
    *,
    as_json: bool,
    ignore_integrations: bool = False,
) -> int:
    """Shows what one event would send; returns the exit status.

    Raises:
        UsageProblem: Something given cannot be used.
    """
    output = Output()
    refuse_shared(reads_events("FILE", file), reads("--settings", settings), reads("--mappings", mappings))
    instance = chosen_instance(_Chosen(settings, mappings, slug), output, sends=False)
    record = read_record(file)
    event = event_of(record, file)
    note_problems(instance, mappings, output)
    name = instance.definition.name
    key = None if ignore_integrations else opted_out_by(event, name)
    outcomes, failures = planned(instance, record, event) if key is None else (not_sent(instance), [])
    if as_json:
        output.json(
            {
                "messageId": event.get("messageId"),
                **not_sent_as_json(None if key is None else "opted_out"),
                "subscriptions": [outcome_as_json(outcome, instance.redactor) for outcome in outcomes],
            }
        )
    elif key is not None:
        output.line(title_of(event))
        output.line(opted_out_text(key, name))
    else:
        _show(instance, event, outcomes, output)
    return 1 if failures else 0


def _show(instance: Instance[Any], event: dict[str, Any], outcomes: list[Outcome], output: Output) -> None:
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

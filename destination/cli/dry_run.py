"""Plans an event and shows its outcomes: for `destination plan`, and for each event of `destination run --dry-run`."""

from collections import Counter
from collections.abc import Sequence
from typing import Any

from destination.cli.output import Output
from destination.delivery import (
    DeadLetters,
    EventSource,
    Failure,
    InputError,
    IntakeRules,
    NotSent,
    Record,
    RecordingError,
    describe,
    match_failed,
)
from destination.runtime import Instance, Outcome, Redactor
from destination.values import MISSING


def outcome_as_json(outcome: Outcome, redactor: Redactor) -> dict[str, Any]:
    """Writes what a subscription would do with an event, its secrets masked."""
    record: dict[str, Any] = {
        "name": outcome.name,
        "matched": outcome.matched,
        "payload": None if outcome.payload is MISSING else outcome.payload,
        "requests": [redactor.request(request) for request in outcome.requests],
        "error": None if outcome.error is None else describe(outcome.error),
    }
    if outcome.incomplete:
        record["incomplete"] = True
    return record


def planned(instance: Instance[Any], record: Record, event: dict[str, Any]) -> tuple[list[Outcome], list[Failure]]:
    """Plans an event; of one that failed before, only the subscriptions that failed."""
    outcomes = list(enumerate(instance.plan(event)))
    failures = []
    if record.retry_only is not None:
        wanted = {match_failed(failed, instance.subscriptions) for failed in record.retry_only}
        outcomes = [(index, outcome) for index, outcome in outcomes if index in wanted]
        failures = [
            Failure(
                InputError(f"there is no enabled subscription {failed.name!r} (any more)"), failed.name, failed.index
            )
            for failed in record.retry_only
            if match_failed(failed, instance.subscriptions) is None
        ]
    failures += [
        Failure(outcome.error, outcome.name, index) for index, outcome in outcomes if outcome.error is not None
    ]
    return [outcome for _, outcome in outcomes], failures


def not_sent(instance: Instance[Any]) -> list[Outcome]:
    """Makes the outcomes of an event that is not sent: nothing matched."""
    return [Outcome(item.name, matched=False) for item in instance.subscriptions]


def outcomes_as_json(
    event: dict[str, Any], outcomes: Sequence[Outcome], reason: NotSent | None, redactor: Redactor
) -> dict[str, Any]:
    """Writes what would become of an event, its secrets masked.

    Args:
        event: The event.
        outcomes: Its outcomes, one for each subscription.
        reason: Why it is not sent, or None.
        redactor: Masks the secrets.
    """
    line: dict[str, Any] = {"messageId": event.get("messageId")}
    if reason is not None:
        line["optedOut" if reason == "opted_out" else "duplicate"] = True
    line["subscriptions"] = [outcome_as_json(outcome, redactor) for outcome in outcomes]
    return line


def dry_run(
    instance: Instance[Any], source: EventSource, output: Output, dead_letters: DeadLetters | None, rules: IntakeRules
) -> int:
    """Prints one JSON line for each event; returns the exit status."""
    events = failed = 0
    left_out: Counter[NotSent] = Counter()
    status = 0
    try:
        for record in source:
            events += 1
            reason = rules.reason(record)
            if reason is not None:
                left_out[reason] += 1
            failures = _show(instance, record, output, reason)
            if failures:
                failed += 1
                if dead_letters is not None:
                    dead_letters.add(record, failures)
    except (InputError, RecordingError) as error:
        output.note(str(error))
        status = 1
    skipped = f"{left_out['opted_out']:,} opted out, " if left_out["opted_out"] else ""
    duplicates = left_out["duplicate"]
    skipped += f"{duplicates:,} duplicate{'' if duplicates == 1 else 's'}, " if duplicates else ""
    output.note(f"dry run: {events:,} read, {skipped}{failed:,} would fail; nothing was sent")
    return 1 if failed else status


def _show(instance: Instance[Any], record: Record, output: Output, reason: NotSent | None) -> list[Failure]:
    if record.event is None:
        error = record.error or InputError("no event")
        output.note(f"{record.label}: {error}")
        output.json_line({"messageId": None, "at": record.label, "error": str(error), "subscriptions": []})
        return [Failure(error)]
    outcomes, failures = planned(instance, record, record.event) if reason is None else (not_sent(instance), [])
    line = outcomes_as_json(record.event, outcomes, reason, instance.redactor)
    lost = [describe(failure.error) for failure in failures if isinstance(failure.error, InputError)]
    if lost:
        line["error"] = "; ".join(lost)
    try:
        output.json_line(line)
    except ValueError as error:  # a payload may nest deeper than JSON can be written
        output.json_line({"messageId": line["messageId"], "error": f"cannot be shown: {error}", "subscriptions": []})
    return failures

"""`destination plan`."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from destination.cli.dry_run import outcome_as_json, planned
from destination.cli.instances import chosen_instance
from destination.cli.output import Output
from destination.cli.problems import UsageProblem
from destination.delivery import MAX_RECORD_BYTES, ByteInput, InputError, Record
from destination.delivery.splitters import Piece
from destination.runtime import Instance, Outcome
from destination.values import MISSING


@dataclass(frozen=True, slots=True)
class _Chosen:
    settings: Path | None
    mappings: Path | None
    destination: str


def plan_event(file: str, settings: Path | None, mappings: Path | None, slug: str, *, as_json: bool) -> int:
    """Shows what one event would send; returns the exit status.

    Raises:
        UsageProblem: Something given cannot be used.
    """
    output = Output()
    instance = chosen_instance(_Chosen(settings, mappings, slug), output, sends=False)
    record = _read(file)
    if record.event is None:
        raise UsageProblem(f"{_name(file)}: {record.error}")
    outcomes, failures = planned(instance, record, record.event)
    if as_json:
        output.json(
            {
                "messageId": record.event.get("messageId"),
                "subscriptions": [outcome_as_json(outcome, instance.redactor) for outcome in outcomes],
            }
        )
    else:
        _show(instance, record.event, outcomes, output)
    return 1 if failures else 0


def _name(file: str) -> str:
    return "standard input" if file == "-" else file


def _read(file: str) -> Record:
    """The one event of a file; its JSON may stand on many lines."""
    raw = bytearray()
    try:
        with ByteInput.open(file) as data:
            for chunk in data.chunks():
                raw += chunk
                if len(raw) > MAX_RECORD_BYTES:
                    raise UsageProblem(f"{data.name}: is too long for one event; use: destination run {file} --dry-run")
    except InputError as error:
        raise UsageProblem(str(error)) from None
    text = bytes(raw).strip()
    if text.startswith(b"[") or (text.startswith(b"{") and b"}\n{" in text.replace(b"\r", b"")):
        raise UsageProblem(f"{_name(file)}: holds more than one event; use: destination run {file} --dry-run")
    return Record("line", Piece(1, text, True))


def _show(instance: Instance[Any], event: dict[str, Any], outcomes: list[Outcome], output: Output) -> None:
    name = " ".join(str(event[key]) for key in ("type", "event", "name") if isinstance(event.get(key), str))
    output.line(f"{name or 'event'} (messageId {event.get('messageId', 'none')})")
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

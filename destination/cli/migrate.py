"""`destination migrate classic`."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from destination.catalog.absmartly.classic import ClassicSettings, absmartly_classic
from destination.catalog.absmartly.migration import (
    Naming,
    Verification,
    Verifier,
    cutover_filters,
    differences_for,
    migrate,
)
from destination.cli.each_event import each_event
from destination.cli.files import parse_json, read_file
from destination.cli.output import Output
from destination.cli.paths import reads, reads_events, refuse_shared, writes
from destination.cli.problems import UsageProblem
from destination.cli.settings import read_toml, resolve_settings
from destination.definition import Subscription
from destination.definition.destination import placeholders
from destination.errors import DefinitionError, SchemaValidationError
from destination.values import write_json

_ACCOUNT = ("collectorEndpoint", "apiKey", "environment")


@dataclass(frozen=True, slots=True, kw_only=True)
class MigrateOptions:
    """What was given on the command line."""

    settings: Path
    output: Path | None
    naming: str
    verify: str | None
    cutover: str | None
    source_id: str
    classic_id: str
    actions_id: str
    as_json: bool


def migrate_classic(options: MigrateOptions) -> int:
    """Makes the subscriptions, and what else was asked for; returns the exit status.

    Raises:
        UsageProblem: Something given cannot be used, or cannot be carried over.
    """
    output = Output()
    refuse_shared(
        reads("SETTINGS", options.settings),
        reads_events("--verify", options.verify),
        writes("--output", options.output),
    )
    naming = _naming(options.naming)
    settings = _settings(options.settings, output)
    try:
        subscriptions = migrate(settings, naming)
    except DefinitionError as error:
        raise UsageProblem(f"{options.settings}: {error}") from None
    filters = _filters(options)
    report: dict[str, Any] = {
        "subscriptions": [item.to_json() for item in subscriptions],
        "differences": [
            {"code": entry.code, "sentence": entry.sentence} for entry in differences_for(settings, naming)
        ],
    }
    if filters:
        report["filters"] = filters
    verified = None
    complete = True
    if options.verify is not None:
        verifier = Verifier(settings, naming, subscriptions)
        complete = not each_event(options.verify, output, verifier.add, lambda: f"{verifier.result.equal:,} equal")
        verified = verifier.result
        report["verification"] = verified.to_json()
    if options.output is not None:
        _write(options.output, report["subscriptions"], output)
    if options.as_json:
        output.json(report)
    else:
        _show(options, report, subscriptions, verified, output)
    return 1 if not complete or (verified is not None and verified.faults) else 0


def _naming(given: str) -> Naming:
    if given == "title":
        return "title"
    if given == "pageview":
        return "pageview"
    raise UsageProblem(f"--naming: there is no {given!r}; give title (`Page: Home`) or pageview (`home_pageview`)")


def _settings(path: Path, output: Output) -> ClassicSettings:
    values = read_toml(path) if path.suffix == ".toml" else _read_json(path)
    # What is not needed to make subscriptions may be left out.
    absent = {key: value for key, value in placeholders(absmartly_classic).items() if key in _ACCOUNT}
    values = resolve_settings(path, {**absent, **values}, absmartly_classic)
    try:
        instance = absmartly_classic.instance(values)
    except SchemaValidationError as error:
        raise UsageProblem(*(f"{path}: {item.message}" for item in error.errors)) from None
    output.redactor = instance.redactor
    settings: ClassicSettings = instance.settings
    return settings


def _read_json(path: Path) -> dict[str, Any]:
    values = parse_json(read_file(path, "settings file", "settings"), path)
    if not isinstance(values, dict):
        raise UsageProblem(f'{path}: holds no JSON object; settings look like {{"unitMapping": {{…}}, …}}')
    return values


def _filters(options: MigrateOptions) -> list[dict[str, Any]]:
    if options.cutover is None:
        return []
    try:
        return cutover_filters(
            options.cutover,
            source_id=options.source_id,
            classic_id=options.classic_id,
            actions_id=options.actions_id,
        )
    except DefinitionError as error:
        raise UsageProblem(f"--cutover: {error}") from None


def _write(path: Path, subscriptions: list[Any], output: Output) -> None:
    import json

    try:
        text = json.dumps(json.loads(write_json(subscriptions)), indent=2, ensure_ascii=False)
        path.write_text(text + "\n", encoding="utf-8")
    except OSError as error:
        raise UsageProblem(f"{path}: cannot be written: {error.strerror or error}") from None
    output.note(f"{len(subscriptions)} subscriptions written to {path}")


def _show(
    options: MigrateOptions,
    report: dict[str, Any],
    subscriptions: list[Subscription],
    verified: Verification | None,
    output: Output,
) -> None:
    if options.output is None:
        output.json(report["subscriptions"])
    for item in subscriptions:
        output.note(f"{'on ' if item.enabled else 'off'}  {item.name}: {item.subscribe}")
    output.note("what these settings cannot carry over exactly:")
    for entry in report["differences"]:
        output.note(f"  {entry['code']}: {entry['sentence']}")
    for item in report.get("filters", ()):
        output.note(f"filter, POST /destination/{item['destinationId']}/filters:")
        output.note(write_json(item).decode("utf-8"))
    if verified is not None:
        _show_verification(verified, output)


def _show_verification(verified: Verification, output: Output) -> None:
    output.note(f"{verified.events:,} events compared: {verified.equal:,} equal, {verified.faults:,} faults")
    found = verified.to_json()
    for entry in (*found["differences"], {"code": "on no list: a fault", **found["faults"]}):
        if not entry["events"]:
            continue
        output.note(f"  {entry['code']}: {entry['events']:,} events")
        for sample in entry["samples"][:1]:
            output.note(f"    {sample['at']}")
            output.note(f"      classic: {sample['classic']}")
            output.note(f"      actions: {sample['actions']}")

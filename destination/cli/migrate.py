"""`destination migrate`."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, NamedTuple

from destination.cli.options import AsJson, with_fields_as_options
from destination.cli.parameters import Argument, Option
from destination.usage_problem import UsageProblem

if TYPE_CHECKING:
    from destination.catalog.absmartly.classic import ClassicSettings
    from destination.catalog.absmartly.migration import Naming, Verification
    from destination.cli.output import Output
    from destination.definition import Subscription

_ACCOUNT = ("collectorEndpoint", "apiKey", "environment")


class ClassicOptions(NamedTuple):
    """The options of `destination migrate classic`."""

    settings: Annotated[Path, Argument(metavar="SETTINGS.json|.toml", help="The settings of the classic destination.")]
    output: Annotated[
        Path | None, Option("--output", "-o", metavar="FILE.json", help="Write the subscriptions to this file.")
    ] = None
    naming: Annotated[
        str,
        Option(metavar="title|pageview", help="Names of page goals: `Page: Home` or `home_pageview`."),
    ] = "title"
    verify: Annotated[
        str | None,
        Option(metavar="EVENTS|-", help="Compare both on these events."),
    ] = None
    cutover: Annotated[
        str | None,
        Option(metavar="TIME", help="Print the filters that hand over at this time."),
    ] = None
    source_id: Annotated[str, Option(metavar="ID", help="For --cutover: ID of the source.")] = "<source id>"
    classic_id: Annotated[str, Option(metavar="ID", help="For --cutover: ID of the classic destination.")] = (
        "<classic destination id>"
    )
    actions_id: Annotated[str, Option(metavar="ID", help="For --cutover: ID of ABsmartly (Actions).")] = (
        "<actions destination id>"
    )
    as_json: AsJson = False


@with_fields_as_options
def classic(options: ClassicOptions) -> int:
    """Turn the settings of ABsmartly Classic into subscriptions for ABsmartly (Actions).

    The subscriptions are printed as JSON, or written to the file of --output. What cannot be carried over exactly
    with these settings is printed on standard error. Nothing is sent. The settings need not hold the account
    (collectorEndpoint, apiKey, environment).

    --verify runs each event of a file through both, and groups what differs by the known difference that explains it.
    A difference that none of them explains is a fault of this command.

    \b
    Exit status: 0; 1 if --verify found a fault or an unreadable line; 2 if an argument cannot be used or a setting
    cannot be carried over.

    \b
    Examples:
      destination migrate classic classic.json --output mappings.json
      destination migrate classic classic.json --naming pageview > mappings.json
      destination migrate classic classic.json -o mappings.json --verify events.ndjson
      destination migrate classic classic.json -o mappings.json --cutover 2026-01-31T12:00:00Z
    """  # noqa: D301  \b keeps the line breaks that follow
    from destination.catalog.absmartly.migration import Verifier, differences_for
    from destination.catalog.absmartly.migration import migrate as subscriptions_for
    from destination.cli.events import each_event
    from destination.cli.files import reads, reads_events, refuse_shared, writes
    from destination.cli.output import Output
    from destination.errors import DefinitionError

    output = Output()
    refuse_shared(
        reads("SETTINGS", options.settings),
        reads_events("--verify", options.verify),
        writes("--output", options.output),
    )
    naming = _naming(options.naming)
    settings = _settings(options.settings, output)
    try:
        subscriptions = subscriptions_for(settings, naming)
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


def _naming(given: str) -> "Naming":
    if given == "title":
        return "title"
    if given == "pageview":
        return "pageview"
    raise UsageProblem(f"--naming: {given!r} is not a naming; use title (`Page: Home`) or pageview (`home_pageview`)")


def _settings(path: Path, output: "Output") -> "ClassicSettings":
    from destination.catalog.absmartly.classic import absmartly_classic
    from destination.definition.destination import placeholders
    from destination.definition.given.settings import read_toml, resolve_settings
    from destination.errors import SchemaValidationError

    values = read_toml(path) if path.suffix == ".toml" else _read_json(path)
    # Subscriptions do not depend on the account, so it may be left out.
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
    from destination.definition.given.files import parse_json, read_file

    values = parse_json(read_file(path, "settings file", "a JSON file with settings"), path)
    if not isinstance(values, dict):
        raise UsageProblem(f'{path}: is not a JSON object; settings look like {{"unitMapping": {{…}}, …}}')
    return values


def _filters(options: ClassicOptions) -> list[dict[str, Any]]:
    from destination.catalog.absmartly.migration import cutover_filters
    from destination.errors import DefinitionError

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


def _write(path: Path, subscriptions: list[Any], output: "Output") -> None:
    import json

    from destination.definition.given.files import reason_of
    from destination.values import write_json

    try:
        text = json.dumps(json.loads(write_json(subscriptions)), indent=2, ensure_ascii=False)
        path.write_text(text + "\n", encoding="utf-8")
    except OSError as error:
        raise UsageProblem(f"{path}: cannot be written: {reason_of(error)}") from None
    output.note(f"{len(subscriptions)} subscriptions written to {path}")


def _show(
    options: ClassicOptions,
    report: dict[str, Any],
    subscriptions: "list[Subscription]",
    verified: "Verification | None",
    output: "Output",
) -> None:
    from destination.values import write_json

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


def _show_verification(verified: "Verification", output: "Output") -> None:
    output.note(f"{verified.events:,} events compared: {verified.equal:,} equal, {verified.faults:,} faults")
    found = verified.to_json()
    for entry in (*found["differences"], {"code": "not a known difference: a fault", **found["faults"]}):
        if not entry["events"]:
            continue
        output.note(f"  {entry['code']}: {entry['events']:,} events")
        for sample in entry["samples"][:1]:
            output.note(f"    {sample['at']}")
            output.note(f"      classic: {sample['classic']}")
            output.note(f"      actions: {sample['actions']}")

"""`destination validate`."""

from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from destination.cli.options import DEFAULT_DESTINATION, AsJson, MappingsOrFiles, Slug

if TYPE_CHECKING:
    from destination.cli.output import Output
    from destination.definition import Subscription
    from destination.runtime import Destination, Problem


def validate(mappings: MappingsOrFiles = None, destination: Slug = DEFAULT_DESTINATION, as_json: AsJson = False) -> int:
    """Check that mappings work.

    Reports triggers that cannot be parsed, invalid directives, unknown actions and fields, required fields that are
    left out, and more than 50 subscriptions. Several files are checked together. Nothing is sent.

    \b
    Exit status: 0 no errors (there may be warnings), 1 errors, 2 a file cannot be read.

    \b
    Examples:
      destination validate mappings.json
      destination validate mappings/*.json --json
    """  # noqa: D301  \b keeps the line breaks that follow
    from destination.cli.files import reads_mappings, refuse_shared
    from destination.cli.output import Output
    from destination.definition.given.mappings import read_mappings
    from destination.runtime.given import find_destination

    output = Output()
    refuse_shared(reads_mappings(mappings))
    definition = find_destination(destination)
    subscriptions = (
        definition.preset_subscriptions() if mappings is None else read_mappings(mappings, definition, output.note)
    )
    findings = _find_everything(definition, subscriptions, output)
    errors = sum(finding.severity == "error" for finding in findings)
    if as_json:
        output.json(
            {
                "destination": destination,
                "subscriptions": len(subscriptions),
                "errors": errors,
                "warnings": len(findings) - errors,
                "findings": [_as_json(finding) for finding in findings],
            }
        )
    else:
        _show(str(mappings or f"the presets of {destination}"), subscriptions, findings, output)
    return 1 if errors else 0


def _find_everything(
    definition: "Destination[Any]", subscriptions: "Sequence[Subscription]", output: "Output"
) -> "list[Problem]":
    """Finds problems and warnings, in subscription order; more than 50 subscriptions are a problem, too."""
    from destination.cli.instances import make_instance
    from destination.definition.destination import placeholders
    from destination.runtime import MAX_SUBSCRIPTIONS, Problem

    findings = []
    if len(subscriptions) > MAX_SUBSCRIPTIONS:
        findings.append(
            Problem(
                "all",
                "subscriptions",
                f"{len(subscriptions)} subscriptions are more than the {MAX_SUBSCRIPTIONS} that an instance may have",
                "spread them over several instances, or merge some",
            )
        )
    named = [replace(item, name=item.name or f"subscription {index}") for index, item in enumerate(subscriptions)]
    settings = placeholders(definition)
    for start in range(0, len(named), MAX_SUBSCRIPTIONS):
        instance = make_instance(definition, settings, named[start : start + MAX_SUBSCRIPTIONS], output)
        for item in instance.subscriptions:
            findings += [*item.problems, *item.warnings]
    return findings


def _as_json(finding: "Problem") -> dict[str, str]:
    return {
        "severity": finding.severity,
        "subscription": finding.subscription,
        "place": finding.pointer,
        "message": finding.message,
        "remedy": finding.remedy,
    }


def _show(name: str, subscriptions: "Sequence[Subscription]", findings: "list[Problem]", output: "Output") -> None:
    if findings:
        output.table(
            ("", "subscription", "place", "found", "remedy"),
            [(item.severity, item.subscription, item.pointer, item.message, item.remedy) for item in findings],
        )
    errors = sum(finding.severity == "error" for finding in findings)
    disabled = sum(not item.enabled for item in subscriptions)
    skipped = f" ({disabled} disabled, not checked)" if disabled else ""
    output.line(
        f"{name}: {len(subscriptions)} subscriptions{skipped}, {errors} errors, {len(findings) - errors} warnings"
    )

"""`destination validate`."""

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from destination.cli.instances import find_destination, make_instance, read_mappings
from destination.cli.output import Output
from destination.cli.paths import reads, refuse_shared
from destination.definition import Subscription
from destination.definition.destination import placeholders
from destination.runtime import MAX_SUBSCRIPTIONS, Destination, Problem


def validate_mappings(mappings: Path | None, slug: str, *, as_json: bool) -> int:
    """Shows everything that is wrong with subscriptions; returns the exit status.

    Raises:
        UsageProblem: The file cannot be used at all, or there is no such destination.
    """
    output = Output()
    refuse_shared(reads("--mappings", mappings))
    definition = find_destination(slug)
    subscriptions = definition.preset_subscriptions() if mappings is None else read_mappings(mappings)
    findings = find_everything(definition, subscriptions, output)
    errors = sum(finding.severity == "error" for finding in findings)
    if as_json:
        output.json(
            {
                "destination": slug,
                "subscriptions": len(subscriptions),
                "errors": errors,
                "warnings": len(findings) - errors,
                "findings": [_as_json(finding) for finding in findings],
            }
        )
    else:
        _show(str(mappings or f"the presets of {slug}"), subscriptions, findings, output)
    return 1 if errors else 0


def find_everything(
    definition: Destination[Any], subscriptions: Sequence[Subscription], output: Output
) -> list[Problem]:
    """Problems and warnings, in subscription order; too many subscriptions are a problem beside the others."""
    findings = []
    if len(subscriptions) > MAX_SUBSCRIPTIONS:
        findings.append(
            Problem(
                "all",
                "subscriptions",
                f"{len(subscriptions)} are more than the {MAX_SUBSCRIPTIONS} that an instance may have",
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


def _as_json(finding: Problem) -> dict[str, str]:
    return {
        "severity": finding.severity,
        "subscription": finding.subscription,
        "place": finding.pointer,
        "message": finding.message,
        "remedy": finding.remedy,
    }


def _show(place: str, subscriptions: Sequence[Subscription], findings: list[Problem], output: Output) -> None:
    if findings:
        output.table(
            ("", "subscription", "place", "found", "remedy"),
            [(item.severity, item.subscription, item.pointer, item.message, item.remedy) for item in findings],
        )
    errors = sum(finding.severity == "error" for finding in findings)
    disabled = sum(not item.enabled for item in subscriptions)
    skipped = f" ({disabled} disabled, not checked)" if disabled else ""
    output.line(
        f"{place}: {len(subscriptions)} subscriptions{skipped}, {errors} errors, {len(findings) - errors} warnings"
    )

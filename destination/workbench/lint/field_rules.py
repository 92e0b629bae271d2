"""Rules F: values that a field refuses or that no planned event has."""

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from destination.definition import LintFinding, LintRule
from destination.errors import DestinationError
from destination.fields import InputField, compile_fields
from destination.mapping import compile_mapping
from destination.mapping.knowledge import directive_of, is_literal, passed_parts
from destination.mapping.paths import join_path
from destination.mapping.validate import is_directive
from destination.values import MISSING
from destination.workbench.lint.subject import Checked, Planned, Subject

if TYPE_CHECKING:
    from destination.workbench.tracking_plan import PlannedEvent, TrackingPlan

_SHOWN = 3


def _literals(subject: Subject) -> Iterator[LintFinding]:
    for item, key, field, value in _mapped(subject):
        for pointer, message in _misfits(field, value, key):
            yield LintFinding(
                item.index,
                f"mapping/{pointer}",
                f"the literal does not fit: {message}",
                "write a value of the field's type",
            )


def _misfits(field: InputField, value: Any, key: str, pointer: str = "") -> Iterator[tuple[str, str]]:
    """Yields the literals in a value that the field refuses, each with its pointer and the message."""
    pointer = pointer or key
    if is_literal(value):
        # Conditions on other fields cannot be judged here.
        alone = field if field.required is True else field.copy_with(required=None)
        try:
            raw = compile_mapping({key: value})({})
            findings = compile_fields({key: alone}).trace(raw).findings
        except DestinationError:
            return  # a field or a mapping that is not valid itself is reported by another rule
        for finding in findings:
            yield pointer, finding.message
    elif isinstance(value, dict) and not is_directive(value) and field.type == "object" and not field.multiple:
        for name, inner in (field.properties or {}).items():
            if name in value:
                yield from _misfits(inner, value[name], name, f"{pointer}/{name}")


def _text_for_object(subject: Subject) -> Iterator[LintFinding]:
    for item, key, field, value in _mapped(subject):
        directive = directive_of(value)
        if field.type == "object" and directive is not None and directive.makes == "text" and directive.always:
            yield LintFinding(
                item.index,
                f"mapping/{key}",
                f"{directive.name} makes text, but {key!r} is an object: every event that matches fails",
                "map its keys one by one, or use @path to an object",
            )


def _impossible(subject: Subject) -> Iterator[LintFinding]:
    for planned, key, path, lacking in _unplanned_paths(subject):
        if len(lacking) == len(planned.events) and not planned.uncovered:
            yield LintFinding(
                planned.item.index,
                f"mapping/{key}",
                f"the required field {key!r} is {path}, and no planned event that the trigger matches has this path: "
                f"{_titles(lacking)}",
                "map the field to a path of the plan, or add the path to the plan",
            )


def _sometimes(subject: Subject) -> Iterator[LintFinding]:
    for planned, key, path, lacking in _unplanned_paths(subject):
        if len(lacking) < len(planned.events) or planned.uncovered:
            yield LintFinding(
                planned.item.index,
                f"mapping/{key}",
                f"the required field {key!r} is {path}, and some planned events that the trigger matches do not have "
                f"this path: {_titles(lacking)}",
                "exclude those events, add the path to the plan, or use an @if with another value",
            )


def _unplanned_paths(subject: Subject) -> "Iterator[tuple[Planned, str, str, list[PlannedEvent]]]":
    """Yields required fields that are one path, with the planned events that match and do not have that path."""
    for planned in subject.planned:
        for _, key, field, value in _mapped(subject, planned.item):
            paths = _paths(value) if field.required is True else []
            lacking = [event for event in planned.events if paths and not _can_have(subject.plan, event, paths)]
            if lacking:
                yield planned, key, " or ".join(map(join_path, paths)), lacking


def _can_have(plan: "TrackingPlan | None", event: "PlannedEvent", paths: list[tuple[str, ...]]) -> bool:
    return plan is None or any(plan.presence(event, keys).is_possible for keys in paths)


def _paths(value: Any) -> list[tuple[str, ...]]:
    """Returns the paths that the value may come from; nothing if it may be something else."""
    directive = directive_of(value)
    if directive is None:
        return []
    options = value[directive.name]
    path = directive.event_path(options)
    if path is not None:
        return [path]
    found: list[tuple[str, ...]] = []
    for part in passed_parts(directive, options):
        if part.value in (MISSING, None, ""):
            continue
        paths = _paths(part.value)
        if not paths:
            return []
        found += paths
    return found


def _titles(events: "list[PlannedEvent]") -> str:
    titles = list(dict.fromkeys(event.title for event in events))
    more = f" and {len(titles) - _SHOWN} more" if len(titles) > _SHOWN else ""
    return ", ".join(titles[:_SHOWN]) + more


def _mapped(subject: Subject, only: Checked | None = None) -> Iterator[tuple[Checked, str, InputField, Any]]:
    """Yields every field that is mapped, with its value."""
    for item in subject.checked if only is None else (only,):
        if item.action is not None and not item.problems:
            for key, value in item.fields_by_key.items():
                if key in item.action.input_fields:
                    yield item, key, item.action.input_fields[key], value


RULES: tuple[LintRule[Subject], ...] = (
    LintRule("F001", "error", "A literal that does not fit its field.", _literals),
    LintRule("F002", "error", "A directive that makes text, for a field that is an object.", _text_for_object),
    LintRule("F003", "error", "A required field from a path that no planned event has.", _impossible),
    LintRule("F004", "warning", "A required field from a path that some planned events do not have.", _sometimes),
)

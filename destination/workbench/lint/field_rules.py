"""Rules F: values that a field refuses or that no planned event has."""

from collections.abc import Iterator
from typing import Any

from destination.definition import LintFinding, LintRule
from destination.errors import DestinationError
from destination.fields import InputField, compile_fields
from destination.fql import ErrorCondition, Impossible, satisfy
from destination.mapping import compile_mapping
from destination.mapping.knowledge import directive_of, is_literal, passed_parts
from destination.mapping.paths import join_path
from destination.mapping.validate import is_directive
from destination.values import MISSING
from destination.workbench.lint.subject import Checked, Subject
from destination.workbench.lint.tracking_plan import PlannedEvent, Presence, TrackingPlan

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
        alone = field if field.required is True else field.model_copy(update={"required": None})
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
                f"{directive.name} gives text, but {key!r} is an object: every event it matches fails",
                "map its keys one by one, or give an object with @path",
            )


def _impossible(subject: Subject) -> Iterator[LintFinding]:
    for item, key, path, taken, lacking in _unplanned_paths(subject):
        if len(lacking) == len(taken):
            yield LintFinding(
                item.index,
                f"mapping/{key}",
                f"the required field {key!r} is {path}, which none of the planned events has that the trigger takes: "
                f"{_titles(taken)}",
                "map it to what the plan has, or add it to the plan",
            )


def _sometimes(subject: Subject) -> Iterator[LintFinding]:
    for item, key, path, taken, lacking in _unplanned_paths(subject):
        if 0 < len(lacking) < len(taken):
            yield LintFinding(
                item.index,
                f"mapping/{key}",
                f"the required field {key!r} is {path}, which some planned events that the trigger takes do not have: "
                f"{_titles(lacking)}",
                "exclude those events, add it to the plan, or give an @if with another value",
            )


def _unplanned_paths(
    subject: Subject,
) -> Iterator[tuple[Checked, str, str, list[PlannedEvent], list[PlannedEvent]]]:
    """Yields required fields that are one path, with the planned events that match, and those without that path."""
    plan = subject.plan
    if plan is None:
        return
    for item in subject.checked:
        if isinstance(item.condition, ErrorCondition):
            continue
        taken = [
            event for event in plan.events if not isinstance(satisfy(item.condition, event.condition()), Impossible)
        ]
        for _, key, field, value in _mapped(subject, item):
            if field.required is not True or not taken:
                continue
            paths = _paths(value)
            if paths:
                lacking = [event for event in taken if not _can_have(plan, event, paths)]
                yield item, key, " or ".join(map(join_path, paths)), taken, lacking


def _can_have(plan: TrackingPlan, event: PlannedEvent, paths: list[tuple[str, ...]]) -> bool:
    return any(plan.presence(event, keys) is Presence.PLANNED for keys in paths)


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


def _titles(events: list[PlannedEvent]) -> str:
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
    LintRule("F002", "error", "A directive that gives text, for a field that is an object.", _text_for_object),
    LintRule("F003", "error", "A required field from a path that no planned event has.", _impossible),
    LintRule("F004", "warning", "A required field from a path that some planned events do not have.", _sometimes),
)

"""What became of each position of a payload: from the event through the mapping and the fields."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Any

from destination.event import Event
from destination.fields import ValidationFinding, remove_empty_values
from destination.fields.validation import for_people
from destination.mapping import FieldTrace, Read
from destination.mapping.directives import DIRECTIVES
from destination.runtime.compiled import CompiledSubscription
from destination.values import MISSING, deep_equals
from destination.values.pointers import pointer_keys
from destination.workbench.explain.follow import Followed, follow
from destination.workbench.explain.locations import Position, write_position
from destination.workbench.explain.model import FieldExplanation, Verdict

_TOLD_CHANGES = 5


@dataclass(frozen=True, slots=True)
class _Finding:
    """Something that does not fit.

    Attributes:
        told: It, for people.
        position: Where, in the payload as the fields see it; of a key that is missing, the key's own place.
        inside: Where the value stands that has it: for a key that is missing, the object around it.
        missing: Whether a required key is missing.
    """

    told: ValidationFinding
    position: tuple[str, ...]
    inside: tuple[str, ...]
    missing: bool


@dataclass(frozen=True, slots=True)
class FieldsTrace:
    """What the mapping and the fields made of an event.

    Attributes:
        fields: One entry for each position, and for each required key that is absent.
        positions: Where perform sees each of the entries; None where it does not.
        payload: What perform sees, or `MISSING` where something does not fit.
        findings: What does not fit.
    """

    fields: tuple[FieldExplanation, ...]
    positions: tuple[Position | None, ...]
    payload: Any
    findings: tuple[ValidationFinding, ...]


def trace_fields(item: CompiledSubscription, event: Event) -> FieldsTrace:
    """Maps an event and fits the payload, in the variants that tell what they do.

    Raises:
        DestinationError: What the mapping raises, or the fields that cannot be compiled.
    """
    raw, traces = item.mapping.trace(event)
    cleaned = fitted = raw
    findings: list[_Finding] = []
    known, required = None, ()
    if item.fields is not None:
        schema = item.fields.schema
        known, required = schema["properties"], schema.get("required", ())
        cleaned = remove_empty_values(raw, schema, is_root=True)
        fitted, failed = item.fields.validator.examine(cleaned)
        for finding, told in zip(failed, for_people(failed), strict=True):
            inside = pointer_keys(finding.pointer)
            missing = finding.keyword == "required"
            findings.append(_Finding(told, (*inside, str(finding.params)) if missing else inside, inside, missing))
    entries: list[tuple[FieldExplanation, Position | None]] = []
    for trace in traces:
        if not trace.position and trace.directive is None:
            continue  # an empty mapping is no field
        there = trace.value is not MISSING
        followed = follow(trace.position, raw, cleaned, fitted) if there else Followed(MISSING, MISSING, None)
        about = [one for one in findings if _concerns(one, followed.position or trace.position)]
        entry = _explain(trace, followed, about, known)
        if len(trace.position) == 1 and (trace.position[0] in required or any(one.missing for one in about)):
            entry = replace(entry, required=True)
        entries.append((entry, followed.position))
    for one in findings:
        if one.missing and not any(_concerns(one, place or entry.position) for entry, place in entries):
            entries.append((_left_out(one), None))
    return FieldsTrace(
        tuple(entry for entry, _ in entries),
        tuple(position for _, position in entries),
        MISSING if findings else fitted,
        tuple(one.told for one in findings),
    )


def _concerns(finding: _Finding, position: Position) -> bool:
    """Whether a finding is about the value at a position, about something in it, or about what it stands in."""
    place = tuple(map(str, position))
    if finding.inside[: len(place)] == place:
        return True
    if finding.missing:
        return finding.position == place
    return bool(finding.inside) and place[: len(finding.inside)] == finding.inside


def _left_out(finding: _Finding) -> FieldExplanation:
    note = f"the mapping gives none. {finding.told.message}"
    return FieldExplanation(finding.position, "absent", note, None, (), (), MISSING, MISSING, required=True)


def _explain(trace: FieldTrace, followed: Followed, findings: list[_Finding], known: Any) -> FieldExplanation:
    raw, value = trace.value, followed.fitted
    verdict, note = _verdict(trace, followed, findings, known)
    messages = [one.told.message for one in findings]
    note = " ".join(filter(None, [note, *messages]))
    if verdict == "failed":
        value = MISSING
    return FieldExplanation(trace.position, verdict, note, trace.directive, trace.path, trace.reads, raw, value)


def _verdict(trace: FieldTrace, followed: Followed, findings: list[_Finding], known: Any) -> tuple[Verdict, str]:
    raw, value = trace.value, followed.fitted
    nothing = "".join(f"nothing at {', '.join(paths)}" for paths in [_absent(trace.reads)] if paths)
    if raw is MISSING:
        return "absent", nothing or f"{trace.directive or 'the mapping'} gives nothing"
    if followed.cleaned is MISSING:
        return "removed", "counts as empty"
    if findings:
        return "failed", ""
    if value is MISSING:
        top = known is not None and trace.position[0] not in known
        return "removed", "the action has no such field" if top else "its field has no such key"
    if not deep_equals(raw, value):
        return "coerced", "; ".join(_changes(raw, value))
    if not trace.reads:
        return "fixed", ""
    if _may_fall_back(trace.directive) and all(read.value is MISSING or read.value is None for read in trace.reads):
        return "default", nothing or f"null at {', '.join(dict.fromkeys(read.path for read in trace.reads))}"
    return "given", nothing


def _may_fall_back(name: str | None) -> bool:
    """Whether a value of the mapping may stand where the event has none."""
    directive = DIRECTIVES.get(name or "")
    return name is None or (directive is not None and bool(directive.passes))


def _absent(reads: tuple[Read, ...]) -> list[str]:
    return list(dict.fromkeys(read.path for read in reads if read.value is MISSING))


def _changes(raw: Any, value: Any) -> list[str]:
    """Which places differ inside a container; nothing for a value that shows it by itself.

    The values are not told: a note is text, in which a secret that JSON writes with escapes would not be masked.
    """
    if not isinstance(raw, (dict, list)):
        return []
    told = list(_differences(raw, value))
    more = [f"{len(told) - _TOLD_CHANGES} more"] if len(told) > _TOLD_CHANGES else []
    return told[:_TOLD_CHANGES] + more


def _differences(raw: Any, value: Any) -> Iterator[str]:
    todo: list[tuple[Position, Any, Any]] = [((), raw, value)]
    while todo:
        position, before, after = todo.pop()
        if isinstance(before, dict) and isinstance(after, dict):
            todo.extend(((*position, key), item, after.get(key, MISSING)) for key, item in reversed(before.items()))
        elif isinstance(before, list) and isinstance(after, list) and len(before) == len(after):
            pairs = list(enumerate(zip(before, after, strict=True)))
            todo.extend(((*position, index), *pair) for index, pair in reversed(pairs))
        elif position and not deep_equals(before, after):
            yield f"{write_position(position)} {'removed' if after is MISSING else 'changed'}"

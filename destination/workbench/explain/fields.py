"""Explains each value of a payload: from the event through the mapping and the fields."""

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

from destination.event import Event
from destination.fields import ValidationFinding, remove_empty_values
from destination.fields.validation import for_people
from destination.mapping import FieldTrace, Read
from destination.mapping.directives import DIRECTIVES
from destination.records import dataclass
from destination.runtime.compiled import CompiledSubscription
from destination.values import MISSING, deep_equals
from destination.values.pointers import pointer_keys
from destination.workbench.explain.locations import Position, write_position
from destination.workbench.explain.model import FieldExplanation, Verdict

_MAX_CHANGES = 5


@dataclass(frozen=True, slots=True)
class _Finding:
    """A value that is not valid.

    Attributes:
        shown: The finding as it is shown to people.
        position: The position of the value in the payload that the fields get, or of the missing key.
        inside: The position of the value, or of the object that lacks the key.
        missing: Whether a required key is missing.
    """

    shown: ValidationFinding
    position: tuple[str, ...]
    inside: tuple[str, ...]
    missing: bool


@dataclass(frozen=True, slots=True)
class FieldsTrace:
    """The payload that the mapping and the fields made from an event.

    Attributes:
        fields: One entry for each value, and for each required key that is missing.
        positions: For each entry its position in the payload that perform gets, or None if it is not in there.
        payload: The payload that perform gets, or `MISSING` if it is not valid.
        findings: The values that are not valid.
    """

    fields: tuple[FieldExplanation, ...]
    positions: tuple[Position | None, ...]
    payload: Any
    findings: tuple[ValidationFinding, ...]


def trace_fields(item: CompiledSubscription, event: Event) -> FieldsTrace:
    """Maps an event and validates the payload, and records each step.

    Raises:
        DestinationError: The mapping fails, or the fields cannot be compiled.
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
        for finding, shown in zip(failed, for_people(failed), strict=True):
            inside = pointer_keys(finding.pointer)
            missing = finding.keyword == "required"
            findings.append(_Finding(shown, (*inside, str(finding.params)) if missing else inside, inside, missing))
    entries: list[tuple[FieldExplanation, Position | None]] = []
    for trace in traces:
        if not trace.position and trace.directive is None:
            continue  # an empty mapping has no field
        there = trace.value is not MISSING
        followed = follow(trace.position, raw, cleaned, fitted) if there else Followed(MISSING, MISSING, None)
        about = [one for one in findings if _concerns(one, followed.position or trace.position)]
        entry = _explain(trace, followed, about, known)
        if len(trace.position) == 1 and (trace.position[0] in required or any(one.missing for one in about)):
            entry = replace(entry, required=True)
        entries.append((entry, followed.position))
    for one in findings:
        if one.missing and not any(_concerns(one, seen or entry.position) for entry, seen in entries):
            entries.append((_left_out(one), None))
    return FieldsTrace(
        tuple(entry for entry, _ in entries),
        tuple(position for _, position in entries),
        MISSING if findings else fitted,
        tuple(one.shown for one in findings),
    )


def _concerns(finding: _Finding, position: Position) -> bool:
    """Whether a finding is about the value at a position, a part of it, or something that contains it."""
    keys = tuple(map(str, position))
    if finding.inside[: len(keys)] == keys:
        return True
    if finding.missing:
        return finding.position == keys
    return bool(finding.inside) and keys[: len(finding.inside)] == finding.inside


def _left_out(finding: _Finding) -> FieldExplanation:
    note = f"not in the mapping. {finding.shown.message}"
    return FieldExplanation(finding.position, "absent", note, None, (), (), MISSING, MISSING, required=True)


def _explain(trace: FieldTrace, followed: "Followed", findings: list[_Finding], known: Any) -> FieldExplanation:
    raw, value = trace.value, followed.fitted
    verdict, note = _verdict(trace, followed, findings, known)
    messages = [one.shown.message for one in findings]
    note = " ".join(filter(None, [note, *messages]))
    if verdict == "failed":
        value = MISSING
    made = FieldExplanation(trace.position, verdict, note, trace.directive, trace.path, trace.reads, raw, value)
    branches = DIRECTIVES[trace.directive].branches if trace.directive in DIRECTIVES else None
    if branches is None:
        return replace(made, payload_position=followed.position)
    branch = branches.taken(trace.resolved)
    deciding = tuple(read for key, reads in trace.part_reads.items() if key not in branches.names for read in reads)
    return replace(made, branch=branch, conditions=deciding, payload_position=followed.position)


def _verdict(trace: FieldTrace, followed: "Followed", findings: list[_Finding], known: Any) -> tuple[Verdict, str]:
    raw, value = trace.value, followed.fitted
    nothing = "".join(f"nothing at {', '.join(paths)}" for paths in [_absent(trace.reads)] if paths)
    if raw is MISSING:
        return "absent", nothing or f"{trace.directive or 'the mapping'} has no value"
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
    """Whether a value of the mapping may replace one that the event lacks."""
    directive = DIRECTIVES.get(name or "")
    return name is None or (directive is not None and bool(directive.passes))


def _absent(reads: tuple[Read, ...]) -> list[str]:
    return list(dict.fromkeys(read.path for read in reads if read.value is MISSING))


def _changes(raw: Any, value: Any) -> list[str]:
    """Returns the positions at which a container was changed. Other values show the change by themselves.

    The texts do not hold the values: a secret that JSON writes with escapes would not be masked in them.
    """
    if not isinstance(raw, (dict, list)):
        return []
    changes = list(_differences(raw, value))
    more = [f"{len(changes) - _MAX_CHANGES} more"] if len(changes) > _MAX_CHANGES else []
    return changes[:_MAX_CHANGES] + more


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


# --- one position, from the mapping to perform -----------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Followed:
    """The value at one position, before and after the fields.

    Attributes:
        cleaned: The value after empty values were removed, or `MISSING`.
        fitted: The value that perform gets, or `MISSING`.
        position: Its position in the payload that perform gets; None if it is not in there, or not known.
    """

    cleaned: Any
    fitted: Any
    position: Position | None


def follow(position: Position, raw: Any, cleaned: Any, fitted: Any) -> Followed:
    """Follows the value at a position of the raw payload through the fields.

    Fields may wrap a value in a list, unwrap it, or drop items of lists, so positions change.

    Args:
        position: The position in `raw`, which has a value there.
        raw: The payload that the mapping made.
        cleaned: The payload without empty values.
        fitted: The payload after validation.

    Example:
        >>> follow(("tags", 1), {"tags": [None, 5]}, {"tags": [5]}, {"tags": ["5"]})
        Followed(cleaned=5, fitted='5', position=('tags', 0))
        >>> follow(("tags", 0), {"tags": [None, 5]}, {"tags": [5]}, {"tags": ["5"]})
        Followed(cleaned=MISSING, fitted=MISSING, position=None)
    """
    seen: Position | None = ()
    for key in position:
        before, raw, cleaned_before = raw, raw[key], cleaned
        if isinstance(cleaned_before, dict):
            cleaned = cleaned_before.get(key, MISSING)
            if isinstance(fitted, list) and len(fitted) == 1 and isinstance(fitted[0], dict):
                seen, fitted = _deeper(seen, 0), fitted[0]  # it was wrapped
            fitted = fitted.get(key, MISSING) if isinstance(fitted, dict) else MISSING
            seen = _deeper(seen, key)
        elif isinstance(cleaned_before, list) and isinstance(key, int):
            index = _kept_index(before, cleaned_before, key)
            cleaned = MISSING if index is None else cleaned_before[index]
            if index is None:
                fitted, seen = MISSING, None
            elif isinstance(fitted, list) and len(fitted) == len(cleaned_before):
                fitted, seen = fitted[index], _deeper(seen, index)
            elif isinstance(fitted, list) or len(cleaned_before) != 1:
                fitted, seen = MISSING, None
            # else the only item was taken out of its list, and has the position of the list
        else:
            return Followed(MISSING, MISSING, None)
    return Followed(cleaned, fitted, None if fitted is MISSING else seen)


def _deeper(position: Position | None, key: str | int) -> Position | None:
    return None if position is None else (*position, key)


def _kept_index(items: Any, kept: list[Any], wanted: int) -> int | None:
    """Returns the index of an item after others were dropped; items that are kept stay the same objects, in order."""
    index = 0
    for number, item in enumerate(items):
        here = index < len(kept) and kept[index] is item
        if number == wanted:
            return index if here else None
        index += here
    return None

"""What the directives around a part of a mapping say of the event there."""

from typing import Any

from destination.mapping.shape import Place, directive_name, is_directive
from destination.workbench.coverage.results import Knowledge, path_of


def known_at(mapping: Any, place: Place, matched: Knowledge) -> Knowledge:
    """Of which paths it is known, at a place of a mapping, that there is a value or nothing.

    Args:
        mapping: The mapping as it is resolved.
        place: Where in it.
        matched: What the trigger says of an event that it matches.

    Example:
        >>> mapping = {"a": {"@if": {"exists": {"@path": "$.b"}, "then": {"@path": "$.b"}, "else": {"@path": "$.b"}}}}
        >>> known_at(mapping, ("a", "@if", "then"), {}), known_at(mapping, ("a", "@if", "else"), {})
        ({('b',): 'value'}, {('b',): 'nothing'})
    """
    known, value = matched, mapping
    for depth, key in enumerate(place):
        below = place[depth + 1] if depth + 1 < len(place) else None
        if isinstance(value, dict) and is_directive(value) and directive_name(value) == key:
            known = _inside(key, value[key], below, known)
        value = _member(value, key)
    return known


def _inside(directive: str, options: Any, below: str | None, known: Knowledge) -> Knowledge:
    if (directive, below) in (("@arrayPath", "1"), ("@transform", "mapping")):
        return {}  # something else takes the event's place
    if directive != "@if" or not isinstance(options, dict):
        return known
    exists, blank = path_of(options.get("exists")), path_of(options.get("blank"))
    asked = exists if "exists" in options else blank
    if asked and below == "then":
        return {**known, asked: "value"}
    if asked and below == "else" and "exists" in options:
        return {**known, asked: "nothing"}
    return known


def _member(value: Any, key: str) -> Any:
    if isinstance(value, dict):
        return value.get(key)
    if isinstance(value, list) and key.isdigit() and int(key) < len(value):
        return value[int(key)]
    return None

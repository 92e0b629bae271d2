"""Answers `POST /api/complete`: what an editor of a mapping can offer."""

from collections.abc import Iterator, Mapping
from typing import Any, Final

from destination.mapping.directives import DIRECTIVES
from destination.mapping.paths import compile_path, join_path
from destination.studio.reasons import show
from destination.studio.session import Draft, Studio
from destination.values import write_json

_MAX_PATHS: Final = 1_000
_MAX_DEPTH: Final = 8


def complete(studio: Studio, draft: Draft, selected: str | None, event: Mapping[str, Any]) -> dict[str, Any]:
    """Lists the directives, the paths of an event, and the fields of the selected subscription's action.

    Args:
        studio: The studio.
        draft: The subscriptions.
        selected: The key of the selected one.
        event: The event, as `Studio.event_of` reads it.

    Returns:
        `directives`: each with `name`, `detail` and `insert`, the text of a member such as `"@path": "$.event"`, and
        whether Segment knows it (`portable`). `paths`: each with `path` and `value`, as JSON and cut. `fields`: each
        with `key`, `label`, `type`, `required`, and whether the mapping has it (`mapped`).

    Raises:
        StudioProblem: There is no such event.

    Example:
        >>> from destination.catalog.absmartly import absmartly
        >>> from destination.definition.destination import placeholders
        >>> studio = Studio(absmartly, placeholders(absmartly), None, None)
        >>> draft = [{"key": "s0", "partnerAction": "trackGoal", "mapping": {"name": "a"}}]
        >>> offered = complete(studio, draft, "s0", {"text": '{"properties": {"unit price": 5}}'})
        >>> offered["paths"]
        [{'path': '$.properties', 'value': '{"unit price":5}'}, {'path': "$.properties['unit price']", 'value': '5'}]
        >>> next(one["insert"] for one in offered["directives"] if one["name"] == "@path")
        '"@path": "$.event"'
        >>> [one["key"] for one in offered["fields"] if one["required"] and not one["mapped"]]
        ['units', 'properties']
    """
    value = studio.event_of(event).value
    item = next((one for one in draft if selected is not None and one.get("key") == selected), {})
    action = studio.definition.actions.get(str(item.get("partnerAction")))
    mapping = item.get("mapping")
    return {
        "directives": [
            {
                "name": name,
                "detail": directive.summary,
                "insert": f'"{name}": {write_json(directive.form).decode()}',
                "portable": directive.portable,
            }
            for name, directive in DIRECTIVES.items()
        ],
        "paths": studio.redactor(list(_paths(value)) if value is not None else []),
        "fields": [
            {
                "key": key,
                "label": field.label,
                "type": field.type,
                "required": field.required
                if isinstance(field.required, bool)
                else bool(field.required) and "sometimes",
                "mapped": isinstance(mapping, dict) and key in mapping,
            }
            for key, field in (action.input_fields if action is not None else {}).items()
        ],
    }


def _paths(event: Any) -> Iterator[dict[str, str]]:
    """Yields the paths of an event with their values, an object before what is in it."""
    todo: list[tuple[tuple[str, ...], Any]] = [((), event)]
    count = 0
    while todo and count < _MAX_PATHS:
        keys, value = todo.pop()
        if keys:
            path = join_path(keys)
            if "['" in path and compile_path(path.removeprefix("$."))(event) is not value:
                continue  # a key that no path can name
            count += 1
            yield {"path": path, "value": show(value)}
        if len(keys) < _MAX_DEPTH and isinstance(value, (dict, list)):
            members = value.items() if isinstance(value, dict) else enumerate(value)
            todo.extend(((*keys, str(key)), inner) for key, inner in reversed(list(members)))

"""Says which values belong together across the event, the trigger, the fields, the payload and the requests."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any, Final

from destination.mapping import Read
from destination.values import MISSING, deep_equals
from destination.values.pointers import to_pointer
from destination.workbench.explain import FieldExplanation, Location, SubscriptionExplanation, TriggerNode
from destination.workbench.explain.locations import locate

_MAX_OWN: Final = 500
"""Maximum number of request values without a field that get a label."""
_SHOWN: Final = 3
_VALUES: Final = ("header", "form", "body", "query", "host")

Span = Callable[[tuple[int, int]], list[int]]


def links_of(
    explained: SubscriptionExplanation,
    event: Any,
    settings: Mapping[str, Any],
    secret_keys: Sequence[str] | frozenset[str],
    span: Span = list,
) -> list[dict[str, Any]]:
    """Lists the values that belong together.

    Args:
        explained: The subscription, explained in detail.
        event: The event.
        settings: The destination's settings; no value of a secret one is in a link.
        secret_keys: The keys of the secret settings.
        span: Changes the start and end of a condition in the trigger's text to those of the caller.

    Example:
        >>> from destination.definition import find
        >>> from destination.workbench.explain import explain_event
        >>> definition = find("actions-absmartly")
        >>> settings = {"collectorEndpoint": "https://c.test/v1", "apiKey": "s3cr3t", "environment": "test"}
        >>> event = {"type": "page", "name": "Home", "userId": "u1", "properties": {},
        ...          "timestamp": "2026-01-01T00:00:00.000Z"}
        >>> pages = explain_event(definition.instance(settings), event).subscriptions[1]
        >>> links = links_of(pages, event, settings, ["apiKey"])
        >>> name = next(link for link in links if link["field"] == "/name")
        >>> name["event"], name["payload"], name["request"][0]["pointer"], name["label"]
        (['/name'], ['/name'], '/goals/0/name', {'payload': '$.name', 'request': 'name'})
        >>> [link["label"]["request"] for link in links if link["id"].endswith("x-api-key")]
        ['setting apiKey, masked']
    """
    trigger = explained.trigger
    conditions = [] if trigger is None or trigger.tree is None else list(_conditions(trigger.tree))
    links: list[dict[str, Any]] = []
    linked: set[int] = set()
    covered: set[Location] = set()
    seen: dict[str, int] = {}
    for field in explained.fields:
        reads = [read for read in field.reads if not read.derived and read.value is not MISSING]
        beside = [
            (index, node) for index, node in enumerate(conditions) if any(read.keys == node.path for read in reads)
        ]
        linked.update(index for index, _ in beside)
        locations = list(dict.fromkeys(location for traced in field.traced for location in traced.locations))
        covered.update(locations)
        pointer = to_pointer(field.position)
        seen[pointer] = seen.get(pointer, 0) + 1
        links.append(
            {
                "id": f"field {pointer}" + (f" {seen[pointer]}" if seen[pointer] > 1 else ""),
                "event": [to_pointer(keys) for keys in _innermost(field, reads)],
                "trigger": [span(node.offsets) for _, node in beside],
                "field": pointer,
                "payload": [] if field.payload_position is None else [to_pointer(field.payload_position)],
                "request": [_location(location) for location in locations],
                "label": {"payload": _origin(field), "request": field.name},
            }
        )
    for index, node in enumerate(conditions):
        if index not in linked and node.path:
            pointers = [] if node.value is MISSING else [to_pointer(node.path)]
            links.append(_link(f"trigger {node.offsets[0]}", event=pointers, trigger=[span(node.offsets)]))
    links.extend(_of_action(explained, settings, secret_keys, covered))
    return links


def _link(name: str, **members: Any) -> dict[str, Any]:
    return {
        "id": name,
        "event": [],
        "trigger": [],
        "field": None,
        "payload": [],
        "request": [],
        "label": {"payload": "", "request": ""},
        **members,
    }


def _conditions(node: TriggerNode) -> Iterator[TriggerNode]:
    if not node.children:
        yield node
    for child in node.children:
        yield from _conditions(child)


def _innermost(field: FieldExplanation, reads: Sequence[Read]) -> list[tuple[str, ...]]:
    """Returns the paths that were read; for a plain value without those of the objects and lists around another."""
    paths = [keys for keys in dict.fromkeys(read.keys for read in reads) if keys]
    if isinstance(field.raw, (dict, list)):
        return paths
    return [keys for keys in paths if not any(len(keys) < len(one) and one[: len(keys)] == keys for one in paths)]


def _origin(field: FieldExplanation) -> str:
    """Says in words where a value of the payload comes from."""
    if field.verdict == "fixed":
        return "fixed"
    if field.verdict == "default":
        return f"fixed, nothing at {_paths(field.reads)}"
    of_value = [read for read in field.reads if read not in field.conditions]
    is_asked_value = not of_value and any(deep_equals(read.value, field.raw) for read in field.conditions)
    if field.conditions and not is_asked_value:
        is_there = any(read.value is not MISSING and read.value is not None for read in field.conditions)
        word = "if" if is_there else "without"
        return f"{word} {_paths(field.conditions)} · {_paths(of_value) or 'fixed'}"
    found = [read for read in field.reads if read.value is not MISSING]
    return _paths(found or field.reads) or (field.directive or "the mapping")


def _paths(reads: Sequence[Read]) -> str:
    paths = list(dict.fromkeys(read.path for read in reads))
    more = f" and {len(paths) - _SHOWN} more" if len(paths) > _SHOWN else ""
    return ", ".join(paths[:_SHOWN]) + more


def _location(location: Location) -> dict[str, Any]:
    """Writes a location as the page knows it: a JSON Pointer into the body, or the name of a header."""
    if location.part == "header":
        return {"index": location.request, "part": "header", "pointer": to_pointer(location.position)}
    if location.part in ("body", "form"):
        pointer = to_pointer(location.position) if location.part == "body" else ""
        return {"index": location.request, "part": "body", "pointer": pointer}
    return {
        "index": location.request,
        "part": "url",
        "pointer": to_pointer((location.part, *location.position[:1])),
    }


def _of_action(
    explained: SubscriptionExplanation,
    settings: Mapping[str, Any],
    secret_keys: Sequence[str] | frozenset[str],
    covered: set[Location],
) -> Iterator[dict[str, Any]]:
    """Yields the values of requests that come from no field: from a setting, or from the action itself."""
    count = 0
    for location, value in locate(explained.requests, covered).items():
        if location.part not in _VALUES or (isinstance(value, (dict, list)) and value):
            continue
        label = _setting(value, settings, secret_keys) or "action"
        if location.part == "host" and label == "action":
            continue
        count += 1
        if count > _MAX_OWN:
            return
        at = _location(location)
        name = f"request {at['index']} {at['part']} {at['pointer']}"
        yield _link(name, request=[at], label={"payload": "", "request": label})


def _setting(value: Any, settings: Mapping[str, Any], secret_keys: Sequence[str] | frozenset[str]) -> str | None:
    if not isinstance(value, str) or not value:
        return None
    for key, given in settings.items():
        if not isinstance(given, str) or not given:
            continue
        if key in secret_keys:
            if value == given or (len(given) >= 4 and value.endswith(f" {given}")):
                return f"setting {key}, masked"
        elif value == given or ("://" in value and given.startswith(value)):
            return f"setting {key}"
    return None

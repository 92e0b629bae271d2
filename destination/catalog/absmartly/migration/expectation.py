"""What ABsmartly (Actions) must send for an event, according to the list of differences.

It follows from the classic settings and the event alone, so that it can check the migrated subscriptions.
"""

import math
from collections.abc import Callable, Mapping
from typing import Any, TypeAlias

from destination.actions.absmartly.wire import unix_timestamp
from destination.catalog.absmartly.classic import (
    ABSMARTLY,
    ClassicSettings,
    are_none,
    goal_name,
    mapped_units,
)
from destination.catalog.absmartly.migration.differences import Difference, Naming
from destination.event import Event
from destination.mapping import transform
from destination.presets.absmartly import EXPERIMENT_VIEWED, page_name, screen_name
from destination.records import dataclass
from destination.runtime import EventResult
from destination.values import MISSING, is_number, ordered_items, read_json, to_string, trim, write_json


@dataclass(frozen=True, slots=True)
class PlanSummary:
    """What a destination sends for an event.

    Attributes:
        failed: Whether the event fails.
        sent: The bodies of its requests, read as JSON.
        addresses: Method, URL and headers of these requests.
    """

    failed: bool = False
    sent: tuple[Any, ...] = ()
    addresses: tuple[Any, ...] = ()

    @classmethod
    def of(cls, result: EventResult) -> "PlanSummary":
        """Summarises a plan."""
        requests = result.requests
        return cls(
            failed=bool(result.errors),
            sent=tuple(read_json(request.body or b"null") for request in requests),
            addresses=tuple((request.method, request.url, tuple(request.headers.items())) for request in requests),
        )


FAILS = PlanSummary(failed=True)
NOTHING = PlanSummary()

_Met: TypeAlias = set[Difference]
_Check: TypeAlias = Callable[[PlanSummary], bool]


def expect(event: Event, settings: ClassicSettings, naming: Naming) -> tuple[_Check, _Met]:
    """Makes a check of what is sent for an event, and finds the differences that apply to this event.

    Example:
        >>> settings = ClassicSettings(collector_endpoint="https://h/v1", api_key="k", environment="e",
        ...                            unit_mapping={"userId": "user_id"})
        >>> check, met = expect({"type": "track", "event": "Login", "timestamp": "2023-01-01"}, settings, "title")
        >>> check(FAILS), check(NOTHING), sorted(entry.code for entry in met)
        (True, False, ['no-properties', 'no-units'])
    """
    check, met = _expect_by_type(event, settings, naming)
    # Segment: it looks for an audience in each event that an action takes (test_event_whose_context_is_null_dies)
    if has_null_context(event) and not check(NOTHING):
        return _is(FAILS), {Difference.NULL_CONTEXT}
    return check, met


def has_null_context(event: Event) -> bool:
    """Whether `context` or `context.personas` is null: no action can take such an event.

    Example:
        >>> [has_null_context({"context": context}) for context in (None, {"personas": None}, {}, "web", [])]
        [True, True, False, False, False]
    """
    context = event.get("context", MISSING)
    return context is None or (isinstance(context, dict) and context.get("personas", MISSING) is None)


def _expect_by_type(event: Event, settings: ClassicSettings, naming: Naming) -> tuple[_Check, _Met]:
    kind = event.get("type")
    if kind == "track":
        if event.get("event") == EXPERIMENT_VIEWED:
            return _exposures(event, "properties", settings)
        name = goal_name(event, settings.goal_mapping or {})
        met: _Met = set() if isinstance(name, str) and name else {Difference.EVENT_NAME}
        return _goal(event, _as_text(name), met, settings)
    if kind == "group":
        return _exposures(event, "traits", settings)
    views = {
        "page": (settings.enable_page_view_tracking, page_name),
        "screen": (settings.enable_app_screen_view_tracking, screen_name),
    }
    enabled, named = views.get(kind, (False, page_name)) if isinstance(kind, str) else (False, page_name)
    if not enabled:
        return _is(NOTHING), set()
    met = {Difference.NAMING} if naming == "pageview" else set()
    if not isinstance(event.get("name"), str):
        met.add(Difference.VIEW_NAME)
    return _goal(event, transform({"name": named(older=naming == "pageview")}, event)["name"], met, settings)


def _goal(event: Event, name: str | None, met: _Met, settings: ClassicSettings) -> tuple[_Check, _Met]:
    properties = event.get("properties", MISSING)
    units = _units(event, settings.unit_mapping, met)
    if isinstance(properties, dict):
        _look_at_absmartly(properties, met)
    elif isinstance(properties, list):
        met.add(Difference.ODD_PROPERTIES)
    elif properties is MISSING:
        met.add(Difference.NO_PROPERTIES)
    moment = unix_timestamp(event.get("timestamp", MISSING))
    if not math.isfinite(moment):
        met.add(Difference.TIMES)
        return _is(FAILS), met
    if name is None or not isinstance(properties, dict):
        return _is(FAILS), met
    if met.isdisjoint({Difference.NO_UNITS, Difference.VIEW_NAME}):
        met.add(Difference.TIMES)
    kept = _without_proto(properties)
    if kept != properties and Difference.NO_UNITS not in met:
        met.add(Difference.PROTO)
    goal = {"name": name, "achievedAt": moment, "properties": kept}
    # Written and read once more: JavaScript writes an integer beyond 2^53 as the number that it has for it.
    body = read_json(write_json({"historic": True, "publishedAt": moment, "units": units, "goals": [goal]}))
    return (lambda now: not now.failed and now.sent == (body,)), met


def _without_proto(value: Any) -> Any:
    """Copies a value without the keys `__proto__`, which Segment's mapping drops at every level.

    Example:
        >>> _without_proto({"a": [{"__proto__": 1, "b": 2}], "__proto__": {}})
        {'a': [{'b': 2}]}
    """
    if isinstance(value, dict):
        return {key: _without_proto(member) for key, member in value.items() if key != "__proto__"}
    return [_without_proto(item) for item in value] if isinstance(value, list) else value


def _look_at_absmartly(properties: dict[str, Any], met: _Met) -> None:
    if ABSMARTLY not in properties:
        return
    found = properties[ABSMARTLY]
    if isinstance(found, dict):
        if "units" in found:
            met -= {Difference.NO_UNITS, Difference.BLANK_UNITS, Difference.UNIT_ORDER}
            met |= {Difference.OWN_UNITS, Difference.ABSMARTLY_STAYS}
    elif not isinstance(found, list):
        met.add(Difference.ODD_PROPERTIES)


def _units(event: Event, unit_mapping: Mapping[str, Any], met: _Met) -> list[dict[str, str]]:
    """Makes the units that Actions sends, and adds their differences from those of classic to `met`."""
    classic = mapped_units(event, unit_mapping)
    in_order = ordered_items({unit: identity for identity, unit in unit_mapping.items()})
    present = [(unit, event.get(identity)) for unit, identity in in_order]
    kept = [
        {"type": unit, "uid": to_string(uid)}
        for unit, uid in present
        if (isinstance(uid, str) and trim(uid)) or is_number(uid)
    ]
    if are_none(classic):
        met.add(Difference.NO_UNITS)
    elif len(kept) < len(classic):
        met.add(Difference.BLANK_UNITS)
    if kept != [unit for unit in classic if trim(unit["uid"])]:
        met.add(Difference.UNIT_ORDER)
    return kept


def _exposures(event: Event, holder_key: str, settings: ClassicSettings) -> tuple[_Check, _Met]:
    if not settings.enable_exposure_tracking or holder_key not in event:
        return _is(NOTHING), set()
    holder = event[holder_key]
    if not isinstance(holder, (dict, list)):
        return _is(NOTHING), {Difference.ODD_PROPERTIES}
    if not isinstance(holder, dict) or ABSMARTLY not in holder:
        return _is(NOTHING), set()
    body = holder[ABSMARTLY]
    met = {Difference.EXPOSURES}
    if body is None:
        return _is(NOTHING), met
    wanted = read_json(write_json(_without_moments(_without_proto(body))))
    return (lambda now: now.failed or [_without_moments(one) for one in now.sent] == [wanted]), met


def _without_moments(body: Any) -> Any:
    """Copies an exposure payload without the moments that the shift changes."""
    if not isinstance(body, dict):
        return body
    kept = {key: value for key, value in body.items() if key not in ("publishedAt", "historic")}
    for key, moment in (("exposures", "exposedAt"), ("attributes", "setAt")):
        items = kept.pop(key, None)
        if items is not None:
            kept[key] = [
                {name: value for name, value in item.items() if name != moment} if isinstance(item, dict) else item
                for item in (items if isinstance(items, list) else [items])
            ]
    return kept


def _as_text(name: Any) -> str | None:
    """Returns a name as the text field coerces it; None if the field rejects it."""
    if isinstance(name, list) and len(name) == 1 and not isinstance(name[0], list):
        name = name[0]
    if isinstance(name, str):
        return name or None
    return to_string(name) if isinstance(name, bool) or is_number(name) else None


def _is(wanted: PlanSummary) -> _Check:
    return lambda now: now.failed == wanted.failed and now.sent == wanted.sent

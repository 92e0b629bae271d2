"""Reads the tracking plans of Segment Protocols: one rule for each planned event, and rules for all events."""

from collections.abc import Iterator
from dataclasses import replace
from functools import cached_property
from typing import Any, Final

from destination.definition.formats import has_next_page
from destination.errors import DefinitionError
from destination.fql import Condition, GroupCondition
from destination.records import dataclass
from destination.values import read_json, real_type_of
from destination.workbench.tracking_plan.schema import Allowed, Presence, allowed, presence

_EVERY: Final = "common"
_RULE_TYPES: Final = ("track", "page", "screen", "identify", "group", _EVERY)
_SHOWN: Final = 3
_SCHEMA_KEYS: Final = ("jsonSchema", "json_schema")

_FILLED_IN: Final = {
    "page": frozenset({"path", "referrer", "search", "title", "url", "name", "category", "keywords"}),
    "screen": frozenset({"name", "category"}),
}
"""The keys of `properties` that Segment's SDKs set by themselves, for each type of event."""


@dataclass(frozen=True)
class PlannedEvent:
    """One rule of a plan.

    Attributes:
        type: `track`, `page`, `screen`, `identify`, `group`, or `common` for all events.
        name: The event's name; for other types than `track` usually empty.
        schema: The JSON Schema of the event, which has `properties`, `traits` and `context` under `properties`.
        version: The version of the rule. An event names it in `context.protocols.event_version`.

    Example:
        >>> PlannedEvent("track", "Signed Up", {}).title, PlannedEvent("identify", "", {}).title
        ('Signed Up', 'identify')
    """

    type: str
    name: str
    schema: Any
    version: int = 1

    @property
    def title(self) -> str:
        """Returns the name of a `track` event, and the type of any other."""
        return self.name if self.type == "track" else self.type

    def condition(self) -> GroupCondition:
        """Returns the trigger that matches exactly such events."""
        kind = Condition("event-type", "=", self.type)
        named = (kind, Condition("event", "=", self.name)) if self.type == "track" else (kind,)
        return GroupCondition("and", named)

    def presence(self, keys: tuple[str, ...]) -> Presence:
        """Says whether an event can have a value at a path.

        Members of the event beside `properties`, `traits` and `context` are Segment's own. Segment's SDKs add to
        `context`, so no rule excludes a path there, and to the `properties` of page and screen calls.

        Example:
            >>> schema = {"properties": {"properties": {"properties": {"a": {"type": "string"}}}}}
            >>> order = PlannedEvent("track", "Order", schema)
            >>> [order.presence(("properties", key)).name for key in "ab"]
            ['PLANNED', 'UNPLANNED']
        """
        root = self.schema
        found = presence(root, keys)
        if found.is_possible:
            return found
        if len(keys) == 1 or not presence(root, keys[:1]).is_possible:
            return Presence.OPEN
        if keys[0] == "context" and not _ends_in_plain_value(root, keys):
            return Presence.OPEN
        if keys[0] == "properties" and keys[1] in _FILLED_IN.get(self.type, ()):
            return Presence.OPEN
        return found


@dataclass(frozen=True)
class TrackingPlan:
    """A tracking plan.

    Attributes:
        events: The planned events, in the plan's order.
        common: The rules for all events.
        remarks: What of the plan could not be used, and what it leaves out; one sentence each.

    Example:
        >>> plan = TrackingPlan((PlannedEvent("track", "Signed Up", {}), PlannedEvent("page", "", {})))
        >>> sorted(plan.types), plan.names
        (['page', 'track'], ('Signed Up',))
    """

    events: tuple[PlannedEvent, ...]
    common: tuple[PlannedEvent, ...] = ()
    remarks: tuple[str, ...] = ()

    @cached_property
    def types(self) -> frozenset[str]:
        """The types of events that the plan has rules for; it says nothing about others."""
        return frozenset(event.type for event in self.events)

    @cached_property
    def names(self) -> tuple[str, ...]:
        """The names of the planned `track` events."""
        return tuple(dict.fromkeys(event.name for event in self.events if event.type == "track"))

    def presence(self, event: PlannedEvent, keys: tuple[str, ...]) -> Presence:
        """Says whether an event can have a value at a path, by its own rule and by those for all events."""
        known = self._presences.get((id(event), keys))
        if known is None:
            known = event.presence(keys)
            if known is Presence.UNPLANNED and any(it.presence(keys) is Presence.PLANNED for it in self.common):
                known = Presence.PLANNED
            self._presences[id(event), keys] = known
        return known

    def allowed(self, event: PlannedEvent, keys: tuple[str, ...]) -> Allowed:
        """Returns bounds of the values at a path, by the event's own rule and by those for all events."""
        known = self._bounds.get((id(event), keys))
        if known is None:
            known = allowed([event.schema, *(rule.schema for rule in self.common)], keys)
            self._bounds[id(event), keys] = known
        return known

    # Many subscriptions read the same paths. The events live as long as the plan, so their ids do not change.
    @cached_property
    def _presences(self) -> dict[tuple[int, tuple[str, ...]], Presence]:
        return {}

    @cached_property
    def _bounds(self) -> dict[tuple[int, tuple[str, ...]], Allowed]:
        return {}


def read_tracking_plan(value: Any) -> TrackingPlan:
    """Reads a plan in one of Segment's formats.

    Args:
        value: The answer of the Public API (`data.rules`, or the list itself), whose rules have `key`, `type`,
            `version` and `jsonSchema`; a list of such answers, one for each page; or a plan in the older format,
            which has `rules.events`, each with a `name` and its schema under `rules`. A schema may be JSON in a
            text, and may have the name `json_schema`, as in Terraform.

    Returns:
        The plan. A rule that cannot be used is left out; the plan's remarks say why.

    Raises:
        DefinitionError: It is neither, or has no rule that can be used.

    Example:
        >>> rule = {"key": "Order Completed", "type": "TRACK", "version": 1, "jsonSchema": {"type": "object"}}
        >>> plan = read_tracking_plan({"data": {"rules": [rule, {"key": None, "type": "TRACK"}]}})
        >>> [event.title for event in plan.events], plan.remarks
        (['Order Completed'], ('rule 1 is left out: a rule of type TRACK needs a `key`, but this is null',))
    """
    pages = value if _is_list_of_pages(value) else [value]
    remarks: list[str] = []
    events: list[PlannedEvent] = []
    for number, page in enumerate(pages, 1):
        found: list[str] = []
        events += _read_page(page, found)
        remarks += [f"page {number}: {remark}" for remark in found] if len(pages) > 1 else found
    if not events:
        raise DefinitionError("; ".join(remarks[:_SHOWN]) or "the tracking plan has no rules")
    if has_next_page(pages[-1]):
        remarks.append(
            "the plan is incomplete: its `pagination` names a next page; get all pages, and give a list of them"
        )
    return TrackingPlan(
        tuple(event for event in events if event.type != _EVERY),
        tuple(event for event in events if event.type == _EVERY),
        tuple(remarks),
    )


def _read_page(value: Any, remarks: list[str]) -> list[PlannedEvent]:
    plan = _unwrapped(value)
    rules = plan.get("rules") if isinstance(plan, dict) else plan
    if isinstance(rules, list):
        return list(_rules(rules, remarks))
    if isinstance(rules, dict):
        return list(_older(rules, remarks))
    raise DefinitionError(
        "expected a tracking plan: either the rules from Segment's Public API (a list under `data.rules`), "
        "or the older form with `rules.events`"
    )


def _unwrapped(value: Any) -> Any:
    for key in ("data", "trackingPlan", "tracking_plan"):
        if isinstance(value, dict) and isinstance(value.get(key), (dict, list)):
            value = value[key]
    return value


def _is_list_of_pages(value: Any) -> bool:
    return (
        isinstance(value, list)
        and bool(value)
        and all(isinstance(page, dict) and "type" not in page and ("data" in page or "rules" in page) for page in value)
    )


def _rules(rules: list[Any], remarks: list[str]) -> Iterator[PlannedEvent]:
    for index, rule in enumerate(rules):
        label = f"rule {index}"
        kind = rule.get("type") if isinstance(rule, dict) else None
        if not isinstance(kind, str) or kind.lower() not in _RULE_TYPES:
            remarks.append(f"{label} is left out: expected an object with a `type` of {', '.join(_RULE_TYPES).upper()}")
            continue
        name = rule.get("key")
        if not isinstance(name, str) and kind.lower() == "track":
            remarks.append(f"{label} is left out: a rule of type TRACK needs a `key`, but this is {real_type_of(name)}")
            continue
        event = PlannedEvent(kind.lower(), name if isinstance(name, str) else "", None, _version(rule))
        given = next((rule[key] for key in _SCHEMA_KEYS if rule.get(key) is not None), None)
        yield _with_schema(event, given, f"{label} ({event.title})", remarks)


def _older(rules: dict[str, Any], remarks: list[str]) -> Iterator[PlannedEvent]:
    events = rules.get("events", [])
    for index, event in enumerate(events if isinstance(events, list) else []):
        if not isinstance(event, dict) or not isinstance(event.get("name"), str):
            remarks.append(f"event {index} of the plan is left out: expected an object with a `name`")
            continue
        planned = PlannedEvent("track", event["name"], None, _version(event))
        yield _with_schema(planned, event.get("rules"), f"event {index} of the plan ({planned.name})", remarks)
    for key, kind in (("identify", "identify"), ("group", "group"), ("global", _EVERY)):
        if rules.get(key):
            yield _with_schema(PlannedEvent(kind, "", None), rules[key], f"`rules.{key}`", remarks)


def _version(rule: dict[str, Any]) -> int:
    version = rule.get("version")
    return version if isinstance(version, int) and not isinstance(version, bool) else 1


def _with_schema(event: PlannedEvent, schema: Any, label: str, remarks: list[str]) -> PlannedEvent:
    """Adds the schema of a rule; one that cannot be used allows anything."""
    if isinstance(schema, str):
        try:
            schema = read_json(schema.encode())
        except ValueError as error:
            remarks.append(f"{label} allows anything: its schema is text that is not valid JSON: {error}")
            return replace(event, schema=True)
    if not isinstance(schema, (dict, bool)):
        found = "it has no schema" if schema is None else f"its schema is not an object, but {real_type_of(schema)}"
        remarks.append(f"{label} allows anything: {found}")
        return replace(event, schema=True)
    return replace(event, schema=schema)


def _ends_in_plain_value(schema: Any, keys: tuple[str, ...]) -> bool:
    """Whether a path goes on below a text, a number or another value without keys."""
    bounds = (allowed([schema], keys[:depth]).types for depth in range(1, len(keys)))
    return any(types is not None and "object" not in types for types in bounds)

"""Reads Segment Protocols' tracking plans: the planned events, and the paths that they may have."""

from collections.abc import Iterator
from dataclasses import dataclass
from enum import Enum
from typing import Any

from destination.errors import DefinitionError
from destination.fql import Condition, GroupCondition
from destination.values import is_index, real_type_of

_SCALARS = frozenset({"string", "number", "integer", "boolean", "null"})
_COMPOSED = ("anyOf", "oneOf", "allOf", "$ref", "if", "patternProperties")
_EVERY = "common"
_TYPES = ("track", "page", "screen", "identify", "group", _EVERY)


class Presence(Enum):
    """Says whether a planned event can have a path."""

    PLANNED = "planned"
    """It can: the plan lists the path, or lists nothing there."""
    UNPLANNED = "unplanned"
    """The plan lists other keys there."""
    IMPOSSIBLE = "impossible"
    """The plan's schema rules it out."""


@dataclass(frozen=True, slots=True)
class PlannedEvent:
    """One rule of a plan.

    Attributes:
        type: `track`, `page`, `screen`, `identify`, `group`, or `common` for all events.
        name: The event's name, for `track`.
        schema: The JSON Schema of the event, which has `properties`, `traits` and `context` under `properties`.

    Example:
        >>> PlannedEvent("track", "Order Completed", {"type": "object"}).title
        'Order Completed'
    """

    type: str
    name: str
    schema: Any

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

        Example:
            >>> closed = {"properties": {"properties": {"properties": {"a": {"type": "string"}}}}}
            >>> order = PlannedEvent("track", "Order", closed)
            >>> [order.presence(("properties", key)).value for key in "ab"]
            ['planned', 'unplanned']
        """
        schema, depth = self.schema, 0
        for depth, key in enumerate(keys):
            if not isinstance(schema, dict) or any(word in schema for word in _COMPOSED):
                return Presence.PLANNED
            members = schema.get("properties")
            if isinstance(members, dict) and key in members:
                schema = members[key]
            elif depth == 0:
                return Presence.PLANNED  # what is beside properties, traits and context is Segment's own
            elif _is_list(schema) and (is_index(key) or key == "length"):
                schema = schema.get("items") if key != "length" else {"type": "integer"}
            elif _is_scalar(schema):
                return Presence.PLANNED if key == "length" or is_index(key) else Presence.IMPOSSIBLE
            elif schema.get("additionalProperties") is False:
                return Presence.IMPOSSIBLE
            else:
                return Presence.UNPLANNED if members else Presence.PLANNED
        return Presence.PLANNED


@dataclass(frozen=True, slots=True)
class TrackingPlan:
    """A tracking plan.

    Attributes:
        events: The planned events, in the plan's order.
        common: The rules for all events.

    Example:
        >>> plan = TrackingPlan((PlannedEvent("track", "Order Completed", {"type": "object"}),))
        >>> plan.presence(plan.events[0], ("properties", "total")).value
        'planned'
    """

    events: tuple[PlannedEvent, ...]
    common: tuple[PlannedEvent, ...] = ()

    def presence(self, event: PlannedEvent, keys: tuple[str, ...]) -> Presence:
        """Says whether an event can have a value at a path, by its own rule and by those for all events."""
        own = event.presence(keys)
        if own is Presence.UNPLANNED and any(_names(rule.schema, keys) for rule in self.common):
            return Presence.PLANNED
        return own


def read_tracking_plan(value: Any) -> TrackingPlan:
    """Reads a plan in one of Segment's formats.

    Args:
        value: The answer of the Public API (`data.rules`, or the list itself), whose rules have `key`, `type`,
            `version` and `jsonSchema`; or a plan in the older format, which has `rules.events`, each with a `name`
            and its schema under `rules`.

    Raises:
        DefinitionError: It is neither.

    Example:
        >>> rule = {"key": "Order Completed", "type": "TRACK", "version": 1, "jsonSchema": {"type": "object"}}
        >>> [event.title for event in read_tracking_plan({"data": {"rules": [rule]}}).events]
        ['Order Completed']
    """
    plan = value
    for key in ("data", "trackingPlan", "tracking_plan"):
        if isinstance(plan, dict) and isinstance(plan.get(key), (dict, list)):
            plan = plan[key]
    rules = plan.get("rules") if isinstance(plan, dict) else plan
    if isinstance(rules, list):
        events = list(_rules(rules))
    elif isinstance(rules, dict):
        events = list(_older(rules))
    else:
        raise DefinitionError(
            "expected a tracking plan as Segment's Public API gives its rules (a list under `data.rules`), "
            "or in the older form with `rules.events`"
        )
    return TrackingPlan(
        tuple(event for event in events if event.type != _EVERY),
        tuple(event for event in events if event.type == _EVERY),
    )


def _rules(rules: list[Any]) -> Iterator[PlannedEvent]:
    for index, rule in enumerate(rules):
        kind = rule.get("type") if isinstance(rule, dict) else None
        if not isinstance(kind, str) or kind.lower() not in _TYPES:
            raise DefinitionError(f"rule {index}: expected an object with a `type` of {', '.join(_TYPES).upper()}")
        name = rule.get("key")
        if not isinstance(name, str) and kind.lower() == "track":
            raise DefinitionError(f"rule {index}: a rule of type TRACK has a `key`, but this is {real_type_of(name)}")
        yield PlannedEvent(kind.lower(), name or "", rule.get("jsonSchema"))


def _older(rules: dict[str, Any]) -> Iterator[PlannedEvent]:
    events = rules.get("events", [])
    for index, event in enumerate(events if isinstance(events, list) else []):
        if not isinstance(event, dict) or not isinstance(event.get("name"), str):
            raise DefinitionError(f"event {index} of the plan: expected an object with a `name`")
        yield PlannedEvent("track", event["name"], event.get("rules"))
    for key, kind in (("identify", "identify"), ("group", "group"), ("global", _EVERY)):
        if rules.get(key):
            yield PlannedEvent(kind, "", rules[key])


def _names(schema: Any, keys: tuple[str, ...]) -> bool:
    """Whether a schema lists a path."""
    for key in keys:
        members = schema.get("properties") if isinstance(schema, dict) else None
        if not isinstance(members, dict) or key not in members:
            return False
        schema = members[key]
    return True


def _kinds(schema: dict[str, Any]) -> set[Any]:
    kind = schema.get("type")
    return set(kind) if isinstance(kind, list) else {kind}


def _is_list(schema: dict[str, Any]) -> bool:
    return "array" in _kinds(schema)


def _is_scalar(schema: dict[str, Any]) -> bool:
    return _kinds(schema) <= _SCALARS

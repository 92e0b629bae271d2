"""What the classic integration makes of an event: units, goals, and what an SDK published.

It works on whole events, without mappings. Where it looks whether a member is there, JavaScript's `in` dies of
anything that is no object, and so does this; what it reads from its two mapping settings are their own entries alone.
"""

from collections.abc import Mapping
from typing import Any

from destination.errors import EngineTypeError
from destination.event import Event
from destination.values import (
    MISSING,
    get_property,
    is_number,
    ordered_items,
    parse_date,
    real_type_of,
    to_string,
)

ABSMARTLY = "absmartly"


def has(holder: Any, key: str) -> bool:
    """Whether an object has a member of its own, as JavaScript's `in` asks.

    Raises:
        EngineTypeError: The holder is no object.

    Example:
        >>> has({"units": None}, "units"), has([1], "units")
        (True, False)
    """
    if isinstance(holder, Mapping):
        return key in holder
    if isinstance(holder, list):
        return False
    raise EngineTypeError(f"cannot look for {key!r}: an object was expected, but this is: {real_type_of(holder)}")


def published(event: Event, place: str) -> Any:
    """What an SDK published through Segment, in `properties.absmartly` or `traits.absmartly`; `MISSING` where nothing.

    Raises:
        EngineTypeError: The event's `place` is no object.

    Example:
        >>> published({"properties": {"absmartly": {"units": []}}}, "properties")
        {'units': []}
        >>> published({"traits": {}}, "traits")
        MISSING
    """
    if place in event and has(event[place], ABSMARTLY):
        return event[place][ABSMARTLY]
    return MISSING


def own_units(event: Event) -> Any:
    """The units that the event brings along in `properties.absmartly.units`; `MISSING` where it brings none.

    Raises:
        EngineTypeError: The properties, or what stands in `absmartly`, are no object.

    Example:
        >>> own_units({"properties": {"absmartly": {"units": [{"type": "product", "uid": "p-1"}]}}})
        [{'type': 'product', 'uid': 'p-1'}]
    """
    found = published(event, "properties")
    if found is not MISSING and has(found, "units"):
        return get_property(found, "units")
    return MISSING


def mapped_units(event: Event, unit_mapping: Mapping[str, Any]) -> list[dict[str, Any]]:
    """A unit for each mapped identity that the event has as a string, blank ones included, or as a number.

    Example:
        >>> mapped_units({"userId": 7, "anonymousId": None}, {"anonymousId": "device", "userId": "user_id"})
        [{'type': 'user_id', 'uid': '7'}]
    """
    return [
        {"type": unit, "uid": to_string(event[identity])}
        for identity, unit in ordered_items(dict(unit_mapping))
        if identity in event and (isinstance(event[identity], str) or is_number(event[identity]))
    ]


def are_none(units: Any) -> bool:
    """Whether there are no units, so that nothing is sent; JavaScript asks for a `length` above 0.

    Example:
        >>> are_none([]), are_none(None), are_none("u-1"), are_none({"type": "userId"})
        (True, True, False, True)
    """
    length: Any = MISSING if units is None else get_property(units, "length")
    return not (is_number(length) and length > 0)


def goal_request(event: Event, name: Any, unit_mapping: Mapping[str, Any]) -> dict[str, Any] | None:
    """The publish request with one goal, or None where the event has no units.

    Args:
        event: The event; it stays as it is.
        name: The goal's name; `MISSING` leaves it out.
        unit_mapping: From identities to units.

    Raises:
        EngineTypeError: The properties, or what stands in `absmartly`, are no object.

    Example:
        >>> event = {"userId": "u-1", "originalTimestamp": "2023-01-01", "sentAt": "2023-01-01", "properties": {"a": 1}}
        >>> goal_request(event, "order", {"userId": "user_id"})
        {'publishedAt': 1672531200000, 'units': [{'type': 'user_id', 'uid': 'u-1'}],
         'goals': [{'name': 'order', 'achievedAt': 1672531200000, 'properties': {'a': 1}}]}
    """
    units = own_units(event)
    properties = event.get("properties", MISSING)
    if units is MISSING:
        units = mapped_units(event, unit_mapping)
    else:
        properties = {key: value for key, value in event["properties"].items() if key != ABSMARTLY}
    if are_none(units):
        return None
    goal = {"name": name, "achievedAt": _moment(event, "originalTimestamp"), "properties": properties}
    return {
        "publishedAt": _moment(event, "sentAt"),
        "units": units,
        "goals": [{key: value for key, value in goal.items() if value is not MISSING}],
    }


def goal_name(event: Event, goal_mapping: Mapping[str, Any]) -> Any:
    """The goal that an event name is mapped to, or else that name as it is; `MISSING` where the event has none.

    Example:
        >>> goal_name({"event": "Order Completed"}, {"Order Completed": "order"}), goal_name({"event": "Login"}, {})
        ('order', 'Login')
    """
    name = event.get("event", MISSING)
    return goal_mapping.get(to_string(name), name)


def _moment(event: Event, key: str) -> float:
    """Unix milliseconds, NaN (null in JSON) where there is nothing that Date.parse reads."""
    return parse_date(to_string(event.get(key, MISSING)))

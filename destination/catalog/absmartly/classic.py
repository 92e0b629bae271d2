"""ABsmartly Classic: the deprecated integration as a destination, to compare with and to migrate from.

It works on whole events, without mappings. Where it checks whether an object has a member, JavaScript's `in` raises an
error for anything that is not an object, and so does this module. Of its two mapping settings it reads only the
entries that they have themselves, and nothing that JavaScript's objects inherit.
"""

from collections.abc import Callable, Mapping
from typing import Any, TypeAlias

from destination.actions.absmartly import read_answer
from destination.definition import Action, Authentication, ExecuteInput, Preset
from destination.errors import EngineTypeError, PayloadValidationError
from destination.event import Event
from destination.fields import Settings, setting
from destination.presets.absmartly import EXPERIMENT_VIEWED
from destination.request import PendingRequest, RequestClient, RequestOptions
from destination.runtime import Destination
from destination.values import (
    MISSING,
    get_property,
    is_number,
    ordered_items,
    parse_date,
    real_type_of,
    to_string,
)


class ClassicSettings(Settings):
    """The settings of an instance; keys, labels and descriptions are those of the classic integration's documents."""

    collector_endpoint: str = setting(
        label="Collector Endpoint",
        description="Your dedicated ABsmartly Collector Endpoint, for example: https://your-subdomain.absmartly.io/v1",
        format="uri",
    )
    api_key: str = setting(
        label="API Key",
        description="API Key to use when sending events to the ABsmartly Collector. API Keys are created in the "
        "Settings section of the ABsmartly Web Console.",
    )
    environment: str = setting(
        label="Environment",
        description="The environment name where the events are originating (case sensitive). Environments are created "
        "in the Settings section of the ABsmartly Web Console.",
    )
    unit_mapping: dict[str, Any] = setting(
        label="Unit Mapping",
        description="Mapping of Segment identity to ABsmartly Unit, for example anonymousId to anonymous_uuid. "
        "Required even where the names are the same.",
        type="object",
    )
    goal_mapping: dict[str, Any] | None = setting(
        label="Goal Mapping",
        description="Mapping of Segment event names to ABsmartly goal names. An event without one keeps its own name.",
        type="object",
        required=False,
    )
    application: str | None = setting(
        label="Application",
        description="The application in ABsmartly that the events belong to, where there is one.",
        required=False,
    )
    enable_exposure_tracking: bool | None = setting(
        label="Enable Exposure Tracking",
        description="Send exposures that an ABsmartly SDK with a custom publisher published through Segment.",
        required=False,
    )
    enable_page_view_tracking: bool | None = setting(
        label="Enable Page View Tracking",
        description="Send page events as goals. They tend to be many and may increase storage cost.",
        required=False,
    )
    enable_app_screen_view_tracking: bool | None = setting(
        label="Enable App Screen View Tracking",
        description="Send screen events as goals. They tend to be many and may increase storage cost.",
        required=False,
    )


# --- what classic makes of an event ----------------------------------------------------------------------

ABSMARTLY = "absmartly"
"""The member of `properties` or `traits` in which an SDK publishes."""


def _has(holder: Any, key: str) -> bool:
    """Whether an object itself has a member; JavaScript's `in`.

    Raises:
        EngineTypeError: The holder is not an object.

    Example:
        >>> _has({"units": None}, "units"), _has([1], "units")
        (True, False)
    """
    if isinstance(holder, Mapping):
        return key in holder
    if isinstance(holder, list):
        return False
    raise EngineTypeError(f"cannot look for {key!r}: an object was expected, but this is: {real_type_of(holder)}")


def _published(event: Event, holder: str) -> Any:
    """Reads what an SDK published through Segment; `MISSING` if the event has nothing of the kind.

    Args:
        event: The event.
        holder: Its member that has it in `absmartly`: `properties` or `traits`.

    Raises:
        EngineTypeError: That member is not an object.

    Example:
        >>> _published({"properties": {"absmartly": {"units": []}}}, "properties")
        {'units': []}
        >>> _published({"traits": {}}, "traits")
        MISSING
    """
    if holder in event and _has(event[holder], ABSMARTLY):
        return event[holder][ABSMARTLY]
    return MISSING


def _own_units(event: Event) -> Any:
    """Reads `properties.absmartly.units` of an event; `MISSING` if there are none.

    Raises:
        EngineTypeError: `properties` or `properties.absmartly` is not an object.

    Example:
        >>> _own_units({"properties": {"absmartly": {"units": [{"type": "product", "uid": "p-1"}]}}})
        [{'type': 'product', 'uid': 'p-1'}]
    """
    found = _published(event, "properties")
    if found is not MISSING and _has(found, "units"):
        return get_property(found, "units")
    return MISSING


def mapped_units(event: Event, unit_mapping: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Makes a unit of each mapped identity that the event has as text, blank text included, or as a number.

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
    """Whether there are no units, so that nothing is sent. JavaScript tests that `length` is above 0.

    Example:
        >>> are_none([]), are_none(None), are_none("u-1"), are_none({"type": "userId"})
        (True, True, False, True)
    """
    length: Any = MISSING if units is None else get_property(units, "length")
    return not (is_number(length) and length > 0)


def _goal_request(event: Event, name: Any, unit_mapping: Mapping[str, Any]) -> dict[str, Any] | None:
    """Makes the publish request with one goal; None if the event has no units.

    Args:
        event: The event; it is not changed.
        name: The goal's name; `MISSING` leaves it out.
        unit_mapping: The name of the unit for each identity.

    Raises:
        EngineTypeError: `properties` or `properties.absmartly` is not an object.

    Example:
        >>> event = {"userId": "u-1", "originalTimestamp": "2023-01-01", "sentAt": "2023-01-01", "properties": {"a": 1}}
        >>> _goal_request(event, "order", {"userId": "user_id"})
        {'publishedAt': 1672531200000, 'units': [{'type': 'user_id', 'uid': 'u-1'}],
         'goals': [{'name': 'order', 'achievedAt': 1672531200000, 'properties': {'a': 1}}]}
    """
    units = _own_units(event)
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
    """The name of the goal for a track event: the mapped one, or else the event's name; `MISSING` if it has none.

    Example:
        >>> goal_name({"event": "Order Completed"}, {"Order Completed": "order"}), goal_name({"event": "Login"}, {})
        ('order', 'Login')
    """
    name = event.get("event", MISSING)
    return goal_mapping.get(to_string(name), name)


def _moment(event: Event, key: str) -> float:
    """A moment of the event in Unix milliseconds; NaN (null in JSON) if Date.parse cannot read it."""
    return parse_date(to_string(event.get(key, MISSING)))


# --- the destination -------------------------------------------------------------------------------------

_Input: TypeAlias = ExecuteInput[ClassicSettings, Any]


def _send(request: RequestClient, settings: ClassicSettings, body: Any) -> PendingRequest:
    return request(f"{settings.collector_endpoint}/context", method="put", json=body)


def _send_goal(request: RequestClient, data: _Input, name: Any) -> PendingRequest | None:
    body = _goal_request(data.raw_data, name, data.settings.unit_mapping)
    return None if body is None else _send(request, data.settings, body)


def _track(request: RequestClient, data: _Input) -> PendingRequest | None:
    return _send_goal(request, data, goal_name(data.raw_data, data.settings.goal_mapping or {}))


def _view(kind: str, enabled: Callable[[ClassicSettings], bool | None]) -> Callable[[RequestClient, _Input], Any]:
    """Makes the perform for `page` or `screen`: it sends a goal named `Page: …` or `Screen: …` if that is enabled."""

    def perform(request: RequestClient, data: _Input) -> PendingRequest | None:
        if not enabled(data.settings):
            return None
        name = data.raw_data.get("name")
        if not isinstance(name, str):
            raise PayloadValidationError(f"{kind} event requires {kind.lower()} name.")
        return _send_goal(request, data, f"{kind}: {name}")

    return perform


def _published_in(holder: str) -> Callable[[RequestClient, _Input], Any]:
    """Makes the perform that forwards, unchanged, what an SDK published; it sends nothing if exposures are disabled."""

    def perform(request: RequestClient, data: _Input) -> PendingRequest | None:
        event: Event = data.raw_data
        body = _published(event, holder) if data.settings.enable_exposure_tracking else MISSING
        return None if body is MISSING else _send(request, data.settings, body)

    return perform


def _test_authentication(request: RequestClient, data: _Input) -> PendingRequest:
    return request(f"{data.settings.collector_endpoint}/context/authed", method="get")


def _request_defaults(settings: ClassicSettings) -> RequestOptions:
    headers = {
        "X-API-Key": settings.api_key,
        "X-Agent": "segment",
        "X-Environment": settings.environment,
        "Content-Type": "application/json",
    }
    application = (settings.application or "").strip()
    if application:
        headers |= {"X-Application": application, "X-Application-Version": "0"}
    return RequestOptions(headers=headers, after_response=(read_answer,))


_ACTIONS: dict[str, Action[Any, Any]] = {
    "track": Action(title="Track", description="Send a track event as a goal.", perform=_track),
    "page": Action(
        title="Page",
        description="Send a page event as a goal, where that is enabled.",
        perform=_view("Page", lambda settings: settings.enable_page_view_tracking),
    ),
    "screen": Action(
        title="Screen",
        description="Send a screen event as a goal, where that is enabled.",
        perform=_view("Screen", lambda settings: settings.enable_app_screen_view_tracking),
    ),
    "exposure": Action(
        title="Exposure",
        description="Send on what an ABsmartly SDK published in `properties.absmartly`, where that is enabled.",
        perform=_published_in("properties"),
    ),
    "group": Action(
        title="Group",
        description="Send on what an ABsmartly SDK published in `traits.absmartly`, an older way, where that is "
        "enabled.",
        perform=_published_in("traits"),
    ),
}

_PRESETS = tuple(
    Preset(name=name, subscribe=subscribe, partner_action=action, mapping={})
    for name, subscribe, action in (
        ("Track", f'type = "track" and event != "{EXPERIMENT_VIEWED}"', "track"),
        ("Page", 'type = "page"', "page"),
        ("Screen", 'type = "screen"', "screen"),
        (EXPERIMENT_VIEWED, f'type = "track" and event = "{EXPERIMENT_VIEWED}"', "exposure"),
        ("Group", 'type = "group"', "group"),
    )
)

absmartly_classic: Destination[ClassicSettings] = Destination(
    name="ABsmartly Classic",
    slug="absmartly-classic",
    description="The deprecated integration of ABsmartly. It takes whole events, without mappings; "
    "ABsmartly (Actions) replaces it.",
    authentication=Authentication(
        scheme="custom",
        settings=ClassicSettings,
        test_authentication=_test_authentication,
        secrets=("apiKey",),
    ),
    request_defaults=_request_defaults,
    actions=_ACTIONS,
    presets=_PRESETS,
)

"""Track Goal: sends an event as a goal."""

from typing import Any

from destination import (
    MISSING,
    Action,
    Event,
    ExecuteInput,
    Payload,
    PayloadValidationError,
    PendingRequest,
    RequestClient,
    field,
    path,
)
from destination.actions.absmartly.batch import MAX_EVENTS, in_batches
from destination.actions.absmartly.wire import AGENT, APPLICATION, ORIGIN, CollectorSettings, event_time, send_event
from destination.values import get_property, is_number, ordered_items, to_string, trim


class GoalPayload(Payload):
    """The fields of Track Goal."""

    units: dict[str, Any] = field(
        label="Units",
        description="The units of the goal to track. Mapping of unit name to source property in the event payload. "
        "Create Units in the Settings > Units section of the ABsmartly Web Console",
        object_ui="keyvalue:only",
        default={"anonymousId": path("$.anonymousId"), "userId": path("$.userId")},
    )
    name: str = field(label="Goal Name", description="The name of the goal to track", default=path("$.event"))
    properties: dict[str, Any] = field(
        label="Goal Properties", description="Custom properties of the goal", default=path("$.properties")
    )
    agent: str | None = AGENT
    application: str | None = APPLICATION


def units_of(units: dict[str, Any]) -> list[dict[str, str]]:
    """Makes the list of units that identify someone: non-blank strings and numbers, as strings, in order.

    Example:
        >>> units_of({"userId": "u1", "anonymousId": " ", "seat": 7, "vip": True})
        [{'type': 'userId', 'uid': 'u1'}, {'type': 'seat', 'uid': '7'}]
    """
    found = []
    for unit, uid in ordered_items(units):
        if uid.__class__ is str:
            # Text that begins with a visible ASCII character is not blank: nearly always this test is enough.
            if "!" <= uid < "\x7f" or trim(uid):
                found.append({"type": unit, "uid": uid})
        elif is_number(uid):
            found.append({"type": unit, "uid": to_string(uid)})
    return found


def goal_event(goal: GoalPayload, raw: Event) -> dict[str, Any]:
    """Makes the collector's event: one goal, achieved at the event's time.

    Raises:
        PayloadValidationError: The goal has no name, its properties are not an object, or the event has no
            readable timestamp.
    """
    name, properties = goal.name, goal.properties
    if not isinstance(name, str) or not name:
        raise PayloadValidationError("Goal `name` is required to be a non-empty string")
    if properties is not None and not isinstance(properties, (dict, list)):
        raise PayloadValidationError("Goal `properties` if present is required to be an object")
    moment = event_time(raw.get("timestamp", MISSING) if raw.__class__ is dict else get_property(raw, "timestamp"))
    return {
        "historic": True,
        "publishedAt": moment,
        "units": units_of(goal.units),
        "goals": [{"name": name, "achievedAt": moment, "properties": properties}],
    }


def perform(request: RequestClient, data: ExecuteInput[CollectorSettings, GoalPayload]) -> PendingRequest:
    """Sends one goal in a request of its own.

    Raises:
        PayloadValidationError: As `goal_event` does.
    """
    return send_event(request, data.settings, goal_event(data.payload, data.raw_data), data.payload)


track_goal: Action[Any, GoalPayload] = Action(
    title="Track Goal",
    description="Send a goal event to ABsmartly",
    default_subscription='type = "track" and event != "Experiment Viewed"',
    payload=GoalPayload,
    perform=perform,
    reads_only=True,
    perform_batch=in_batches(goal_event),
    batch_keys=ORIGIN,
    max_batch=MAX_EVENTS,
    batch_is_atomic=True,  # a partial refusal names its events (divergence 2)
    own_batches=True,
)

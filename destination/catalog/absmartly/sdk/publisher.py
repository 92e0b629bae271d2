"""Exposures through Segment instead of to the collector: a context event handler for ABsmartly's SDK."""

from collections.abc import Callable, Iterator
from concurrent.futures import Future
from typing import Any

from sdk.context_event_handler import ContextEventHandler
from sdk.default_context_event_serializer import DefaultContextEventSerializer

from destination.catalog.absmartly.sdk.identity import (
    EXPERIMENT_VIEWED,
    AnalyticsClient,
    Identity,
    track,
    viewed_properties,
)
from destination.values import read_json


class ExposurePublisher(ContextEventHandler):  # type: ignore[misc]  # the SDK has no types
    """Publishes what a context came to as Segment events; nothing goes to the collector directly.

    Each exposure becomes one `Experiment Viewed` with `properties.exposure`: the SDK's publish request without goals
    and with that one exposure, for the preset Exposures (Verbatim). Each goal becomes an event of its own name, for the
    preset Track Calls. Set it as `context_event_handler` of an `ABSmartlyConfig`.

    Units: those of exposures are the SDK's, hashed. Goals as events get theirs from `userId` and `anonymousId`, so that
    any other unit of the context is lost to them, unless `unit_property` carries the context's units along and a
    mapping reads them (the variant Track Calls (units of the SDK)).

    The Future that the SDK gets carries what the analytics client lets one know. In `sync_mode` that is the error of
    the send itself. Otherwise the client only queues: the Future fails where an event was not queued, and what happens
    afterwards is told to the client's own `on_error`. An event that fails does not keep the others from being tracked;
    the SDK does not publish again what failed.

    Args:
        client: A `segment.analytics.Client`.
        identity: Who the events of a context are of.
        unit_property: The property of goal events that gets the context's units, or None.

    Example:
        >>> class Client:
        ...     def track(self, user_id, event, properties, **others):
        ...         print(event, properties)
        ...         return True, {}
        >>> from sdk.json.publish_event import PublishEvent
        >>> from sdk.json.goal_achievement import GoalAchievement
        >>> goal, event = GoalAchievement(), PublishEvent()
        >>> goal.name, goal.achievedAt, goal.properties = "paid", 1672531200000, {"total": 5}
        >>> event.publishedAt, event.goals = 1672531200000, [goal]
        >>> ExposurePublisher(Client(), lambda context: {"user_id": "u-1"}).publish(None, event).exception() is None
        paid {'total': 5}
        True
    """

    def __init__(
        self,
        client: AnalyticsClient,
        identity: Callable[[Any], Identity],
        unit_property: str | None = None,
    ) -> None:
        self._client = client
        self._identity = identity
        self._unit_property = unit_property
        self._serializer = DefaultContextEventSerializer()

    def publish(self, context: Any, event: Any) -> "Future[None]":
        """Called by the SDK with what gathered in a context; never raises."""
        future: Future[None] = Future()
        failure: Exception | None = None
        try:
            identity = self._identity(context)
            # The SDK's own writer, so that an exposure has the very members that it would have sent.
            written = read_json(bytes(self._serializer.serialize(event)))
            for name, properties, moment in self._events(context, written):
                try:
                    track(self._client, identity, name, properties, moment)
                except Exception as error:  # noqa: BLE001  the others shall be tracked all the same
                    failure = failure or error
        except Exception as error:  # noqa: BLE001  it belongs to whoever holds the Future
            failure = error
        if failure is None:
            future.set_result(None)
        else:
            future.set_exception(failure)
        return future

    def _events(self, context: Any, written: dict[str, Any]) -> Iterator[tuple[str, dict[str, Any], float | None]]:
        exposures = written.pop("exposures", None) or ()
        goals = written.pop("goals", None) or ()
        for exposure in exposures:
            properties = viewed_properties(exposure.get("id"), exposure.get("name"), exposure.get("variant"))
            properties["exposure"] = {**written, "exposures": [exposure]}
            # The destination shifts all moments by the event's own less `publishedAt`: at that moment they stay.
            yield EXPERIMENT_VIEWED, properties, written.get("publishedAt")
        for goal in goals:
            properties = dict(goal.get("properties") or {})
            if self._unit_property is not None:
                properties[self._unit_property] = dict(context.units)
            yield goal["name"], properties, goal.get("achievedAt")

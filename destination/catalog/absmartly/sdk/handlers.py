"""Handlers for ABsmartly's SDK that track exposures and goals as Segment events."""

import logging
from collections.abc import Callable, Iterator
from concurrent.futures import Future
from typing import Any

from sdk.context_event_handler import ContextEventHandler
from sdk.context_event_logger import ContextEventLogger, EventType
from sdk.default_context_event_serializer import DefaultContextEventSerializer

from destination.catalog.absmartly.sdk.events import (
    AnalyticsClient,
    Identity,
    track,
    viewed_properties,
)
from destination.presets.absmartly import EXPERIMENT_VIEWED
from destination.values import read_json

_LOG = logging.getLogger(__name__)


class ExposureLogger(ContextEventLogger):  # type: ignore[misc]  # the SDK has no types
    """Tracks `Experiment Viewed` for each exposure that has an assignment, for other destinations to use.

    What the SDK publishes to the collector stays the same. Set it as `context_event_logger` of an `ABSmartlyConfig`;
    the SDK ignores the one of a `ContextConfig`. Disable the preset Exposures (Verbatim) beside it, or replace it by
    the variant that requires `properties.exposure`: these events have none.

    The SDK calls it inside `get_treatment`, so that it never raises. Errors are logged and passed to `on_error`.

    Args:
        client: A `segment.analytics.Client`.
        identity: Returns whose exposure it is. The SDK does not pass the context, so this function has to find out
            by itself, such as from the request that is being handled.
        on_error: Called with the error if an event was not tracked.

    Example:
        >>> class Client:
        ...     def track(self, user_id, event, properties, **others):
        ...         print(user_id, event, properties["experiment_name"], properties["variation_name"])
        ...         return True, {}
        >>> from sdk.json.exposure import Exposure
        >>> exposure = Exposure()
        >>> exposure.id, exposure.name, exposure.variant, exposure.assigned = 7, "checkout", 1, True
        >>> ExposureLogger(Client(), lambda: {"user_id": "u-1"}).handle_event(EventType.EXPOSURE, exposure)
        u-1 Experiment Viewed checkout B
    """

    def __init__(
        self,
        client: AnalyticsClient,
        identity: Callable[[], Identity],
        on_error: Callable[[Exception], object] | None = None,
    ) -> None:
        self._client = client
        self._identity = identity
        self._on_error = on_error

    def handle_event(self, event_type: EventType, data: Any) -> None:
        """Tracks an exposure and ignores other events of a context; called by the SDK."""
        if event_type is not EventType.EXPOSURE or not data.assigned:
            return
        try:
            properties = viewed_properties(data.id, data.name, data.variant)
            track(self._client, self._identity(), EXPERIMENT_VIEWED, properties, data.exposedAt)
        except Exception as error:  # noqa: BLE001  an experiment must not fail because of its log
            _LOG.warning("an exposure of %r was not tracked: %s", data.name, error)
            if self._on_error is not None:
                self._on_error(error)


class ExposurePublisher(ContextEventHandler):  # type: ignore[misc]  # the SDK has no types
    """Publishes the exposures and goals of a context as Segment events, and nothing to the collector directly.

    Each exposure becomes one `Experiment Viewed` with `properties.exposure`: the SDK's publish request without goals
    and with that one exposure, for the preset Exposures (Verbatim). Each goal becomes an event of its own name, for the
    preset Track Calls. Set it as `context_event_handler` of an `ABSmartlyConfig`.

    Exposures have the SDK's units, hashed. Goals get theirs from `userId` and `anonymousId`; other units of the context
    are lost, unless `unit_property` adds them to the event and a mapping reads them (the variant Track Calls (units of
    the SDK)).

    The Future that the SDK receives holds the error that the analytics client reports. In `sync_mode` that is the error
    of the request. Otherwise the client only queues: the Future fails if an event was not queued, and later errors go
    to the client's own `on_error`. If one event fails, the others are tracked nevertheless. The SDK does not publish
    again what failed.

    Args:
        client: A `segment.analytics.Client`.
        identity: Returns whose events those of a context are.
        unit_property: The property of goal events that receives the context's units, or None.

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
        """Tracks the exposures and goals that a context collected; called by the SDK, never raises."""
        future: Future[None] = Future()
        failure: Exception | None = None
        try:
            identity = self._identity(context)
            # The SDK's own serializer, so that an exposure has exactly the members that the SDK would send.
            written = read_json(bytes(self._serializer.serialize(event)))
            for name, properties, moment in self._events(context, written):
                try:
                    track(self._client, identity, name, properties, moment)
                except Exception as error:  # noqa: BLE001  the others are tracked nevertheless
                    failure = failure or error
        except Exception as error:  # noqa: BLE001  the holder of the Future handles it
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
            # The destination shifts all moments by the event's own minus `publishedAt`: with equal ones they stay.
            yield EXPERIMENT_VIEWED, properties, written.get("publishedAt")
        for goal in goals:
            properties = dict(goal.get("properties") or {})
            if self._unit_property is not None:
                properties[self._unit_property] = dict(context.units)
            yield goal["name"], properties, goal.get("achievedAt")

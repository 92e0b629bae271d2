"""Exposures as events of their own, for other destinations to see: a context event logger for ABsmartly's SDK."""

import logging
from collections.abc import Callable
from typing import Any

from sdk.context_event_logger import ContextEventLogger, EventType

from destination.catalog.absmartly.sdk.identity import (
    EXPERIMENT_VIEWED,
    AnalyticsClient,
    Identity,
    track,
    viewed_properties,
)

_LOG = logging.getLogger(__name__)


class ExposureLogger(ContextEventLogger):  # type: ignore[misc]  # the SDK has no types
    """Tracks `Experiment Viewed` for each exposure that came to an assignment.

    It changes nothing about what the SDK publishes to the collector. Set it as `context_event_logger` of an
    `ABSmartlyConfig`; the one of a `ContextConfig` is ignored by the SDK. Beside it, the preset Exposures (Verbatim)
    has to be off, or to be the variant that asks for `properties.exposure`: these events carry none.

    The SDK calls it inside `get_treatment`, so that it never raises: what went wrong is logged, and told to `on_error`.

    Args:
        client: A `segment.analytics.Client`.
        identity: Who the exposure is of. The SDK does not say for which context it calls, so this has to know, from
            the request that is handled, say.
        on_error: Called with what an event could not be tracked for.

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
        """Called by the SDK for everything that happens in a context."""
        if event_type is not EventType.EXPOSURE or not data.assigned:
            return
        try:
            properties = viewed_properties(data.id, data.name, data.variant)
            track(self._client, self._identity(), EXPERIMENT_VIEWED, properties, data.exposedAt)
        except Exception as error:  # noqa: BLE001  an experiment must not fail because of its log
            _LOG.warning("an exposure of %r was not tracked: %s", data.name, error)
            if self._on_error is not None:
                self._on_error(error)

"""What ABsmartly's own traps are: exposures that come in another place, or not at all.

Each rule tries the events that ABsmartly's SDKs and sample code send, so that it tells nothing but what happens.
"""

from collections.abc import Iterator, Sequence
from typing import Any, Final

from destination.definition import LintFinding, LintRule, Subscription
from destination.errors import DestinationError
from destination.fql import compile_trigger
from destination.mapping import compile_mapping
from destination.presets.absmartly import EXPERIMENT_VIEWED

_EXPOSURE: Final[dict[str, Any]] = {
    "units": [{"type": "session_id", "uid": "u"}],
    "publishedAt": 1_700_000_000_000,
    "exposures": [{"id": 1, "name": "e", "variant": 1, "exposedAt": 1_700_000_000_000, "assigned": True}],
}
_LOGGED: Final[dict[str, Any]] = {
    "experiment_id": 1,
    "experiment_name": "e",
    "variation_id": 1,
    "variation_name": "B",
}
_CONTEXT: Final[dict[str, Any]] = {"library": {"name": "segment", "version": "1.0.0"}}


def _event(properties: dict[str, Any]) -> dict[str, Any]:
    return {
        "type": "track",
        "event": EXPERIMENT_VIEWED,
        "messageId": "m",
        "userId": "u",
        "anonymousId": "a",
        "timestamp": "2024-01-01T00:00:00.000Z",
        "context": _CONTEXT,
        "properties": properties,
    }


_FROM_LOGGER: Final = _event(_LOGGED)
"""What an event logger sends for each exposure, for other destinations to see."""
_IN_ABSMARTLY: Final = _event({**_LOGGED, "absmartly": _EXPOSURE})
"""An exposure where ABsmartly's sample code puts it."""
_IN_EXPOSURE: Final = _event({**_LOGGED, "exposure": _EXPOSURE})


def _absmartly_unread(subscriptions: Sequence[Subscription]) -> Iterator[LintFinding]:
    """Exposures are sent on, and those in `properties.absmartly` are not."""
    takes = [index for index, item in _exposures(subscriptions) if _exposure_of(item, _IN_EXPOSURE)]
    if takes and not any(_exposure_of(item, _IN_ABSMARTLY) for _, item in _exposures(subscriptions)):
        yield LintFinding(
            takes[0],
            "mapping/exposure",
            "exposures in properties.absmartly, where ABsmartly's sample code puts them, are read by nothing",
            "where your code does that, use the variant Exposures (exposure or absmartly)",
        )


def _no_exposure(subscriptions: Sequence[Subscription]) -> Iterator[LintFinding]:
    """The events of the SDK's event logger are taken, and fail."""
    for index, item in _exposures(subscriptions):
        if _is_mapped(item) and _takes(item, _FROM_LOGGER) and not _exposure_of(item, _FROM_LOGGER):
            yield LintFinding(
                index,
                "subscribe",
                f"{EXPERIMENT_VIEWED} events of an event logger are taken, and fail: they carry no exposure",
                "where an event logger sends them, add: and properties.exposure != null",
            )


def _exposure_as_goal(subscriptions: Sequence[Subscription]) -> Iterator[LintFinding]:
    for index, item in enumerate(subscriptions):
        if item.partner_action == "trackGoal" and _takes(item, _IN_EXPOSURE):
            yield LintFinding(
                index,
                "subscribe",
                f"{EXPERIMENT_VIEWED} events, which are exposures, are sent as goals",
                f'add: and event != "{EXPERIMENT_VIEWED}"',
            )


def _is_mapped(subscription: Subscription) -> bool:
    """Whether it maps the exposure, and rightly: what else is wrong with it is told by other rules."""
    mapping = subscription.mapping
    return isinstance(mapping, dict) and "exposure" in mapping and not compile_mapping(mapping).problems


def _exposures(subscriptions: Sequence[Subscription]) -> Iterator[tuple[int, Subscription]]:
    for index, item in enumerate(subscriptions):
        if item.partner_action == "trackExposure":
            yield index, item


def _takes(subscription: Subscription, event: dict[str, Any]) -> bool:
    try:
        return compile_trigger(subscription.subscribe)(event)
    except DestinationError:
        return False


def _exposure_of(subscription: Subscription, event: dict[str, Any]) -> bool:
    """Whether the subscription takes the event and finds an exposure in it."""
    if not _takes(subscription, event):
        return False
    try:
        payload = compile_mapping(subscription.mapping)(event)
    except DestinationError:
        return False
    return isinstance(payload, dict) and isinstance(payload.get("exposure"), dict)


LINT_RULES: Final[tuple[LintRule[Sequence[Subscription]], ...]] = (
    LintRule("ABS001", "info", "Exposures in `properties.absmartly`, read by nothing.", _absmartly_unread),
    LintRule("ABS002", "info", "Events of an event logger, taken as exposures and failing.", _no_exposure),
    LintRule("ABS003", "warning", "Exposures that are sent as goals.", _exposure_as_goal),
)

"""ABsmartly (Actions): settings, authentication, lint rules, actions and presets put together."""

from collections.abc import Iterator, Sequence
from typing import Any, Final

from destination.actions.absmartly import read_answer, track_exposure, track_goal
from destination.definition import Authentication, LintFinding, LintRule, Subscription
from destination.errors import DestinationError
from destination.fields import Settings, setting
from destination.fql import compile_trigger
from destination.mapping import compile_mapping
from destination.presets.absmartly import EXPERIMENT_VIEWED, presets, variants
from destination.request import PendingRequest, RequestOptions
from destination.runtime import Destination


class AbsmartlySettings(Settings):
    """The settings of an ABsmartly (Actions) instance.

    Example:
        >>> endpoint = "https://demo.absmartly.io/v1"
        >>> settings = AbsmartlySettings(collector_endpoint=endpoint, api_key="k-1", environment="test")
        >>> settings.collector_endpoint
        'https://demo.absmartly.io/v1'
    """

    collector_endpoint: str = setting(
        label="Collector Endpoint",
        description="ABsmartly Collector endpoint, for example: https://you-subdomain.absmartly.io/v1 - "
        "Contact ABsmartly Support if you don't know your Collector Endpoint.",
        format="uri",
    )
    api_key: str = setting(
        label="API Key",
        description="ABsmartly SDK API Key. Create SDK Api Keys in the Settings > API Keys section of the "
        "ABsmartly Web Console",
    )
    environment: str = setting(
        label="Environment",
        description="Environment name. Environment name needs to match what's in the Web Console. "
        "Create Environments in the Settings > Environments section of the ABsmartly Web Console",
    )


def _test_authentication(request: Any, data: Any) -> PendingRequest:
    pending: PendingRequest = request(f"{data.settings.collector_endpoint}/context/authed", method="get")
    return pending


def _request_defaults(settings: AbsmartlySettings) -> RequestOptions:
    return RequestOptions(
        headers={
            "X-API-Key": settings.api_key,
            "X-Environment": settings.environment,
            "Content-Type": "application/json",
        },
        after_response=(read_answer,),
    )


# --- lint rules: each tries the events that ABsmartly's SDKs and sample code send ---------------------------

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
"""An exposure as an event logger sends it, for other destinations to use."""
_IN_ABSMARTLY: Final = _event({**_LOGGED, "absmartly": _EXPOSURE})
"""An exposure in `properties.absmartly`, as in ABsmartly's sample code."""
_IN_EXPOSURE: Final = _event({**_LOGGED, "exposure": _EXPOSURE})


def _absmartly_unread(subscriptions: Sequence[Subscription]) -> Iterator[LintFinding]:
    """Subscriptions forward exposures, but none reads `properties.absmartly`."""
    found = [index for index, item in _exposures(subscriptions) if _exposure_of(item, _IN_EXPOSURE)]
    if found and not any(_exposure_of(item, _IN_ABSMARTLY) for _, item in _exposures(subscriptions)):
        yield LintFinding(
            found[0],
            "mapping/exposure",
            "exposures in properties.absmartly, where ABsmartly's sample code puts them, are read by nothing",
            "where your code does that, use the variant Exposures (exposure or absmartly)",
        )


def _no_exposure(subscriptions: Sequence[Subscription]) -> Iterator[LintFinding]:
    """Finds subscriptions that accept the events of the SDK's event logger, and fail on them."""
    for index, item in _exposures(subscriptions):
        if _is_mapped(item) and _accepts(item, _FROM_LOGGER) and not _exposure_of(item, _FROM_LOGGER):
            yield LintFinding(
                index,
                "subscribe",
                f"{EXPERIMENT_VIEWED} events of an event logger are taken, and fail: they carry no exposure",
                "where an event logger sends them, add: and properties.exposure != null",
            )


def _exposure_as_goal(subscriptions: Sequence[Subscription]) -> Iterator[LintFinding]:
    for index, item in enumerate(subscriptions):
        if item.partner_action == "trackGoal" and _accepts(item, _IN_EXPOSURE):
            yield LintFinding(
                index,
                "subscribe",
                f"{EXPERIMENT_VIEWED} events, which are exposures, are sent as goals",
                f'add: and event != "{EXPERIMENT_VIEWED}"',
            )


def _is_mapped(subscription: Subscription) -> bool:
    """Returns whether the mapping has the exposure and is valid; other rules report what is invalid."""
    mapping = subscription.mapping
    return isinstance(mapping, dict) and "exposure" in mapping and not compile_mapping(mapping).problems


def _exposures(subscriptions: Sequence[Subscription]) -> Iterator[tuple[int, Subscription]]:
    for index, item in enumerate(subscriptions):
        if item.partner_action == "trackExposure":
            yield index, item


def _accepts(subscription: Subscription, event: dict[str, Any]) -> bool:
    try:
        return compile_trigger(subscription.subscribe)(event)
    except DestinationError:
        return False


def _exposure_of(subscription: Subscription, event: dict[str, Any]) -> bool:
    """Returns whether the subscription accepts the event and maps an exposure."""
    if not _accepts(subscription, event):
        return False
    try:
        payload = compile_mapping(subscription.mapping)(event)
    except DestinationError:
        return False
    return isinstance(payload, dict) and isinstance(payload.get("exposure"), dict)


_LINT_RULES: Final[tuple[LintRule[Sequence[Subscription]], ...]] = (
    LintRule("ABS001", "info", "Exposures in `properties.absmartly`, read by nothing.", _absmartly_unread),
    LintRule("ABS002", "info", "Events of an event logger, taken as exposures and failing.", _no_exposure),
    LintRule("ABS003", "warning", "Exposures that are sent as goals.", _exposure_as_goal),
)


# --- the destination -------------------------------------------------------------------------------------

absmartly: Destination[AbsmartlySettings] = Destination(
    name="ABsmartly (Actions)",
    slug="actions-absmartly",
    description="ABsmartly is an online experimentation service. "
    "Send events to ABsmartly to track experiments and goals.",
    authentication=Authentication(
        scheme="custom",
        settings=AbsmartlySettings,
        test_authentication=_test_authentication,
        # Segment's definition types it as a plain string; it is a secret all the same
        secrets=("apiKey",),
    ),
    request_defaults=_request_defaults,
    actions={"trackGoal": track_goal, "trackExposure": track_exposure},
    presets=presets,
    variants=variants,
    lint_rules=_LINT_RULES,
)

"""ABsmartly Classic: the deprecated integration as a destination, to compare with and to migrate from."""

from collections.abc import Callable
from typing import Any, TypeAlias

from destination.actions.absmartly import read_answer
from destination.catalog.absmartly.classic.goals import goal_name, goal_request, published
from destination.catalog.absmartly.classic.settings import ClassicSettings
from destination.definition import Action, Authentication, ExecuteInput, Preset
from destination.errors import PayloadValidationError
from destination.event import Event
from destination.request import PendingRequest, RequestClient, RequestOptions
from destination.runtime import Destination
from destination.values import MISSING

EXPERIMENT_VIEWED = "Experiment Viewed"

Input: TypeAlias = ExecuteInput[ClassicSettings, Any]


def _send(request: RequestClient, settings: ClassicSettings, body: Any) -> PendingRequest:
    return request(f"{settings.collector_endpoint}/context", method="put", json=body)


def _send_goal(request: RequestClient, data: Input, name: Any) -> PendingRequest | None:
    body = goal_request(data.raw_data, name, data.settings.unit_mapping)
    return None if body is None else _send(request, data.settings, body)


def _track(request: RequestClient, data: Input) -> PendingRequest | None:
    return _send_goal(request, data, goal_name(data.raw_data, data.settings.goal_mapping or {}))


def _view(kind: str, enabled: Callable[[ClassicSettings], bool | None]) -> Callable[[RequestClient, Input], Any]:
    """A perform for `page` or `screen`, which send a goal named `Page: …` or `Screen: …` where that is enabled."""

    def perform(request: RequestClient, data: Input) -> PendingRequest | None:
        if not enabled(data.settings):
            return None
        name = data.raw_data.get("name")
        if not isinstance(name, str):
            raise PayloadValidationError(f"{kind} event requires {kind.lower()} name.")
        return _send_goal(request, data, f"{kind}: {name}")

    return perform


def _published_in(place: str) -> Callable[[RequestClient, Input], Any]:
    """A perform that sends on what an SDK published, as it is, where exposures are enabled."""

    def perform(request: RequestClient, data: Input) -> PendingRequest | None:
        event: Event = data.raw_data
        body = published(event, place) if data.settings.enable_exposure_tracking else MISSING
        return None if body is MISSING else _send(request, data.settings, body)

    return perform


def _test_authentication(request: RequestClient, data: Input) -> PendingRequest:
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
    "ABsmartly (Actions) took its place.",
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

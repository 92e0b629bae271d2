"""ABsmartly (Actions): settings, authentication, actions and presets put together."""

from typing import Any

from destination.actions.absmartly import read_answer, track_exposure, track_goal
from destination.catalog.absmartly.lint_rules import LINT_RULES
from destination.definition import Authentication
from destination.fields import Settings, setting
from destination.presets.absmartly import presets, variants
from destination.request import PendingRequest, RequestOptions
from destination.runtime import Destination


class AbsmartlySettings(Settings):
    """What an ABsmartly (Actions) instance needs to know."""

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
    lint_rules=LINT_RULES,
)
